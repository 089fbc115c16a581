"""The scale of rows: what is promised, what is refused, means and deviations against NumPy in float64."""

import numpy as np
import pytest

from rosenblatt.models.data_range import centers_and_scales, check_range, range_of

NUMBERS = np.float32([[-2, 0.5, 3]])


@pytest.mark.parametrize(
    ("given", "X", "are_images", "expected"),
    [
        ("auto", NUMBERS, False, None),
        ("auto", NUMBERS, True, (-2, 3)),
        ("auto", NUMBERS.clip(0.25, 0.75), True, (0, 1)),
        ("auto", NUMBERS.clip(0), True, (0, 3)),
        ("auto", np.uint8([[3, 4]]), False, (0, 1)),
        ("auto", np.uint8([[3, 4]]), True, (0, 1)),
        (None, NUMBERS, True, None),
        ((-2, 4), NUMBERS, False, (-2, 4)),
    ],
)
def test_what_is_promised(given, X, are_images, expected):
    assert range_of(given, X, are_images) == expected


def test_images_of_one_number_have_no_range():
    with pytest.raises(ValueError, match="all pixels of X are 7, so they have no range to be generated in: give data"):
        range_of("auto", np.full((3, 4), 7, np.float32), True)


@pytest.mark.parametrize("given", [(1, 0), (1, 1), (0, np.inf), (-np.inf, np.inf), (0, np.nan)])
def test_a_range_is_two_finite_numbers_in_order(given):
    with pytest.raises(ValueError, match="two finite numbers are needed, the first below the second, or None where"):
        range_of(given, NUMBERS, False)


def test_bounded_numbers_lie_from_minus_1_to_1():
    X = np.float32([[10, 30], [20, 20]])
    center, scale = centers_and_scales(X, (10.0, 30.0), False, None)
    np.testing.assert_array_equal((X - center) / scale, [[-1, 1], [0, 0]])


def test_columns_have_mean_0_and_deviation_1_also_far_from_0():
    """Where sums of float32 would lose the deviation: 1e6 with deviation 1, which float32 holds to 1/16."""
    X = np.random.default_rng(0).normal([1e6, 0, -3], [1, 1e-6, 1e4], size=(500, 3)).astype(np.float32)
    center, scale = centers_and_scales(X, None, False, None)
    np.testing.assert_allclose(center, X.astype(float).mean(0), rtol=1e-6)
    np.testing.assert_allclose(scale, X.astype(float).std(0), rtol=1e-6)
    assert center.dtype == scale.dtype == np.float32


def test_pixels_without_bounds_have_one_scale_and_may_be_constant():
    X = np.random.default_rng(0).normal(size=(50, 16)).astype(np.float32)
    X[:, 3] = 7
    center, scale = centers_and_scales(X, None, True, None)
    assert center == pytest.approx(X.astype(float).mean(), rel=1e-6)
    assert scale == pytest.approx(X.astype(float).std(), rel=1e-6)


def test_constant_columns_are_named():
    X = np.random.default_rng(0).normal(size=(9, 8)).astype(np.float32)
    X[:, 1:] = 0.1  # whose deviation NumPy may find to be 1e-9
    with pytest.raises(ValueError, match=r"7 of 8 columns of X are constant.*1 \(0\.1\), .*5 \(0\.1\).* and 2 more\."):
        centers_and_scales(X, None, False, None)
    with pytest.raises(ValueError, match=r"'b' \(0\.1\)"):
        centers_and_scales(X, None, False, list("abcdefgh"))
    centers_and_scales(X, (-9.0, 9.0), False, None)
    with pytest.raises(ValueError, match="X has n_samples=1 row, which has no scale"):
        centers_and_scales(X[:1], None, False, None)


def test_rows_outside_the_range_are_refused_with_what_they_hold():
    X = np.float32([[0, 0.5], [1, 2]])
    with pytest.raises(ValueError, match=r"X holds images with numbers from 0 to 2, outside the range 0 to 1 that"):
        check_range(X, (0.0, 1.0), True)
    with pytest.raises(ValueError, match=r"X holds rows .*give data_range=\(0, 2\), .* or None where they have no b"):
        check_range(X, (0.0, 1.0), False)
    for promised in (None, (0.0, 2.0)):
        check_range(X, promised, False)
    check_range(np.uint8([[0, 255]]), (0.0, 1.0), True)
