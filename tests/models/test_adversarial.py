"""The game of the engine against the same game in NumPy; what goes on, what compiles, what is refused."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.special import expit
from sklearn.base import clone

from rosenblatt import GAN, Callback, Checkpoint, NonFiniteRiskError
from rosenblatt.training.batches import batch_shape, draw_indices, n_steps
from rosenblatt.training.epoch import run_steps
from rosenblatt.training.randomness import wrap_key

small = partial(GAN, latent_dim=2, hidden_layer_sizes=(8,), batch_size=4, max_epochs=3, random_state=0)
RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(3, 2, 42), RNG.normal(-1, 0.1, 42)]).astype(np.float32)
Y = np.arange(42) % 2
FULL = {"averaging": 0.99, "conditional": True, "spectral_normalization": True}


def parameters(model):
    return [leaf for leaf in jax.tree.leaves(model.networks_) if isinstance(leaf, np.ndarray)]


def same_bits(first, second):
    for a, b in zip(parameters(first), parameters(second), strict=True):
        np.testing.assert_array_equal(a, b)


class Start(Callback):
    """Keeps the networks from before the first move."""

    def on_train_begin(self, training):
        self.networks = training.networks()


class NumpyGame:
    """The non-saturating game with R1 of two networks with one hidden layer, Adam's moves by the formulas."""

    slope, r1 = 0.2, 0.3

    def __init__(self, networks, rates, momentum):
        self.parts = {
            name: [np.float64(part) for e in networks[name].network.layers for part in (e.weight, e.bias)]
            for name in ("generator", "discriminator")
        }
        self.rates, self.momentum = dict(zip(("discriminator", "generator"), rates, strict=True)), momentum
        self.moments = {
            name: [0, *([np.zeros_like(p), np.zeros_like(p)] for p in of)] for name, of in self.parts.items()
        }
        self.average, self.n_moves = [part.copy() for part in self.parts["generator"]], 0

    def hidden(self, x, W, b):
        z = x @ W + b
        bent = np.where(z > 0, 1.0, self.slope)
        return z * bent, bent

    def generated(self, codes):
        W, b, V, c = self.parts["generator"]
        h, bent = self.hidden(codes, W, b)
        return np.tanh(h @ V + c), h, bent

    def judged(self, x):
        W, b, v, c = self.parts["discriminator"]
        h, bent = self.hidden(x, W, b)
        return (h @ v + c)[:, 0], h, bent

    def move_discriminator(self, real, codes, mean):
        W, _, v, _ = self.parts["discriminator"]
        slopes = [np.zeros_like(part) for part in self.parts["discriminator"]]
        fake = self.generated(codes)[0]
        for x, sign in ((real, -1), (fake, 1)):
            z, h, bent = self.judged(x)
            error = mean[:, None] * sign * expit(sign * z)[:, None]
            back = (error @ v.T) * bent
            for slope, of in zip(slopes, (x.T @ back, back.sum(0), h.T @ error, error.sum(0)), strict=True):
                slope += of
        bent = self.judged(real)[2]
        lead = bent * v[:, 0]  # what each hidden unit counts for in the slope of D in x
        towards = lead @ W.T
        slopes[0] += self.r1 * (mean[:, None] * towards).T @ lead
        slopes[2][:, 0] += self.r1 * (mean[:, None] * bent * (towards @ W)).sum(0)
        self.move("discriminator", slopes)

    def move_generator(self, codes, mean):
        fake, h, bent = self.generated(codes)
        W, _, v, _ = self.parts["discriminator"]
        z, _, judged = self.judged(fake)
        error = mean[:, None] * (expit(z) - 1)[:, None]
        output = ((error @ v.T) * judged) @ W.T * (1 - fake**2)
        back = (output @ self.parts["generator"][2].T) * bent
        self.move("generator", [codes.T @ back, back.sum(0), h.T @ output, output.sum(0)])
        kept = min(0.9, (1 + self.n_moves) / (10 + self.n_moves))
        self.average = [kept * a + (1 - kept) * w for a, w in zip(self.average, self.parts["generator"], strict=True)]
        self.n_moves += 1

    def move(self, name, slopes):
        moments = self.moments[name]
        moments[0] += 1
        for i, (slope, (m, v)) in enumerate(zip(slopes, moments[1:], strict=True)):
            m += (1 - self.momentum) * (slope - m)
            v += 0.001 * (slope**2 - v)
            direction = m / (1 - self.momentum ** moments[0]) / (np.sqrt(v / (1 - 0.999 ** moments[0])) + 1e-8)
            self.parts[name][i] = self.parts[name][i] - self.rates[name] * direction


@jax.jit
def codes_of(words, move):
    """The codes of a batch that the move with that number draws in the step with these random words."""
    key = jax.random.fold_in(jax.random.fold_in(wrap_key(words), move), 0)
    return jax.random.normal(key, (4, 2), jnp.float32)


def shares(rows):
    """What each row of a batch counts for in its mean; those from 42 on are padding."""
    return (rows < 42) / (rows < 42).sum()


def test_it_is_the_game_of_the_formulas():
    """An epoch of 10 whole batches and one of 2 rows: first two moves of the discriminator, then the generator's.

    The rows are bounded and have 2 numbers, so that the networks that run have 14 more, which must count for nothing.
    """
    start, rates, momentum = Start(), (0.01, 0.003), 0.4
    model = small(
        momentum=momentum,
        discriminator_steps=2,
        discriminator_learning_rate=rates[0],
        learning_rate=rates[1],
        averaging=0.9,
        r1=NumpyGame.r1,
        data_range=(-2.0, 8.0),
        max_epochs=1,
        callbacks=[start],
    ).fit(X, validation_data=X[:5])
    game = NumpyGame(start.networks, rates, momentum)
    scaled = np.pad((X - 3.0) / 5.0, ((0, 0), (0, 14)))
    rng, shape = model._generators()["train"], batch_shape(4, 42)
    indices = draw_indices(rng, 42, shape, 2, True)
    words = rng.integers(0, 2**32, (shape[0], 2), dtype=np.uint32)
    for step in range(n_steps(4, 42)):
        for turn in range(2):
            rows = indices[step, turn]
            real = scaled[np.minimum(rows, 41)]
            game.move_discriminator(real, np.float64(codes_of(words[step], turn)), shares(rows))
        game.move_generator(np.float64(codes_of(words[step], 1024)), shares(indices[step, 0]))
    for name, expected in (*game.parts.items(), ("average", game.average)):
        mine = [part for e in model.networks_[name].network.layers for part in (e.weight, e.bias)]
        for a, b in zip(mine, expected, strict=True):
            # Adam divides by the size of each slope: one of 1e-4 is known to 1e-4 of it in float32, of 33 such moves.
            np.testing.assert_allclose(a, b[tuple(slice(n) for n in a.shape)], atol=2e-5, err_msg=name)
    first = start.networks["discriminator"].network.layers[0].weight
    assert np.abs(game.parts["discriminator"][0] - first).max() > 0.01
    assert not game.parts["discriminator"][0][2:].any()


def test_the_history_has_all_columns():
    history = small().fit(X).history_
    of_discriminator = ("risk", "real", "fake", "value", "accuracy_real", "accuracy_fake", "gradient_norm", "r1")
    expected = {f"train_discriminator_{name}" for name in of_discriminator}
    expected |= {f"train_generator_{name}" for name in ("risk", "fake", "gradient_norm")}
    assert {name for name in history if name.startswith("train_")} == expected
    np.testing.assert_allclose(
        history["train_discriminator_risk"], -history["train_discriminator_value"] + history["train_discriminator_r1"]
    )
    assert all(np.isfinite(history[name]).all() for name in expected)


def test_a_killed_game_ends_with_the_same_bits(tmp_path):
    model = small(max_epochs=4, **FULL)
    whole = clone(model).fit(X, Y)
    path = tmp_path / "c.safetensors"
    stop = clone(model).set_params(callbacks=[Checkpoint(path), lambda epoch, logs: epoch == 2]).fit(X, Y)
    assert stop.n_epochs_ == 2
    resumed = clone(model).set_params(callbacks=[Checkpoint(path)]).fit(X, Y)
    same_bits(resumed, whole)
    for name in whole.history_:
        if name.startswith("train_"):
            np.testing.assert_array_equal(resumed.history_[name], whole.history_[name])


def test_partial_fit_is_the_same_game_epoch_by_epoch():
    """Of the same bits as a fit that holds no rows out, average and its warm-up included."""
    whole, parts = small(**FULL).fit(X, Y, validation_data=(X[:5], Y[:5])), small(**FULL)
    for n in range(1, 4):
        parts.partial_fit(X, Y)
        assert parts.n_epochs_ == n
    same_bits(parts, whole)
    assert list(parts.history_["epoch"]) == [1, 2, 3]


def test_warm_start_goes_on_from_where_the_fit_before_ended():
    model, start = small(warm_start=True).fit(X), Start()
    before = parameters(model)
    model.set_params(callbacks=[start]).fit(X)
    same_bits(model.with_networks(start.networks), clone(model).set_params(callbacks=()).fit(X))
    for a, b in zip(parameters(model.with_networks(start.networks)), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_numbers_compile_nothing_and_reach_the_program():
    numbers = {
        "learning_rate": (1e-3, 3e-3),
        "discriminator_learning_rate": (1e-3, 2e-3),
        "r1": (0.1, 1.0),
        "gradient_penalty": (1.0, 5.0),
        "instance_noise": (0.1, 0.3),
        "label_smoothing": (0.0, 0.2),
        "averaging": (0.5, 0.9),
    }
    first = {name: values[0] for name, values in numbers.items()}
    base = small(**first, max_epochs=2).fit(X)
    before = run_steps.n_compilations
    for name, (_, other) in numbers.items():
        model = small(**first | {name: other}, max_epochs=2).fit(X[:38])
        assert not all(map(np.array_equal, parameters(model), parameters(base))), name
    small(**first, max_epochs=2).fit(np.c_[X, X[:, 0] ** 2])  # nor does another number of columns
    assert run_steps.n_compilations == before


def test_rows_of_weight_0_count_for_nothing():
    """Of bounded rows, whose scale they do not set."""
    weights = np.repeat([1.0, 0.0], 21)
    other = np.r_[X[:21], -X[21:]]
    kept = {"validation_data": X[:5], "sample_weight": weights}
    first, second = (small(data_range=(-9.0, 9.0)).fit(rows, **kept) for rows in (X, other))
    same_bits(first, second)
    third = small(data_range=(-9.0, 9.0)).fit(other, validation_data=X[:5])
    assert not np.array_equal(parameters(third)[0], parameters(first)[0])


def test_parameters_that_count_are_those_that_are_learned():
    plain, extras = small().fit(X), small(**FULL).fit(X, Y)
    # generator 2 x 8, 8 x 2; discriminator 2 x 8, 8 x 1; labels make 2 more inputs, and vectors of 8 for 2 classes
    assert plain.n_parameters_ == (16 + 16 + 16 + 8, 8 + 2 + 8 + 1)
    assert extras.n_parameters_ == (32 + 16 + 16 + 8 + 16, 8 + 2 + 8 + 1)
    assert set(plain.networks_) == {"generator", "discriminator"}
    assert set(extras.networks_) == {"generator", "discriminator", "average", "spectral"}


def test_normalised_weights_have_the_largest_singular_value_1_also_after_moves():
    model = small(**FULL, learning_rate=0.01, max_epochs=20).fit(X, Y)
    (W, b), (V, c) = ((np.float64(e.weight), e.bias) for e in model.networks_["discriminator"].network.layers)
    E = np.float64(model.networks_["discriminator"].embedding)
    W, V, E = (matrix / np.linalg.svd(matrix)[1][0] for matrix in (W, V, E))
    z = (X - model.center_) / model.scale_ @ W + b
    h = np.where(z > 0, z, 0.2 * z)
    expected = (h @ V + c)[:, 0] + (h * E[:, Y].T).sum(1)
    np.testing.assert_allclose(model.score_samples(X, Y), expected, atol=0.02)
    assert model.history_["train_discriminator_gradient_norm"].max() < 10  # it was 1e12, of an embedding of 0


def test_few_rows_of_many_classes_can_be_held_out():
    """Of 30 rows of 10 classes 3 are, which cannot be some of each; of 2 classes they are stratified."""
    for n_classes, counts in ((10, None), (2, {13, 14})):
        model = small(conditional=True)
        examples = model._examples(X[:30], np.arange(30) % n_classes, None, reset=True)
        kept, held_out = model._split(examples, None, np.random.default_rng(0))
        assert (len(kept.X), len(held_out.X)) == (27, 3)
        assert counts is None or set(np.bincount(kept.y)) == counts
        np.testing.assert_allclose(model.class_shares_, 1 / n_classes)


def test_an_optax_object_moves_both_players():
    model = small(optimizer=optax.sgd(0.05), max_epochs=1).fit(X)
    twin = small(optimizer="sgd", learning_rate=0.05, max_epochs=1).fit(X)
    for a, b in zip(parameters(model), parameters(twin), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"loss": "square"}, "loss='square': it should be 'hinge', 'least-squares'"),
        ({"latent_dim": 0}, "latent_dim=0: it should be greater than or equal to 1"),
        ({"r1": -1.0}, "r1=-1.0"),
        ({"momentum": 1.0}, "momentum=1.0: it should be less than 1"),
        ({"averaging": 1.0}, "averaging=1.0"),
        ({"activation": ("relu", "tanh")}, "activation="),
        ({"loss": "hinge", "label_smoothing": 0.1}, "label_smoothing=0.1 needs targets, which loss='hinge' has not"),
        ({"loss": "wasserstein", "label_smoothing": 0.1}, "needs targets, which loss='wasserstein' has not"),
        ({"data_range": (1.0, 0.0)}, r"data_range=\(1, 0\); two finite numbers are needed, the first below the sec"),
        ({"data_range": (0.0, np.inf)}, r"data_range=\(0, inf\); two finite numbers are needed"),
        ({"data_range": (0.0, 1.0, 2.0)}, "data_range=.*at most 2 of them"),
        ({"optimizer": optax.sgd(0.1), "learning_rate": 0.1}, "given beside an Optax object"),
        ({"optimizer": optax.sgd(0.1), "discriminator_learning_rate": 0.1}, "discriminator_learning_rate=0.1 is given"),
        ({"batch_size": 64}, "n_samples=42 rows to learn from, fewer than batch_size=64.*Give more rows, or batch_siz"),
        ({"batch_size": 40}, "n_samples=37 rows to learn from, fewer than batch_size=40.*validation_fraction=0.1 is"),
        ({"architecture": "conv", "padding": "valid", "kernel_size": 5}, "convolution layer 1"),
    ],
)
def test_wrong_fields_say_what_is_needed(fields, message):
    with pytest.raises(ValueError, match=message):
        small(**fields).fit(X)


def test_wrong_data_say_what_is_needed():
    constant = np.c_[X, np.full(42, 3.0), np.zeros(42)]
    with pytest.raises(ValueError, match=r"2 of 4 columns of X are constant.*2 \(3\), 3 \(0\). Drop them; or"):
        small().fit(constant)
    small(data_range=(-9.0, 9.0), max_epochs=1).fit(constant)
    with pytest.raises(ValueError, match="conditional=True learns rows of a class, so GAN requires y: pass it"):
        small(conditional=True).fit(X)
    with pytest.raises(ValueError, match=r"y has shape \(42, 2\); it must be \(42,\), one class for each row"):
        small(conditional=True).fit(X, np.eye(2)[Y])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        small(conditional=True).fit(X, Y[:30])
    with pytest.raises(ValueError, match="NaN"):
        small().fit(np.where(X > 6, np.nan, X))
    with pytest.raises(ValueError, match=r"rows with numbers from .* outside the range 0 to 1 .*give data_range="):
        small(data_range=(0.0, 1.0)).fit(X)
    with pytest.raises(ValueError, match=r"y holds \[5\], which no training row had: the classes are \[0, 1\]"):
        small(conditional=True, max_epochs=1).fit(X, Y).partial_fit(X, np.where(Y, 5, 0))
    with pytest.raises(ValueError, match="n_samples=3 rows to learn from, fewer than batch_size=4"):
        small(max_epochs=1).fit(X).partial_fit(X[:3])


def test_a_game_that_diverges_says_so():
    with pytest.raises(NonFiniteRiskError, match="Try a smaller learning_rate"):
        small(optimizer="sgd", learning_rate=1e12, max_epochs=20).fit(X)
