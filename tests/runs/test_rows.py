import sys

import numpy as np
import pandas as pd
import pytest

from rosenblatt.data.dataset import Dataset
from rosenblatt.runs.rows import Split, dataset_fingerprint, divided, inputs, inputs_for, targets, task_of

X = np.arange(48, dtype=float).reshape(12, 4)
Y = np.arange(12) % 3


@pytest.mark.parametrize(
    ("y", "task", "reason"),
    [
        (np.array(["a", "b"] * 5), "classification", "2 different labels"),
        (np.array([True, False] * 5), "classification", "2 different labels"),
        (np.arange(100) % 20, "classification", "20 different whole numbers"),
        (np.arange(100) % 21, "regression", "21 different whole numbers"),
        (np.arange(10), "regression", "10 different whole numbers"),
        (np.arange(10) % 5, "classification", "5 different whole numbers"),
        (np.arange(10) % 2 * 1.0, "regression", "decimal numbers"),
        (np.eye(4, dtype=int), "classification", "4 columns of 0 and 1"),
        (2 * np.eye(4, dtype=int), "regression", "4 columns"),
        (np.eye(4), "regression", "4 columns"),
    ],
)
def test_the_target_tells_the_task(y, task, reason):
    found, why = task_of(y)
    assert found == task
    assert why.endswith(reason)


def test_images_are_images_and_columns_have_names():
    images = inputs(Dataset("set", X, image_shape=(2, 2, 1)), X)
    assert images.shape == (12, 2, 2, 1)
    assert np.array_equal(images.reshape(12, 4), X)
    table = inputs(Dataset("set", X, feature_names=tuple("abcd")), X)
    assert list(table.columns) == list("abcd")
    assert np.array_equal(table.to_numpy(), X)
    assert inputs(Dataset("set", X), X) is X


def test_without_pandas_names_are_left_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert inputs(Dataset("set", X, feature_names=tuple("abcd")), X) is X


def test_classes_have_their_names():
    assert targets(Dataset("set", X, Y, target_names=("x", "y", "z")), Y).tolist() == list("xyz" * 4)
    assert targets(Dataset("set", X, Y), Y) is Y


class Learned:
    """Has learned from columns with names."""

    feature_names_in_ = np.array(["c", "a"], dtype=object)


def test_columns_are_those_that_were_learned_from():
    table = inputs_for(Learned(), Dataset("set", X, feature_names=tuple("abcd")), X)
    assert list(table.columns) == ["c", "a"]
    assert np.array_equal(table.to_numpy(), X[:, [2, 0]])
    assert inputs_for(Learned(), Dataset("set", X), X) is X
    assert isinstance(inputs_for(object(), Dataset("set", X, feature_names=tuple("abcd")), X), pd.DataFrame)
    with pytest.raises(ValueError, match=r"t.csv lacks columns that the model learned from: c; it has a, x, y, z"):
        inputs_for(Learned(), Dataset("set", X, feature_names=tuple("axyz"), source="t.csv"), X)


def test_a_split_is_that_of_the_data_set_with_names():
    dataset = Dataset("set", X, Y, target_names=("x", "y", "z"), feature_names=tuple("abcd"))
    split = Split.of(dataset)
    X_train, X_test, y_train, y_test = dataset.split()
    assert np.array_equal(split.X.to_numpy(), X_train)
    assert np.array_equal(split.X_test.to_numpy(), X_test)
    assert split.y.tolist() == [dataset.target_names[code] for code in y_train]
    assert split.y_test is not None
    assert split.y_test.tolist() == [dataset.target_names[code] for code in y_test]


@pytest.mark.parametrize(("size", "n_test"), [(None, 3), (0.5, 6), (4, 4), (4.0, 4)])
def test_sizes_are_shares_or_numbers(size, n_test):
    assert len(divided(Dataset("set", X, Y), size)[1]) == n_test


def test_nothing_need_be_tested_on():
    split = Split.of(Dataset("set", X, Y), 0)
    assert (split.X_test, split.y_test) == (None, None)
    assert np.array_equal(split.X, X)


def test_official_parts_are_used():
    dataset = Dataset("set", X, Y, X_test=X[:2], y_test=Y[:2])
    assert np.array_equal(Split.of(dataset).X_test, X[:2])
    assert Split.of(dataset, 0).X_test is None


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        (Dataset("set", X), "set is read without a target, which is needed to learn"),
        (Dataset("set", X, feature_names=tuple("abcd"), source="t.csv"), r"t.csv is read .*one of a, b, c, d"),
    ],
)
def test_a_target_is_needed(dataset, message):
    with pytest.raises(ValueError, match=message):
        Split.of(dataset)


def test_what_learns_without_a_target_takes_rows_without_one():
    split = Split.of(Dataset("set", X), needs_target=False)
    assert (len(split.X), len(split.X_test)) == (9, 3)
    assert (split.y, split.y_test) == (None, None)
    assert targets(Dataset("set", X, target_names=("x", "y")), None) is None


def test_a_flat_folder_of_images_has_no_classes(tmp_path):
    dataset = Dataset("set", X, image_shape=(2, 2, 1), source=str(tmp_path))
    with pytest.raises(ValueError, match="without a target: put the images of each class into a sub-folder of its"):
        Split.of(dataset)


def test_the_fingerprint_is_of_all_that_a_data_set_holds():
    def changed(**what: object) -> str:
        return dataset_fingerprint(Dataset("set", **({"X": X, "y": Y, "X_test": X[:2], "y_test": Y[:2]} | what)))

    others = [changed(X=X + 1), changed(y=Y + 1), changed(X_test=X[2:4]), changed(y_test=Y[2:4])]
    assert len({changed(), *others}) == 5
    assert changed() == changed(feature_names=tuple("abcd"))
