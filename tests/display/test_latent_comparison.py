"""Two latent spaces beside each other: the maps, and what is below them."""

import numpy as np
import pytest

from rosenblatt.display import LatentComparisonDisplay
from rosenblatt.studies import LatentComparison

PLACES = np.linspace(0, 64, 8).round().astype(int)


@pytest.fixture(scope="module")
def comparison(latent_spaces):
    """Of flat rows, with 3 latents."""
    return latent_spaces(3)


def test_maps_have_the_codes_of_the_test_rows_in_the_same_colours(comparison):
    display = LatentComparisonDisplay(comparison).plot()
    for each, space in zip(display.maps_, (comparison.autoencoders[0], comparison.vaes[0]), strict=True):
        drawn = np.concatenate([group.get_offsets() for group in each.points_])
        order = np.argsort(comparison.y_test, kind="stable")
        centred = space.codes - space.codes.mean(axis=0)
        components = np.linalg.svd(centred, full_matrices=False)[2][:2]
        np.testing.assert_allclose(np.abs(drawn), np.abs(centred @ components.T)[order], atol=1e-6)  # signs are free
    colors = [[tuple(group.get_facecolor()[0]) for group in each.points_] for each in display.maps_]
    assert colors[0] == colors[1]
    assert len(set(colors[0])) == 10
    assert [text.get_text() for text in display.legend_.get_texts()] == [str(k) for k in range(10)]
    assert all(each.ax_.get_legend() is None for each in display.maps_)


def test_both_maps_have_the_priors_circles_around_the_code_0(latent_spaces):
    display = LatentComparisonDisplay(latent_spaces(2)).plot()
    for each in display.maps_:
        radii = [np.linalg.norm(np.transpose(circle.get_data()), axis=1) for circle in each.prior_circles_]
        np.testing.assert_allclose(radii[0], 1)
        np.testing.assert_allclose(radii[1], 2)
        assert each.ax_.get_aspect() == 1
    boxes = [each.ax_.get_window_extent() for each in display.maps_]
    assert boxes[0].width == pytest.approx(boxes[1].width, rel=1e-6)
    assert boxes[0].height == pytest.approx(boxes[1].height, rel=1e-6)


def drawn_rows(strip):
    return np.stack([np.asarray(image.get_array())[..., 0].ravel() for image in strip.images_])


def test_strips_are_a_line_and_samples_from_the_best_to_the_worst(comparison):
    display = LatentComparisonDisplay(comparison, (8, 8)).plot(fit=1)
    for strips, space in zip(display.strips_, (comparison.autoencoders[1], comparison.vaes[1]), strict=True):
        line, *samples = strips
        np.testing.assert_allclose(drawn_rows(line), space.lines[0][PLACES].clip(0, 1), atol=1 / 255)  # colours are 256
        ranks = np.linspace(0, 39, 8).round().astype(int)
        gaussians = (space.samples, space.fitted_samples)
        for strip, found, name in zip(samples, gaussians, ("N(0, I)", "codes' Gaussian"), strict=True):
            np.testing.assert_allclose(drawn_rows(strip), found.samples[ranks].clip(0, 1), atol=1 / 255)
            marks = [text.get_text() for text in strip.captions_]
            assert marks == ["×" if garbage else "" for garbage in found.is_garbage[ranks]]
            title = strip.ax_.get_title() or strip.ax_.get_title("left")
            assert title.endswith(f"{name}: {found.garbage_share:.0%} garbage (×)")
    other = LatentComparisonDisplay(comparison, (8, 8)).plot()
    assert not np.allclose(drawn_rows(other.strips_[0][0]), drawn_rows(display.strips_[0][0]), atol=0.05)


def test_rows_that_are_no_images_have_maps_only(comparison, assert_readable):
    display = LatentComparisonDisplay.from_comparison(comparison)
    assert display.strips_ == [[], []]
    assert_readable(display.figure_)


def test_images_need_no_shape(latent_spaces, assert_readable):
    display = LatentComparisonDisplay(
        latent_spaces(2, (8, 8)), class_names=[f"the digit {k}" for k in range(10)]
    ).plot()
    assert [len(strips) for strips in display.strips_] == [3, 3]
    assert_readable(display.figure_)


def test_one_latent_has_a_strip_for_each_class(latent_spaces, assert_readable):
    display = LatentComparisonDisplay(latent_spaces(1), (8, 8)).plot()
    assert display.legend_ is None
    assert [label.get_text() for label in display.maps_[1].ax_.get_yticklabels()] == [str(k) for k in range(10)]
    places = [line.get_xdata()[0] for line in display.maps_[1].ax_.lines]
    assert places == [-2, -1, 1, 2]
    assert_readable(display.figure_)


def test_more_classes_than_colours_are_points_of_one(comparison):
    many = LatentComparison(comparison.autoencoders, comparison.vaes, np.arange(200), 200)
    display = LatentComparisonDisplay(many).plot()
    assert display.legend_ is None
    assert [len(each.points_) for each in display.maps_] == [1, 1]


def test_draws_into_axes_that_are_given(comparison, own_axes):
    display = LatentComparisonDisplay(comparison, (8, 8)).plot(own_axes)
    assert display.ax_ is own_axes
    box = own_axes.get_tightbbox()
    assert own_axes.figure.bbox.x0 - 1 <= box.x0
    assert box.x1 <= own_axes.figure.bbox.x1 + 1
    heights = [display.maps_[0].ax_.get_window_extent().height, own_axes.get_window_extent().height]
    assert heights[0] > 0.25 * heights[1]


def test_mistakes_are_named(comparison):
    with pytest.raises(ValueError, match="fit=2; there are 2 pairs of fits: give a number from 0 to 1"):
        LatentComparisonDisplay(comparison).plot(fit=2)
    with pytest.raises(ValueError, match=r"image_shape=\(9, 9, 1\) needs 81 numbers a row, and X has 64"):
        LatentComparisonDisplay(comparison, (9, 9)).plot()
    with pytest.raises(ValueError, match="there are 2 class names and 10 classes"):
        LatentComparisonDisplay(comparison, class_names=["a", "b"])
