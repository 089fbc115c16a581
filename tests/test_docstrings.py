"""Docstrings say what is there: public names have one, parameters exist, fields are described once, examples run."""

import ast
import dataclasses
import doctest
import inspect
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import rosenblatt

SOURCES = Path(__file__).resolve().parents[1] / "src"
PATHS = {
    ".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((SOURCES / "rosenblatt").rglob("*.py"))
    if path.read_text()
}
ESTIMATORS = sorted(rosenblatt.estimators())
PACKAGES = [name for name, path in PATHS.items() if path.name == "__init__.py"]
PUBLIC = [(name, public) for name in PACKAGES for public in getattr(import_module(name), "__all__", [])]
# Findings of numpydoc that are matters of taste here: sections that a one-line docstring need not have (ES01, EX01,
# RT01, SA01), descriptions of parameters that a name, type and shape say all about (PR07, RT03), and the summary's
# first word (PR08, SS02, SS05). Undocumented parameters (PR01) are looked at below.
TASTE = {"ES01", "EX01", "PR01", "PR07", "PR08", "RT01", "RT03", "SA01", "SS02", "SS05"}


def has_docstring_of_its_own(value):
    return (inspect.isclass(value) or inspect.isfunction(value)) and value.__module__.startswith("rosenblatt")


def methods_of(estimator):
    """The public methods and properties that our classes give to an estimator, but for its documented attributes."""
    described = attributes_of(estimator)
    for name, member in inspect.getmembers(estimator):
        function = member.fget if isinstance(member, property) else member
        public = not name.startswith("_") and name not in described
        if public and inspect.isfunction(function) and has_docstring_of_its_own(function):
            yield function


def complaints(value):
    """What numpydoc finds, but for matters of taste; parameters are to be described all or none."""
    some_described = bool(names_in(value.__doc__, "Parameters")) and value.__name__ not in ESTIMATORS
    taste = TASTE - {"PR01"} if some_described else TASTE
    name = f"{value.__module__}.{value.__qualname__}"
    return [f"{name}: {code} {message}" for code, message in validate(name)["errors"] if code not in taste]


def names_in(docstring, section):
    """The names of a section's entries: "l1, l2 : float" are two."""
    entries = NumpyDocString(inspect.cleandoc(docstring or ""))[section]
    return [name.strip() for entry in entries for name in entry.name.split(",")]


def attributes_of(estimator):
    """The attributes that the docstrings of the classes that an estimator is made of describe."""
    ours = [base for base in estimator.__mro__ if base.__module__.startswith("rosenblatt")]
    return {name for base in ours for name in names_in(vars(base).get("__doc__"), "Attributes")}


def fields_of(estimator):
    return [field.name for field in dataclasses.fields(estimator)] if dataclasses.is_dataclass(estimator) else []


@pytest.mark.parametrize("module", PATHS)
def test_every_module_says_what_it_is(module):
    assert ast.get_docstring(ast.parse(PATHS[module].read_text()))


@pytest.mark.parametrize(("package", "name"), PUBLIC)
def test_public_names_have_numpydoc_docstrings(package, name):
    value = getattr(import_module(package), name)
    if has_docstring_of_its_own(value):
        assert complaints(value) == []


@pytest.mark.parametrize("name", ESTIMATORS)
def test_methods_of_estimators_have_numpydoc_docstrings(name):
    assert [each for method in methods_of(getattr(rosenblatt, name)) for each in complaints(method)] == []


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_field_is_described_once(name):
    """In the docstring of the class that declares it, and in no other class that the estimator is made of."""
    estimator, described = getattr(rosenblatt, name), {}
    for base in estimator.__mro__:
        if base.__module__.startswith("rosenblatt"):
            for field in names_in(vars(base).get("__doc__"), "Parameters"):
                assert field in base.__annotations__, f"{base.__name__} describes {field}, which it does not declare"
                described.setdefault(field, []).append(base.__name__)
    assert {field: bases for field, bases in described.items() if len(bases) > 1} == {}
    assert sorted(described) == sorted(fields_of(estimator))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_classes_that_describe_the_fields_are_named(name):
    """A reader of the estimator's docstring is told where its inherited fields are described."""
    estimator = getattr(rosenblatt, name)
    ours = [base for base in estimator.__mro__[1:] if base.__module__.startswith("rosenblatt")]
    homes = [base.__name__ for base in ours if names_in(vars(base).get("__doc__"), "Parameters")]
    assert [home for home in homes if f"``{home}``" not in estimator.__doc__] == []


@pytest.mark.parametrize("name", ESTIMATORS)
def test_documented_attributes_are_those_that_a_fit_sets(name):
    if not hasattr(getattr(rosenblatt, name), "fit"):
        return
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)), columns=list("abc"))
    X["a"] += 2 * np.sign(X["a"])  # easy to separate, else the perceptron warns
    needed = {"GAN": {"batch_size": 8, "conditional": True}}.get(name, {})
    model = getattr(rosenblatt, name)(max_epochs=30, random_state=0, **needed).fit(X, (X["a"] > 0).to_numpy())
    documented = attributes_of(type(model))
    assert {attribute for attribute in documented if not hasattr(model, attribute)} == set()
    fitted = {attribute for attribute in vars(model) if attribute.endswith("_") and not attribute.startswith("_")}
    assert fitted - documented == set()


EXAMPLES = [name for name, path in PATHS.items() if ">>> " in path.read_text()]


@pytest.mark.parametrize("module", EXAMPLES)
def test_examples_run(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = doctest.testmod(import_module(module), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    pyplot.close("all")  # it warns of more than 20 figures
    assert not results.failed
