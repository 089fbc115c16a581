"""Ways between codes, at their ends and in their middles."""

import numpy as np

from rosenblatt.models.interpolation import ways


def test_spherical_ways_turn_and_change_length_steadily():
    starts, ends = np.array([[2.0, 0, 0], [1, 1, 0], [1, 0, 0]]), np.array([[0, 4.0, 0], [2, 2, 0], [-3, 0, 0]])
    found = ways(starts, ends, 3, "spherical")
    np.testing.assert_allclose(found[:, 0], starts, atol=1e-12)
    np.testing.assert_allclose(found[:, -1], ends, atol=1e-12)
    # a quarter turn, half way, at length 3; the same direction; and opposite ones, on the straight line
    np.testing.assert_allclose(found[:, 1], [[3 / np.sqrt(2), 3 / np.sqrt(2), 0], [1.5, 1.5, 0], [-1, 0, 0]], atol=1e-6)
    np.testing.assert_array_equal(ways(starts, ends, 5)[:, 2], (starts + ends) / 2)
