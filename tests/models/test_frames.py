"""Frames that are made like one that was given: dtypes, names, limits."""

import numpy as np
import pytest

from rosenblatt.models.frames import as_frame, frame_kind


@pytest.mark.parametrize("other", [np.zeros((2, 2)), [[1, 2]], None])
def test_what_is_no_frame_has_no_kind(other):
    assert frame_kind(other) is None


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_numbers_take_the_dtypes_of_the_columns(library):
    module = pytest.importorskip(library)
    columns = {"a": np.float32([0, 1]), "b": np.int8([3, 4]), "c": np.array([True, False]), "d": np.uint16([1, 2])}
    kind = frame_kind(module.DataFrame(columns))
    assert kind == (library, ("a", "b", "c", "d"), ("float32", "int8", "bool", "uint16"))
    made = as_frame(np.float32([[0.25, 2.6, 0.51, -3], [1e9, 300, 0.49, 1e6]]), kind)
    assert isinstance(made, module.DataFrame)
    np.testing.assert_array_equal(made["a"], np.float32([0.25, 1e9]))
    np.testing.assert_array_equal(made["b"], np.int8([3, 127]))  # no column holds more than its dtype
    np.testing.assert_array_equal(made["c"], [True, False])
    np.testing.assert_array_equal(made["d"], np.uint16([0, 65535]))
    assert frame_kind(made) == kind


def test_names_may_be_numbers_or_twice_the_same():
    pandas = pytest.importorskip("pandas")
    for names in ([0, 1], [7, 3], ["x", "x"]):
        kind = frame_kind(pandas.DataFrame(np.zeros((2, 2)), columns=names))
        assert kind.names == tuple(names)
        assert list(as_frame(np.ones((3, 2)), kind).columns) == names


def test_nullable_columns_without_gaps_are_numbers():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": pandas.array([1, 2], dtype="Int64"), "t": pandas.array([True, False], "boolean")})
    assert frame_kind(frame).dtypes == ("int64", "bool")
