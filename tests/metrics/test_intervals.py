"""Intervals: of means the textbook's, of neighbours calibrated where the usual bootstrap is not."""

import numpy as np
import pytest

from rosenblatt.metrics import Comparison, bootstrap_interval, bootstrap_intervals


def shift_of_means(comparison):
    return float(comparison.generated.mean() - comparison.real.mean())


def test_of_a_mean_it_is_the_textbooks():
    """The standard error of a difference of means; of 2,000 halves that of a standard deviation is 1.6 %."""
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(300, 1)), 2 * rng.exponential(size=(200, 1))
    found = bootstrap_interval(shift_of_means, real, generated, n_resamples=2000)
    error = np.sqrt(real.var(ddof=1) / 300 + generated.var(ddof=1) / 200)
    assert found.estimate == pytest.approx(generated.mean() - real.mean(), abs=1e-12)
    assert found.high - found.estimate == pytest.approx(1.961 * error, rel=0.1)  # Student's t of 1,999
    assert found.estimate - found.low == pytest.approx(found.high - found.estimate, rel=1e-9)
    assert found.of_half == pytest.approx(found.estimate, abs=6 * error / np.sqrt(2000))


def test_a_wider_level_is_wider_and_a_seed_repeats():
    rows = np.random.default_rng(0).normal(size=(100, 2))

    def interval(**changes):
        return bootstrap_interval(Comparison.maximum_mean_discrepancy, rows[:50], rows[50:], **changes)

    assert interval() == interval()
    assert interval() != interval(random_state=1)
    narrow, wide = interval(level=0.5), interval(level=0.99)
    # Student's t of 49 degrees of freedom at 0.75 and 0.995
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(2.680 / 0.6795, rel=1e-3)


def test_half_the_rows_have_twice_the_bias_of_a_frechet_distance():
    rng = np.random.default_rng(0)
    found = bootstrap_interval(Comparison.frechet_distance, *rng.normal(size=(2, 500, 20)))
    # (1/n + 1/m) (d + d (d + 1) / 4) = 0.5, and 1.0 with half; what is left is of the order 1 / n^2
    assert found.of_half == pytest.approx(1.0, rel=0.15)
    assert abs(2 * found.estimate - found.of_half) < 0.1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"level": 1.0}, "level=1.0; a share between 0 and 1"),
        ({"n_resamples": 1}, "n_resamples=1; at least 2"),
    ],
)
def test_parameters_out_of_range(arguments, text):
    rows = np.random.default_rng(0).normal(size=(20, 2))
    with pytest.raises(ValueError, match=text):
        bootstrap_intervals(Comparison.measures, Comparison(rows, rows), **arguments)


def test_too_few_rows_to_halve():
    with pytest.raises(ValueError, match="3 rows cannot be halved"):
        bootstrap_interval(shift_of_means, np.zeros((3, 1)), np.zeros((9, 1)))
    rows = np.random.default_rng(0).normal(size=(6, 2))
    with pytest.raises(ValueError, match="k=3 with 3 real rows"):
        bootstrap_interval(lambda each: each.precision_recall().recall, rows, rows)
