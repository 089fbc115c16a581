"""The risks of both players against NumPy with the same random numbers, and their slopes against differences."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit, log_expit

from rosenblatt.models.adversarial_risk import DiscriminatorRisk, GeneratorRisk, Scaling, playing_discriminator
from rosenblatt.nn.activations import identity, tanh
from rosenblatt.nn.autoencoder import fresh_decoder
from rosenblatt.nn.convnet import ConvNet
from rosenblatt.nn.gan import Discriminator, Generator
from rosenblatt.nn.mlp import MLP
from rosenblatt.nn.spectral import SpectralVectors
from rosenblatt.nn.windows import Window
from rosenblatt.training.players import Batch
from rosenblatt.training.randomness import wrap_key

KEY = wrap_key(np.array([3, 4], np.uint32))
WIDTH, N_FEATURES, LATENTS, CLASSES, UNITS = 12, 10, 2, 3, 5
R1, PENALTY, SMOOTHING, NOISE = 0.7, 3.0, 0.2, 0.3
CENTER, SCALE = np.linspace(0, 1, WIDTH), np.linspace(0.5, 2, WIDTH)
# -log D(x) and -log(1 - D(x)) or what stands for them, the generator's loss, the confidence, and the boundary.
FORMULAS = {
    "hinge": (lambda z: np.maximum(0, 1 - z), lambda z: np.maximum(0, 1 + z), lambda z: -z, expit, 0.0),
    "least-squares": (
        lambda z: (z - 1) ** 2 / 2,
        lambda z: z**2 / 2,
        lambda z: (z - 1) ** 2 / 2,
        lambda z: np.clip(z, 0, 1),
        0.5,
    ),
    "non-saturating": (lambda z: -log_expit(z), lambda z: -log_expit(-z), lambda z: -log_expit(z), expit, 0.0),
    "saturating": (lambda z: -log_expit(z), lambda z: -log_expit(-z), lambda z: log_expit(-z), expit, 0.0),
    "wasserstein": (lambda z: -z, lambda z: z, lambda z: -z, lambda z: z, None),
}


def networks(architecture="dense", n_classes=CLASSES, dtype=np.float64):
    """Both players, all parameters random."""
    rng = np.random.default_rng(0)
    if architecture == "dense":
        network = MLP.initialize([WIDTH, UNITS, 1], [tanh], "glorot", rng)
    else:
        window = Window.of(3, 2, "same")
        network = ConvNet.initialize((3, 4, 1), [2], window, None, None, [UNITS], 1, [tanh, tanh], "glorot", rng)
    generator = Generator(fresh_decoder(network, LATENTS + n_classes, "glorot", rng), identity, n_classes)
    embedding = np.zeros((UNITS, n_classes)) if n_classes else None
    made = {"generator": generator, "discriminator": Discriminator(network, embedding)}
    return jax.tree.map(lambda a: (a + 0.5 * rng.normal(size=a.shape)).astype(dtype), made)


def converged(network):
    """The vectors of exact singular values."""
    weights = [np.asarray(leaf) for leaf in jax.tree.leaves(network) if leaf.ndim >= 2]
    return SpectralVectors(tuple(np.linalg.svd(w.reshape(-1, w.shape[-1]))[2][0] for w in weights))


def batch(has_labels=True):
    rng = np.random.default_rng(1)
    labels = jnp.asarray([0, 2, 1, 1, 0, 2], jnp.int32) if has_labels else None
    weights, real = jnp.asarray([1.0, 2, 0.5, 1, 0, 1]), jnp.asarray([1.0, 1, 1, 1, 1, 0])
    return Batch(jnp.asarray(rng.uniform(-1, 2, size=(6, WIDTH))), labels, weights, real)


def common(loss, has_noise):
    noise = np.float64(NOISE if has_noise else 0)
    return {
        "loss": loss,
        "has_noise": has_noise,
        "instance_noise": noise,
        "scaling": Scaling(CENTER, SCALE),
        "n_features": np.int32(N_FEATURES),
    }


def discriminator_risk(loss="non-saturating", has_noise=True, has_r1=True, has_penalty=True, smoothing=0.0):
    """Compiled as a whole, which is quicker than the compilation of each operation by itself."""
    numbers = {"r1": np.float64(R1), "gradient_penalty": np.float64(PENALTY), "label_smoothing": np.float64(smoothing)}
    made = DiscriminatorRisk(**common(loss, has_noise), has_r1=has_r1, has_gradient_penalty=has_penalty, **numbers)
    return eqx.filter_jit(made)


def generator_risk(loss="non-saturating", has_noise=True):
    return eqx.filter_jit(GeneratorRisk(**common(loss, has_noise), averaging=np.float64(0.75)))


@jax.jit
def drawn():
    """Codes, the noise of real rows, places between rows, and the noise of samples."""
    keys = [jax.random.fold_in(KEY, use) for use in range(4)]
    normal = partial(jax.random.normal, dtype=jnp.float32)
    noises = (normal(keys[use], (6, WIDTH)) for use in (1, 3))
    places = jax.random.uniform(keys[2], (6, 1), jnp.float32)
    return normal(keys[0], (6, LATENTS)), places, *noises


class Hand:
    """Everything that the risks are made of, in NumPy."""

    def __init__(self, nets, rows, has_noise):
        codes, self.places, noise, fake_noise = (np.asarray(part, float) for part in drawn())
        is_real = NOISE * has_noise * (np.arange(WIDTH) < N_FEATURES)
        self.nets = nets
        self.labels = None if rows.targets is None else np.asarray(rows.targets)
        self.real = (np.asarray(rows.inputs) - CENTER) / SCALE + noise * is_real
        self.fake = self.generated(codes) + fake_noise * is_real
        self.of_real, self.of_fake = self.outputs(self.real), self.outputs(self.fake)
        self.weights = np.asarray(rows.weights * rows.real) / 5

    def generated(self, codes):
        if self.labels is not None:
            codes = np.hstack([codes, np.eye(CLASSES)[self.labels]])
        (W, b), (V, c) = ((np.asarray(e.weight), np.asarray(e.bias)) for e in self.nets["generator"].network.layers)
        return np.tanh(codes @ W + b) @ V + c

    def outputs(self, x):
        W, b, v, c = self.parts()
        return (np.tanh(x @ W + b) * v).sum(1) + c

    def slopes(self, x):
        W, b, v, _ = self.parts()
        return ((1 - np.tanh(x @ W + b) ** 2) * v) @ W.T

    def parts(self):
        """The first layer, and for each row what the second one multiplies units with, given its label."""
        net = self.nets["discriminator"]
        (W, b), (V, c) = ((np.asarray(e.weight), np.asarray(e.bias)) for e in net.network.layers)
        rows = V.T + (0 if self.labels is None else np.asarray(net.embedding)[:, self.labels].T)
        return W, b, rows, c

    def mean(self, values):
        return (values * self.weights).sum()


@pytest.mark.parametrize("has_labels", [True, False])
@pytest.mark.parametrize("loss", FORMULAS)
def test_the_discriminators_risk_and_terms_equal_numpy(loss, has_labels, float64):
    """With noise and penalties where there are labels, and bare where there are none."""
    nets, rows = networks(n_classes=CLASSES * has_labels), batch(has_labels)
    hand = Hand(nets, rows, has_noise=has_labels)
    smoothing = 0.0 if loss in ("hinge", "wasserstein") else SMOOTHING
    value, terms = discriminator_risk(loss, has_labels, has_labels, has_labels, smoothing)(nets, rows, KEY)
    real, fake, _, confidence, boundary = FORMULAS[loss]
    expected = hand.mean((1 - smoothing) * real(hand.of_real) + smoothing * fake(hand.of_real) + fake(hand.of_fake))
    named = {
        "value": -hand.mean(real(hand.of_real) + fake(hand.of_fake)),
        "real": hand.mean(confidence(hand.of_real)),
        "fake": hand.mean(confidence(hand.of_fake)),
    }
    if has_labels:
        named["r1"] = 0.5 * R1 * hand.mean((hand.slopes(hand.real) ** 2).sum(1))
        between = hand.real + hand.places * (hand.fake - hand.real)
        lengths = np.linalg.norm(hand.slopes(between), axis=1)
        named["gradient_penalty"] = PENALTY * hand.mean((lengths - 1) ** 2)
        expected += named["r1"] + named["gradient_penalty"]
    if boundary is None:
        boundary = 0.5 * (hand.mean(hand.of_real) + hand.mean(hand.of_fake))
    named["accuracy_real"] = hand.mean(hand.of_real > boundary)
    named["accuracy_fake"] = hand.mean(hand.of_fake < boundary)
    assert set(terms) == set(named)
    for name, number in named.items():
        np.testing.assert_allclose(terms[name], number, rtol=1e-6, atol=1e-9, err_msg=name)  # the noise is float32
    np.testing.assert_allclose(value, expected, rtol=1e-6)


@pytest.mark.parametrize("loss", FORMULAS)
def test_the_generators_risk_equals_numpy(loss, float64):
    nets, rows = networks(), batch()
    hand = Hand(nets, rows, has_noise=True)
    value, terms = generator_risk(loss)(nets, rows, KEY)
    np.testing.assert_allclose(value, hand.mean(FORMULAS[loss][2](hand.of_fake)), rtol=1e-6)
    np.testing.assert_allclose(terms["fake"], hand.mean(FORMULAS[loss][3](hand.of_fake)), rtol=1e-6)


def directional(objective, name, nets, rows):
    """The slope in a random direction of all parameters of a player, and the same by central differences."""
    arrays, rest = eqx.partition(nets[name], eqx.is_inexact_array)

    @jax.jit
    @jax.value_and_grad
    def value_and_slope(arrays):
        return objective(nets | {name: eqx.combine(arrays, rest)}, rows, KEY)[0]

    rng, step = np.random.default_rng(2), 1e-5
    direction = jax.tree.map(lambda a: rng.normal(size=a.shape), arrays)
    slopes = jax.tree.map(lambda g, d: np.vdot(g, d), value_and_slope(arrays)[1], direction)
    there, back = (jax.tree.map(lambda a, d, s=s: np.asarray(a) + s * step * d, arrays, direction) for s in (1, -1))
    return sum(jax.tree.leaves(slopes)), (value_and_slope(there)[0] - value_and_slope(back)[0]) / (2 * step)


@pytest.mark.parametrize(("architecture", "normalizes"), [("dense", False), ("dense", True), ("conv", False)])
def test_slopes_of_both_players_equal_central_differences(architecture, normalizes, float64):
    """With both penalties, whose slopes are second derivatives, and labels."""
    nets, rows = networks(architecture), batch()
    if normalizes:
        nets["spectral"] = converged(nets["discriminator"])
    for name, objective in (("discriminator", discriminator_risk()), ("generator", generator_risk())):
        found, expected = directional(objective, name, nets, rows)
        np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("loss", ["hinge", "least-squares", "saturating", "wasserstein"])
def test_slopes_of_each_loss_equal_central_differences(loss, float64):
    nets, rows = networks(n_classes=0), batch(has_labels=False)
    risks = discriminator_risk(loss, False, False, False), generator_risk(loss, False)
    for name, objective in zip(("discriminator", "generator"), risks, strict=True):
        np.testing.assert_allclose(*directional(objective, name, nets, rows), rtol=1e-4)


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_rows_of_padding_count_for_nothing(player, float64):
    """Neither what stands in them nor the samples in their places."""
    nets, rows = networks(), batch()
    objective = discriminator_risk() if player == "discriminator" else generator_risk()
    inputs = jnp.asarray(np.r_[rows.inputs[:5], np.full((1, WIDTH), 9.0)])
    other = rows._replace(inputs=inputs, targets=rows.targets.at[5].set(0))
    slope = jax.jit(jax.grad(lambda net, rows: objective(nets | {player: net}, rows, KEY)[0]))
    first, second = (jax.tree.leaves(slope(nets[player], each)) for each in (rows, other))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_columns_of_padding_get_no_slope():
    """Of bounded rows, scaled alike in all real columns: padding is 0 to both players, under noise too."""
    nets = networks(dtype=np.float32)
    nets = {name: network.padded(16) for name, network in nets.items()}
    rows = batch()._replace(inputs=np.pad(np.float32(batch().inputs), ((0, 0), (0, 4))))
    scaling = Scaling(np.float32([0.5] * 12 + [0] * 4), np.float32([0.5] * 12 + [1] * 4))
    shared = common("non-saturating", True) | {"scaling": scaling, "n_features": np.int32(12)}
    numbers = {"r1": np.float32(R1), "gradient_penalty": np.float32(PENALTY), "label_smoothing": np.float32(0)}
    judge = DiscriminatorRisk(**shared, has_r1=True, has_gradient_penalty=True, **numbers)
    maker = GeneratorRisk(**shared, averaging=np.float32(0))
    for name, objective in (("discriminator", judge), ("generator", maker)):
        slope = eqx.filter_jit(eqx.filter_grad(lambda net, o=objective, n=name: o(nets | {n: net}, rows, KEY)[0]))(
            nets[name]
        )
        layer = slope.network.layers[0 if name == "discriminator" else -1]
        unused, used = (
            (layer.weight[12:], layer.weight[:12])
            if name == "discriminator"
            else (
                layer.weight[:, 12:],
                layer.weight[:, :12],
            )
        )
        np.testing.assert_array_equal(unused, np.zeros(unused.shape))
        assert np.abs(used).max() > 0


def test_noise_is_only_on_real_columns_and_only_where_it_is_asked_for(float64):
    """A discriminator that looks at one padded column alone gives the same with noise and without."""
    nets, rows = networks(n_classes=0), batch(has_labels=False)
    first = nets["discriminator"].network.layers[0]

    def looking_at(column):
        mask = jnp.zeros((WIDTH, 1)).at[column].set(1.0)
        where = lambda tree: tree["discriminator"].network.layers[0].weight  # noqa: E731
        return eqx.tree_at(where, nets, first.weight * mask)

    bare, noisy = (discriminator_risk(has_noise=has, has_r1=False, has_penalty=False) for has in (False, True))
    for column, same in ((N_FEATURES, True), (0, False)):
        player = looking_at(column)
        assert (bare(player, rows, KEY)[0] == noisy(player, rows, KEY)[0]) == same


def test_without_a_key_what_is_drawn_is_the_same_each_time(float64):
    nets, rows = networks(), batch()
    for objective in (discriminator_risk(), generator_risk()):
        first, second = (objective(nets, rows, None)[0] for _ in range(2))
        assert first == second
        assert first != objective(nets, rows, KEY)[0]


def test_normalised_weights_play(float64):
    nets, rows = networks(), batch()
    with_vectors = nets | {"spectral": converged(nets["discriminator"])}
    divided = nets | {"discriminator": eqx.filter_jit(playing_discriminator)(with_vectors)}
    assert playing_discriminator(nets) is nets["discriminator"]
    for objective in (discriminator_risk(), generator_risk()):
        np.testing.assert_allclose(objective(with_vectors, rows, KEY)[0], objective(divided, rows, KEY)[0], rtol=1e-9)


def test_after_a_move_the_average_has_moved_towards_the_generator():
    nets = networks(dtype=np.float32)
    average = jax.tree.map(lambda a: np.zeros_like(a), nets["generator"])
    risk = GeneratorRisk(**common("hinge", False), averaging=np.float32(0.75))
    arrays = eqx.filter(nets | {"average": average}, eqx.is_array)  # as the engine has them
    moved = eqx.filter_jit(risk.after_move)(arrays)
    for mine, learned in zip(jax.tree.leaves(moved["average"]), jax.tree.leaves(nets["generator"]), strict=True):
        np.testing.assert_allclose(mine, 0.25 * learned, rtol=1e-6)
    for name in nets:
        for a, b in zip(jax.tree.leaves(moved[name]), jax.tree.leaves(nets[name]), strict=True):
            np.testing.assert_array_equal(a, b)
    assert risk.after_move(nets) is nets


def test_after_a_move_the_vectors_have_made_one_round():
    nets = networks(n_classes=0, dtype=np.float32)
    rng = np.random.default_rng(3)
    starts = [rng.normal(size=n).astype(np.float32) for n in (UNITS, 1)]
    numbers = dict.fromkeys(("r1", "gradient_penalty", "label_smoothing"), np.float32(0))
    risk = DiscriminatorRisk(**common("hinge", False), has_r1=False, has_gradient_penalty=False, **numbers)
    assert risk.after_move(nets) is nets
    arrays = eqx.filter(nets | {"spectral": SpectralVectors(tuple(starts))}, eqx.is_array)
    moved = eqx.filter_jit(risk.after_move)(arrays)
    for vector, start, layer in zip(
        moved["spectral"].weights, starts, nets["discriminator"].network.layers, strict=True
    ):
        expected = layer.weight.T @ (layer.weight @ start)
        np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), rtol=1e-5)


def test_bytes_are_numbers_from_0_to_1_before_they_are_scaled():
    scaling = Scaling(np.float32(0.5), np.float32(0.5))
    pixels = np.arange(0, 256, 51, dtype=np.uint8)
    found = eqx.filter_jit(scaling)(pixels)
    np.testing.assert_allclose(found, np.linspace(-1, 1, 6), atol=1e-6)
    np.testing.assert_allclose(scaling.undo(np.asarray(found)), pixels / 255, atol=1e-6)
