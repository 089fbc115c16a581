"""Compiled steps against explicit NumPy loops: mini-batch descent, games of two players, evaluation in chunks."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

from rosenblatt.losses.classification import categorical_cross_entropy
from rosenblatt.losses.regression import MeanOverOutputs, square
from rosenblatt.models.supervised import SupervisedRisk
from rosenblatt.nn.activations import ACTIVATIONS
from rosenblatt.nn.mlp import MLP
from rosenblatt.training.batches import batch_shape, draw_indices, make_rows, n_steps
from rosenblatt.training.epoch import Plan, evaluate, run_steps, take
from rosenblatt.training.loop import are_finite, initialize_optimizers
from rosenblatt.training.optimizers import OPTIMIZERS
from rosenblatt.training.players import Player, number
from rosenblatt.training.programs import Skeleton

N_ROWS, L1, L2 = 23, 0.01, 0.03


def draw_plan(n_rows, batch_size, rates, moves=1, shuffle=True):
    """A plan with random batches and keys, and the same rates in every step."""
    rng = np.random.default_rng(3)
    shape = batch_shape(batch_size, n_rows)
    indices = draw_indices(rng, n_rows, shape, moves, shuffle)
    keys = rng.integers(0, 2**32, (shape[0], 2), dtype=np.uint32)
    return Plan(indices, np.tile(np.float32(rates), (shape[0], 1)), keys)


def play(game, networks, rows, plan, stops):
    """The outcome of the plan's steps up to each stop in turn, with the records of all steps put together."""
    arrays, skeleton = Skeleton.of(networks)
    states, start, parts = initialize_optimizers(game, arrays), 0, []
    for stop in stops:
        arguments = (game, arrays, states, rows, plan, np.int32(start), np.int32(stop))
        program, _ = run_steps.compiled((skeleton, None), *arguments)
        outcome = program(*arguments)
        parts.append(jax.tree.map(lambda column, a=start, b=stop: np.asarray(column)[a:b], outcome.record))
        arrays, states, start = outcome.networks, outcome.states, stop
    return outcome._replace(record=jax.tree.map(lambda *columns: np.concatenate(columns), *parts))


def bits(tree):
    return [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(tree)]


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS, 3)).astype(np.float32)
    y = np.stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]], axis=1).astype(np.float32)
    return X, y, rng.uniform(0, 3, N_ROWS)


@pytest.fixture(scope="module")
def network():
    return MLP.initialize([3, 5, 2], [ACTIVATIONS["tanh"]], "glorot", np.random.default_rng(1))


def regression(optimizer="sgd", dropout=0.0, loss=square, l1=L1, l2=L2):
    risk = SupervisedRisk(MeanOverOutputs(loss), (), np.asarray(2, np.int32), number(dropout))
    return (Player("model", ("model",), risk, OPTIMIZERS[optimizer], number(l1), number(l2)),)


def numpy_descent(network, data, indices, rate):
    """Stochastic gradient descent with backpropagation by hand: parameters and the risk of each batch."""
    X, y, weights = data
    weights = weights / weights.mean()
    (W1, b1), (W2, b2) = ((layer.weight.astype(float), layer.bias.astype(float)) for layer in network.layers)
    risks = []
    for batch in indices:
        batch = batch[batch < len(X)]
        x, target, w = X[batch].astype(float), y[batch].astype(float), weights[batch]
        hidden = np.tanh(x @ W1 + b1)
        error = hidden @ W2 + b2 - target
        risks.append((w * (error**2).mean(axis=1)).sum() / len(batch))
        output_slope = w[:, None] * error / len(batch)  # 2 error / 2 outputs
        hidden_slope = output_slope @ W2.T * (1 - hidden**2)
        slopes = x.T @ hidden_slope, hidden_slope.sum(0), hidden.T @ output_slope, output_slope.sum(0)
        W1, W2 = (W - rate * (slope + L1 * np.sign(W) + 2 * L2 * W) for W, slope in ((W1, slopes[0]), (W2, slopes[2])))
        b1, b2 = b1 - rate * slopes[1], b2 - rate * slopes[3]
    return (W1, b1, W2, b2), risks


@pytest.mark.parametrize("batch_size", [1, 5, "full"])
def test_an_epoch_is_mini_batch_descent(batch_size, data, network, device):
    """Rows have weights, and where 5 does not divide 23 the last batch is a mean over 3 rows."""
    plan, steps = draw_plan(N_ROWS, batch_size, [0.1]), n_steps(batch_size, N_ROWS)
    outcome = play(regression(), {"model": network}, make_rows(*data, device), plan, [steps])
    expected, risks = numpy_descent(network, data, plan.indices[:steps, 0], 0.1)
    for mine, theirs in zip(jax.tree.leaves(outcome.networks), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(outcome.record.risks[0], risks, rtol=1e-5)
    W1, _, W2, _ = expected
    penalty = sum(L1 * np.abs(W).sum() + L2 * (W**2).sum() for W in (W1, W2))
    np.testing.assert_allclose(regression()[0].penalty(outcome.networks), penalty, rtol=1e-5)
    assert outcome.step == steps
    assert outcome.finite


def test_the_same_bits_however_the_steps_are_cut(data, network, device):
    plan, rows = draw_plan(N_ROWS, 1, [0.01]), make_rows(*data, device)
    game = regression("adam", dropout=0.3)
    whole, *parts = (
        play(game, {"model": network}, rows, plan, stops) for stops in ([20], range(1, 21), [1, 20], [7, 13, 20])
    )
    for part in parts:
        assert bits(part) == bits(whole)


def test_dropout_uses_the_keys_of_the_plan_and_at_rate_0_does_not(data, network, device):
    plan, rows = draw_plan(N_ROWS, 1, [0.01]), make_rows(*data, device)
    other = plan._replace(keys=plan.keys + np.uint32(1))
    for dropout, same in ((0.0, True), (0.3, False)):
        game = regression("adam", dropout=dropout)
        first, second = (play(game, {"model": network}, rows, p, [20]) for p in (plan, other))
        assert (bits(first.networks) == bits(second.networks)) is same


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_padding_stays_exactly_zero(optimizer, data, device):
    X, _, weights = data
    y = np.arange(N_ROWS, dtype=np.int32) % 3
    network = MLP.initialize([3, 5, 3], [ACTIVATIONS["relu"]], "he", np.random.default_rng(1)).padded(4, 4)
    risk = SupervisedRisk(categorical_cross_entropy, (), np.asarray(3, np.int32), number(0.2))
    game = (Player("model", ("model",), risk, OPTIMIZERS[optimizer], number(L1), number(L2)),)
    rows = make_rows(np.pad(X, ((0, 0), (0, 1))), y, weights, device)
    outcome = play(game, {"model": network}, rows, draw_plan(N_ROWS, 1, [0.05]), [N_ROWS])
    first, last = outcome.networks["model"].layers
    assert not np.asarray(first.weight[3:]).any()
    assert not np.asarray(last.weight[:, 3:]).any()
    assert not np.asarray(last.bias[3:]).any()
    assert np.abs(first.weight - network.layers[0].weight).max() > 0.01  # it did learn


def test_a_padded_network_learns_what_the_unpadded_one_does(data, network, device):
    X, y, weights = data
    plan, wide = draw_plan(N_ROWS, 5, [0.1]), ((0, 0), (0, 2))
    plain = play(regression(), {"model": network}, make_rows(X, y, weights, device), plan, [5])
    rows = make_rows(np.pad(X, ((0, 0), (0, 1))), np.pad(y, wide), weights, device)
    padded = play(regression(), {"model": network.padded(4, 4)}, rows, plan, [5])
    trimmed = padded.networks["model"].layers[0].weight[:3], padded.networks["model"].layers[1].weight[:, :2]
    for mine, layer in zip(trimmed, plain.networks["model"].layers, strict=True):
        np.testing.assert_allclose(mine, layer.weight, rtol=1e-5, atol=1e-6)


class Point(eqx.Module):
    """A network that is a point, as a column so that it counts as a weight."""

    value: Array


class Saddle(eqx.Module):
    """f(x, y) = a |x|^2 / 2 + x'My - b |y|^2 / 2 + mean(batch)'(x + y), times the player's sign."""

    sign: Array
    matrix: Array

    def __call__(self, networks, batch, key):
        x, y = networks["x"].value[:, 0], networks["y"].value[:, 0]
        own = 0.5 * (x @ x) + x @ self.matrix @ y - 0.25 * (y @ y) + batch.mean(batch.inputs @ (x + y))
        return self.sign * own, {"noise": jax.random.uniform(key)}


MATRIX = np.array([[0.5, -1.0], [2.0, 0.3]])


def saddle_game(y_moves):
    """x minimises f by stochastic gradient descent, y maximises it with ``y_moves`` moves in each step."""
    return (
        Player("x", ("x",), Saddle(number(1), MATRIX.astype(np.float32)), OPTIMIZERS["sgd"], l2=number(L2)),
        Player("y", ("y",), Saddle(number(-1), MATRIX.astype(np.float32)), OPTIMIZERS["sgd"], moves=y_moves),
    )


def numpy_game(X, plan, steps, y_moves, rates):
    """The iterates in closed form: each gradient is linear. The path holds (x, y, both last risks)."""
    x, y, path = np.array([1.0, -0.5]), np.array([0.3, 0.8]), []

    def risk(b):
        return 0.5 * x @ x + x @ MATRIX @ y - 0.25 * y @ y + b @ (x + y)

    def batch(step, turn):
        rows = plan.indices[step, turn]
        return X[rows[rows < len(X)]].astype(float).mean(axis=0)

    for step in range(steps):
        b = batch(step, 0)
        x_risk = risk(b)
        x = x - rates[0] * (x + MATRIX @ y + b + 2 * L2 * x)
        for turn in range(y_moves):
            b = batch(step, turn)
            y_risk = -risk(b)
            y = y + rates[1] * (MATRIX.T @ x - 0.5 * y + b)
        path.append((x, y, x_risk, y_risk))
    return path


@pytest.fixture(scope="module")
def points():
    def point(*values):
        return Point(np.float32(values)[:, None])

    return {"bystander": point(7, 8), "x": point(1, -0.5), "y": point(0.3, 0.8)}


@pytest.mark.parametrize("y_moves", [1, 3])
def test_a_game_of_two_has_its_closed_form(y_moves, points, device):
    X = np.random.default_rng(4).normal(size=(N_ROWS, 2)).astype(np.float32)
    rates, steps = (0.1, 0.05), 5
    plan = draw_plan(N_ROWS, 5, rates, moves=y_moves)
    outcome = play(saddle_game(y_moves), points, make_rows(X, None, None, device), plan, [steps])
    path = numpy_game(X, plan, steps, y_moves, rates)
    np.testing.assert_allclose(outcome.networks["x"].value[:, 0], path[-1][0], rtol=1e-5)
    np.testing.assert_allclose(outcome.networks["y"].value[:, 0], path[-1][1], rtol=1e-5)
    np.testing.assert_allclose(outcome.record.risks[0], [risk for *_, risk, _ in path], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(outcome.record.risks[1], [risk for *_, risk in path], rtol=1e-5, atol=1e-6)
    penalties = [player.penalty(outcome.networks) for player in saddle_game(y_moves)]
    np.testing.assert_allclose(penalties, [L2 * (path[-1][0] ** 2).sum(), 0], rtol=1e-5)


def test_players_change_only_their_own_networks_and_have_noise_of_their_own(points, device):
    X = np.random.default_rng(4).normal(size=(N_ROWS, 2)).astype(np.float32)
    rows = make_rows(X, None, None, device)
    outcome = play(saddle_game(1), points, rows, draw_plan(N_ROWS, 5, (0.1, 0.0)), [5])
    assert bits(outcome.networks["bystander"]) == bits(points["bystander"])
    assert bits(outcome.networks["y"]) == bits(points["y"])
    assert bits(outcome.networks["x"]) != bits(points["x"])
    noise = np.concatenate([terms["noise"] for terms in outcome.record.terms])
    assert len(np.unique(noise)) == 2 * 5


def test_a_risk_that_is_not_finite_stops_the_steps_there(data, network, device):
    X, y, weights = data
    y = y.copy()
    y[12] = np.inf  # unshuffled rows, 5 a batch: in the third batch
    plan = draw_plan(N_ROWS, 5, [0.1], shuffle=False)
    outcome = play(regression(), {"model": network}, make_rows(X, y, weights, device), plan, [5])
    assert not outcome.finite
    assert outcome.step == 3
    np.testing.assert_array_equal(np.isfinite(outcome.record.risks[0][:3]), [True, True, False])
    np.testing.assert_array_equal(outcome.record.risks[0][3:], [0, 0])


def test_parameters_that_are_not_finite_are_seen_after_the_last_step(data, network, device):
    plan, rows = draw_plan(N_ROWS, 5, [0.1]), make_rows(*data, device)
    plan.learning_rates[4] = np.inf
    outcome = play(regression(), {"model": network}, rows, plan, [5])
    assert np.isfinite(outcome.record.risks[0]).all()
    assert outcome.finite
    assert not are_finite(outcome.networks)


@pytest.mark.parametrize("chunk", [100, 300, 1024])
def test_evaluation_in_chunks_is_the_mean_over_all_rows(chunk, network, device):
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(700, 3)).astype(np.float32), rng.normal(size=(700, 2)).astype(np.float32)
    weights = rng.uniform(0, 2, 700)
    measures = (("size", lambda outputs, targets, n_outputs: jnp.abs(outputs).sum(-1)),)
    risk = SupervisedRisk(MeanOverOutputs(square), measures, np.asarray(2, np.int32), number(0.5))
    game = (Player("model", ("model",), risk, OPTIMIZERS["sgd"], number(L1), number(L2)),)
    arrays, skeleton = Skeleton.of({"model": network})
    ((value, terms),) = evaluate((skeleton, None), game, arrays, make_rows(X, y, weights, device), np.arange(chunk))
    first, last = network.layers
    outputs = np.tanh(X.astype(float) @ first.weight + first.bias) @ last.weight + last.bias
    np.testing.assert_allclose(value, np.average(((outputs - y) ** 2).mean(1), weights=weights), rtol=1e-5)
    np.testing.assert_allclose(terms["size"], np.average(np.abs(outputs).sum(1), weights=weights), rtol=1e-5)


def test_take_marks_padded_rows(data, device):
    batch = jax.jit(take)(make_rows(*data, device), np.array([2, 0, N_ROWS, N_ROWS + 1]))
    np.testing.assert_array_equal(batch.real, [1, 1, 0, 0])
    np.testing.assert_array_equal(batch.inputs[:2], data[0][[2, 0]])
    np.testing.assert_array_equal(batch.weights[2:], [0, 0])
    assert batch.mean(jnp.array([1.0, 1, 99, 99])) == pytest.approx(data[2][[2, 0]].sum() / data[2].mean() / 2)


def test_a_batch_of_padding_alone_has_mean_0(data, device):
    batch = jax.jit(take)(make_rows(*data, device), np.array([N_ROWS, N_ROWS]))
    assert batch.mean(jnp.array([5.0, 5.0])) == 0
