"""What counts as an image of a fitted network, and what is said of anything else."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from rosenblatt import ConvClassifier
from rosenblatt.explain.images import block_index, fitted_convnet, fitted_network, read_images


def test_images_rows_and_single_ones_are_the_same(small_convnet):
    model, images = small_convnet
    expected = images[:1, :, :, None].astype(np.float32)
    for X in (images[:1], images[0], images[0].ravel(), images[:1].reshape(1, -1), images[0, :, :, None]):
        np.testing.assert_array_equal(read_images(model, X), expected)


def test_bytes_are_scaled_as_the_network_scales_them(bytes_convnet):
    model, images = bytes_convnet
    np.testing.assert_allclose(read_images(model, images)[..., 0], images / np.float32(255), rtol=1e-6)


def test_another_shape_is_refused(small_convnet):
    model, images = small_convnet
    with pytest.raises(ValueError, match=r"X has shape \(5, 16, 4\); .* fitted on images of shape \(8, 8\)"):
        read_images(model, images[:5].reshape(5, 16, 4))
    with pytest.raises(ValueError, match="at least one image"):
        read_images(model, images[:0])
    with pytest.raises(ValueError, match="NaN"):
        read_images(model, np.full((8, 8), np.nan))


def test_networks_without_convolutions_are_refused(three_classes, moons):
    with pytest.raises(TypeError, match="this MLPClassifier has a network of class MLP, without convolution blocks"):
        fitted_convnet(three_classes[0])
    with pytest.raises(TypeError, match="this LogisticRegression has no network"):
        fitted_network(LogisticRegression().fit(*moons))
    with pytest.raises(TypeError, match="got str; a fitted estimator"):
        fitted_network("model")
    with pytest.raises(NotFittedError):
        fitted_network(ConvClassifier())


def test_blocks_are_counted(small_convnet):
    network = fitted_convnet(small_convnet[0])
    assert [block_index(network, block) for block in (0, 1, -1, -2)] == [0, 1, 1, 0]
    with pytest.raises(ValueError, match="block=2; this network has 2 convolution blocks: 0 to 1, or negative"):
        block_index(network, 2)
