"""The Fréchet distance: closed forms of normal distributions, SciPy's matrix root, singular covariances, its bias."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from rosenblatt.metrics import frechet_distance


@pytest.mark.parametrize(("n_features", "n_rows", "m_rows"), [(1, 80, 60), (3, 80, 60), (20, 80, 60), (3, 9001, 4097)])
def test_it_is_the_formula_with_scipys_matrix_root(n_features, n_rows, m_rows):
    """The last has rows for several blocks, of which the last is small; NumPy has the covariances in one."""
    rng = np.random.default_rng(n_features)
    a = rng.normal(size=(n_rows, n_features)) @ rng.normal(size=(n_features, n_features)) + 2
    b = rng.exponential(size=(m_rows, n_features))
    c1, c2 = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (a, b))
    shift = a.mean(axis=0) - b.mean(axis=0)
    expected = shift @ shift + np.trace(c1 + c2 - 2 * np.real(sqrtm(c1 @ c2)))
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-8)


def rows_with(mean, deviations, rng):
    """Rows whose mean and covariance, diag(deviations^2), are exact: whitened noise."""
    rows = rng.normal(size=(50, len(mean)))
    rows -= rows.mean(axis=0)
    return rows @ np.linalg.inv(np.linalg.cholesky(np.cov(rows, rowvar=False))).T * deviations + mean


def test_closed_form_of_normal_distributions_that_commute():
    """|m1 - m2|^2 + sum (s1 - s2)^2."""
    rng = np.random.default_rng(0)
    a, b = rows_with([1.0, 2, 3], [1.0, 2, 0.5], rng), rows_with([1.0, 0, 3], [3.0, 2, 0.1], rng)
    assert frechet_distance(a, b) == pytest.approx(4 + 4 + 0.16, rel=1e-10)


def test_in_one_dimension_it_is_a_difference_of_moments():
    a, b = np.array([[0.0], [2.0]]), np.array([[5.0], [5.0], [8.0]])
    assert frechet_distance(a, b) == pytest.approx((1 - 6) ** 2 + (np.sqrt(2) - np.sqrt(3)) ** 2, rel=1e-12)


def test_singular_covariances_keep_all_digits():
    """Fewer rows than features, and constant columns: of equal sets 0 to rounding, of shifted ones the shift."""
    rng = np.random.default_rng(0)
    few = rng.normal(size=(10, 40))
    few[:, 5] = 3
    scale = few.var() * 40
    assert 0 <= frechet_distance(few, few) < 1e-13 * scale
    assert frechet_distance(few, few + 2) == pytest.approx(4 * 40, rel=1e-12)
    # spans that are orthogonal: the product of the covariances is 0
    a, b = np.zeros((9, 6)), np.zeros((9, 6))
    a[:, :3], b[:, 3:] = rng.normal(size=(2, 9, 3))
    shift = a.mean(axis=0) - b.mean(axis=0)
    expected = shift @ shift + a.var(axis=0, ddof=1).sum() + b.var(axis=0, ddof=1).sum()
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n_features", [2, 16])
def test_bias_is_as_documented(n_features):
    """(1/n + 1/m) (d + d (d + 1) / 4) is its first order; the rest is of the order d^3 / n^2, below 5 % here."""
    rng = np.random.default_rng(0)
    n, d = 400, n_features
    found = [frechet_distance(*rng.normal(size=(2, n, d))) for _ in range(200)]
    expected = 2 / n * (d + d * (d + 1) / 4)
    error = 6 * np.std(found) / np.sqrt(200)
    assert np.mean(found) == pytest.approx(expected, abs=error + 0.05 * expected)
    assert error < 0.4 * expected


def test_bad_rows_are_refused():
    with pytest.raises(ValueError, match="generated has 1 of 3 rows with NaN"):
        frechet_distance(np.zeros((3, 1)), [[0.0], [np.nan], [1.0]])
    with pytest.raises(ValueError, match="real has 1 rows; at least 2"):
        frechet_distance(np.zeros((1, 1)), np.zeros((3, 1)))
