"""The report of an autoencoder: which pictures there are of which rows, PCA's figures, and the worst columns."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from rosenblatt.data import load
from rosenblatt.models.autoencoder import Autoencoder
from rosenblatt.runs.autoencoder_report import autoencoder_pictures, worst_columns
from rosenblatt.runs.evaluation import evaluate
from rosenblatt.runs.fit_report import fit_pictures, write_report
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.rows import Split

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

small = partial(Autoencoder, latent_dim=3, hidden_layer_sizes=(8,), max_epochs=2, random_state=0)
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def digits():
    rows = Split.of(load("digits"))
    return small().fit(rows.X, validation_data=rows.X_test), rows


@pytest.fixture(scope="module")
def table():
    """A fit to a table of twelve columns, whose scales are 1, 2, ... 12, in another order, and the table."""
    scales = RNG.permutation(12) + 1
    X = pd.DataFrame(RNG.normal(size=(80, 12)) * scales, columns=[f"scale {scale}" for scale in scales])
    return small().fit(X), X


def test_pictures_suit_the_rows(digits, table):
    estimator, rows = digits
    tested = fit_pictures(estimator, rows, evaluate(estimator, rows.X_test))
    assert [picture.name for picture in tested] == ["risk", "reconstructions", "latent-map"]
    assert "The first test rows" in tested[1].caption
    assert "The axes are the two along which the codes vary most. The target, from which" in tested[2].caption
    estimator, X = table
    trained = fit_pictures(estimator, Split(X), evaluate(estimator, X))
    assert [picture.name for picture in trained] == ["risk", "latent-map"]
    assert "the training rows. The axes" in trained[1].caption
    assert "target" not in trained[1].caption


@pytest.mark.parametrize("shape", [(12, 1), (6, 9, 3)])
def test_signals_and_colours_are_drawn(shape):
    X = RNG.normal(size=(30, *shape))
    model = small(architecture="conv", latent_dim=1, image_shape=shape, channels=2, hidden_layer_sizes=(), max_epochs=1)
    pictures = autoencoder_pictures(model.fit(X.reshape(30, -1)), X.reshape(30, -1), None, "training")
    assert [picture.name for picture in pictures] == ["reconstructions", "latent-map"]
    assert all(picture.png().startswith(b"\x89PNG") for picture in pictures)


@pytest.mark.parametrize(
    ("y", "is_shown"),
    [
        (np.arange(80) % 20, True),
        (np.char.add("label ", (np.arange(80) % 20).astype(str)), True),
        (np.char.add("label ", (np.arange(80) % 21).astype(str)), False),
        (np.linspace(0, 1, 80), True),
        (np.eye(80), False),
        (None, False),
    ],
)
def test_a_target_gives_the_colours_where_colours_can_show_it(table, y, is_shown):
    picture = autoencoder_pictures(*table, y, "test")[-1]
    assert ("gives the colours" in picture.caption) == is_shown
    assert picture.png().startswith(b"\x89PNG")


def test_a_map_of_many_rows_has_some_of_them(table):
    estimator, X = table
    many = pd.concat([X] * 60)
    picture = autoencoder_pictures(estimator, many, np.arange(len(many)) % 3, "test")[-1]
    assert "the test rows, of which one in 3 is drawn" in picture.caption
    (axes,) = picture.figure().axes
    assert sum(len(points.get_offsets()) for points in axes.collections) == 1600


def test_the_worst_columns_come_first(table):
    estimator, X = table
    errors = np.sqrt(((X - estimator.reconstruct(X)) ** 2).mean())
    expected = errors.sort_values(ascending=False)[:10]
    worst = worst_columns(estimator, X)
    assert [name for name, _, _ in worst] == list(expected.index)
    np.testing.assert_allclose([error for _, error, _ in worst], expected, rtol=1e-5)  # float32
    np.testing.assert_allclose([deviation for *_, deviation in worst], X.std(ddof=0)[expected.index], rtol=1e-12)


def written(estimator, rows: Split, path) -> str:
    folder = RunFolder.create(path, estimator="Autoencoder")
    folder.finish("finished", {"test_explained_variance": 0.4321, "stopped": "max_epochs"})
    write_report(estimator, rows, evaluate(estimator, rows.X), folder)
    return folder.report.read_text()


def test_pca_is_fitted_to_the_rows_that_it_restores(digits, tmp_path):
    estimator, rows = digits
    page = written(estimator, rows, tmp_path / "run")
    for X, n_rows, part in ((rows.X, "1,347", "training rows"), (rows.X_test, "450", "test rows")):
        flat = X.reshape(len(X), -1).astype(np.float64)
        pca = PCA(3).fit(flat)
        error = np.square(flat - pca.inverse_transform(pca.transform(flat))).sum(1).mean()
        left = 1 - pca.explained_variance_ratio_.sum()
        assert f"On {n_rows} {part}, the autoencoder leaves" in page
        cells = f'<td class="number">{error:.4g}</td><td class="number">{left:.2%}</td>'
        assert f'<tr><th scope="row">PCA, 3 components, {part}</th>{cells}' in page
    assert "Which columns are restored worst" not in page


def test_a_table_has_its_worst_columns_and_no_picture_of_rows(table, tmp_path):
    estimator, X = table
    page = written(estimator, Split(X), tmp_path / "run")
    name, error, _ = worst_columns(estimator, X)[0]
    assert "Which columns are restored worst" in page
    assert f'<tr><th scope="row">{name}</th><td class="number">{error:.4g}</td>' in page
    assert "in the training rows" in page
    assert "What is restored from the codes" not in page
    assert "test rows" not in page
