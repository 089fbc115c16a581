"""Measures of generation: brute force by the definitions, extremes, and their expectations for equal distributions."""

from math import comb

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import energy_distance

from rosenblatt.metrics import (
    Comparison,
    density_coverage,
    maximum_mean_discrepancy,
    precision_recall,
)


def kth_nearest(points, k):
    """Of each point the distance from its k-th nearest other point, one pair at a time."""
    radii = []
    for i, point in enumerate(points):
        radii.append(sorted(np.linalg.norm(point - other) for j, other in enumerate(points) if j != i)[k - 1])
    return radii


def share_among(points, others, k):
    radii = kth_nearest(others, k)
    inside = [
        any(np.linalg.norm(point - other) <= radius for other, radius in zip(others, radii, strict=True))
        for point in points
    ]
    return np.mean(inside)


@pytest.fixture(scope="module", params=[1, 2, 7], ids="{}d".format)
def pair(request):
    rng = np.random.default_rng(request.param)
    return rng.normal(size=(40, request.param)) + 3, 0.7 * rng.normal(size=(30, request.param)) + 3.4


@pytest.mark.parametrize("k", [1, 3, 8])
def test_precision_and_recall_are_those_of_brute_force(pair, k):
    real, generated = pair
    found = precision_recall(real, generated, k)
    assert found.precision == pytest.approx(share_among(generated, real, k), abs=1e-12)
    assert found.recall == pytest.approx(share_among(real, generated, k), abs=1e-12)


@pytest.mark.parametrize("k", [1, 5])
def test_density_and_coverage_are_those_of_brute_force(pair, k):
    real, generated = pair
    radii = kth_nearest(real, k)
    inside = np.array(
        [[np.linalg.norm(row - x) <= radius for x in generated] for row, radius in zip(real, radii, strict=True)]
    )
    found = density_coverage(real, generated, k)
    assert found.density == pytest.approx(inside.sum() / (k * len(generated)), abs=1e-12)
    assert found.coverage == pytest.approx(inside.any(axis=1).mean(), abs=1e-12)


def test_of_equal_distributions_density_is_1_and_coverage_its_closed_form():
    rng = np.random.default_rng(0)
    n, k = 60, 5
    found = np.array([density_coverage(*rng.normal(size=(2, n, 3)), k) for _ in range(300)])
    expected = [1, 1 - comb(2 * n - k - 1, n) / comb(2 * n - 1, n)]
    assert np.all(np.abs(found.mean(axis=0) - expected) < 6 * found.std(axis=0) / np.sqrt(300))
    assert found.std(axis=0)[1] < 0.05  # so the bound above is narrow: 0.02


def test_identical_and_disjoint_sets():
    rows = np.random.default_rng(0).normal(size=(50, 4))
    assert precision_recall(rows, rows) == (1, 1)
    assert density_coverage(rows, rows).coverage == 1
    assert precision_recall(rows, rows + 100) == (0, 0)
    assert density_coverage(rows, rows + 100) == (0, 0)


def test_a_generator_of_one_mode_of_two_has_precision_without_recall():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(400, 2)) + np.repeat([[0, 0], [50, 0]], 200, axis=0)
    comparison = Comparison(real, rng.normal(size=(400, 2)))
    precision, recall = comparison.precision_recall()
    density, coverage = comparison.density_coverage()
    assert precision > 0.9
    assert 0.4 < recall <= 0.5
    assert 0.4 < coverage <= 0.5
    assert (
        0.8 < density < 1.2
    )  # as crowded around the one mode as real rows, twice as many of them, k of which are near


@pytest.mark.parametrize("offset", [0, 1e5])
def test_rows_that_are_equal_many_times_over_count_as_inside(offset):
    """Ties and duplicates: distances that should be 0, or equal a radius, are so also after rounding."""
    rng = np.random.default_rng(0)
    real, generated = rng.integers(0, 3, size=(2, 200, 4)) / 10 + offset
    exact = (
        share_among(np.rint(10 * (generated - offset)), np.rint(10 * (real - offset)), 3),
        share_among(np.rint(10 * (real - offset)), np.rint(10 * (generated - offset)), 3),
    )
    assert precision_recall(real, generated) == pytest.approx(exact, abs=1e-12)


def test_constant_columns_change_nothing():
    real, generated = np.random.default_rng(0).normal(size=(2, 60, 3))
    wider = [np.column_stack([rows, np.full(60, 7.0)]) for rows in (real, generated)]
    for name, value in Comparison(real, generated).measures().items():
        assert Comparison(*wider).measures()[name] == pytest.approx(value, abs=1e-9), name
    constant = Comparison(np.ones((9, 2)), np.ones((8, 2))).measures()
    assert constant["precision"] == constant["recall"] == constant["coverage"] == 1
    assert constant["discrepancy"] == constant["frechet_distance"] == 0


def test_subsets_look_up_what_they_would_compute():
    """Also where the neighbours that are kept do not suffice: a subset of an eighth of the rows."""
    rng = np.random.default_rng(0)
    real, generated = rng.normal(size=(300, 3)), rng.normal(size=(200, 3)) + 0.5
    whole = Comparison(real, generated)
    for share in (0.5, 0.125, 0.1):
        rows = rng.permutation(300)[: int(300 * share)], rng.permutation(200)[: int(200 * share)]
        part, alone = whole.subset(*rows), Comparison(real[rows[0]], generated[rows[1]])
        assert part.measures() == pytest.approx(alone.measures(), abs=1e-9)


def kernel_of(name, scale):
    return {
        "energy": lambda x, y: -np.linalg.norm(x - y),
        "polynomial": lambda x, y: (x @ y / len(x) + 1) ** 3,
        "gaussian": lambda x, y: np.exp(-((x - y) @ (x - y)) / (2 * scale**2)),
    }[name]


@pytest.mark.parametrize("kernel", ["energy", "polynomial", "gaussian"])
def test_discrepancy_is_that_of_brute_force(pair, kernel):
    real, generated = pair
    k = kernel_of(kernel, np.median(cdist(real, generated)))
    n, m = len(real), len(generated)
    within_real = sum(k(real[i], real[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    within_generated = sum(k(generated[i], generated[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    between = np.mean([[k(x, y) for y in generated] for x in real])
    found = maximum_mean_discrepancy(real, generated, kernel)
    assert found == pytest.approx(within_real + within_generated - 2 * between, rel=1e-7, abs=1e-10)


@pytest.mark.parametrize("kernel", ["energy", "polynomial", "gaussian"])
def test_discrepancy_is_unbiased(kernel):
    """Its mean over pairs of equal distributions is 0, and far pairs are far."""
    rng = np.random.default_rng(0)
    found = np.array([maximum_mean_discrepancy(*rng.normal(size=(2, 20, 3)), kernel) for _ in range(400)])
    assert abs(found.mean()) < 5 * found.std() / 20
    apart = maximum_mean_discrepancy(rng.normal(size=(20, 3)), rng.normal(size=(20, 3)) + 3, kernel)
    assert apart > 5 * found.std()


def test_energy_is_scipys_but_for_the_bias():
    """SciPy counts pairs of a row with itself, so its means within are (n - 1) / n of ours."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=50), rng.exponential(size=70)
    biased = 0.0
    for rows in (a, b):
        biased += np.abs(rows[:, None] - rows).mean() / (len(rows) - 1)
    expected = energy_distance(a, b) ** 2 - biased  # SciPy has its root
    assert maximum_mean_discrepancy(a[:, None], b[:, None]) == pytest.approx(expected, rel=1e-9)


def test_where_most_rows_are_equal_the_gaussian_kernel_has_a_scale():
    real, generated = np.zeros((10, 1)), np.append(np.zeros(9), 1.0)[:, None]
    # the mean distance is 1 / 10; k = 1 for equal rows and e^-50 for the one that differs
    expected = 1 + 72 / 90 - 2 * 0.9
    assert maximum_mean_discrepancy(real, generated, "gaussian") == pytest.approx(expected, abs=1e-12)


ROWS = np.zeros((5, 2))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: precision_recall(ROWS, ROWS, k=5), "k=5 with 5 real rows; k must be at least 1 and less than"),
        (lambda: precision_recall(np.zeros((9, 2)), ROWS, k=5), "k=5 with 5 generated rows"),
        (lambda: density_coverage(ROWS, ROWS, k=0), "k=0 with 5 real rows"),
        (lambda: precision_recall(ROWS[:1], ROWS), "real has 1 rows; at least 2 are needed"),
        (lambda: precision_recall(ROWS, ROWS[:, :1]), "real has 2 features and generated 1; both need the same"),
        (lambda: precision_recall(ROWS[:, 0], ROWS), r"real has shape \(5,\); rows of features are needed"),
        (lambda: precision_recall(ROWS, ROWS * np.nan), "generated has 5 of 5 rows with NaN or infinite numbers"),
        (lambda: maximum_mean_discrepancy(ROWS + np.inf, ROWS), "real has 5 of 5 rows with NaN or infinite"),
        (lambda: maximum_mean_discrepancy(ROWS, ROWS, "cosine"), "kernel='cosine'; one of 'energy', 'polynomial', 'g"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_other_generated_rows_are_compared_as_if_afresh(pair):
    """To the bit, whatever was measured before; and the distances between real rows are not computed again."""
    real, generated = pair
    first = Comparison(real, generated[::-1] + 0.3)
    first.measures()
    assert first.against(generated).measures() == Comparison(real, generated).measures()
    assert first.against(generated)._real.within is first._real.within
    with pytest.raises(ValueError, match="both need the same"):
        first.against(np.hstack([generated, generated]))
