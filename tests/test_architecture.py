"""The house's rules, read from the sources: who may import whom, what importing loads, which names are public.

The arrows are about what runs. Imports under ``if TYPE_CHECKING`` are for readers and type checkers, load nothing, and
may name a type from anywhere. Imports inside functions do run and count like the others.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

import rosenblatt

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src"
# A package may import from the rows below its own. Of a row's packages no two import each other.
ROWS = (
    ("cli", "studio"),
    ("runs",),
    ("studies", "explain", "display"),
    ("models",),
    ("training",),
    ("data", "losses", "metrics", "nn"),
)
STRANGERS = {"data", "losses", "metrics", "nn"}  # which do not import one another at all
SHARED = {"lazy", "types"}  # modules beside the packages, which any package imports and which import none
WITHOUT_JAX = {"data", "metrics"}
# Makes estimators of several families, so it stands above them.
ABOVE_FAMILIES = {"rosenblatt.models.fine_tuning"}
HEAVY = {"equinox", "jax", "matplotlib", "numpy", "optax", "pandas", "PIL", "pydantic", "pyarrow", "scipy", "sklearn"}


class Import(NamedTuple):
    """One name that one module imports; ``target`` is the module, or the module and the name in it."""

    importer: str
    target: str
    name: str
    line: int

    @property
    def top(self) -> str:
        return self.target.split(".")[0]

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.name or 'all'} from {self.target}"


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCES).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((SOURCES / "rosenblatt").rglob("*.py"))}
PACKAGES = sorted(name for name, path in MODULES.items() if path.name == "__init__.py")


def package_of(module: str) -> str:
    """The part of the house that a module belongs to: "training" for rosenblatt.training.epoch, "" for the root."""
    return [*module.split("."), ""][1]


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(tree):
        if is_type_checking(child):
            continue
        yield child
        yield from running_nodes(child)


def imports_of(module: str) -> list[Import]:
    found = []
    for node in running_nodes(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found += [Import(module, alias.name, "", node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, (
                f"{module}:{node.lineno} has a relative import; the arrows are read from whole names"
            )
            found += [Import(module, node.module or "", alias.name, node.lineno) for alias in node.names]
    return found


IMPORTS = [each for module in MODULES for each in imports_of(module)]
INSIDE = [each for each in IMPORTS if each.top == "rosenblatt"]


def target_package(each: Import) -> str:
    """The part of the house that an import reaches, also as ``from rosenblatt import training``."""
    return package_of(each.target) or (each.name if f"rosenblatt.{each.name}" in MODULES else "")


def row_of(package: str) -> int:
    return next(number for number, row in enumerate(ROWS) if package in row)


def complain(wrong: list[Import], rule: str) -> None:
    assert not wrong, rule + "\n" + "\n".join(map(str, wrong))


def test_every_folder_is_a_package_that_the_rows_know():
    folders = {path.parent for path in MODULES.values()}
    assert {module_name(folder / "__init__.py") for folder in folders} <= set(PACKAGES)
    assert {package_of(package) for package in PACKAGES} - {""} <= {package for row in ROWS for package in row}
    assert {package_of(name) for name in MODULES} - {package_of(name) for name in PACKAGES} == SHARED | {"__main__"}


def test_imports_follow_the_arrows():
    parts = {package for row in ROWS for package in row}
    between = [
        (package_of(each.importer), target_package(each), each) for each in INSIDE if package_of(each.importer) in parts
    ]
    wrong = [each for here, there, each in between if there in parts and row_of(there) < row_of(here)]
    complain(wrong, "a package imports only from the rows below its own:")
    wrong = [each for here, there, each in between if here != there and {here, there} <= STRANGERS]
    complain(wrong, f"{', '.join(sorted(STRANGERS))} do not import one another:")
    pairs = {(here, there) for here, there, _ in between if here != there}
    wrong = [each for here, there, each in between if here != there and (there, here) in pairs]
    complain(wrong, "two packages do not import each other:")


def test_packages_do_not_import_the_root_whose_names_hide_where_they_come_from():
    allowed = {"__version__", "estimators"}
    wrong = [
        each
        for each in INSIDE
        if each.target == "rosenblatt" and each.name not in allowed and f"rosenblatt.{each.name}" not in MODULES
    ]
    complain([each for each in wrong if package_of(each.importer) not in ROWS[0]], "import from the name's own module:")


def test_shared_modules_import_no_package():
    complain([each for each in INSIDE if package_of(each.importer) in SHARED], "lazy and types are below everything:")


def test_no_model_family_imports_another():
    families = set(rosenblatt.estimators().values())
    assert {"rosenblatt.models.mlp", "rosenblatt.models.perceptron"} <= families
    models = [each for each in INSIDE if package_of(each.importer) == "models" and each.importer not in PACKAGES]
    below = [each for each in models if each.importer not in ABOVE_FAMILIES]

    def reached(each: Import) -> set[str]:
        return {each.target, f"{each.target}.{each.name}"}

    wrong = [each for each in below if reached(each) & (families - {each.importer})]
    complain(wrong, "what two families share moves down into a module that is none:")
    complain([each for each in below if reached(each) & ABOVE_FAMILIES], "what is above the families is not for them:")


def test_data_and_metrics_do_not_import_jax():
    jax = {"jax", "jaxlib", "equinox", "optax"}
    wrong = [each for each in IMPORTS if package_of(each.importer) in WITHOUT_JAX and each.top in jax]
    complain(wrong, "data and metrics are NumPy only:")


def loaded_by(*modules: str) -> set[str]:
    """The top-level modules that are loaded in a fresh process after importing these."""
    code = (
        "import json, sys; from importlib import import_module; "
        f"[import_module(name) for name in {list(modules)!r}]; "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(process.stdout))


def test_importing_rosenblatt_and_its_packages_loads_nothing_heavy():
    assert loaded_by("rosenblatt", *PACKAGES) & HEAVY == set()


def test_the_modules_of_data_and_metrics_do_not_load_jax():
    modules = [name for name in MODULES if package_of(name) in WITHOUT_JAX]
    assert loaded_by(*modules) & {"jax", "jaxlib", "equinox", "optax"} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_public_names_are_sorted_unique_and_there(package):
    module = import_module(package)
    names = list(getattr(module, "__all__", []))
    assert names == sorted(set(names))
    for name in names:
        assert getattr(module, name) is not None


@pytest.mark.parametrize("package", PACKAGES)
def test_dir_shows_the_public_names(package):
    module = import_module(package)
    assert set(getattr(module, "__all__", [])) <= set(dir(module))


@pytest.mark.parametrize("package", [name for name in PACKAGES if "attach(" in MODULES[name].read_text()])
def test_type_checkers_and_users_see_the_same_names(package):
    """The names under ``if TYPE_CHECKING`` are those that are loaded when they are used, from the same modules."""
    blocks = [node for node in ast.parse(MODULES[package].read_text()).body if is_type_checking(node)]
    for_checkers = {
        alias.asname or alias.name: node.module
        for block in blocks
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    module = import_module(package)
    lazy = {name: f"{package}.{home}" for name, home in module._HOMES.items() if home}
    assert for_checkers == lazy


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'rosenblatt' has no attribute 'MLPClasifier'"):
        rosenblatt.MLPClasifier  # noqa: B018


def test_estimators_are_all_the_public_classes_of_models_that_can_be_fitted_or_predict():
    from rosenblatt import models

    classes = {name: getattr(models, name) for name in models.__all__}
    verbs = ("fit", "predict")
    expected = {
        name for name, value in classes.items() if isinstance(value, type) and any(hasattr(value, v) for v in verbs)
    }
    assert set(rosenblatt.estimators()) == expected
    for name, home in rosenblatt.estimators().items():
        assert getattr(rosenblatt, name).__module__ == home


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_no_private_modules_or_names_of_other_libraries():
    outside = [each for each in IMPORTS if each.top != "rosenblatt"]
    wrong = [each for each in outside if any(map(is_private, [*each.target.split("."), each.name]))]
    complain(wrong, "private modules change without notice:")


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks"])
def test_files_are_short(folder):
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert not {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length >= 400}
