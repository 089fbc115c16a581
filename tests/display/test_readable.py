"""Every display, in the looks of the report and in matplotlib's own: no text is cropped, none lies on another."""

from contextlib import nullcontext

import matplotlib
import numpy as np
import pytest

from rosenblatt import Autoencoder
from rosenblatt.data import load
from rosenblatt.display import (
    ConvolutionDisplay,
    DecisionDisplay,
    FeatureMapDisplay,
    FilterDisplay,
    GameDisplay,
    ImagesDisplay,
    InterpolationDisplay,
    LabelCurveDisplay,
    LatentComparisonDisplay,
    LatentDisplay,
    LatentSamplesDisplay,
    LatentSweepDisplay,
    ManifoldDisplay,
    MistakesDisplay,
    NetworkDisplay,
    RateDistortionDisplay,
    ReconstructionDisplay,
    RiskDisplay,
    SaliencyDisplay,
    SamplesDisplay,
    ShiftDisplay,
    TraversalDisplay,
)
from rosenblatt.explain import convolution_bench, pooling_bench
from rosenblatt.runs.evaluation import evaluate
from rosenblatt.runs.fit_report import fit_pictures
from rosenblatt.runs.report_figures import DARK, LIGHT, house_style
from rosenblatt.runs.rows import Split
from rosenblatt.studies import BetaSweep, latent_sweep

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

CLOTHES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]
LOOKS = {
    "report": lambda: house_style(LIGHT),  # the dark one differs in colours only, which have a test of their own
    "default": nullcontext,
    "large": lambda: matplotlib.rc_context({"font.size": 16}),
}


@pytest.fixture(scope="module")
def games(line_game, plane_game, digits_game, table_game):
    """Displays of games, by what their rows are."""
    played = {"line": line_game, "plane": plane_game, "images": digits_game, "table": table_game}
    normal = type("Normal", (), {"log_density": lambda self, X: -0.5 * (X**2).sum(axis=1)})()
    return {
        name: GameDisplay.from_estimator(
            game, X, recorder=recorder, n_points=60, density=None if name in ("images", "table") else normal
        )
        for name, (game, recorder, X) in played.items()
    }


@pytest.fixture(scope="module")
def pictures(
    notes_network,
    digits_reader,
    conv_reader,
    moons,
    digits_autoencoder,
    digits_vae,
    latent_spaces,
    games,
    generator_losses,
):
    autoencoder, inputs, labels = digits_autoencoder
    codes, (vae, *_) = autoencoder.transform(inputs), digits_vae
    betas, rates = np.array([0.1, 0.3, 1, 3, 10, 30, 100]), np.array([14.2, 9.7, 3.3, 0.02, 0, 0, 0])
    distortions = np.array([17.4, 18.1, 21.4, 27.0, 27.1, 27.1, 27.1])
    convnet, digits = conv_reader
    reader, X, y = digits_reader
    rng = np.random.default_rng(0)
    shapes = [(3, 12), (12, 5), (5, 9), (9, 2)]
    weights, biases = [rng.normal(size=shape) for shape in shapes], [np.zeros(width) for _, width in shapes]
    encoder = Autoencoder(latent_dim=2, hidden_layer_sizes=(16,), learning_rate=0.02, max_epochs=5, random_state=0)
    rows = X[:400], X[400:]
    sweep = latent_sweep(encoder, *rows)
    fitted, curves = sweep.estimators[0], {name: rng.random((6, 3)) for name in ("raw rows", "PCA, 16 components")}
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
        "label curves": lambda: LabelCurveDisplay((1, 3, 10, 30, 100, 300), curves, "SVM").plot(),
        "shift": lambda: ShiftDisplay.from_estimator(convnet, digits[:50], max_shift=2),
        "code lengths": lambda: LatentSweepDisplay(sweep).plot(),
        "restored": lambda: LatentSweepDisplay(sweep, image_shape=(8, 8)).plot(kind="images"),
        "samples": lambda: LatentSamplesDisplay.from_estimator(fitted, *rows, image_shape=(8, 8)),
        "ellipses": lambda: LatentDisplay.from_estimator(vae, inputs, labels),
        "circles": lambda: LatentDisplay.from_estimator(vae, inputs, codes[:, 0], thumbnails=True),
        "manifold": lambda: ManifoldDisplay.from_estimator(vae, inputs),
        "manifold of signals": lambda: ManifoldDisplay(
            inputs[:12, None, 3].reshape(3, 4, 1, 8), np.geomspace(1e-5, 1e4, 4), np.arange(3) - 1e6
        ).plot(),
        "traversal": lambda: TraversalDisplay.from_estimator(vae, inputs, n_latents=3),
        "codes' deviations": lambda: TraversalDisplay.from_estimator(autoencoder, inputs, start=inputs[0]),
        "many latents": lambda: TraversalDisplay(
            np.tile(inputs[:11], (20, 1, 1, 1)),
            np.linspace(-3, 3, 11),
            [f"latent {k}\nsilent, 0.0006 nats" for k in range(81, 101)],
            title="80 more left out, with at most 0.0006 nats",
        ).plot(),
        "traversal of numbers": lambda: TraversalDisplay(X[:12].reshape(3, 4, -1), range(4), [*"abc"]).plot(),
        "drawn and known": lambda: SamplesDisplay.from_estimator(vae, inputs, random_state=0),
        "rate and distortion": lambda: RateDistortionDisplay(
            BetaSweep(betas, rates, distortions, rates[:, None], rates > 0.1, 9, 9, ())
        ).plot(),
        "two latent spaces": lambda: LatentComparisonDisplay(latent_spaces(8), (8, 8), CLOTHES).plot(),
        "two lines": lambda: LatentComparisonDisplay(latent_spaces(1), (8, 8), CLOTHES).plot(),
        **{f"game, {name}": game.plot for name, game in games.items()},
        **{f"phases, {name}": game.plot_phases for name, game in games.items()},
        "generator's slopes": generator_losses.plot,
        "both games": generator_losses.plot_games,
        "distances": lambda: LatentSamplesDisplay.from_estimator(fitted, *rows, kind="distances"),
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
        *["code lengths", "restored", "samples", "distances"],
        *["ellipses", "circles", "manifold", "manifold of signals", "traversal", "codes' deviations", "many latents"],
        *["traversal of numbers", "drawn and known", "rate and distortion", "two latent spaces", "two lines"],
        *["game, line", "game, plane", "game, images", "game, table"],
        *["generator's slopes", "both games"],
        *["phases, line", "phases, plane", "phases, images", "phases, table"],
        "label curves",
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
