"""Saliency, against central differences, and against closed forms of networks that are linear."""

import numpy as np
import pytest

from rosenblatt import ConvClassifier, ConvRegressor
from rosenblatt.explain import grad_cam, input_gradient, integrated_gradients
from rosenblatt.explain.saliency import enlarge, gradients_of
from rosenblatt.nn import ReceptiveField


@pytest.fixture(scope="module")
def linear():
    """(fitted linear network with one convolution that is not pooled, images)."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(60, 6, 5, 2)).astype(np.float32)
    model = ConvRegressor(
        channels=(3,), pooling=None, hidden_layer_sizes=(), activation="identity", max_epochs=3, random_state=0
    )
    return model.fit(images, images[:, 1:3].sum((1, 2, 3))), images


def linear_weights(model, shape):
    """The factor of each pixel of a linear network: its answers to single pixels less that to none."""
    pixels = np.eye(np.prod(shape), dtype=np.float32)
    return (model.predict(pixels) - model.predict(np.zeros_like(pixels[:1]))).reshape(shape)


def test_the_gradient_is_that_of_central_differences(small_convnet, float64):
    model, images = small_convnet
    network, direction = model.networks_["model"], np.eye(10)[3]
    image = images[0].astype(np.float64)[..., None]
    _, (found,) = gradients_of(network, image[None], direction[None])
    step = 1e-5
    moved = image + step * np.eye(64).reshape(64, 8, 8, 1)
    back = image - step * np.eye(64).reshape(64, 8, 8, 1)
    outputs, _ = gradients_of(network, np.concatenate([moved, back]), np.repeat(direction[None], 128, 0))
    assert found.dtype == np.float64
    # At a tie the largest pixel of a pooled window changes hands, and there the difference has no limit.
    np.testing.assert_allclose(found.ravel(), (outputs[:64] - outputs[64:]) / (2 * step), rtol=1e-4, atol=1e-7)


def test_outputs_are_the_logits_of_the_targets(small_convnet):
    model, images = small_convnet
    logits, predicted = model.decision_function(images[:40]), model.predict(images[:40])
    found = input_gradient(model, images[:40])
    np.testing.assert_array_equal(found.targets, predicted)
    np.testing.assert_allclose(found.outputs, logits.max(1), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(input_gradient(model, images[:40], 7).outputs, logits[:, 7], rtol=1e-5, atol=1e-6)


def test_two_classes_share_a_logit():
    images = np.random.default_rng(0).random((30, 6, 6))
    model = ConvClassifier(channels=(2,), max_epochs=2, random_state=0).fit(
        images, np.where(images[:, 0, 0] > 0.5, "b", "a")
    )
    towards, away = input_gradient(model, images[:4], "b"), input_gradient(model, images[:4], "a")
    np.testing.assert_array_equal(towards.attributions, -away.attributions)
    np.testing.assert_allclose(towards.outputs, model.decision_function(images[:4]), rtol=1e-5)


def test_of_a_linear_network_all_is_known(linear):
    model, images = linear
    weights = linear_weights(model, images.shape[1:])
    np.testing.assert_allclose(input_gradient(model, images[:2]).attributions[1], weights, rtol=1e-4, atol=1e-5)
    found = integrated_gradients(model, images[:2], baseline=0.5, n_steps=2)
    np.testing.assert_allclose(found.attributions, weights * (images[:2] - 0.5), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.missing, 0, atol=1e-4)


def test_grad_cam_of_a_linear_network(linear):
    """a_k is the mean weight from map k to the output, and the maps are as large as the image."""
    model, images = linear
    network = model.networks_["model"]
    maps = np.stack([network.features.maps(image)[0][1] for image in images[:3]])
    means = network.head.layers[0].weight[:, 0].reshape(6, 5, 3).mean((0, 1))
    found = grad_cam(model, images[:3])
    np.testing.assert_allclose(found.attributions, np.maximum(maps @ means, 0), rtol=1e-4, atol=1e-6)
    assert found.attributions.max() > 0


@pytest.mark.parametrize("target", [None, 2])
def test_integrated_gradients_are_complete(small_convnet, target):
    model, images = small_convnet
    found = integrated_gradients(model, images[:5], target, n_steps=256)
    assert np.abs(found.outputs - found.baseline_outputs).max() > 0.1
    np.testing.assert_allclose(found.attributions.sum((1, 2, 3)), found.outputs - found.baseline_outputs, atol=5e-3)
    np.testing.assert_allclose(found.missing, 0, atol=5e-3)


def test_rows_and_many_images_make_no_difference(small_convnet):
    model, images = small_convnet
    alone = input_gradient(model, images[70], 1).attributions
    together = input_gradient(model, images[:71].reshape(71, -1), [1] * 71).attributions
    np.testing.assert_array_equal(alone[0], together[70])


def test_grad_cam_of_each_block_has_the_size_of_the_image(small_convnet):
    model, images = small_convnet
    shapes = {grad_cam(model, images[:2], block=block).attributions.shape for block in (0, 1, -1)}
    assert shapes == {(2, 8, 8)}


def test_units_lie_in_the_middle_of_what_they_see():
    field = ReceptiveField((4,), (2,), (1.5,))
    np.testing.assert_allclose(enlarge(np.array([[0.0, 2.0, 6.0]]), field, (8,))[0], [0, 0, 0.5, 1.5, 3, 5, 6, 6])


def test_dense_networks_have_gradients_too(three_classes):
    model, X, _ = three_classes
    found = integrated_gradients(model, X[:4], "bee", n_steps=256)
    assert found.attributions.shape == (4, 2)
    np.testing.assert_allclose(found.missing, 0, atol=0.02 * np.abs(found.outputs - found.baseline_outputs).max())
    with pytest.raises(TypeError, match="without convolution blocks"):
        grad_cam(model, X[:4])


def test_mistakes_are_named(small_convnet, linear):
    model, images = small_convnet
    with pytest.raises(ValueError, match="target 11 does not exist; it must be one of"):
        input_gradient(model, images[:2], 11)
    with pytest.raises(ValueError, match=r"target has shape \(3,\); give one, or one for each of the 2 images"):
        input_gradient(model, images[:2], [1, 2, 3])
    with pytest.raises(ValueError, match="n_steps=1; at least 2"):
        integrated_gradients(model, images[:2], n_steps=1)
    with pytest.raises(ValueError, match=r"baseline has shape \(3,\); a number, or one image of shape \(8, 8, 1\)"):
        integrated_gradients(model, images[:2], baseline=[1, 2, 3])
    with pytest.raises(ValueError, match="block=5; this network has 2 convolution blocks"):
        grad_cam(model, images[:2], block=5)
    with pytest.raises(ValueError, match="the gradient has no baseline"):
        _ = input_gradient(model, images[:2]).missing
    with pytest.raises(ValueError, match="target 1 does not exist; it must be one of \\[0\\]"):
        input_gradient(linear[0], linear[1][:2], 1)
