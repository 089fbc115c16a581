"""The penalty and its written-out slope."""

import jax
import numpy as np

from rosenblatt.losses.penalties import elastic, elastic_slope

L1, L2 = 0.3, 0.07


def test_value():
    weight = np.random.default_rng(0).normal(size=(3, 4))
    expected = L1 * np.abs(weight).sum() + L2 * np.square(weight).sum()
    np.testing.assert_allclose(elastic(weight, L1, L2), expected, rtol=1e-5)


def test_slope_equals_central_differences(float64):
    weights, step = np.array([-2.0, -1e-3, 1e-3, 0.5]), 1e-5
    values = jax.vmap(lambda w: elastic(w, L1, L2))
    differences = (values(weights + step) - values(weights - step)) / (2 * step)
    np.testing.assert_allclose(elastic_slope(weights, L1, L2), differences, rtol=1e-6)


def test_slope_at_zero_is_exactly_zero():
    """JAX's own derivative of |w| at 0 is 1: padded weights would move."""
    np.testing.assert_array_equal(elastic_slope(np.array([0.0, -0.0]), L1, L2), [0, 0])
