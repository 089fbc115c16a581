"""What must and what must not change a fingerprint."""

import datetime
import subprocess
import sys

import ml_dtypes
import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from rosenblatt.runs.folder import fingerprint

X = np.arange(12, dtype=float).reshape(3, 4)


def test_equal_content_has_one_fingerprint_however_it_is_stored():
    expected = fingerprint(X)
    assert len(expected) == 32
    assert fingerprint(X.tolist()) == expected
    assert fingerprint(np.asfortranarray(X)) == expected
    assert fingerprint(np.repeat(X, 2, axis=1)[:, ::2]) == expected
    assert fingerprint(X.astype(">f8")) == expected
    assert fingerprint(pd.DataFrame(X)) == expected


@pytest.mark.parametrize(
    "other",
    [
        X.T,
        X.reshape(4, 3),
        X.astype(np.float32),
        X.astype(np.int64),
        X + np.eye(3, 4) * 1e-12,
        X[::-1],
        X[:2],
        X.astype(str),
        scipy.sparse.csr_array(X),
    ],
)
def test_other_content_has_another(other):
    assert fingerprint(other) != fingerprint(X)


def test_the_number_and_the_order_of_the_arrays_count():
    y = np.arange(3)
    assert len({fingerprint(), fingerprint(X), fingerprint(X, y), fingerprint(y, X), fingerprint(X, None)}) == 5
    assert fingerprint(np.zeros(2), np.zeros(2)) != fingerprint(np.zeros(4))
    assert fingerprint(np.zeros((0, 3))) != fingerprint(np.zeros((3, 0)))


def test_labels_count_as_texts_whatever_holds_them():
    expected = fingerprint(np.array(["a", "bc"]))
    assert fingerprint(np.array(["a", "bc"], object)) == expected
    assert fingerprint(np.array(["a", "bc"], "U40")) == expected
    assert fingerprint(pd.Series(["a", "bc"])) == expected
    assert fingerprint(np.array(["a", "bc"], np.dtypes.StringDType())) == expected


def test_borders_and_types_of_elements_count():
    assert fingerprint(np.array(["ab", "c"])) != fingerprint(np.array(["a", "bc"]))
    assert fingerprint(np.array(["1", "2"], object)) != fingerprint(np.array([1, 2], object))
    assert fingerprint(np.array([1, 2], object)) != fingerprint(np.array([1.0, 2.0], object))
    assert fingerprint(np.array([np.int64(1), 2], object)) == fingerprint(np.array([1, 2], object))


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.array([True, False]),
        np.array(["2026-11-22"], "M8[ns]"),
        np.zeros(3, ml_dtypes.bfloat16),
        np.array([None, "a", float("nan"), pd.NA, datetime.date(2026, 11, 22), b"x"], object),
    ],
)
def test_other_kinds_of_arrays_have_fingerprints(array):
    assert fingerprint(array) == fingerprint(array.copy())
    assert fingerprint(array) != fingerprint(array, array)


def test_a_sparse_array_counts_by_its_values_and_is_left_as_it_is():
    unsorted = scipy.sparse.csr_array(([2.0, 1.0, 0.0], [2, 0, 1], [0, 3]), shape=(1, 3))
    before = unsorted.indices.tolist()
    assert fingerprint(unsorted) == fingerprint(scipy.sparse.coo_array([[1.0, 0.0, 2.0]]))
    assert unsorted.indices.tolist() == before


def test_it_is_the_same_in_another_process_and_in_another_year():
    # Written down on 2026-11-22: a change of these digits makes every stored fingerprint useless.
    assert fingerprint([[1.0, 2.0]], ["a", "b"]) == "8d36937e243f497f3e8bbaea32472a23"
    code = "from rosenblatt.runs.folder import fingerprint; print(fingerprint([[1.0, 2.0]], ['a', 'b']))"
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert other.stdout.strip() == fingerprint([[1.0, 2.0]], ["a", "b"])


@pytest.mark.parametrize("element", [object(), [1, 2], {1, 2}, {"a": 1}])
def test_what_has_no_value_to_go_by_is_refused(element):
    array = np.array(["a", None], object)
    array[1] = element
    with pytest.raises(
        TypeError, match=r"element 1 of an array of objects is a \w+, which has no value to go by; give"
    ):
        fingerprint(array)
