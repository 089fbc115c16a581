"""Distances of few and of many points, by the definition."""

import numpy as np
import pytest

from rosenblatt.metrics.distances import _FEW_PRODUCTS, distances, nearest_rows


@pytest.mark.parametrize("n", [40, 700], ids=["few", "many"])
def test_they_are_those_of_the_definition_also_far_from_0(n):
    """Of many the squares are differences of squares of the spread, which leave 1e-7 of it where points are equal."""
    rng = np.random.default_rng(0)
    a, b = 1e3 + rng.normal(size=(2, n, 6))
    b[0] = a[0]
    assert (n * n * 6 > _FEW_PRODUCTS) == (n == 700)
    found = distances(a, b)
    np.testing.assert_allclose(found, np.linalg.norm(a[:, None] - b, axis=2), rtol=1e-9, atol=1e-6)
    assert found[0, 0] == 0
    rows, nearest = nearest_rows(a, b)
    np.testing.assert_array_equal(rows, found.argmin(axis=1))
    np.testing.assert_allclose(nearest, found.min(axis=1), rtol=1e-9, atol=1e-6)
