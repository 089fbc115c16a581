"""The door: names, paths, and what is said where there is neither."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rosenblatt.data import load, names


def test_digits_are_those_of_scikit_learn():
    dataset, reference = load("digits"), load_digits()
    np.testing.assert_array_equal(dataset.X * 16, reference.data)
    np.testing.assert_array_equal(dataset.y, reference.target)
    assert dataset.X.dtype == np.float32
    assert (dataset.X.min(), dataset.X.max(), dataset.image_shape) == (0, 1, (8, 8, 1))
    assert dataset.target_names == tuple("0123456789")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("digit", "digits"), ("Fashion_MNIST", "fashion-mnist"), ("MNIST", "mnist"), ("mooons", "moons")],
)
def test_a_mistyped_name_suggests_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=rf"no data set '{name}'.* Did you mean '{nearest}'\?") as caught:
        load(name)
    assert all(known in str(caught.value) for known in names())


def test_a_name_like_no_other():
    with pytest.raises(ValueError, match="no data set 'qqq', and no file or folder of that name in") as caught:
        load("qqq")
    assert "Did you mean" not in str(caught.value)


def test_a_path_that_does_not_exist(tmp_path):
    (tmp_path / "iris.csv").write_text("a\n1\n")
    for path in (tmp_path / "irsi.csv", str(tmp_path / "irsi.csv")):
        with pytest.raises(FileNotFoundError, match=r"no file or folder .*Did you mean 'iris.csv'\? Built-in sets are"):
            load(path)
    with pytest.raises(FileNotFoundError, match=r"no file or folder .*/nowhere/x.csv"):
        load(tmp_path / "nowhere" / "x.csv")
    with pytest.raises(ValueError, match="There is no data set ''"):
        load("")


def test_a_path_object_is_never_a_built_in_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="no file or folder 'digits'"):
        load(Path("digits"))


def test_a_built_in_name_comes_before_a_folder_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "xor").mkdir()
    monkeypatch.chdir(tmp_path)
    assert load("xor").source == "generated"
    with pytest.raises(ValueError, match="holds no images; there are no files at all"):
        load("./xor")


def test_home_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.csv").write_text("a\n1\n2\n")
    assert load("~/a.csv").X.tolist() == [[1], [2]]


@pytest.mark.parametrize("argument", [{"target": "y"}, {"image_shape": (8, 8)}])
def test_arguments_that_a_built_in_set_does_not_take(argument):
    (name,) = argument
    with pytest.raises(ValueError, match=rf"{name}=.* cannot be used: the built-in set 'digits' has its own"):
        load("digits", **argument)


@pytest.mark.parametrize("thing", [np.zeros((2, 2)), None, 3])
def test_things_that_are_no_name(thing):
    with pytest.raises(TypeError, match=r"not (ndarray|NoneType|int); arrays and tables .* go straight to fit"):
        load(thing)
