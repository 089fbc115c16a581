"""The risk of a variational autoencoder against NumPy, and its slope against central differences in float64."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

from rosenblatt.losses.divergence import stratified_weights
from rosenblatt.models.variational_risk import DensityRatioRisk, VariationalRisk, draw_posterior, permuted_latents
from rosenblatt.nn.activations import LeakyReLU, identity, sigmoid, tanh
from rosenblatt.nn.autoencoder import AutoencoderNet
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.vae import VAENet
from rosenblatt.nn.windows import Window
from rosenblatt.training.players import Batch
from rosenblatt.training.randomness import wrap_key

REGULARIZERS = ["kl", "capacity", "free_bits", "total_correlation", "density_ratio"]
BETA, CAPACITY, FREE_BITS, TOTAL_CORRELATION = 1.5, 2.0, 0.06, 3.0
KEY = wrap_key(np.array([3, 4], np.uint32))


def networks(architecture="dense", loss="gaussian"):
    rng = np.random.default_rng(0)
    if architecture == "dense":
        encoder = MLP.initialize([12, 5, 3], [tanh], "glorot", rng)
    else:
        window = Window.of(3, 2, "same")
        encoder = ConvNet.initialize((3, 4, 1), [2], window, None, None, [], 3, [tanh], "glorot", rng)
    plain = AutoencoderNet.initialize(
        encoder,
        tied=False,
        code_activation=identity,
        output_activation=sigmoid if loss == "bernoulli" else identity,
        learns_variance=False,
        initializer="glorot",
        rng=rng,
    )
    net = VAENet.over(plain, -0.7 if loss == "gaussian" else None)
    discriminator = MLP.initialize([3, 4, 1], [LeakyReLU(0.2)], "glorot", rng)
    return jax.tree.map(
        lambda a: jnp.asarray(a + 0.3 * rng.normal(size=a.shape), jnp.float64),
        {"model": net, "discriminator": discriminator},
    )


def risk(loss="gaussian", variance="learned", regularizer="kl", n_samples=1):
    numbers = (0.0, BETA, CAPACITY, FREE_BITS, TOTAL_CORRELATION, 1e-9)
    made = VariationalRisk(
        loss, variance, regularizer, n_samples, np.int32(12), np.int32(40), *map(np.float64, numbers)
    )
    return eqx.filter_jit(made)  # which is quicker than the compilation of each operation by itself


def batch():
    rows = np.random.default_rng(1).uniform(size=(6, 12))
    return Batch(jnp.asarray(rows), None, jnp.asarray([1.0, 2, 0.5, 1, 0, 1]), jnp.asarray([1.0, 1, 1, 1, 1, 0]))


def drawn(net, rows, n_samples):
    """What the risk draws under ``KEY``, as NumPy arrays."""

    @jax.jit
    def draw(inputs):
        return draw_posterior(net, inputs, jax.random.split(KEY, 6), n_samples, None)

    return tuple(np.asarray(part, np.float64) for part in draw(rows.inputs))


def mean(rows, values):
    return (values * np.asarray(rows.weights) * np.asarray(rows.real)).sum() / 5


@pytest.mark.parametrize("n_samples", [1, 3])
@pytest.mark.parametrize(
    ("loss", "variance"), [("bernoulli", "learned"), ("gaussian", "learned"), ("gaussian", "calibrated")]
)
def test_reconstruction_and_kl_equal_numpy(loss, variance, n_samples, float64):
    nets, rows, x = networks(loss=loss), batch(), np.asarray(batch().inputs)
    mu, log_variance, codes = drawn(nets["model"], rows, n_samples)
    assert codes.shape == (n_samples, 6, 3)
    outputs = np.asarray(jax.jit(jax.vmap(jax.vmap(nets["model"].decode_linear)))(codes))
    if loss == "bernoulli":
        p = expit(outputs)
        misses = -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(-1)
    else:
        squared = ((outputs - x) ** 2).sum(-1)
        v = np.exp(float(nets["model"].log_variance))
        v = (
            np.average(squared.mean(0)[:5], weights=np.asarray(rows.weights)[:5]) / 12
            if variance == "calibrated"
            else v
        )
        misses = 0.5 * (squared / v + 12 * np.log(2 * np.pi * v))
    kl = 0.5 * (mu**2 + np.exp(log_variance) - 1 - log_variance).sum(1)
    expected = {"reconstruction": mean(rows, misses.mean(0)), "kl": mean(rows, kl)}
    value, terms = risk(loss, variance, n_samples=n_samples)(nets, rows, KEY)
    for name, number in expected.items():
        np.testing.assert_allclose(terms[name], number, rtol=1e-6)  # the codes' noise is float32
    np.testing.assert_allclose(terms["elbo"], -sum(expected.values()), rtol=1e-6)
    np.testing.assert_allclose(value, expected["reconstruction"] + BETA * expected["kl"], rtol=1e-6)
    if loss == "gaussian":
        np.testing.assert_allclose(terms["variance"], v, rtol=1e-6)


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_penalties_are_their_definitions(regularizer, float64):
    nets, rows = networks(), batch()
    mu, log_variance, codes = drawn(nets["model"], rows, 1)
    each = 0.5 * (mu**2 + np.exp(log_variance) - 1 - log_variance)
    of_latents = np.array([mean(rows, column) for column in each.T])
    value, terms = risk(regularizer=regularizer)(nets, rows, KEY)
    penalty = float(value - terms["reconstruction"])
    if regularizer == "kl":
        expected = BETA * of_latents.sum()
    elif regularizer == "capacity":
        expected = BETA * abs(of_latents.sum() - CAPACITY)
    elif regularizer == "free_bits":
        assert (of_latents < FREE_BITS).any()
        assert (of_latents > FREE_BITS).any()
        expected = BETA * np.maximum(of_latents, FREE_BITS).sum()
    elif regularizer == "density_ratio":
        logits = np.asarray(jax.jit(jax.vmap(nets["discriminator"]))(codes[0]))[:, 0]
        np.testing.assert_allclose(terms["total_correlation"], mean(rows, logits), rtol=1e-6)
        expected = BETA * of_latents.sum() + TOTAL_CORRELATION * mean(rows, logits)
    else:
        parts = terms["mutual_information"] + terms["total_correlation"] + terms["dimension_wise_kl"]
        z, normal = codes[0], -0.5 * np.log(2 * np.pi)
        own = (normal - 0.5 * ((z - mu) ** 2 / np.exp(log_variance) + log_variance)).sum(1)
        np.testing.assert_allclose(parts, mean(rows, own - (normal - 0.5 * z**2).sum(1)), rtol=1e-6)
        expected = BETA * parts + (TOTAL_CORRELATION - BETA) * terms["total_correlation"]
    np.testing.assert_allclose(penalty, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("architecture", "loss", "variance", "regularizer"),
    [
        ("dense", "bernoulli", "learned", "kl"),
        ("dense", "gaussian", "calibrated", "kl"),
        ("conv", "gaussian", "learned", "kl"),
        *(("dense", "gaussian", "learned", regularizer) for regularizer in REGULARIZERS[1:]),
    ],
)
def test_slopes_equal_central_differences(architecture, loss, variance, regularizer, float64):
    """In a random direction of all parameters of the model together; the codes move with them, their noise does not."""
    nets = networks(architecture, loss)
    arrays, rest = eqx.partition(nets["model"], eqx.is_array)
    objective, rows = risk(loss, variance, regularizer, 2), batch()

    @jax.jit
    def value(arrays):
        return objective(nets | {"model": eqx.combine(arrays, rest)}, rows, KEY)[0]

    rng, step = np.random.default_rng(2), 1e-5
    direction = jax.tree.map(lambda a: rng.normal(size=a.shape), arrays)
    slopes = jax.tree.map(lambda g, d: np.vdot(g, d), jax.jit(jax.grad(value))(arrays), direction)
    there, back = (jax.tree.map(lambda a, d, s=s: np.asarray(a) + s * step * d, arrays, direction) for s in (1, -1))
    moved = (value(there) - value(back)) / (2 * step)
    np.testing.assert_allclose(sum(jax.tree.leaves(slopes)), moved, rtol=1e-4)


def test_a_given_variance_is_not_learned(float64):
    slope = jax.jit(jax.grad(lambda net: risk(variance="fixed")({"model": net}, batch(), KEY)[0]))(networks()["model"])
    assert float(slope.log_variance) == 0
    assert np.abs(slope.encoder.layers[0].weight).max() > 0


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_padded_rows_count_for_nothing(regularizer, float64):
    nets, rows = networks(), batch()
    other = rows._replace(inputs=np.r_[rows.inputs[:5], np.full((1, 12), 0.25)])
    slope = jax.jit(
        jax.grad(
            lambda net, rows: risk(variance="calibrated", regularizer=regularizer)(nets | {"model": net}, rows, KEY)[0]
        )
    )
    for a, b in zip(
        jax.tree.leaves(slope(nets["model"], rows)), jax.tree.leaves(slope(nets["model"], other)), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_without_a_key_the_codes_are_the_same_each_time(float64):
    first, second = (risk()(networks(), batch(), None)[0] for _ in range(2))
    assert first == second
    assert first != risk()(networks(), batch(), KEY)[0]


def test_the_discriminators_risk_and_accuracy_equal_numpy(float64):
    nets, rows = networks(), batch()
    codes = drawn(nets["model"], rows, 1)[2][0]
    mixed = np.asarray(jax.jit(permuted_latents)(jnp.asarray(codes), rows.real, KEY))
    together, apart = (np.asarray(jax.jit(jax.vmap(nets["discriminator"]))(z))[:, 0] for z in (codes, mixed))
    value, terms = eqx.filter_jit(DensityRatioRisk())(nets, rows, KEY)
    expected = -0.5 * (np.log(expit(together)) + np.log(1 - expit(apart)))
    np.testing.assert_allclose(value, mean(rows, expected), rtol=1e-6)
    right = 0.5 * ((together > 0).astype(float) + (apart <= 0))
    np.testing.assert_allclose(terms["accuracy"], mean(rows, right), rtol=1e-6)


def test_permuted_latents_keep_each_column_and_take_it_from_other_rows():
    """Of 60 rows, 50 of them real: the numbers of each column stay, the rows' companions do not."""
    codes = jnp.arange(60.0)[:, None] + 100 * jnp.arange(4.0)
    real = (jnp.arange(60) < 50).astype(jnp.float32)
    mixed = np.asarray(jax.jit(permuted_latents)(codes, real, KEY))[:50]
    np.testing.assert_array_equal(np.sort(mixed, axis=0), np.asarray(codes)[:50])
    rows = mixed - 100 * np.arange(4)
    assert len({tuple(column) for column in rows.T}) > 1


def test_one_row_alone_has_finite_terms(float64):
    """The last batch of an epoch may hold one row."""
    rows = batch()._replace(real=jnp.asarray([1.0, 0, 0, 0, 0, 0]))
    for regularizer in REGULARIZERS:
        value, terms = risk(regularizer=regularizer)(networks(), rows, KEY)
        assert np.isfinite([value, *terms.values()]).all()
    assert np.isfinite(eqx.filter_jit(DensityRatioRisk())(networks(), rows, KEY)[0])
    assert np.exp(jax.jit(stratified_weights)(rows.real, np.int32(40)))[0, 0] == 1
