"""Both losses of the generator, from one start: their slopes in the logit, and what the two games recorded."""

import jax
import numpy as np
import pytest

from rosenblatt import GAN, MLPClassifier
from rosenblatt.losses.adversarial import ADVERSARIAL_LOSSES
from rosenblatt.studies import compare_generator_losses
from rosenblatt.studies.generator_losses import logit_slopes

ROWS = np.random.default_rng(0).normal(5.0, 0.1, size=(400, 1))


def game(**fields):
    shared = {"latent_dim": 2, "hidden_layer_sizes": (16,), "discriminator_steps": 4, "r1": 0.0, "max_epochs": 15}
    return GAN(**shared | {"random_state": 0} | fields)


@pytest.fixture(scope="module")
def comparison():
    return compare_generator_losses(game(), ROWS, n_snapshots=4, n_rows=100)


@pytest.mark.parametrize("loss", ["saturating", "non-saturating"])
def test_slopes_in_the_logit_are_those_of_the_losses(loss):
    logits = np.linspace(-6, 6, 25, dtype=np.float32)
    slopes = jax.vmap(jax.grad(ADVERSARIAL_LOSSES[loss].generator))(logits)
    np.testing.assert_allclose(-slopes, logit_slopes(1 / (1 + np.exp(-logits)))[loss], rtol=1e-5, atol=1e-6)


def test_both_games_start_alike_and_go_apart(comparison):
    first, second = (played.recorder for played in comparison.games.values())
    assert first.epochs == second.epochs == [0, 1, 4, 15]
    for a, b in zip(*(jax.tree.leaves(each.snapshots[0].networks) for each in (first, second)), strict=True):
        np.testing.assert_array_equal(a, b)
    assert any(
        (np.asarray(a) != np.asarray(b)).any()
        for a, b in zip(*(jax.tree.leaves(each.snapshots[1].networks) for each in (first, second)), strict=True)
    )
    assert first.epochs == comparison.saturating.course.epochs.tolist()
    np.testing.assert_array_equal(
        comparison.saturating.course.distance[0], comparison.non_saturating.course.distance[0]
    )


def test_each_is_the_game_alone(comparison):
    for loss, played in comparison.games.items():
        alone = game(loss=loss).fit(ROWS)
        np.testing.assert_array_equal(played.confidence, alone.history_["train_generator_fake"])
        np.testing.assert_array_equal(played.gradient_norm, alone.history_["train_generator_gradient_norm"])


def test_it_prints_as_a_table(comparison):
    text = str(comparison)
    assert "from one seed, on 400 rows" in text
    for loss, played in comparison.games.items():
        (line,) = (line for line in text.splitlines() if line.startswith(f"│ {loss} "))
        cells = [cell.strip() for cell in line.split("│")[2:-1]]
        lowest = int(np.argmin(played.confidence))
        assert cells[:2] == [f"{played.confidence[lowest]:.3f}", f"{lowest + 1}"]
        assert cells[3:] == [
            f"{number:.3f}" for number in (*played.course.distance[[0, -1]], played.course.p_value[-1])
        ]


def test_the_estimator_stays_as_it_is():
    estimator = game(max_epochs=1)
    compare_generator_losses(estimator, ROWS, n_rows=10)
    assert not hasattr(estimator, "networks_")
    assert estimator.callbacks == ()
    assert estimator.loss == "non-saturating"


def test_mistakes():
    with pytest.raises(TypeError, match="got MLPClassifier; a GAN, fitted or not, is needed"):
        compare_generator_losses(MLPClassifier(), ROWS)
    with pytest.raises(ValueError, match="random_state=None; both games must start alike"):
        compare_generator_losses(game(random_state=None), ROWS)
