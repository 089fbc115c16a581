"""Each layer's maps for one image."""

import equinox as eqx
import jax
import numpy as np
import pytest

from rosenblatt.display import FeatureMapDisplay


def test_the_maps_are_those_of_the_network(conv_reader):
    model, images = conv_reader
    display = FeatureMapDisplay.from_estimator(model, images[0], n_maps=3)
    expected = jax.tree.leaves(eqx.filter_jit(model.features_.maps)(images[0].astype(np.float32)))
    assert list(display.layers) == [
        "convolution 1", "relu 1", "max pooling 1", "convolution 2", "relu 2", "max pooling 2"
    ]  # fmt: skip
    for found, maps in zip(display.layers.values(), expected, strict=True):
        np.testing.assert_allclose(found, maps, rtol=1e-4, atol=1e-5)
    shown = [image.get_array().shape[:2] for image in display.images_ if image.get_visible()]
    assert shown == [(8, 8)] + 6 * [(8, 8)] + 9 * [(4, 4)] + 3 * [(2, 2)]


def test_the_most_active_channels_are_drawn_in_all_layers_of_a_block(conv_reader):
    model, images = conv_reader
    display = FeatureMapDisplay.from_estimator(model, images[0], block=1, n_maps=2)
    assert list(display.layers) == ["convolution 2", "relu 2", "max pooling 2"]
    activity = np.abs(display.layers["relu 2"]).mean((0, 1))
    for chosen in display.channels.values():
        assert set(chosen) == set(np.argsort(-activity)[:2])
    title, scale = (display.captions_[place].get_text() for place in (2, 3))
    maps = display.layers["convolution 2"][..., display.channels["convolution 2"]]
    assert title.split("\n") == ["convolution 2", str(display.channels["relu 2"][0])]
    assert scale.split("\n")[0] == f"{maps.min():.2g} to {maps.max():.2g}"


def test_one_map_and_signals():
    display = FeatureMapDisplay(np.zeros((10, 1)), {"layer": np.arange(5.0)[:, None]}).plot()
    assert [image.get_array().shape[:2] for image in display.images_ if image.get_visible()] == [(1, 10), (1, 5)]


def test_mistakes_are_named(conv_reader, digits_reader):
    model, images = conv_reader
    with pytest.raises(ValueError, match="got 2 images; give one, such as"):
        FeatureMapDisplay.from_estimator(model, images[:2])
    with pytest.raises(ValueError, match=r"X has shape \(4, 16\); .* fitted on images of shape \(8, 8\)"):
        FeatureMapDisplay.from_estimator(model, images[0].reshape(4, 16))
    with pytest.raises(ValueError, match="block=-3; this network has 2"):
        FeatureMapDisplay.from_estimator(model, images[0], block=-3)
    with pytest.raises(ValueError, match="n_maps=0; at least 1"):
        FeatureMapDisplay.from_estimator(model, images[0], n_maps=0)
    with pytest.raises(TypeError, match="without convolution blocks"):
        FeatureMapDisplay.from_estimator(digits_reader[0], images[0])
    with pytest.raises(ValueError, match="there are no layers"):
        FeatureMapDisplay(images[0][..., None], {})
    with pytest.raises(ValueError, match=r"layer has shape \(3,\)"):
        FeatureMapDisplay(images[0][..., None], {"layer": np.ones(3)})


def test_maps_of_signals_are_bars():
    display = FeatureMapDisplay(np.arange(8.0)[:, None], {"layer": np.ones((4, 2))}).plot()
    left, right, bottom, top = display.images_[0].get_extent()
    assert right - left == pytest.approx(4 * (top - bottom))
    assert display.images_[0].get_array().shape == (1, 8, 3)
