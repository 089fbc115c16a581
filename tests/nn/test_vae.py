"""The networks of a variational autoencoder against those of the autoencoder that they start as."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.nn.activations import identity, tanh
from rosenblatt.nn.autoencoder import AutoencoderNet
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.vae import VAENet
from rosenblatt.nn.windows import Window

X = np.random.default_rng(0).normal(size=(4, 12)).astype(np.float32)


def autoencoder(architecture):
    rng = np.random.default_rng(0)
    if architecture == "dense":
        encoder = MLP.initialize([12, 5, 3], [tanh], "glorot", rng)
    else:
        encoder = ConvNet.initialize(
            (3, 4, 1), [2], Window.of(3, 2, "same"), None, None, [5], 3, [tanh, tanh], "glorot", rng
        )
    return AutoencoderNet.initialize(
        encoder,
        tied=False,
        code_activation=identity,
        output_activation=identity,
        learns_variance=False,
        initializer="glorot",
        rng=rng,
    )


both = pytest.mark.parametrize("architecture", ["dense", "conv"])


@both
def test_it_starts_as_the_autoencoder_with_variance_1(architecture):
    plain = autoencoder(architecture)
    net = VAENet.over(plain, None)
    mean, log_variance = jax.vmap(net.posterior)(X)
    np.testing.assert_array_equal(mean, jax.vmap(plain.encode)(X))
    np.testing.assert_array_equal(jax.vmap(net)(X), jax.vmap(plain)(X))
    assert (np.asarray(log_variance) == 0).all()
    assert net.latent_dim == plain.latent_dim == 3


@both
def test_deterministic_undoes_it(architecture):
    plain = autoencoder(architecture)
    again = VAENet.over(plain, None).deterministic()
    assert jax.tree.structure(again) == jax.tree.structure(plain)
    for a, b in zip(jax.tree.leaves(again), jax.tree.leaves(plain), strict=True):
        np.testing.assert_array_equal(a, b)


def test_log_variances_are_bounded_by_12_and_unchanged_near_0():
    plain = autoencoder("dense")
    *hidden, last = plain.encoder.layers
    for a, expected in ((1e6, 12.0), (-1e6, -12.0), (0.1, 12 * np.tanh(0.1 / 12))):
        net = VAENet.over(plain, None)
        bias = np.concatenate([last.bias, np.full(3, a, np.float32)])
        layer = type(last)(net.encoder.layers[-1].weight, bias)
        changed = VAENet(MLP((*hidden, layer), plain.encoder.activations), net.decoder_parameters)
        np.testing.assert_allclose(changed.posterior(X[0])[1], expected, rtol=1e-6)
        slope = jax.grad(lambda x, net=changed: jnp.exp(net.posterior(x)[1]).sum())(X[0])
        assert np.isfinite(slope).all()


def test_padding_changes_nothing_and_is_undone():
    net = VAENet.over(autoencoder("dense"), -1.0)
    padded = net.padded(16)
    assert isinstance(padded, VAENet)
    wide = np.pad(X, ((0, 0), (0, 4)))
    for a, b in zip(jax.vmap(padded.posterior)(wide), jax.vmap(net.posterior)(X), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)  # sums of float32 over more terms
    again = padded.trimmed(12)
    for a, b in zip(jax.tree.leaves(again), jax.tree.leaves(net), strict=True):
        np.testing.assert_array_equal(a, b)
