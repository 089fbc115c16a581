import numpy as np
import pytest
from PIL import Image

from rosenblatt.data import load
from rosenblatt.models.convnet import ConvClassifier, ConvRegressor
from rosenblatt.models.describe import describe
from rosenblatt.models.mlp import MLPClassifier, MLPRegressor
from rosenblatt.nn.mlp import MLP
from rosenblatt.runs.convnet_pictures import differently_answered
from rosenblatt.runs.evaluation import evaluate
from rosenblatt.runs.fit_report import fit_pictures, write_report
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.rows import Split

FEW = {"hidden_layer_sizes": 4, "max_epochs": 2, "random_state": 0}


def names(estimator, rows: Split) -> list[str]:
    tested = rows if rows.X_test is None else Split(rows.X_test, rows.y_test)
    return [picture.name for picture in fit_pictures(estimator, rows, evaluate(estimator, tested.X, tested.y))]


@pytest.fixture(scope="module")
def digits():
    rows = Split.of(load("digits"))
    return MLPClassifier(**FEW).fit(rows.X, rows.y, validation_data=(rows.X_test, rows.y_test)), rows


def test_pictures_suit_the_data(digits):
    assert names(*digits) == ["risk", "confusion", "mistakes"]
    moons = Split.of(load("moons"))
    assert names(MLPClassifier(**FEW).fit(moons.X, moons.y), moons) == ["risk", "decisions", "confusion"]
    X = np.random.default_rng(0).normal(size=(30, 3))
    assert names(MLPRegressor(**FEW).fit(X, X[:, 0]), Split(X, X[:, 0])) == ["risk"]


@pytest.fixture(scope="module")
def read_images():
    rows = Split.of(load("digits"))
    model = ConvClassifier(channels=(2, 3), hidden_layer_sizes=(), image_shape=(8, 8), max_epochs=2, random_state=0)
    return model.fit(rows.X, rows.y), rows


def test_convolutional_networks_show_kernels_maps_and_saliency(read_images, tmp_path):
    estimator, rows = read_images
    assert names(estimator, rows) == ["risk", "confusion", "mistakes", "kernels", "maps", "saliency"]
    folder = RunFolder.create(tmp_path / "run", estimator="ConvClassifier", fields={"channels": [2, 3]})
    folder.finish("finished", {"test_accuracy": 0.5, "stopped": "max_epochs"})
    write_report(estimator, rows, evaluate(estimator, rows.X_test, rows.y_test), folder)
    page = folder.report.read_text()
    description = describe(estimator)
    for text in (
        "What the first layer looks for",
        "The first test row, and what the layers make of it",
        "3 x 3 x 1 x 2 + 2, relu</td>",
        "8 x 8 x 2",
        f"{description.dense.parameters.total:,} parameters instead of {description.parameters.total:,}",
        f"{description.dense.multiply_adds:,} multiply-adds a sample instead of {description.multiply_adds:,}",
    ):
        assert text in page
    for name in ("kernels", "maps", "saliency"):
        with Image.open(folder.pictures / f"{name}.png") as image:
            assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_convolutional_regressors_of_signals_and_of_colours():
    rng = np.random.default_rng(0)
    for shape in ((12,), (6, 9, 3)):
        X = rng.normal(size=(30, *shape))
        model = ConvRegressor(channels=2, hidden_layer_sizes=(), pooling=None, max_epochs=1, random_state=0)
        rows = Split(X, X.reshape(30, -1)[:, :2])
        pictures = fit_pictures(model.fit(rows.X, rows.y), rows, evaluate(model, rows.X, rows.y))
        assert [picture.name for picture in pictures] == ["risk", "kernels", "maps", "saliency"]
        assert "The first training row" in pictures[2].caption
        assert all(picture.png().startswith(b"\x89PNG") for picture in pictures[1:])


def test_saliency_is_of_rows_that_are_answered_differently():
    assert differently_answered(np.array([3, 3, 1, 3, 0])).tolist() == [0, 2, 4, 1]
    assert differently_answered(np.array([5, 5, 5, 5, 5, 5])).tolist() == [0, 1, 2, 3]
    assert differently_answered(np.array([7])).tolist() == [0]


def test_a_network_of_ones_own_has_no_such_pictures(read_images):
    _, rows = read_images
    model = ConvClassifier(network=lambda shape, n_outputs, *, key: own_network(n_outputs), image_shape=(8, 8))
    model.set_params(max_epochs=1, random_state=0).fit(rows.X, rows.y)
    assert names(model, rows) == ["risk", "confusion", "mistakes"]


def own_network(n_outputs):
    widths = [64, n_outputs]
    return MLP.initialize(widths, [], "auto", np.random.default_rng(0))


def test_where_there_is_no_mistake_the_picture_is_a_line():
    X = np.zeros((40, 4, 4))
    X[20:, 0, 0] = 1.0
    rows = Split(X, np.arange(40) // 20)
    model = ConvClassifier(channels=2, hidden_layer_sizes=(8,), max_epochs=60, learning_rate=0.03, random_state=0)
    evaluation = evaluate(model.fit(rows.X, rows.y), rows.X, rows.y)
    assert evaluation.scores["accuracy"] == 1
    (mistakes,) = (picture for picture in fit_pictures(model, rows, evaluation) if picture.name == "mistakes")
    assert mistakes.size[1] < 1


def test_captions_say_which_rows_are_drawn(digits):
    estimator, rows = digits
    tested = fit_pictures(estimator, rows, evaluate(estimator, rows.X_test, rows.y_test))
    assert "How many test rows" in tested[1].caption
    assert "the test rows, by which nothing was decided" in tested[0].caption
    trained = fit_pictures(estimator, Split(rows.X, rows.y), evaluate(estimator, rows.X, rows.y))
    assert "How many training rows" in trained[1].caption


def test_the_report_and_the_pictures_are_written(digits, tmp_path):
    estimator, rows = digits
    folder = RunFolder.create(
        tmp_path / "run",
        estimator="MLPClassifier",
        fields={"dropout": 0.25, "hidden_layer_sizes": [4, 3], "data": {"name": "digits"}},
        command="rosenblatt fit mlp digits",
        data_fingerprint="0a1b2c",
    )
    folder.finish("finished", {"test_accuracy": 0.4321, "stopped": "max_epochs"})
    write_report(estimator, rows, evaluate(estimator, rows.X_test, rows.y_test), folder)
    page = folder.report.read_text()
    for text in (
        "MLPClassifier on digits",
        "0.4321",
        "max epochs",
        "64 x 4 + 4, relu",
        "columns are constant",
        "rosenblatt fit mlp digits",
        "0.25",
        "4 3",
        "0a1b2c",
    ):
        assert text in page
    for name in ("risk", "confusion", "mistakes"):
        with Image.open(folder.pictures / f"{name}.png") as image:
            assert image.width > 300
            assert len(np.unique(np.asarray(image.convert("L")))) > 10
