"""NPY and NPZ files: roles, images, and what is refused."""

import numpy as np
import pytest

from rosenblatt.data import SkippedDataWarning, load

X = np.arange(12, dtype=np.float32).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 0, 1])


@pytest.fixture
def saved(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        return tmp_path / "a.npz"

    return save


@pytest.fixture
def saved_array(tmp_path):
    def save(array):
        np.save(tmp_path / "a.npy", array, allow_pickle=True)
        return tmp_path / "a.npy"

    return save


def test_npy_is_x_as_it_was_stored(saved_array):
    dataset = load(saved_array(X.astype(np.float16)))
    np.testing.assert_array_equal(dataset.X, X)
    assert dataset.X.dtype == np.float16
    assert (dataset.y, dataset.image_shape, dataset.name) == (None, None, "a")


def test_npz_with_all_roles(saved):
    dataset = load(saved(X=X, y=Y, X_test=X[:2], y_test=Y[:2]))
    for mine, stored in zip(dataset.split(), (X, X[:2], Y, Y[:2]), strict=True):
        np.testing.assert_array_equal(mine, stored)


def test_npz_in_the_layout_of_keras(saved):
    images = np.full((6, 4, 5), 255, np.uint8)
    dataset = load(saved(x_train=images, y_train=Y, x_test=images[:2] // 5, y_test=Y[:2]))
    assert dataset.image_shape == (4, 5, 1)
    assert dataset.X.shape == (6, 20)
    np.testing.assert_array_equal(dataset.X, np.float32(1))
    np.testing.assert_allclose(dataset.X_test, 0.2, rtol=1e-7)
    assert dataset.X.dtype == dataset.X_test.dtype == np.float32


def test_a_single_array_is_x_whatever_its_name(saved):
    np.testing.assert_array_equal(load(saved(measurements=X)).X, X)


def test_target_names_the_array_that_is_y(saved):
    dataset = load(saved(measurements=X, labels=Y), target="labels")
    np.testing.assert_array_equal(dataset.X, X)
    np.testing.assert_array_equal(dataset.y, Y)


def test_a_column_of_targets_becomes_flat_and_several_stay(saved):
    assert load(saved(X=X, y=Y[:, None])).y.shape == (6,)
    assert load(saved(X=X, y=X)).y.shape == (6, 2)


def test_labels_may_be_text(saved):
    assert load(saved(X=X, y=np.where(Y, "dog", "cat"))).y.tolist()[:2] == ["cat", "dog"]


def test_arrays_without_a_role_are_named(saved):
    path = saved(X=X, y=Y, weights=Y)
    with pytest.warns(SkippedDataWarning, match=r"1 left out of .*a\.npz: its array 'weights' is neither X, y"):
        dataset = load(path)
    assert dataset.skipped == ((path, "its array 'weights' is neither X, y, X_test nor y_test"),)
    with pytest.raises(ValueError, match=r"array 'weights' .* load without strict"):
        load(path, strict=True)


def test_colour_images_keep_their_numbers_where_they_are_floats(saved_array):
    images = np.random.default_rng(0).normal(size=(3, 4, 5, 3))
    dataset = load(saved_array(images))
    assert dataset.image_shape == (4, 5, 3)
    np.testing.assert_array_equal(dataset.X.reshape(images.shape), images)


@pytest.mark.parametrize("image_shape", [(2, 3), (2, 3, 2)])
def test_flat_rows_with_image_shape(saved_array, image_shape):
    assert load(saved_array(np.zeros((5, 12))), image_shape=image_shape).image_shape == (2, 3, 2)


@pytest.mark.parametrize(
    ("array", "arguments", "text"),
    [
        (
            np.array([{}, 1], dtype=object),
            {},
            "holds Python objects, which are refused because reading them can run code",
        ),
        (np.zeros(5), {}, r"X has shape \(5,\); rows and features are needed. Save X.reshape\(-1, 1\)"),
        (np.zeros(()), {}, r"X has shape \(\); \(rows, features\)"),
        (np.zeros((0, 3)), {}, r"X has shape \(0, 3\); .* at least one of each"),
        (np.zeros((2, 2, 2, 2, 2)), {}, r"\(rows, height, width\) or \(rows, height, width, channels\) is needed"),
        (np.array([["a", "b"]]), {}, "X holds <U1; numbers are needed"),
        (np.zeros((2, 2), complex), {}, "X holds complex128; numbers are needed"),
        (np.zeros((2, 3, 8, 8)), {}, r"looks like \(rows, channels, height, width\); channels go last"),
        (np.zeros((2, 12)), {"image_shape": (5, 5)}, r"image_shape=\(5, 5\) needs 25 values a row, and a row has 12"),
        (np.zeros((2, 12)), {"image_shape": (12,)}, r"image_shape=\(12,\); \(height, width\) or .* is needed"),
        (np.zeros((2, 12)), {"image_shape": (0, 12)}, r"image_shape=\(0, 12\);"),
        (np.zeros((2, 12)), {"image_shape": 12}, r"image_shape=12;"),
        (np.zeros((2, 12)), {"target": "y"}, "holds one array, so target='y' is not in it"),
    ],
)
def test_npy_that_cannot_be_rows(saved_array, array, arguments, text):
    with pytest.raises(ValueError, match=rf"(a\.npy.*)?{text}"):
        load(saved_array(array), **arguments)


@pytest.mark.parametrize(
    ("arrays", "target", "text"),
    [
        ({"a": X, "b": Y}, None, r"has 'a' \(6, 2\), 'b' \(6,\), and none is called X. Save it as numpy.savez"),
        ({"X": X, "labels": Y}, "lables", r"has no array 'lables'. Did you mean 'labels'\? It has 'X' \(6, 2\)"),
        ({"X": X, "y": Y[:4]}, None, r"a\.npz: X has 6 rows and y has shape \(4,\)"),
        ({"X": X, "X_test": X[:, :1]}, None, "X_test has 1 features and X has 2"),
        ({"X": X, "y": np.array([None] * 6)}, None, "holds Python objects"),
        ({}, None, "has no arrays, and none is called X"),
    ],
)
def test_npz_that_does_not_fit(saved, arrays, target, text):
    with pytest.raises(ValueError, match=text):
        load(saved(**arrays), target=target)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_truncated_files(tmp_path, share, suffix):
    path = tmp_path / f"cut.{suffix}"
    if suffix == "npy":
        np.save(path, np.ones((50, 3)))
    else:
        np.savez_compressed(path, X=np.random.default_rng(0).normal(size=(50, 3)))
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match=rf"cut\.{suffix} is truncated or damaged: .* Save it with numpy.save"):
        load(path)


def test_npz_with_damaged_bytes_inside(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, X=np.random.default_rng(0).normal(size=(50, 3)))
    content = bytearray(path.read_bytes())
    content[500:520] = bytes(20)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is truncated or damaged"):
        load(path)


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_another_file_by_that_name(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_text("1,2,3\n")
    with pytest.raises(ValueError, match=f"is not a {suffix.upper()} file. Save it with numpy.save"):
        load(path)
