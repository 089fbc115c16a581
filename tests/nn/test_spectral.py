"""Spectral normalisation against NumPy's singular values, and its slope against central differences."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.nn.activations import LeakyReLU
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.gan import Discriminator
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.spectral import SpectralVectors, spectrally_normalized
from rosenblatt.nn.windows import Window

normalized = eqx.filter_jit(spectrally_normalized)
followed = eqx.filter_jit(SpectralVectors.followed)


def dense():
    rng = np.random.default_rng(0)
    network = MLP.initialize([7, 6, 1], [LeakyReLU(0.2)], "he", rng)
    return Discriminator(network, rng.normal(size=(6, 3)).astype(np.float32))


def convolutional():
    rng = np.random.default_rng(0)
    window = Window.of(4, 2, "same")
    network = ConvNet.initialize((7, 5, 2), [3], window, None, None, [4], 1, [LeakyReLU(0.2)] * 2, "he", rng)
    return Discriminator(network)


def weights(network):
    """The matrices of all weights, kernels as (inputs under the window, outputs)."""
    return [np.asarray(leaf).reshape(-1, leaf.shape[-1]) for leaf in jax.tree.leaves(network) if leaf.ndim >= 2]


def stretches(network):
    return np.array([np.linalg.svd(weight.astype(float), compute_uv=False)[0] for weight in weights(network)])


both = pytest.mark.parametrize("network", [dense(), convolutional()], ids=["dense", "conv"])


@both
def test_fresh_weights_are_divided_by_their_largest_singular_values(network):
    vectors = SpectralVectors.initialize(network, np.random.default_rng(1))
    assert len(vectors.weights) == len(weights(network)) == 3
    found = normalized(network, vectors)
    # 31 rounds; what is left of the error falls with the square of the ratio of the two largest values.
    np.testing.assert_allclose(stretches(found), 1, rtol=1e-3)
    for before, after, stretch in zip(weights(network), weights(found), stretches(network), strict=True):
        np.testing.assert_allclose(after, before / stretch, rtol=2e-3)
    for before, after in zip(jax.tree.leaves(network), jax.tree.leaves(found), strict=True):
        if before.ndim == 1:
            np.testing.assert_array_equal(after, before)


def test_it_is_the_function_divided_layer_by_layer():
    network = dense()
    found = normalized(network, SpectralVectors.initialize(network, np.random.default_rng(1)))
    x = np.random.default_rng(2).normal(size=7).astype(np.float32)
    (W, b), (V, c) = ((np.float64(layer.weight), layer.bias) for layer in network.network.layers)
    s = stretches(network)
    z = x @ W / s[0] + b
    hidden = np.where(z > 0, z, 0.2 * z)
    expected = (hidden @ V / s[1] + c)[0] + hidden @ np.float64(network.embedding[:, 2]) / s[2]
    np.testing.assert_allclose(eqx.filter_jit(found)(x, np.int32(2)), expected, rtol=1e-3)


def test_moving_weights_are_followed_by_one_round_a_move():
    """The weights turn by a tenth of their size in 100 moves; the estimate stays within 1 %."""
    network, rng = dense(), np.random.default_rng(3)
    vectors = SpectralVectors.initialize(network, rng)
    direction = jax.tree.map(lambda a: rng.normal(scale=1e-3 * np.abs(a).mean() + 1e-9, size=a.shape), network)
    for _ in range(100):
        network = jax.tree.map(lambda a, d: np.float32(a + d), network, direction)
        vectors = followed(vectors, network)
    np.testing.assert_allclose(stretches(normalized(network, vectors)), 1, rtol=1e-2)
    for vector in vectors.weights:
        assert np.linalg.norm(vector) == pytest.approx(1, rel=1e-5)


def test_rounds_converge_from_any_vector():
    network = dense()
    rng = np.random.default_rng(4)
    vectors = SpectralVectors(
        tuple(rng.normal(size=vector.shape).astype(np.float32) for vector in jax.tree.leaves(vectors_of(network)))
    )
    for _ in range(200):
        vectors = followed(vectors, network)
    np.testing.assert_allclose(stretches(normalized(network, vectors)), 1, rtol=1e-4)


def vectors_of(network):
    return SpectralVectors.initialize(network, np.random.default_rng(1))


def test_the_slope_is_that_of_the_singular_value(float64):
    """Of sum(A W / s(W)): with vectors that have converged it is that of the exact value, by differences of SVDs."""
    rng = np.random.default_rng(5)
    layer, target = Dense(rng.normal(size=(5, 4)), rng.normal(size=4)), rng.normal(size=(5, 4))
    _, _, right = np.linalg.svd(layer.weight)
    vectors = SpectralVectors((right[0],))

    @jax.jit
    @jax.grad
    def slope(layer):
        return (jnp.asarray(target) * spectrally_normalized(layer, vectors).weight).sum()

    found = slope(jax.tree.map(jnp.asarray, layer))
    expected, step = np.zeros((5, 4)), 1e-5
    for place in np.ndindex(5, 4):
        there, back = layer.weight.copy(), layer.weight.copy()
        there[place] += step
        back[place] -= step
        values = [(target * weight).sum() / np.linalg.svd(weight, compute_uv=False)[0] for weight in (there, back)]
        expected[place] = (values[0] - values[1]) / (2 * step)
    np.testing.assert_allclose(found.weight, expected, rtol=1e-4, atol=1e-8)
    np.testing.assert_array_equal(found.bias, np.zeros(4))


def test_vectors_are_taken_as_fixed_where_they_have_not_converged(float64):
    """The slope of A W / (u' W v) with the u and v of one round, by differences in which these stay."""
    rng = np.random.default_rng(6)
    layer, target, vector = Dense(rng.normal(size=(5, 4)), np.zeros(4)), rng.normal(size=(5, 4)), rng.normal(size=4)
    u = layer.weight @ vector
    u = u / np.linalg.norm(u)
    v = layer.weight.T @ u
    v = v / np.linalg.norm(v)

    def value(weight):
        return (target * weight).sum() / (u @ weight @ v)

    found = jax.jit(
        jax.grad(lambda e: (jnp.asarray(target) * spectrally_normalized(e, SpectralVectors((vector,))).weight).sum())
    )(jax.tree.map(jnp.asarray, layer))
    direction, step = rng.normal(size=(5, 4)), 1e-5
    moved = (value(layer.weight + step * direction) - value(layer.weight - step * direction)) / (2 * step)
    np.testing.assert_allclose((found.weight * direction).sum(), moved, rtol=1e-4)


def test_weights_of_0_stay_and_have_finite_slopes_and_are_found_when_they_move():
    layer = Dense(np.zeros((5, 4), np.float32), np.zeros(4, np.float32))
    vectors = vectors_of(layer)
    assert np.linalg.norm(vectors.weights[0]) == pytest.approx(1, rel=1e-6)
    np.testing.assert_array_equal(normalized(layer, vectors).weight, layer.weight)
    slope = jax.jit(jax.grad(lambda e: spectrally_normalized(e, vectors).weight.sum()))(layer)
    np.testing.assert_array_equal(slope.weight, np.ones((5, 4)))
    vectors = followed(vectors, layer)
    moved = Dense(np.random.default_rng(7).normal(size=(5, 4)).astype(np.float32), layer.bias)
    for _ in range(60):
        vectors = followed(vectors, moved)
    np.testing.assert_allclose(stretches(normalized(moved, vectors)), 1, rtol=1e-3)


def test_columns_of_padding_change_no_vector_and_no_value():
    network = dense()
    vectors = vectors_of(network)
    wide = normalized(network.padded(16), vectors)
    np.testing.assert_allclose(weights(wide)[0][:7], weights(normalized(network, vectors))[0], rtol=1e-5)
    assert not weights(wide)[0][7:].any()
