"""Random changes of images against SciPy and NumPy, each for many keys."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage
from scipy.optimize import minimize

from rosenblatt.nn.augmentation import AUGMENTATIONS, Augmentation, _resampled, crop, flip, noise, rotate, shift

SHAPES = [(1, 1, 1), (1, 5, 2), (2, 3, 1), (10, 20, 3)]
KEYS = jax.random.split(jax.random.key(0), 400)


def picture(shape, seed=0):
    return np.random.default_rng(seed).random(shape).astype(np.float32)


@partial(jax.jit, static_argnums=0)
def compiled(change, image, keys):
    return jax.vmap(change, (None, 0))(image, keys)


def many(change, image, n_images=400):
    """The image changed once for each of the first keys."""
    return np.asarray(compiled(change, image, KEYS)[:n_images])


resampled = jax.jit(_resampled)


def affine(image, matrix, offset):
    """SciPy's image whose pixel p is the old one's pixel matrix (p - centre) + centre + offset, in float64."""
    centre = (np.array(image.shape[:2]) - 1) / 2
    whole = centre + offset - matrix @ centre
    channels = [
        ndimage.affine_transform(channel, matrix, whole, order=1, mode="nearest")
        for channel in np.moveaxis(image.astype(np.float64), -1, 0)
    ]
    return np.stack(channels, -1)


def turn(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def fitted(image, changed, transform, start, width):
    """The parameters of the transform that give the changed image, and how far it is from that."""

    def distance(parameters):
        return np.square(affine(image, *transform(parameters)) - changed).sum()

    starts = [start + width * offset for offset in np.random.default_rng(0).uniform(-1, 1, (6, len(start)))]
    best = min(
        (minimize(distance, s, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-13}) for s in starts),
        key=lambda found: found.fun,
    )
    return best.x, np.abs(affine(image, *transform(best.x)) - changed).max()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize(
    ("matrix", "offset"),
    [
        (np.eye(2), [0, 0]),
        (np.eye(2), [2, -1]),
        (turn(0.3), [0, 0]),
        (turn(-0.2), [0.25, 0.5]),
        (0.8 * np.eye(2), [0.1, -0.3]),
        (np.array([[1.2, 0.1], [-0.4, 0.9]]), [0.5, 3.5]),
    ],
)
def test_resampling_is_that_of_scipy(matrix, offset, shape):
    image = picture(shape)
    found = resampled(image, jnp.asarray(matrix, jnp.float32), jnp.asarray(offset, jnp.float32))
    np.testing.assert_allclose(found, affine(image, matrix, np.array(offset)), atol=2e-5)  # of places in float32


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_shifts_are_whole_pixels_with_repeated_edges(shape):
    image = picture(shape)
    height, width = shape[:2]
    most_down, most_across = round(0.1 * height), round(0.1 * width)
    expected = {
        (down, across): image.take(np.clip(np.arange(height) + down, 0, height - 1), 0).take(
            np.clip(np.arange(width) + across, 0, width - 1), 1
        )
        for down in range(-most_down, most_down + 1)
        for across in range(-most_across, most_across + 1)
    }
    seen = set()
    for changed in many(shift, image):
        matches = [moves for moves, moved in expected.items() if np.allclose(changed, moved, atol=1e-6)]
        assert matches
        seen.add(matches[0])
    assert seen == set(expected)


def test_the_middle_of_a_shifted_image_is_a_roll():
    image = picture((20, 20, 3))
    for changed in many(shift, image, 20):
        rolls = [np.roll(image, (down, across), (0, 1)) for down in range(-2, 3) for across in range(-2, 3)]
        assert sum(np.allclose(changed[2:-2, 2:-2], roll[2:-2, 2:-2], atol=1e-6) for roll in rolls) == 1


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_half_of_the_images_are_mirrored_left_to_right(shape):
    image = picture(shape)
    changed = many(flip, image)
    mirrored = (changed == image[:, ::-1]).all((1, 2, 3))
    kept = (changed == image).all((1, 2, 3))
    assert (mirrored | kept).all()
    if shape[1] > 1:
        # 6 standard errors of the share of heads in 400 tosses of a fair coin
        assert abs(mirrored.mean() - 0.5) < 6 * 0.5 / np.sqrt(len(KEYS))


def test_rotations_are_about_the_centre_by_up_to_15_degrees():
    image = ndimage.gaussian_filter(picture((9, 12, 2)), (1, 1, 0))
    angles = []
    for changed in many(rotate, image, 12):
        (angle,), error = fitted(image, changed, lambda p: (turn(p[0]), np.zeros(2)), np.zeros(1), np.pi / 12)
        assert error < 1e-5
        angles.append(angle)
    assert np.abs(angles).max() <= np.pi / 12
    assert min(angles) < -0.05  # to both sides
    assert max(angles) > 0.05


def test_crops_are_parts_of_at_least_four_fifths():
    image = ndimage.gaussian_filter(picture((9, 12, 2)), (1, 1, 0))
    sizes = np.array(image.shape[:2])
    for changed in many(crop, image, 8):
        parameters, error = fitted(
            image, changed, lambda p: (p[0] * np.eye(2), p[1:]), np.array([0.9, 0, 0]), np.array([0.1, 0.5, 0.5])
        )
        scale, offset = parameters[0], parameters[1:]
        assert error < 1e-5
        assert 0.8 <= scale <= 1
        assert (np.abs(offset) <= (1 - scale) / 2 * (sizes - 1) + 1e-4).all()  # it lies inside of the image


def test_crops_of_a_ramp_fill_the_range_that_they_may():
    """A ramp stays a ramp: its slope is the part's share of the image, its first pixel where the part begins."""
    ramp = np.broadcast_to(np.arange(21, dtype=np.float32)[:, None, None], (21, 4, 1))
    changed = many(crop, ramp)[:, :, 0, 0]
    scales, first = (changed[:, -1] - changed[:, 0]) / 20, changed[:, 0]
    np.testing.assert_allclose(changed, first[:, None] + scales[:, None] * np.arange(21), atol=1e-4)
    # Uniform from 0.8 to 1: mean 0.9, standard deviation 0.2 / sqrt(12); 6 standard errors.
    assert abs(scales.mean() - 0.9) < 6 * 0.2 / np.sqrt(12 * len(KEYS))
    assert scales.min() >= 0.8 - 1e-6
    assert scales.max() <= 1 + 1e-6
    places = first / (20 * (1 - scales))  # uniform from 0 to 1
    assert abs(places.mean() - 0.5) < 6 / np.sqrt(12 * len(KEYS))
    assert places.min() < 0.05
    assert places.max() > 0.95


def test_noise_is_normal_with_standard_deviation_a_twentieth():
    added = many(noise, np.full((8, 8, 3), 0.5, np.float32), 100) - 0.5
    n = added.size
    assert abs(added.mean()) < 6 * 0.05 / np.sqrt(n)
    assert abs(added.std() - 0.05) < 6 * 0.05 / np.sqrt(2 * n)
    assert abs(np.abs(added).mean() - 0.05 * np.sqrt(2 / np.pi)) < 6 * 0.05 * np.sqrt((1 - 2 / np.pi) / n)
    pixels = added.reshape(100, -1)
    correlations = np.corrcoef(pixels[:, :20], rowvar=False)[np.triu_indices(20, 1)]
    assert np.abs(correlations).max() < 6 / np.sqrt(100)  # each pixel by itself


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 1), (10, 20, 3)], ids=str)
@pytest.mark.parametrize("name", sorted(AUGMENTATIONS))
def test_a_key_decides(name, shape):
    image = picture(shape)
    change = Augmentation((name,))
    first = many(change, image, 64)
    np.testing.assert_array_equal(first, many(change, image, 64))  # the same keys again
    assert first.shape == (64, *shape)
    assert first.dtype == np.float32
    assert np.isfinite(first).all()
    if name != "noise":  # the others only move and mix what is there
        assert first.min() >= image.min() - 1e-6
        assert first.max() <= image.max() + 1e-6
    if shape == (10, 20, 3):
        assert len(np.unique(first.reshape(64, -1).round(6), axis=0)) > 1


@pytest.mark.parametrize("changes", [("crop", "flip"), ("noise", "shift", "noise")])
def test_several_changes_follow_one_another_with_random_numbers_of_their_own(changes):
    image, key = picture((10, 20, 3)), KEYS[3]
    expected = image
    for number, name in enumerate(changes):
        expected = jax.jit(AUGMENTATIONS[name])(expected, jax.random.fold_in(key, number))
    found = jax.jit(Augmentation(changes))(image, key)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)  # one program or several may round differently


def test_the_order_of_the_changes_counts():
    """Noise that is added before a rotation is rotated with the image and so smoothed; after it, it is not."""
    image = np.zeros((16, 16, 1), np.float32)
    before, after = (many(Augmentation(names), image).std() for names in (("noise", "rotate"), ("rotate", "noise")))
    assert abs(after - 0.05) < 0.002
    assert before < 0.9 * after


def test_no_change_is_the_image_itself():
    image = picture((4, 5, 2))
    assert Augmentation(())(image, KEYS[0]) is image


def test_augmentations_with_the_same_changes_are_the_same_code():
    assert hash(Augmentation(("flip", "crop"))) == hash(Augmentation(("flip", "crop")))
    assert Augmentation(("flip", "crop")) != Augmentation(("crop", "flip"))


@pytest.mark.parametrize("name", sorted(AUGMENTATIONS))
def test_compiled_and_vectorized_is_the_same(name):
    images, change = picture((5, 6, 7, 2)), AUGMENTATIONS[name]
    alone = np.stack([change(image, key) for image, key in zip(images, KEYS[:5], strict=True)])
    together = jax.jit(jax.vmap(change))(images, KEYS[:5])
    np.testing.assert_allclose(together, alone, atol=1e-5)
