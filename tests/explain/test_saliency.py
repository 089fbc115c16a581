"""Saliency, against central differences, and against closed forms of networks that are linear."""

from itertools import pairwise

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt import ConvClassifier, ConvRegressor, MLPClassifier
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


def test_two_classes_share_a_logit(bytes_convnet):
    model, images = bytes_convnet
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
    maps = np.asarray(jax.jit(jax.vmap(network.features.maps))(images[:3])[0][1])
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


class Own(eqx.Module):
    """A network of the user's own: linear, or with a hidden layer."""

    layers: tuple[eqx.nn.Linear, ...]

    def __call__(self, x, *, dropout=None, key=None):
        assert x.ndim == 1
        for layer in self.layers[:-1]:
            x = jnp.tanh(layer(x))
        return self.layers[-1](x)

    @classmethod
    def of(cls, inputs, n_outputs, hidden, key):
        widths = [int(np.prod(inputs)), *hidden, n_outputs]
        return cls(tuple(eqx.nn.Linear(*pair, key=key) for pair in pairwise(widths)))


def own_linear(inputs, n_outputs, *, key):
    return Own.of(inputs, n_outputs, (), key)


def own_deep(inputs, n_outputs, *, key):
    return Own.of(inputs, n_outputs, (5,), key)


BYTES = np.random.default_rng(1).integers(0, 256, (40, 5, 4), dtype=np.uint8)
KINDS = np.array(["ant", "bee", "cat"])[np.arange(40) % 3]


@pytest.mark.parametrize(
    ("estimator", "X", "scale"),
    [
        (ConvClassifier, BYTES, 255),  # bytes are scaled to 1 before a convolutional estimator's network sees them
        (ConvClassifier, BYTES / 128, 1),
        (MLPClassifier, BYTES, 1),  # a dense one takes all numbers as they are
        (MLPClassifier, BYTES.reshape(40, 20) / 128, 1),
    ],
    ids=["convolutional, bytes", "convolutional, floats", "dense, bytes", "dense, rows"],
)
def test_of_a_linear_network_of_your_own_all_is_known(estimator, X, scale):
    model = estimator(network=own_linear, max_epochs=2, random_state=0).fit(X, KINDS)
    layer = model.networks_["model"].layers[0]
    seen = X[:3].astype(np.float64).reshape(3, 20) / scale
    shape = (3, 5, 4, 1) if X.ndim == 3 else (3, 20)
    gradient = input_gradient(model, X[:3], ["ant", "bee", "cat"])
    np.testing.assert_allclose(gradient.images, seen.reshape(shape), rtol=1e-6)
    np.testing.assert_allclose(gradient.attributions, layer.weight.reshape(shape), rtol=1e-5)
    logits = seen @ layer.weight.T + layer.bias
    np.testing.assert_allclose(gradient.outputs, np.diag(logits), rtol=1e-4, atol=1e-4 * np.abs(logits).max())
    integrated = integrated_gradients(model, X[:3], ["ant", "bee", "cat"], baseline=0.5, n_steps=2)
    expected = layer.weight * (seen - 0.5)
    np.testing.assert_allclose(integrated.attributions, expected.reshape(shape), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(integrated.missing, 0, atol=1e-5 * np.abs(logits).max())
    predicted = input_gradient(model, X[:3])
    np.testing.assert_array_equal(predicted.targets, model.predict(X[:3]))
    with pytest.raises(TypeError, match="a network of class Own, without convolution blocks"):
        grad_cam(model, X[:3])


@pytest.mark.parametrize("X", [BYTES, BYTES / 255], ids=["bytes", "floats"])
def test_the_gradient_of_a_network_of_your_own_is_that_of_central_differences(X):
    """By the network's own formula in NumPy: V tanh(W x + b) + c."""
    model = ConvClassifier(network=own_deep, max_epochs=2, random_state=0).fit(X, KINDS)
    (W, b), (V, c) = ((np.float64(layer.weight), np.float64(layer.bias)) for layer in model.networks_["model"].layers)
    x = BYTES[7].ravel() / 255

    def logits(rows):
        return np.tanh(rows @ W.T + b) @ V.T + c

    found = input_gradient(model, X[7], "bee")
    step = 1e-5 * np.eye(20)
    expected = (logits(x + step) - logits(x - step))[:, 1] / 2e-5
    np.testing.assert_allclose(found.attributions.ravel(), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.outputs, logits(x)[1], rtol=1e-5, atol=1e-5)
    integrated = integrated_gradients(model, X[:4], n_steps=64)
    difference = integrated.outputs - logits(np.zeros(20))[np.searchsorted(model.classes_, integrated.targets)]
    np.testing.assert_allclose(integrated.attributions.sum((1, 2, 3)), difference, atol=1e-4)


def test_bytes_and_what_they_are_scaled_to_have_the_same_gradient(bytes_convnet):
    model, images = bytes_convnet
    of_bytes, of_floats = input_gradient(model, images[:4]), input_gradient(model, images[:4] / 255)
    np.testing.assert_allclose(of_bytes.attributions, of_floats.attributions, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(of_bytes.images, of_floats.images, rtol=1e-6)
    with pytest.raises(ValueError, match="X now holds float32 up to 255: pass uint8, or divide X by 255"):
        input_gradient(model, np.full((6, 5), 255.0))


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
