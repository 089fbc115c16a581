"""Toys: scikit-learn's own points where it draws them, the geometry that is documented where we do."""

import numpy as np
import pytest
from sklearn.datasets import make_circles, make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from rosenblatt.data import blobs, circles, load, moons, spirals, xor

TOYS = [blobs, circles, moons, spirals, xor]


@pytest.mark.parametrize("toy", TOYS)
def test_same_seed_same_points_and_other_seed_other_points(toy):
    first, second, other = toy(), load(toy.__name__), toy(random_state=1)
    np.testing.assert_array_equal(first.X, second.X)
    np.testing.assert_array_equal(first.y, second.y)
    assert not np.array_equal(first.X, other.X)


@pytest.mark.parametrize("toy", TOYS)
@pytest.mark.parametrize("n_samples", [4, 101])
def test_class_sizes_differ_by_at_most_one(toy, n_samples):
    dataset = toy(n_samples=n_samples)
    sizes = np.bincount(dataset.y)
    assert dataset.X.shape == (n_samples, 2)
    assert sizes.sum() == n_samples
    assert np.ptp(sizes) <= 1
    assert len(dataset.target_names) == len(sizes)
    assert (dataset.X.dtype, dataset.y.dtype) == (np.float32, np.int64)
    assert dataset.feature_names == ("x1", "x2")


@pytest.mark.parametrize("toy", TOYS)
def test_rows_are_in_random_order(toy):
    assert 0.2 < np.mean(np.diff(toy().y) != 0) < 0.9


def test_moons_and_circles_are_those_of_scikit_learn():
    X, y = make_moons(50, noise=0.3, random_state=7)
    np.testing.assert_allclose(moons(50, noise=0.3, random_state=7).X, X, rtol=1e-6)
    np.testing.assert_array_equal(moons(50, noise=0.3, random_state=7).y, y)
    X, y = make_circles(50, noise=0.1, factor=0.3, random_state=7)
    np.testing.assert_allclose(circles(50, noise=0.1, factor=0.3, random_state=7).X, X, rtol=1e-6)


def test_blobs_lie_around_their_centres():
    dataset = blobs(30_000, n_classes=4, noise=0.5)
    for code, center in enumerate([(5, 0), (0, 5), (-5, 0), (0, -5)]):
        cloud = dataset.X[dataset.y == code]
        error = 6 * 0.5 / np.sqrt(len(cloud))  # six standard errors
        np.testing.assert_allclose(cloud.mean(axis=0), center, atol=error)
        np.testing.assert_allclose(cloud.std(axis=0), 0.5, atol=error)


def test_spiral_points_without_noise_satisfy_the_equation():
    dataset = spirals(300, n_classes=3, turns=2.0, noise=0.0)
    radius = np.hypot(*dataset.X.T)
    expected = 2 * np.pi * (2.0 * radius + dataset.y / 3)
    found = np.arctan2(dataset.X[:, 1], dataset.X[:, 0])
    np.testing.assert_allclose(np.exp(1j * found), np.exp(1j * expected), atol=1e-5)
    assert 0.95 < radius.max() <= 1


def test_xor_without_noise_is_the_sign_rule_with_even_quadrants():
    dataset = xor(400, noise=0.0)
    np.testing.assert_array_equal(dataset.y, (dataset.X[:, 0] > 0) != (dataset.X[:, 1] > 0))
    quadrants = 2 * (dataset.X[:, 0] > 0) + (dataset.X[:, 1] > 0)
    assert np.bincount(quadrants).tolist() == [100, 100, 100, 100]
    assert np.abs(dataset.X).max() <= 1


def test_noise_has_the_given_size():
    still, shaken = xor(20_000, noise=0.0), xor(20_000, noise=0.3)
    np.testing.assert_allclose((shaken.X - still.X).std(), 0.3, atol=6 * 0.3 / np.sqrt(2 * 40_000))


@pytest.mark.parametrize(("toy", "linear", "curved"), [(blobs, 0.98, 0.98), (circles, 0.0, 0.98), (xor, 0.0, 0.9)])
def test_difficulty_is_as_described(toy, linear, curved):
    """A line separates blobs, and does no better than chance (1/2, here below 0.7) on circles and xor."""
    dataset = toy()
    straight = LogisticRegression().fit(dataset.X, dataset.y).score(dataset.X, dataset.y)
    assert straight > linear if linear else straight < 0.7
    assert SVC(C=10).fit(dataset.X, dataset.y).score(dataset.X, dataset.y) > curved


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: moons(n_samples=0), "moons: n_samples=0; an integer of at least 2"),
        (lambda: moons(n_samples=10.5), "moons: n_samples=10.5; an integer"),
        (lambda: circles(noise=-1), "circles: noise=-1; a standard deviation, 0 or more"),
        (lambda: xor(noise=float("nan")), "xor: noise=nan"),
        (lambda: circles(factor=1), "circles: factor=1; the inner radius must be at least 0 and less than 1"),
        (lambda: blobs(n_samples=2), "blobs: n_samples=2; an integer of at least 3"),
        (lambda: spirals(n_classes=0), "spirals: n_classes=0; at least 1 class is needed"),
    ],
)
def test_parameters_out_of_range(call, text):
    with pytest.raises(ValueError, match=text):
        call()
