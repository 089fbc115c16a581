"""Snapshots of a game: at the epochs that were promised, of the networks of then, and the fit does not notice."""

import itertools

import jax
import numpy as np
import pytest

from rosenblatt import GAN, MLPClassifier
from rosenblatt.models import GameRecorder
from rosenblatt.models.game_recorder import snapshot_epochs


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).normal(5.0, 2.0, size=(300, 1))


def game(*callbacks, max_epochs=12, **fields):
    """Of which a shorter fit is the beginning, and which keeps its end."""
    shared = {"latent_dim": 2, "hidden_layer_sizes": (8,), "batch_size": 64, "random_state": 0}
    shared |= {"decay": False, "restore_best": False}
    return GAN(max_epochs=max_epochs, callbacks=list(callbacks), **shared | fields)


@pytest.fixture(scope="module")
def recorded(rows):
    recorder = GameRecorder(n_snapshots=5)
    return game(recorder).fit(rows), recorder


def assert_same(a, b):
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("max_epochs", [1, 2, 3, 10, 23, 24, 200, 5000])
@pytest.mark.parametrize("n_snapshots", [3, 4, 24])
def test_epochs_are_as_many_as_can_be_and_each_once(max_epochs, n_snapshots):
    epochs = snapshot_epochs(max_epochs, n_snapshots)
    assert epochs[:2] == [0, 1]
    assert len(epochs) == min(n_snapshots, max_epochs + 1)
    assert all(a < b for a, b in itertools.pairwise(epochs))
    assert epochs[-1] == max_epochs


def test_late_epochs_are_evenly_spaced_in_their_logarithm():
    epochs = np.array(snapshot_epochs(10_000, 24))
    steps = np.diff(np.log(epochs[epochs >= 30]))
    np.testing.assert_allclose(steps, steps.mean(), atol=1 / 30)  # half an epoch of 30 on either side, for rounding


def test_snapshots_are_of_the_moments_that_they_say(recorded, rows):
    fitted, recorder = recorded
    n_steps = 5  # of 64 rows, of the 270 that are not held out
    assert recorder.epochs == [0, 1, 2, 5, 12]
    assert [snapshot.step for snapshot in recorder.snapshots] == [n_steps * epoch for epoch in recorder.epochs]
    codes = np.random.default_rng(1).normal(size=(50, 2))
    for epochs in (1, 5):  # a fit that ends there has the same networks, since all randomness follows from the seed
        there = game(max_epochs=epochs).fit(rows)
        then = recorder.at(fitted, epochs)
        assert_same(then.networks_, there.networks_)
        np.testing.assert_array_equal(then.generate(codes), there.generate(codes))
        np.testing.assert_array_equal(then.score_samples(rows), there.score_samples(rows))
    assert_same(recorder.at(fitted, 12).networks_, fitted.networks_)


def test_parameters_are_numpy_arrays_of_their_own(recorded):
    _, recorder = recorded
    leaves = [leaf for snapshot in recorder.snapshots for leaf in jax.tree.leaves(snapshot.networks)]
    assert all(isinstance(leaf, np.ndarray) and leaf.base is None for leaf in leaves if hasattr(leaf, "shape"))


def test_between_two_snapshots_it_is_the_earlier_one(recorded):
    fitted, recorder = recorded
    assert_same(recorder.at(fitted, 4).networks_, recorder.at(fitted, 2).networks_)
    assert_same(recorder.at(fitted, 999).networks_, fitted.networks_)
    with pytest.raises(ValueError, match=r"no snapshot of epoch -1 or before: its snapshots are of the epochs \[0, 1"):
        recorder.at(fitted, -1)


@pytest.mark.parametrize("fields", [{}, {"spectral_normalization": True, "averaging": 0.9, "r1": 0.0}])
def test_the_bits_of_the_fit_stay(fields, rows):
    watched, alone = game(GameRecorder(), **fields).fit(rows), game(**fields).fit(rows)
    assert_same(watched.networks_, alone.networks_)
    seconds = {name for name in alone.history_.rows[0] if name.endswith("seconds")}
    for a, b in zip(watched.history_.rows, alone.history_.rows, strict=True):
        assert {k: v for k, v in a.items() if k not in seconds} == {k: v for k, v in b.items() if k not in seconds}


def test_a_fit_that_ends_early_leaves_its_end(rows):
    recorder = GameRecorder(n_snapshots=4)
    fitted = game(recorder, lambda epoch, logs: epoch == 7).fit(rows)
    assert recorder.epochs == [0, 1, 3, 7]
    assert_same(recorder.at(fitted, 7).networks_, fitted.networks_)


def test_it_starts_afresh_with_each_fit_and_keeps_no_data(rows):
    recorder = GameRecorder(n_snapshots=3)
    estimator = game(recorder, max_epochs=2)
    for _ in range(2):
        estimator.fit(rows)
        assert recorder.epochs == [0, 1, 2]
    assert recorder._training is None


def test_what_it_cannot_keep_is_refused(rows):
    with pytest.raises(ValueError, match="n_snapshots=2 must be at least 3"):
        GameRecorder(2)
    with pytest.raises(ValueError, match="it has heard no fit yet. Fit with callbacks"):
        GameRecorder().snapshot(0)
    with pytest.raises(TypeError, match="networks of a GAN; this fit has no discriminator and no generator"):
        MLPClassifier(max_epochs=1, callbacks=[GameRecorder()]).fit(rows, rows[:, 0] > 5)
