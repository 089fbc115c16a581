import numpy as np
import pytest
from PIL import Image

from rosenblatt.data import load
from rosenblatt.models.mlp import MLPClassifier, MLPRegressor
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
