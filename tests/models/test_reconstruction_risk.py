"""The slope of the whole risk of an autoencoder against central differences in float64, and at extremes."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.models.reconstruction import ReconstructionRisk
from rosenblatt.nn.activations import identity, sigmoid, tanh
from rosenblatt.nn.autoencoder import AutoencoderNet
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.windows import Window
from rosenblatt.training.players import Batch

SHAPE = (3, 4, 1)
LOSSES = ["square", "bernoulli", "gaussian"]


def network(architecture, loss, tied=False):
    rng = np.random.default_rng(0)
    if architecture == "dense":
        encoder = MLP.initialize([12, 5, 3], [tanh], "glorot", rng)
    else:
        window = Window.of(3, 2, "same")
        encoder = ConvNet.initialize(SHAPE, [2, 3], window, None, None, [], 3, [tanh, tanh], "glorot", rng)
    net = AutoencoderNet.initialize(
        encoder,
        tied=tied,
        code_activation=sigmoid,
        output_activation=identity,
        learns_variance=loss == "gaussian",
        initializer="glorot",
        rng=rng,
    )
    return jax.tree.map(lambda a: jnp.asarray(a + 0.1 * rng.normal(size=a.shape), jnp.float64), net)


def risk(loss, sparse="l1", smooth="exact"):
    numbers = (np.float64(v) for v in (0.0, 0.3, 0.1, 0.2, 0.0))
    return ReconstructionRisk(loss, np.int32(12), *numbers, sparse, smooth, None)


def batch():
    rows = np.random.default_rng(1).uniform(size=(6, 12))
    return Batch(jnp.asarray(rows), None, jnp.asarray([1.0, 2, 0.5, 1, 0, 1]), jnp.asarray([1.0, 1, 1, 1, 1, 0]))


@pytest.mark.parametrize(
    ("architecture", "tied", "loss", "sparse"),
    [
        *(("dense", False, loss, "l1") for loss in LOSSES),
        ("dense", False, "square", "kl"),
        ("dense", True, "square", "l1"),
        ("conv", False, "gaussian", "kl"),
        ("conv", True, "bernoulli", "l1"),
    ],
)
def test_slopes_equal_central_differences(architecture, tied, loss, sparse, float64):
    """In a random direction of all parameters together."""
    arrays, rest = eqx.partition(network(architecture, loss, tied), eqx.is_array)
    objective, rows = risk(loss, sparse), batch()

    @jax.jit
    def value(arrays):
        return objective({"model": eqx.combine(arrays, rest)}, rows, None)[0]

    rng, step = np.random.default_rng(2), 1e-5
    direction = jax.tree.map(lambda a: rng.normal(size=a.shape), arrays)
    slopes = jax.tree.map(lambda g, d: np.vdot(g, d), jax.jit(jax.grad(value))(arrays), direction)
    there, back = (jax.tree.map(lambda a, d, s=s: np.asarray(a) + s * step * d, arrays, direction) for s in (1, -1))
    moved = (value(there) - value(back)) / (2 * step)
    np.testing.assert_allclose(sum(jax.tree.leaves(slopes)), moved, rtol=1e-4)


def test_padded_and_weightless_rows_count_for_nothing(float64):
    net, objective, rows = network("dense", "square"), risk("square"), batch()
    other = rows._replace(inputs=np.r_[rows.inputs[:4], np.full((2, 12), 0.25)])
    slope = jax.jit(jax.grad(lambda net, rows: objective({"model": net}, rows, None)[0]))
    for a, b in zip(jax.tree.leaves(slope(net, rows)), jax.tree.leaves(slope(net, other)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize(("loss", "extreme"), [("bernoulli", 60.0), ("gaussian", 20.0), ("gaussian", -20.0)])
def test_slopes_are_finite_at_extremes(loss, extreme, float64):
    """Saturated logits, and variances of exp(-20) to exp(20)."""
    net = network("dense", loss)
    if loss == "bernoulli":
        net = eqx.tree_at(lambda n: n.decoder_parameters.layers[-1].bias, net, jnp.full(12, extreme))
    else:
        net = eqx.tree_at(lambda n: n.log_variance, net, jnp.asarray(extreme))
    value, slope = jax.jit(jax.value_and_grad(lambda n: risk(loss)({"model": n}, batch(), None)[0]))(net)
    assert np.isfinite(value)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slope))
