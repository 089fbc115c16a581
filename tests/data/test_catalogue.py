"""Names without NumPy, and public names that are all there."""

import subprocess
import sys

import pytest

import rosenblatt.data
from rosenblatt.data import DESCRIPTIONS, names
from rosenblatt.data.loading import _BUILT_IN


def test_names_are_those_that_load_knows():
    assert set(names()) == set(DESCRIPTIONS) == set(_BUILT_IN)
    assert {"digits", "fashion-mnist", "mnist", "moons", "circles", "spirals", "xor", "blobs"} <= set(names())


def test_descriptions_are_one_line_each():
    assert all(line and "\n" not in line and len(line) < 110 for line in DESCRIPTIONS.values())


def test_public_names_are_sorted_and_importable():
    assert rosenblatt.data.__all__ == sorted(rosenblatt.data.__all__)
    assert all(getattr(rosenblatt.data, name) is not None for name in rosenblatt.data.__all__)
    assert set(rosenblatt.data.__all__) <= set(dir(rosenblatt.data))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        _ = rosenblatt.data.lod


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        ("rosenblatt.data.names()", ("numpy", "sklearn", "pandas", "PIL", "jax")),
        ("rosenblatt.data.load", ("sklearn", "pandas", "pyarrow", "pooch", "PIL", "jax")),
    ],
)
def test_importing_loads_nothing_heavy(statement, forbidden):
    code = f"import sys, rosenblatt.data; {statement}; print(*[m for m in {forbidden} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
