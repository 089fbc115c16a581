"""Fitted estimators to draw, matplotlib's own settings around every test, and a check that texts have room."""

import itertools
import warnings

import numpy as np
import pytest
from sklearn.datasets import load_digits

from rosenblatt import GAN, VAE, Autoencoder, ConvClassifier, MLPClassifier
from rosenblatt.data import load
from rosenblatt.display import GeneratorLossDisplay
from rosenblatt.models import GameRecorder
from rosenblatt.models.pca_yardstick import WorseThanPCAWarning
from rosenblatt.studies import LatentComparison, LatentSamples, LatentSpace


@pytest.fixture(autouse=True)
def default_settings():
    """Matplotlib's own settings, and no figure left behind."""
    import matplotlib
    from matplotlib import pyplot

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        yield
    pyplot.close("all")


@pytest.fixture(scope="session")
def moons():
    data = load("moons")
    return data.X[:200], data.y[:200]


@pytest.fixture(scope="session")
def notes_network(moons):
    """The notes' 2-4-3-1 network."""
    model = MLPClassifier(
        hidden_layer_sizes=(4, 3), activation="tanh", learning_rate=0.02, max_epochs=30, random_state=0
    )
    return model.fit(*moons, validation_data=moons)


@pytest.fixture(scope="session")
def digits_reader():
    """(fitted classifier of digits that is not very good, X, y)."""
    data = load("digits")
    X, y = data.X[:600], data.y[:600]
    return MLPClassifier(hidden_layer_sizes=(8,), max_epochs=5, random_state=0).fit(X, y), X, y


@pytest.fixture(scope="session")
def conv_reader():
    """(fitted convolutional classifier of digits with two blocks, images)."""
    data = load("digits")
    images = data.X[:200].reshape(-1, 8, 8)
    model = ConvClassifier(channels=(6, 8), hidden_layer_sizes=(8,), max_epochs=5, random_state=0)
    return model.fit(images, data.y[:200]), images


@pytest.fixture(scope="session")
def digits_autoencoder():
    """(fitted autoencoder of digits with 4 latents that is not very good, images from 0 to 1, labels)."""
    data = load_digits()
    images = (data.images[:200] / 16).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WorseThanPCAWarning)
        model = Autoencoder(latent_dim=4, hidden_layer_sizes=(16,), max_epochs=5, random_state=0).fit(images)
    return model, images, data.target[:200]


@pytest.fixture(scope="session")
def digits_vae():
    """(fitted variational autoencoder of digits with 4 latents that is not very good, images from 0 to 1, labels)."""
    data = load_digits()
    images = (data.images[:200] / 16).astype(np.float32)
    model = VAE(latent_dim=4, hidden_layer_sizes=(16,), learning_rate=0.01, max_epochs=20, random_state=0)
    return model.fit(images), images, data.target[:200]


@pytest.fixture(scope="session")
def latent_spaces():
    """A function that makes a comparison of made-up latent spaces of the digits, of two pairs of fits."""
    data = load("digits")
    X, y = data.X[:200], data.y[:200]

    def make(n_latents, row_shape=(64,)):
        rng = np.random.default_rng(n_latents)

        def rows(*shape):
            return rng.random((*shape, *row_shape))

        def samples(how):
            distances, codes = np.sort(rng.random(40)), rng.normal(size=(40, n_latents))
            far = np.linspace(0, 0.6, 50)
            return LatentSamples(how, 0.95, rows(40), codes, distances, distances, far, far, 0.57, (0.0, 1.0))

        def space(estimator):
            codes = X @ rng.normal(size=(64, n_latents)) / 4
            return LatentSpace(estimator, codes, {}, rows(8, 65), samples("standard-normal"), samples("gaussian"))

        estimator = type("Fitted", (), {"image_shape_": row_shape if len(row_shape) > 1 else None})()
        fits = [tuple(space(estimator) for _ in range(2)) for _ in range(2)]
        return LatentComparison(*fits, y, 400)

    return make


def play(X, y=None, **fields):
    """A short game that was recorded."""
    recorder = GameRecorder(n_snapshots=5)
    shared = {"latent_dim": 2, "hidden_layer_sizes": (16,), "batch_size": 32, "max_epochs": 30, "random_state": 0}
    return GAN(**shared | {"callbacks": [recorder]} | fields).fit(X, y), recorder, X


@pytest.fixture(scope="session")
def line_game():
    """(fitted GAN, recorder, rows of one number)."""
    return play(np.random.default_rng(0).normal(5.0, 2.0, size=(400, 1)))


@pytest.fixture(scope="session")
def plane_game(moons):
    return play(moons[0])


@pytest.fixture(scope="session")
def digits_game():
    return play((load_digits().images[:200] / 16).astype(np.float32))


@pytest.fixture(scope="session")
def table_game():
    return play(np.random.default_rng(0).normal(size=(200, 4)), max_epochs=5)


@pytest.fixture(scope="session")
def generator_losses():
    """The picture of a short game with both losses of the generator."""
    X = np.random.default_rng(0).normal(5.0, 0.1, size=(300, 1))
    fields = {"latent_dim": 2, "hidden_layer_sizes": (16,), "discriminator_steps": 4, "r1": 0.0, "max_epochs": 10}
    return GeneratorLossDisplay.from_estimator(GAN(random_state=0, **fields), X, n_snapshots=3, n_rows=100)


def _boxes(figure):
    figure.canvas.draw()
    texts = [text for text in figure.findobj(match=lambda a: hasattr(a, "get_text") and hasattr(a, "get_fontsize"))]
    shown = [text for text in texts if text.get_visible() and text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown]
    # An axis keeps tick labels for places beyond its limits, which it does not draw.
    axes = [*figure.axes, *(child for ax in figure.axes for child in ax.child_axes)]
    pairs = [(ax, getattr(ax, name)) for ax in axes for name in ("xaxis", "yaxis", "zaxis") if hasattr(ax, name)]
    drawn = {label for ax, axis in pairs for label in _drawn_labels(ax, axis)}
    ticks = {id(label) for _, axis in pairs for label in axis.get_ticklabels(which="both")}
    return [box for text, box in zip(shown, boxes, strict=True) if id(text) not in ticks or id(text) in drawn]


def _drawn_labels(ax, axis):
    if not ax.axison:
        return
    low, high = sorted(axis.get_view_interval())
    for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
        if low <= tick.get_loc() <= high:
            yield id(tick.label1)


@pytest.fixture(scope="session")
def assert_readable():
    """A function that checks that all texts of a figure are in it, and that no two of them overlap."""

    def check(figure):
        boxes = _boxes(figure)
        assert boxes
        width, height = figure.bbox.width, figure.bbox.height
        for text, box in boxes:
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
            assert inside, f"{text!r} is cropped: {box} in {width} x {height}"
        for (text, box), (other, other_box) in itertools.combinations(boxes, 2):
            across = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
            along = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
            assert min(across, along) < 2, f"{text!r} and {other!r} overlap"

    return check


@pytest.fixture
def own_axes():
    """Axes of a figure that pyplot does not know, as the studio or a report may pass."""
    from matplotlib.figure import Figure

    return Figure(figsize=(5, 4), layout="constrained").subplots()


@pytest.fixture(scope="session")
def corners():
    return np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
