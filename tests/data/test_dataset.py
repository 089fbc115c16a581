"""The record: its text, its checks, and its split."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from sklearn.model_selection import train_test_split

from rosenblatt.data import Dataset, load

X = np.arange(40.0).reshape(20, 2)
CLASSES = np.arange(20) % 2


def test_repr_is_one_short_line():
    assert repr(load("digits")) == (
        "<Dataset 'digits': X (1797, 64) float32, images 8 x 8 x 1, y with 10 different labels; source: scikit-learn>"
    )
    full = Dataset("a", X, X[:, 0], X_test=X, y_test=X[:, 0], skipped=((Path("b"), "damaged"),))
    assert repr(full) == ("<Dataset 'a': X (20, 2) float64, y from 0 to 38, X_test (20, 2), 1 skipped; source: memory>")
    assert "no y" in repr(Dataset("a", X))
    assert "y (20, 2)" in repr(Dataset("a", X, X))


def test_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Dataset("a", X).name = "b"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"X": X[:, 0]}, r"X has shape \(20,\); it needs rows and features"),
        ({"X": X[:0]}, r"X has shape \(0, 2\); it needs rows and features, at least one of each"),
        ({"y": CLASSES[:19]}, r"X has 20 rows and y has shape \(19,\); y needs one entry"),
        ({"y": np.array(3)}, r"y has shape \(\)"),
        ({"X_test": X[:, :1]}, "X_test has 1 features and X has 2"),
        ({"y_test": CLASSES}, "y_test is given without X_test"),
        ({"X_test": X, "y": CLASSES}, "one of y and y_test is missing"),
        ({"image_shape": (2, 2, 1)}, r"images of shape \(2, 2, 1\) have 4 values, but X has 2 features a row"),
    ],
)
def test_shapes_that_do_not_belong_together(fields, text):
    with pytest.raises(ValueError, match=f"somewhere: .*{text}"):
        Dataset(**{"name": "a", "X": X, "source": "somewhere", **fields})


def test_split_draws_the_rows_that_scikit_learn_draws():
    digits = load("digits")
    ours = digits.split(test_size=0.2, random_state=3)
    theirs = train_test_split(digits.X, digits.y, test_size=0.2, random_state=3, stratify=digits.y)
    for mine, reference in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, reference)


def test_split_is_a_quarter_and_repeatable_by_default():
    first, second = (Dataset("a", X, CLASSES).split() for _ in range(2))
    assert first[1].shape == (5, 2)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_split_keeps_rows_and_labels_together_and_loses_none():
    X_train, X_test, y_train, y_test = Dataset("a", X, X[:, 0]).split(test_size=6)
    assert len(X_test) == 6
    np.testing.assert_array_equal(X_train[:, 0], y_train)
    np.testing.assert_array_equal(X_test[:, 0], y_test)
    assert sorted([*y_train, *y_test]) == list(X[:, 0])


def test_split_without_y():
    X_train, X_test, y_train, y_test = Dataset("a", X).split()
    assert (len(X_train), len(X_test), y_train, y_test) == (15, 5, None, None)


@pytest.mark.parametrize("labels", [CLASSES * 9 == 9, np.where(CLASSES, "dog", "cat"), CLASSES])
def test_split_stratifies_classes_of_any_kind(labels):
    _, _, y_train, y_test = Dataset("a", X, labels).split(test_size=0.3)
    for part, size in ((y_train, 7), (y_test, 3)):
        assert np.unique(part, return_counts=True)[1].tolist() == [size, size]


@pytest.mark.parametrize(
    "labels", [np.append(CLASSES[:-1], 7), np.arange(20) // 2, X, X[:, 0]], ids=["lonely", "many", "columns", "float"]
)
def test_split_does_not_stratify_where_it_cannot(labels):
    assert len(Dataset("a", X, labels).split()[1]) == 5


def test_split_takes_the_official_test_part():
    dataset = Dataset("a", X, CLASSES, X_test=X[:4], y_test=CLASSES[:4])
    assert dataset.split() == (dataset.X, dataset.X_test, dataset.y, dataset.y_test)
    with pytest.raises(ValueError, match=r"official test part of 4 rows, so test_size=0.5 would not be used"):
        dataset.split(test_size=0.5)
