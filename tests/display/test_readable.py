"""Every display, in the looks of the report and in matplotlib's own: no text is cropped, none lies on another."""

from contextlib import nullcontext

import matplotlib
import numpy as np
import pytest

from rosenblatt.data import load
from rosenblatt.display import (
    ConvolutionDisplay,
    DecisionDisplay,
    FeatureMapDisplay,
    FilterDisplay,
    ImagesDisplay,
    InterpolationDisplay,
    LatentDisplay,
    MistakesDisplay,
    NetworkDisplay,
    ReconstructionDisplay,
    RiskDisplay,
    SaliencyDisplay,
    ShiftDisplay,
)
from rosenblatt.explain import convolution_bench, pooling_bench
from rosenblatt.runs.evaluation import evaluate
from rosenblatt.runs.fit_report import fit_pictures
from rosenblatt.runs.report_figures import DARK, LIGHT, house_style
from rosenblatt.runs.rows import Split

CLOTHES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
LOOKS = {
    "report": lambda: house_style(LIGHT),  # the dark one differs in colours only, which have a test of their own
    "default": nullcontext,
    "large": lambda: matplotlib.rc_context({"font.size": 16}),
}


@pytest.fixture
def pictures(notes_network, digits_reader, conv_reader, moons, digits_autoencoder):
    autoencoder, inputs, labels = digits_autoencoder
    codes = autoencoder.transform(inputs)
    convnet, digits = conv_reader
    reader, X, y = digits_reader
    rng = np.random.default_rng(0)
    shapes = [(3, 12), (12, 5), (5, 9), (9, 2)]
    weights, biases = [rng.normal(size=shape) for shape in shapes], [np.zeros(width) for _, width in shapes]
    bench = convolution_bench(rng.normal(size=(5, 5)), rng.normal(size=(3, 3)), stride=2, padding=1)
    return {
        "convolution": lambda: ConvolutionDisplay.from_bench(bench),
        "slope of the kernel": lambda: ConvolutionDisplay.from_bench(bench, "kernel", step=4),
        "slope of the image": lambda: ConvolutionDisplay.from_bench(bench, "image", step=20),
        "pooling": lambda: ConvolutionDisplay.from_bench(pooling_bench(rng.normal(size=(6, 6)), 3)),
        "risk": lambda: RiskDisplay.from_estimator(notes_network),
        "mistakes": lambda: MistakesDisplay.from_estimator(reader, X, y, image_shape=(8, 8)),
        "one mistake": lambda: MistakesDisplay.from_estimator(reader, X, y, image_shape=(8, 8), n_images=1),
        "clothes": lambda: MistakesDisplay.from_estimator(reader, X, y, image_shape=(8, 8), class_names=CLOTHES),
        "images": lambda: ImagesDisplay.from_rows(X[:40], (8, 8), captions=[CLOTHES[k] for k in y[:40]]),
        "decision": lambda: DecisionDisplay.from_estimator(notes_network, *moons, class_names=["upper", "lower"]),
        "network": lambda: NetworkDisplay.from_estimator(
            notes_network, moons[0][0], input_names=["left to right", "up"]
        ),
        "large network": lambda: NetworkDisplay.from_estimator(reader, X[0]),
        "deep network": lambda: NetworkDisplay(weights, biases).plot(),
        "kernels": lambda: FilterDisplay.from_estimator(convnet),
        "deep kernels": lambda: FilterDisplay.from_estimator(convnet, block=1),
        "maps": lambda: FeatureMapDisplay.from_estimator(convnet, digits[0]),
        "saliency": lambda: SaliencyDisplay.from_estimator(convnet, digits[:2]),
        "reconstruction": lambda: ReconstructionDisplay.from_estimator(autoencoder, inputs),
        "reconstruction with a wide key": lambda: ReconstructionDisplay(inputs[:8], 0.42 * inputs[:8]).plot(),
        "signals": lambda: ReconstructionDisplay(inputs[:6, 3:4], inputs[:6, 4:5]).plot(),
        "interpolation": lambda: InterpolationDisplay.from_estimator(autoencoder, inputs[:2], inputs[2:4]),
        "latent": lambda: LatentDisplay.from_estimator(autoencoder, inputs, labels),
        "latent images": lambda: LatentDisplay.from_estimator(autoencoder, inputs, codes[:, 0], thumbnails=True),
        "one latent": lambda: LatentDisplay(codes[:, :1], [CLOTHES[k] for k in labels]).plot(),
        "latent counts": lambda: LatentDisplay(codes[:, :1]).plot(),
        "latent space": lambda: LatentDisplay(codes[:, :3], labels).plot(),
        "latent space of numbers": lambda: LatentDisplay(codes[:, :3], codes[:, 3]).plot(),
        "shift": lambda: ShiftDisplay.from_estimator(convnet, digits[:50], max_shift=2),
    }


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    "picture",
    [
        "convolution",
        "slope of the kernel",
        "slope of the image",
        "pooling",
        "risk",
        "mistakes",
        "one mistake",
        "clothes",
        "images",
        "decision",
        "network",
        "large network",
        "deep network",
        *["kernels", "deep kernels", "maps", "saliency", "shift"],
        *["reconstruction", "signals", "interpolation", "latent", "latent images", "one latent", "latent counts"],
        *["latent space", "latent space of numbers", "reconstruction with a wide key"],
    ],
)
def test_texts_have_room(picture, look, pictures, assert_readable):
    with LOOKS[look]():
        display = pictures[picture]()
        assert_readable(display.figure_)
        assert not any("…" in title for title in map(display.ax_.get_title, ("left", "center")))


@pytest.mark.parametrize("inches", [1.6, 2.5, 4.0])
@pytest.mark.parametrize("picture", ["mistakes", "kernels", "saliency", "reconstruction", "network", "large network"])
def test_pictures_adapt_to_small_axes(
    picture, inches, notes_network, digits_reader, conv_reader, digits_autoencoder, moons, assert_readable
):
    from matplotlib.figure import Figure

    reader, X, y = digits_reader
    ax = Figure(figsize=(inches, inches)).subplots()
    if picture == "mistakes":
        MistakesDisplay.from_estimator(reader, X, y, image_shape=(8, 8), class_names=CLOTHES, n_images=6, ax=ax)
    elif picture == "kernels":
        FilterDisplay.from_estimator(conv_reader[0], ax=ax)
    elif picture == "saliency":
        SaliencyDisplay.from_estimator(conv_reader[0], conv_reader[1][0], ax=ax)
    elif picture == "reconstruction":
        ReconstructionDisplay.from_estimator(*digits_autoencoder[:2], n_images=3, ax=ax)
    elif picture == "network":
        NetworkDisplay.from_estimator(notes_network, moons[0][0], ax=ax)
    else:
        NetworkDisplay.from_estimator(reader, X[0], ax=ax)
    assert_readable(ax.figure)


def test_pictures_of_a_fits_report_have_room(conv_reader, assert_readable):
    model, images = conv_reader
    rows = Split(images, load("digits").y[:200])
    with house_style(LIGHT):
        for picture in fit_pictures(model, rows, evaluate(model, rows.X, rows.y)):
            figure = picture.figure()
            figure.draw_without_rendering()
            assert_readable(figure)
            assert not [text for axes in figure.axes for text in axes.texts if "…" in text.get_text()], picture.name


def test_colours_are_those_of_the_settings(notes_network, moons):
    from matplotlib.colors import to_hex

    for theme in (LIGHT, DARK):
        with house_style(theme):
            risk = RiskDisplay.from_estimator(notes_network)
            assert to_hex(risk.validation_line_.get_color()) == theme.series[1]
            assert to_hex(risk.figure_.get_facecolor()) == theme.page
            points = DecisionDisplay.from_estimator(notes_network, *moons).points_
            assert [to_hex(group.get_facecolor()[0]) for group in points] == list(theme.series[:2])
            network = NetworkDisplay.from_estimator(notes_network)
            assert to_hex(network.circles_[0].get_edgecolor()) == theme.ink
            assert all(text.get_color() == theme.ink for text in network.ax_.texts)


def test_scikit_learns_confusion_matrix_takes_the_colormap_of_the_settings(digits_reader, assert_readable):
    from sklearn.metrics import ConfusionMatrixDisplay

    reader, X, y = digits_reader
    for theme in (LIGHT, DARK):
        with house_style(theme):
            display = ConfusionMatrixDisplay.from_estimator(reader, X, y, cmap=None, colorbar=False)
            assert display.im_.get_cmap().name == f"rosenblatt-{theme.page[1:]}"
            assert_readable(display.figure_)
