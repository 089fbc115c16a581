"""Normalisation of one image against NumPy in float64, PyTorch, and central differences."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.nn.normalization import GroupNorm

CASES = [((5, 4, 6), 3), ((5, 4, 6), 1), ((5, 4, 6), 6), ((7, 4), 2), ((3, 1, 2, 4), 2), ((1, 1, 2), 1)]


@partial(jax.jit, static_argnums=3)
def normalize(image, scale, bias, groups):
    return GroupNorm(scale, bias, groups)(image)


def layer(n_channels, groups, seed=0):
    rng = np.random.default_rng(seed)
    scale, bias = rng.uniform(0.5, 2, n_channels), rng.normal(size=n_channels)
    return GroupNorm(scale.astype(np.float32), bias.astype(np.float32), groups)


def picture(shape, seed=1):
    return (3 + 2 * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def definition(image, norm):
    """Wu and He (2018), equations 1, 2 and 4, group by group in float64, with epsilon 1e-5."""
    image, result = image.astype(np.float64), np.empty(image.shape)
    for channels in np.split(np.arange(image.shape[-1]), norm.groups):
        part = image[..., channels]
        result[..., channels] = (part - part.mean()) / np.sqrt(part.var() + 1e-5)
    return result * norm.scale + norm.bias


@pytest.mark.parametrize(("shape", "groups"), CASES)
def test_values_are_those_of_the_definition(shape, groups):
    image, norm = picture(shape), layer(shape[-1], groups)
    found = normalize(*_parts(image, norm), groups)
    assert found.shape == shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, definition(image, norm), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("shape", "groups"), CASES)
def test_each_group_of_a_fresh_layer_has_mean_zero_and_variance_one(shape, groups):
    found = normalize(*_parts(10 * picture(shape), GroupNorm.initialize(shape[-1], groups)), groups)
    parts = np.asarray(found, np.float64).reshape(-1, groups, shape[-1] // groups)
    np.testing.assert_allclose(parts.mean((0, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(parts.var((0, 2)), 1, rtol=1e-4)


@pytest.mark.parametrize(("shape", "groups"), CASES)
def test_values_and_gradients_are_pytorch_s(shape, groups):
    torch = pytest.importorskip("torch")
    image, norm = picture(shape), layer(shape[-1], groups)
    slope = picture(shape, seed=2)
    theirs = [torch.tensor(array, requires_grad=True) for array in (image, norm.scale, norm.bias)]
    normalized = torch.nn.functional.group_norm(torch.movedim(theirs[0], -1, 0)[None], groups, *theirs[1:], eps=1e-5)
    normalized = torch.movedim(normalized[0], 0, -1)
    normalized.backward(torch.tensor(slope))
    found, pull = jax.vjp(lambda *parts: normalize(*parts, groups), *_parts(image, norm))
    np.testing.assert_allclose(found, normalized.detach().numpy(), rtol=1e-5, atol=1e-5)
    for ours, expected in zip(pull(jnp.asarray(slope)), theirs, strict=True):
        np.testing.assert_allclose(ours, expected.grad.numpy(), rtol=1e-4, atol=1e-4)


def test_one_group_is_pytorch_s_layer_norm():
    torch = pytest.importorskip("torch")
    image = picture((5, 4, 6))
    expected = torch.nn.functional.layer_norm(torch.tensor(image), image.shape, eps=1e-5)
    np.testing.assert_allclose(GroupNorm.initialize(6, 1)(image), expected.numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("shape", "groups"), CASES)
def test_gradients_are_those_of_central_differences(shape, groups, float64):
    norm = layer(shape[-1], groups)
    parameters = [np.asarray(array, np.float64) for array in _parts(picture(shape), norm)]
    slope = np.random.default_rng(3).normal(size=shape)

    def risk(image, scale, bias):
        return (GroupNorm(scale, bias, groups)(image) * slope).sum()

    risks = jax.jit(jax.vmap(risk))
    for place, found in enumerate(jax.jit(jax.grad(risk, (0, 1, 2)))(*parameters)):
        steps = np.eye(found.size).reshape(found.size, *found.shape) * 1e-5
        moved = [np.broadcast_to(array, (2 * found.size, *array.shape)).copy() for array in parameters]
        moved[place] += np.concatenate([steps, -steps])
        above, below = np.split(np.asarray(risks(*moved)), 2)
        np.testing.assert_allclose(np.ravel(found), (above - below) / 2e-5, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("value", [0.0, 1.0, -3e4])
def test_a_constant_image_becomes_the_bias_and_its_gradient_is_finite(value):
    image, norm = np.full((3, 3, 4), value, np.float32), layer(4, 2)
    np.testing.assert_allclose(eqx.filter_jit(norm)(image), np.broadcast_to(norm.bias, image.shape), atol=1e-5)
    assert np.isfinite(jax.jit(jax.grad(lambda image: jnp.square(norm(image)).sum()))(image)).all()


def test_the_mean_of_a_bright_image_does_not_drown_its_variance():
    """The variance is that of the centred image: the mean of squares less the squared mean has no digits left here."""
    image = (4096 + np.random.default_rng(0).integers(0, 2, (8, 8, 2))).astype(np.float32)
    np.testing.assert_allclose(layer(2, 1)(image), definition(image, layer(2, 1)), rtol=1e-3, atol=1e-3)


def test_images_are_normalized_each_by_itself():
    images, norm = picture((5, 4, 3, 2)), layer(2, 1)
    together = jax.jit(jax.vmap(norm))(images)
    np.testing.assert_allclose(together, np.stack([norm(image) for image in images]), rtol=1e-5, atol=1e-6)


def test_brightness_and_contrast_of_an_image_do_not_count():
    image, norm = picture((6, 6, 4)), layer(4, 2)
    np.testing.assert_allclose(norm(5 * image - 7), norm(image), atol=1e-4)


@pytest.mark.parametrize(("n_channels", "groups"), [(6, 4), (3, 8)])
def test_groups_have_as_many_channels_each(n_channels, groups):
    with pytest.raises(ValueError, match=f"{n_channels} channels cannot be shared out evenly between {groups} groups"):
        GroupNorm.initialize(n_channels, groups)


def _parts(image, norm):
    return image, norm.scale, norm.bias
