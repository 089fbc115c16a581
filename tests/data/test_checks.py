"""Images as they come: in an array, in a list, of another library; and what is no table of them."""

import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from rosenblatt.data.checks import flatten_images

IMAGES = np.arange(4 * 3 * 2 * 3, dtype=np.uint8).reshape(4, 3, 2, 3)


def object_array(images):
    array = np.empty(len(images), object)
    array[:] = list(images)
    return array


@pytest.mark.parametrize(
    "of",
    [
        np.asarray,
        list,
        tuple,
        object_array,
        jnp.asarray,
        lambda images: images.tolist(),
        lambda images: [Image.fromarray(image) for image in images],
    ],
    ids=["array", "list", "tuple", "object array", "jax", "nested lists", "Pillow"],
)
def test_images_become_rows(of):
    rows, shape = flatten_images(of(IMAGES))
    assert shape == (3, 2, 3)
    np.testing.assert_array_equal(rows, IMAGES.reshape(4, 18))
    assert isinstance(rows, np.ndarray)


def test_grey_images_have_one_channel():
    rows, shape = flatten_images(IMAGES[..., 0])
    assert (rows.shape, shape) == ((4, 6), (3, 2, 1))
    assert flatten_images(list(IMAGES[..., 0]))[1] == (3, 2, 1)


def test_no_images_are_no_rows():
    rows, shape = flatten_images(IMAGES[:0])
    assert (rows.shape, shape) == ((0, 18), (3, 2, 3))


@pytest.mark.parametrize(
    "table", [np.ones((2, 3)), np.ones(3), [[1.0, 2.0], [3.0, 4.0]], [1, 2], [], [[1, 2], [3]], ["ab", "c"], None, "ab"]
)
def test_anything_else_is_left_alone(table):
    rows, shape = flatten_images(table)
    assert rows is table
    assert shape is None


@pytest.mark.parametrize("of", [list, object_array])
def test_images_of_several_shapes_are_counted(of):
    text = (
        r"X holds images of 2 shapes: \(3, 2, 3\) \(4 of them\), \(3, 2\) \(1 of them\). All need the same: resize or"
    )
    with pytest.raises(ValueError, match=text):
        flatten_images(of([*IMAGES, IMAGES[0, ..., 0]]))


def test_too_many_axes_are_refused():
    text = r"X has shape \(1, 4, 3, 2, 3\), 5 axes; give rows \(n, features\), or images \(n, height, width\) or"
    with pytest.raises(ValueError, match=text):
        flatten_images(IMAGES[None])
