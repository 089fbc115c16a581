"""Ramps at their ends and middles, and numbers that change within a fit."""

import numpy as np
import pytest

from rosenblatt.training.schedules import Ramp, evaluate_schedule

EPOCHS = np.array([0, 1, 2, 3, 4, 5, 8, 9])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("constant", [2, 2, 2, 2, 2, 2, 2, 2]),
        ("linear", [0, 0.5, 1, 1.5, 2, 2, 2, 2]),
        ("cyclic", [0, 1, 2, 2, 0, 1, 0, 1]),
        # 2 / (1 + exp(-10 (t - 1/2))) at t = 0, 1/4, 1/2, 3/4, and 2 from then on
        ("sigmoid", [0.0133857, 0.1517163, 1, 1.8482837, 2, 2, 2, 2]),
    ],
)
def test_ramps_over_4_epochs(kind, expected):
    np.testing.assert_allclose(Ramp(2.0, kind, 4)(EPOCHS), expected, rtol=1e-6)
    assert Ramp(2.0, kind, 4)(np.linspace(0, 20, 500)).max() == 2


def test_a_ramp_counts_epochs_and_a_function_steps():
    steps = np.arange(6)
    np.testing.assert_allclose(evaluate_schedule(Ramp(1.0, "linear", 2), steps, 3), steps / 6, rtol=1e-6)
    np.testing.assert_allclose(evaluate_schedule(lambda step: step / 6, steps, 3), steps / 6, rtol=1e-6)


def test_an_error_names_what_the_function_is_for():
    with pytest.raises(ValueError, match=r"beta gave -1\.0 at step 2; it must be a number >= 0"):
        evaluate_schedule(lambda step: 1.0 - step, np.arange(4), 1, "beta")
