"""Verdicts and remedies on courses that are written down."""

from dataclasses import replace

import numpy as np
import pytest

from rosenblatt import GAN
from rosenblatt.models import fields
from rosenblatt.models.game_verdict import State, advise, is_improving, is_oscillating, verdict

REAL = {"precision": 0.9, "recall": 0.9, "density": 1.0, "coverage": 0.95, "discrepancy": 0.0}
GOOD = REAL | {"real": 0.52, "fake": 0.48, "accuracy_real": 0.55, "accuracy_fake": 0.5}
LOST = GOOD | {"real": 1.0, "fake": 0.0, "accuracy_real": 1.0, "accuracy_fake": 1.0, "precision": 0.0, "coverage": 0.0}
FALLING = [0.9, 0.7, 0.5, 0.3, 0.2, 0.15, 0.1, 0.06, 0.04, 0.03, 0.02, 0.01]
FLAT = [0.9, 0.6, *[0.5] * 10]
SWINGING = [0.9, 0.5, 0.2, 0.6, 0.2, 0.7, 0.3, 0.6, 0.2, 0.5, 0.3, 0.6]


def state(distances, **end):
    looks = [GOOD | {"discrepancy": d} for d in distances]
    looks[-1] |= end
    return State(looks, looks[-1], REAL)


def fitted(**given):
    model = GAN(**given)
    model.n_features_in_ = 4
    return model


@pytest.mark.parametrize(
    ("found", "course"),
    [
        ("at equilibrium", state(FALLING)),
        ("still learning", state(FALLING, accuracy_real=0.9, accuracy_fake=0.9)),
        ("still learning", state(FALLING, coverage=0.7)),
        ("still learning", state(FLAT)),
        ("discriminator has won", state(FLAT, **{k: v for k, v in LOST.items() if k != "discrepancy"})),
        ("still learning", state(FALLING[:9], accuracy_real=1.0, accuracy_fake=1.0, fake=0.0)),
        ("still learning", state(FLAT, accuracy_real=1.0, accuracy_fake=0.9, fake=0.0)),
        ("collapsed", state(FLAT, coverage=0.3)),
        ("collapsed", state(FLAT, recall=0.1)),
        ("still learning", state(FLAT, coverage=0.1, precision=0.1)),
        ("still learning", state(FLAT[:3], coverage=0.1)),
        ("oscillating", state(SWINGING)),
        ("oscillating", state(SWINGING, coverage=0.1)),
        ("at equilibrium", State([], GOOD, REAL)),
        ("collapsed", State([], GOOD | {"discrepancy": 0.5, "coverage": 0.2}, REAL)),
    ],
)
def test_each_course_has_its_verdict(found, course):
    assert verdict(course) == found


def test_the_end_of_the_game_decides_on_alarms_and_the_kept_networks_on_the_rest():
    lost = state(FLAT, **{k: v for k, v in LOST.items() if k != "discrepancy"})
    assert verdict(replace(lost, now=GOOD)) == "discriminator has won"
    assert verdict(replace(state(FLAT), now=GOOD)) == "at equilibrium"


def test_swings_are_wide_and_have_no_trend():
    time = np.arange(24)
    wave = 0.5 + 0.3 * np.sin(time)
    assert is_oscillating(wave)
    assert not is_oscillating(0.02 + 0.1 * (wave - 0.5))  # as wide as the noise of healthy games
    assert not is_oscillating(wave[:5])
    assert not is_oscillating(np.abs(wave * 0.8**time))  # dies out
    assert not is_oscillating(np.linspace(0.1, 2.0, 24))  # one way only
    assert not is_oscillating(np.concatenate([np.linspace(0.1, 1, 12), np.linspace(1, 0.4, 12)]))  # and one way back
    assert not is_oscillating(np.array([]))


def test_a_game_improves_where_its_end_is_about_its_best():
    assert is_improving(np.array(FALLING))
    assert not is_improving(np.array(FLAT))
    assert not is_improving(np.array([0.1, 0.9, 0.8, 0.7, 0.5, 0.4, 0.3]))  # it was better
    assert not is_improving(np.array([]))


def test_remedies_follow_one_another_until_only_the_rate_is_left():
    """Each is a change of fields that may be made, and what it changes is not asked for again."""
    given, tried = {"r1": 0.0, "decay": False, "averaging": 0.0, "learning_rate": 0.008}, []
    for _ in range(7):
        model = fitted(**given)
        fields.validate_fields(model)
        advice = advise(state(SWINGING), model)
        ((name, value),) = advice.change.items()
        assert f"try {name}={value:g}" in advice.remedy if isinstance(value, float) else f"{name}=" in advice.remedy
        tried.append(name)
        given[name] = value
    assert tried == ["r1", "r1", "decay", "momentum", "averaging", "spectral_normalization", "learning_rate"]
    assert (given["r1"], given["learning_rate"]) == (10.0, 0.002)


@pytest.mark.parametrize(
    ("course", "given", "change"),
    [
        (state(FALLING), {}, {}),
        (state(FALLING[:9]), {"max_epochs": 50}, {"max_epochs": 100}),
        (state(FLAT[:2]), {"max_epochs": 50}, {"max_epochs": 100}),
        (state(FLAT), {"learning_rate": 2e-4}, {"learning_rate": 2e-3}),
        (state(FLAT), {}, {"r1": 1.0}),
        (state([*FALLING[:-3], 0.5, 0.5, 0.5]), {"r1": 0.5}, {"r1": 1.0}),
        (state([0.04, 0.03, 0.05] * 4), {"averaging": 0.0}, {"averaging": 0.999}),
        (state([0.04, 0.03, 0.05] * 4), {"max_epochs": 50}, {"max_epochs": 100}),
        (state(FLAT, coverage=0.1), {"latent_dim": 1}, {"latent_dim": "auto"}),
        (state(FLAT, coverage=0.1), {"latent_dim": 2}, {"r1": 1.0}),
        (
            state(FLAT, coverage=0.1),
            {"latent_dim": 2, "discriminator_learning_rate": 1e-4},
            {"discriminator_learning_rate": None},
        ),
        (state(SWINGING), {"loss": "wasserstein", "gradient_penalty": 0.0}, {"gradient_penalty": 10.0}),
        (state(FLAT, **LOST | {"discrepancy": 0.5}), {"loss": "saturating"}, {"loss": "non-saturating"}),
        (
            state(FLAT, **LOST | {"discrepancy": 0.5}),
            {"discriminator_learning_rate": 0.1},
            {"discriminator_learning_rate": None},
        ),
        (state(FLAT, **LOST | {"discrepancy": 0.5}), {"discriminator_steps": 5}, {"discriminator_steps": 1}),
        (state(FLAT, **LOST | {"discrepancy": 0.5}), {}, {"r1": 1.0}),
    ],
)
def test_the_one_change_to_try(course, given, change):
    assert advise(course, fitted(**given)).change == change
