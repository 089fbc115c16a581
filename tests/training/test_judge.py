"""Who looks at the networks after an epoch, which epoch is the best, and what is kept; moves and slopes that show."""

import time

import equinox as eqx
import jax
import numpy as np
import pytest
from jaxtyping import Array

from rosenblatt.training.batches import make_rows
from rosenblatt.training.loop import Training
from rosenblatt.training.optimizers import OPTIMIZERS
from rosenblatt.training.players import Player, number
from rosenblatt.training.state import Settings

ROWS = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float32)


class Point(eqx.Module):
    """A network that is a point, as a column so that it counts as a weight."""

    value: Array


class Bowl(eqx.Module):
    """Half of the mean squared distance of the point from the rows; an echo follows the point after each move."""

    decay: Array
    echoes: bool = eqx.field(static=True, default=False)

    def __call__(self, networks, batch, key):
        point = networks["point"].value[:, 0]
        return batch.mean(0.5 * ((batch.inputs - point) ** 2).sum(1)), {}

    def after_move(self, networks):
        if not self.echoes:
            return networks
        echo = networks["echo"].value
        return {**networks, "echo": Point(self.decay * echo + (1 - self.decay) * networks["point"].value)}


def networks():
    return {name: Point(np.float32([[3], [-2]])) for name in ("bystander", "echo", "point")}


def training(device, judge=None, echoes=False, player=None, batch_size="full", **settings):
    objective = Bowl(number(0.75), echoes)
    game = (Player("model", ("point",), objective, OPTIMIZERS["sgd"], **(player or {})),)
    fixed = {"max_epochs": 5, "learning_rates": (0.1,)} | settings
    return Training(
        game,
        networks(),
        make_rows(ROWS, None, None, device),
        None,
        Settings(batch_size, **fixed),
        np.random.default_rng(1),
        judge=judge,
    )


def path(n_epochs):
    """The points after each epoch of whole batches: each goes a tenth of the way to the mean of the rows."""
    mean, point, points = ROWS.astype(float).mean(0), np.array([3.0, -2.0]), []
    for _ in range(n_epochs):
        point = point - 0.1 * (point - mean)
        points.append(point)
    return points


class Judge:
    """Says of each epoch the next of some numbers, or nothing for None."""

    def __init__(self, numbers):
        self.numbers, self.seen = numbers, []

    def __call__(self, epoch, networks):
        self.seen.append((epoch, np.asarray(networks["point"].value)[:, 0].copy()))
        value = self.numbers[epoch - 1]
        return {} if value is None else {"referee_distance": value}


def kept(run):
    return np.asarray(run.final_networks()["point"].value)[:, 0]


def test_the_judge_sees_the_networks_of_each_epochs_end_and_fills_columns(device):
    judge = Judge([3.0, None, 2.0, 5.0, None])
    run = training(device, judge)
    run.run()
    assert [epoch for epoch, _ in judge.seen] == [1, 2, 3, 4, 5]
    for (_, seen), expected in zip(judge.seen, path(5), strict=True):
        np.testing.assert_allclose(seen, expected, rtol=1e-5)
    np.testing.assert_array_equal(run.history["referee_distance"], [3, np.nan, 2, 5, np.nan])


def test_its_time_is_evaluation(device):
    def slow(epoch, networks):
        time.sleep(0.05)
        return {}

    run = training(device, slow, max_epochs=2)
    run.run()
    assert (run.history["evaluation_seconds"] >= 0.05).all()


def test_looking_changes_nothing(device):
    looked, alone = training(device, Judge([1.0] * 5), batch_size=5), training(device, batch_size=5)
    for run in (looked, alone):
        run.run()
    np.testing.assert_array_equal(kept(looked), kept(alone))


@pytest.mark.parametrize(
    ("numbers", "best"),
    [
        ([3.0, 1.0, 2.0, 1.0, 4.0], 2),  # the first of equals
        ([np.nan, 3.0, np.nan, 2.0, np.nan], 4),  # what was not looked at is no candidate
        ([None, None, 1.0, None, 2.0], 3),
        ([5.0, 4.0, 3.0, 2.0, 1.0], 5),
    ],
)
def test_the_epoch_with_the_lowest_number_is_kept(numbers, best, device):
    run = training(device, Judge(numbers), best_by="referee_distance", keep_best=True)
    run.run()
    assert run.state.best.epoch == best
    assert run.state.best.risk == numbers[best - 1]
    assert run.state.epoch == 5  # all are played
    np.testing.assert_allclose(kept(run), path(5)[best - 1], rtol=1e-5)
    np.testing.assert_allclose(np.asarray(run.networks()["point"].value)[:, 0], path(5)[-1], rtol=1e-5)


def test_a_later_epoch_may_be_a_little_above_the_lowest_so_far(device):
    judge = Judge([3.0, 1.0, 1.04, 1.08, 1.06])  # the last ones are near the best epoch, but not near the lowest number
    run = training(device, judge, best_by="referee_distance", keep_best=True, tolerance=0.05)
    run.run()
    assert (run.state.best.epoch, run.state.best.risk) == (3, 1.0)
    np.testing.assert_allclose(kept(run), path(5)[2], rtol=1e-5)


@pytest.mark.parametrize("numbers", [[np.nan] * 5, [None] * 5])
def test_where_nothing_was_seen_the_last_networks_are_kept(numbers, device):
    run = training(device, Judge(numbers), best_by="referee_distance", keep_best=True)
    run.run()
    assert run.state.best is None
    np.testing.assert_allclose(kept(run), path(5)[-1], rtol=1e-5)


def test_the_best_is_known_but_not_kept_unless_it_is_asked_for(device):
    run = training(device, Judge([1.0, 2.0, 3.0, 4.0, 5.0]), best_by="referee_distance")
    run.run()
    assert run.state.best.epoch == 1
    np.testing.assert_allclose(kept(run), path(5)[-1], rtol=1e-5)
    other = training(device, Judge([1.0] * 5), best_by="referee_coverage", keep_best=True)
    other.run()
    assert other.state.best is None


def test_patience_is_with_the_deciding_column(device):
    run = training(device, Judge([3.0, 2.0, np.nan, 4.0, 1.0]), best_by="referee_distance", patience=2)
    run.run()
    assert (run.stopped, run.state.epoch, run.state.best.epoch) == ("early_stopping", 4, 2)
    np.testing.assert_allclose(kept(run), path(5)[1], rtol=1e-5)


@pytest.mark.parametrize("moves", [1, 3])
def test_after_each_move_the_objective_may_change_networks_that_nobody_owns(moves, device):
    run = training(device, echoes=True, player={"moves": moves}, max_epochs=2)
    run.run()
    echo = np.array([3.0, -2.0])
    for point in path(2 * moves):
        echo = 0.75 * echo + 0.25 * point
    found = {name: np.asarray(part.value)[:, 0] for name, part in run.final_networks().items()}
    np.testing.assert_allclose(found["echo"], echo, rtol=1e-5)
    np.testing.assert_allclose(found["point"], path(2 * moves)[-1], rtol=1e-5)
    np.testing.assert_array_equal(found["bystander"], [3, -2])


@pytest.mark.parametrize("micro_batch", [None, 4])
def test_the_slopes_length_is_shown_without_penalties_and_of_the_whole_batch(micro_batch, device):
    """With micro-batches it is the length of their mean slope, not the mean of their lengths."""
    player = {"shows_gradient": True, "l2": number(0.3), "micro_batch": micro_batch}
    run = training(device, player=player, max_epochs=1)
    run.run()
    expected = np.linalg.norm(np.array([3.0, -2.0]) - ROWS.astype(float).mean(0))
    assert run.history["train_gradient_norm"][0] == pytest.approx(expected, rel=1e-5)
    assert "train_gradient_norm" not in training_history(device)


def training_history(device):
    run = training(device, max_epochs=1)
    run.run()
    return list(run.history)


def test_the_length_of_an_epoch_is_the_mean_over_its_steps(device):
    """Of the last of a player's moves in each step, weighed by the rows of the batches: here 2 of 6 rows."""
    run = training(device, player={"shows_gradient": True}, batch_size=6, max_epochs=1, learning_rates=(1e-30,))
    run.run()
    assert jax.tree.leaves(run.state.networks)
    found = run.history["train_gradient_norm"][0]
    # Each step's is that of the distance of 6 rows' mean, which are 12 together: at least that of the mean of all.
    whole = np.linalg.norm(np.array([3.0, -2.0]) - ROWS.astype(float).mean(0))
    lengths = [np.linalg.norm(np.array([3.0, -2.0]) - part.mean(0)) for part in halves(run)]
    assert found == pytest.approx(np.mean(lengths), rel=1e-5)
    assert found > whole


def halves(run):
    """The two batches that the generator with seed 1 drew."""
    rng = np.random.default_rng(1)
    order = rng.permutation(12)
    return ROWS.astype(float)[order[:6]], ROWS.astype(float)[order[6:]]
