"""Attributions beside their images."""

import numpy as np
import pytest

from rosenblatt import MLPClassifier
from rosenblatt.display import SaliencyDisplay
from rosenblatt.explain import grad_cam, input_gradient
from rosenblatt.runs.report_figures import DARK, LIGHT, house_style


def test_a_row_for_each_image(conv_reader):
    model, images = conv_reader
    display = SaliencyDisplay.from_estimator(model, images[:2])
    assert [saliency.method for saliency in display.saliencies] == ["gradient", "integrated gradients", "Grad-CAM"]
    captions = [text.get_text() for text in display.captions_]
    assert len(captions) == 8
    assert captions[4].startswith(f"for {model.predict(images[:2])[1]}\nf(x) = ")
    gradient = input_gradient(model, images[:2]).attributions[1]
    assert captions[5] == f"gradient\nup to ±{np.abs(gradient).max():.2g}"


def test_what_speaks_for_the_output_has_the_first_colour(conv_reader):
    from matplotlib.colors import to_rgb

    model, images = conv_reader
    display = SaliencyDisplay.from_estimator(model, images[0], methods=["gradient"])
    slopes = display.saliencies[0].attributions[0, ..., 0]
    strongest = np.unravel_index(np.abs(slopes).argmax(), slopes.shape)
    expected = to_rgb("C0" if slopes[strongest] > 0 else "C1")
    np.testing.assert_allclose(np.asarray(display.images_[1].get_array())[strongest], expected, atol=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_grad_cam_lies_over_an_image_that_is_as_light_as_the_one_beside_it(conv_reader, theme):
    model, images = conv_reader
    with house_style(theme):
        display = SaliencyDisplay.from_estimator(model, images[0], methods=["Grad-CAM"])
    image, covered = (np.asarray(artist.get_array()) @ [0.2126, 0.7152, 0.0722] for artist in display.images_)
    nothing = display.saliencies[0].attributions[0] == 0
    assert nothing.any()
    np.testing.assert_allclose(covered[nothing], image[nothing], atol=1e-6)


def test_a_dense_network_of_images_has_no_grad_cam(conv_reader):
    _, images = conv_reader
    dense = MLPClassifier(hidden_layer_sizes=(4,), max_epochs=1, random_state=0).fit(images, np.arange(len(images)) % 3)
    display = SaliencyDisplay.from_estimator(dense, images[:1])
    assert [saliency.method for saliency in display.saliencies] == ["gradient", "integrated gradients"]
    with pytest.raises(TypeError, match="this MLPClassifier has a network of class MLP, without convolution blocks"):
        SaliencyDisplay.from_estimator(dense, images[:1], methods=["Grad-CAM"])


def test_mistakes_are_named(conv_reader, digits_reader):
    model, images = conv_reader
    with pytest.raises(ValueError, match="give a sequence of 'gradient', 'integrated gradients', 'Grad-CAM'"):
        SaliencyDisplay.from_estimator(model, images[0], methods=["lime"])
    with pytest.raises(ValueError, match="was fitted on rows, so there is no image to draw"):
        SaliencyDisplay.from_estimator(digits_reader[0], digits_reader[1][:1])
    with pytest.raises(ValueError, match="nothing to draw"):
        SaliencyDisplay([])
    with pytest.raises(ValueError, match="the Grad-CAM is of other images or targets than the gradient"):
        SaliencyDisplay([input_gradient(model, images[:1]), grad_cam(model, images[1:2])])
    with pytest.raises(ValueError, match="block=2; this network has 2"):
        SaliencyDisplay.from_estimator(model, images[0], block=2)
