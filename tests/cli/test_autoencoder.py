"""Autoencoders on the command line: fitted with and without a target, scored, and used by their codes."""

import io
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.decomposition import PCA

from rosenblatt.cli import main
from rosenblatt.data import load
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import load as load_model

FEW = "--latent-dim 3 --hidden-layer-sizes 8 --max-epochs 2 --verbose 0 --random-state 0"


def table_of(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


@pytest.fixture(scope="module")
def coded(tmp_path_factory):
    """The folder of a short fit on digits, with its report."""
    folder = tmp_path_factory.mktemp("shared") / "digits"
    assert main(f"fit autoencoder digits {FEW} --out {folder}".split()) == 0
    return folder


@pytest.fixture(scope="module")
def model(coded):
    return load_model(coded / "model")


@pytest.fixture(scope="module")
def images():
    return load("digits").X.reshape(-1, 8, 8, 1)


def test_the_scores_of_a_fit_are_those_of_the_rows_and_of_the_test_rows(coded, model):
    results = RunFolder.open(coded).record["results"]
    X, X_test, _, _ = load("digits").split()
    for part, rows in (("train", X), ("test", X_test)):
        error = np.square(rows - model.reconstruct(rows)).sum(axis=1).mean()
        assert results[f"{part}_reconstruction_error"] == pytest.approx(error, rel=1e-5)  # float32
        variance = PCA().fit(rows.astype(float)).explained_variance_.sum() * (len(rows) - 1) / len(rows)
        assert results[f"{part}_explained_variance"] == pytest.approx(1 - error / variance, abs=1e-4)
    assert results["train_ratio_to_pca"] == model.compare_pca().ratio
    assert results["test_risk"] == pytest.approx(results["test_reconstruction_error"], rel=1e-5)


def test_the_test_rows_are_watched_and_a_worse_fit_than_pca_is_a_line(run):
    ended = run(f"fit autoencoder digits {FEW}")
    assert ended.code == 0
    for word in (
        "Autoencoder on digits",
        "reconstruction error",
        "explained variance",
        "ratio to pca",
        "train",
        "test",
    ):
        assert word in ended.out
    (line,) = ended.err.splitlines()
    assert line.startswith("warning: this Autoencoder reconstructs worse than PCA with 3 components")


def test_likelihoods_are_scored_in_nats(run, without_report, tmp_path):
    results = run(f"fit autoencoder digits {FEW} --loss bernoulli --out run --json").content["results"]
    _, X_test, _, _ = load("digits").split()
    restored = load_model(tmp_path / "run" / "model").reconstruct(X_test).astype(np.float64)
    nats = X_test * np.log(restored) + (1 - X_test) * np.log1p(-restored)
    assert results["test_log_likelihood"] == pytest.approx(nats.sum(axis=1).mean(), rel=1e-4)


@pytest.fixture
def tables(tmp_path):
    """A table with a target of text, one without, and the target."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(60, 4)), columns=list("abcd"))
    kind = np.where(table["b"] > 0, "high", "low")
    table.assign(kind=kind).to_csv(tmp_path / "labelled.csv", index=False)
    table.to_csv(tmp_path / "plain.csv", index=False)
    return table


def test_a_target_is_left_out_and_need_not_be_there(run, tables, without_report, tmp_path):
    for command in ("labelled.csv --target kind --out labelled", "plain.csv --out plain"):
        assert run(f"fit autoencoder {command} {FEW}").code == 0
        restored = table_of(run("reconstruct", command.split()[-1], "plain.csv").out)
        assert list(restored.columns) == list("abcd")
        np.testing.assert_allclose(
            restored, load_model(tmp_path / command.split()[-1] / "model").reconstruct(tables), rtol=1e-12
        )
    assert run("transform labelled plain.csv").out == run("transform labelled labelled.csv").out
    scores = [run(f"evaluate labelled {name}.csv --part all --json").content for name in ("labelled", "plain")]
    assert scores[0]["scores"] == scores[1]["scores"]


def test_a_table_with_text_or_missing_values_is_one_line(run, tables, tmp_path):
    ended = run(f"fit autoencoder labelled.csv {FEW}")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert "columns that are not numbers: 'kind'" in ended.err
    tables.mask(tables > 2).to_csv(tmp_path / "gaps.csv", index=False)
    ended = run(f"fit autoencoder gaps.csv {FEW}")
    assert (ended.code, len(ended.err.splitlines())) == (1, 1)
    assert "gaps.csv has missing values in" in ended.err


def test_nothing_need_be_held_out(run, tables):
    results = run(f"fit autoencoder plain.csv {FEW} --test-size 0 --json").content["results"]
    assert "train_explained_variance" in results
    assert not [name for name in results if name.startswith("test")]


def test_dry_runs_and_descriptions_show_both_networks(run, tmp_path):
    for command in ("fit autoencoder digits --latent-dim 5 --dry-run", "describe autoencoder digits --latent-dim 5"):
        ended = run(command)
        assert "128 x 5 + 5, linear" in ended.out
        assert "5 x 128 + 128, relu" in ended.out
    assert run("describe autoencoder digits --json").content["task"] == "reconstruction"
    assert list(tmp_path.iterdir()) == []


def test_a_fit_is_gone_on_with(run, without_report, tmp_path):
    flags = f"{FEW.replace('--max-epochs 2', '')} --noise 0.1"
    assert run(f"fit autoencoder digits {flags} --max-epochs 4 --out whole").code == 0
    assert run(f"fit autoencoder digits {flags} --max-epochs 2 --out parts").code == 0
    assert run("fit autoencoder digits --out parts --resume --max-epochs 4 --verbose 0").code == 0
    whole, parts = (tmp_path / name / "model" / "model.safetensors" for name in ("whole", "parts"))
    assert parts.read_bytes() == whole.read_bytes()


def test_runs_are_listed_by_the_variance_that_is_explained(run, coded):
    ended = run("runs list", coded.parent)
    assert "test explained variance" in ended.out
    assert "train ratio to pca" in run("runs show", coded).out


def test_evaluation_is_on_the_rows_that_the_fit_held_out(run, coded):
    content = run("evaluate", coded, "digits", "--json").content
    results = RunFolder.open(coded).record["results"]
    assert (content["part"], content["rows"], content["labels"]) == ("test", 450, None)
    assert content["scores"] == {
        name: results[f"test_{name}"] for name in ("reconstruction_error", "explained_variance")
    }


def test_there_are_no_predictions(run, coded):
    ended = run("predict", coded, "digits")
    assert (ended.code, ended.out) == (1, "")
    assert "Autoencoder learned without a target and has no predictions" in ended.err
    assert "`rosenblatt transform`" in ended.err
    assert "`rosenblatt reconstruct`" in ended.err


def test_codes_are_columns_by_name_in_each_kind_of_file(run, coded, model, images, tmp_path):
    codes = model.transform(images)
    table = table_of(run("transform", coded, "digits").out)
    assert list(table.columns) == ["autoencoder0", "autoencoder1", "autoencoder2"]
    assert np.array_equal(table.to_numpy(np.float32), codes)
    for name in ("codes.csv", "codes.npy", "deep/codes.parquet"):
        assert run("transform", coded, "digits", "--out", name).out == f"1,797 codes in {name}\n"
    assert np.array_equal(np.load(tmp_path / "codes.npy"), codes)
    assert (tmp_path / "codes.csv").read_text() == run("transform", coded, "digits").out
    stored = pd.read_parquet(tmp_path / "deep" / "codes.parquet")
    assert list(stored.columns) == list(table.columns)
    assert stored.to_numpy().dtype == np.float32
    assert np.array_equal(stored, codes)
    content = run("transform", coded, "digits", "--part", "test", "--json").content
    assert len(content["autoencoder0"]) == 450


def test_without_pyarrow_a_parquet_file_is_refused_before_anything_is_computed(run, coded, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("rosenblatt.runs.trained.Trained.open", None)
    ended = run("transform", coded, "digits", "--out", "codes.parquet")
    assert ended.code == 1
    assert "writing codes.parquet needs pyarrow, which is not installed: pip install 'rosenblatt[data]'" in ended.err


def test_predictions_are_written_to_parquet_too(run, digits_run, tmp_path):
    run("predict", digits_run, "digits", "--proba", "--out", "p.parquet")
    stored, model = pd.read_parquet(tmp_path / "p.parquet"), load_model(digits_run / "model")
    assert stored["prediction"].tolist() == model.predict(load("digits").X).tolist()
    assert list(stored.columns)[1:] == [f"probability_{digit}" for digit in range(10)]


def test_networks_that_predict_have_codes_and_restore_nothing(run, digits_run):
    table = table_of(run("transform", digits_run, "digits").out)
    model = load_model(digits_run / "model")
    assert list(table.columns) == list(model.get_feature_names_out())
    assert np.array_equal(table.to_numpy(np.float32), model.transform(load("digits").X))
    for command in ("reconstruct {} digits", "interpolate {} digits --from-row 0 --to-row 1"):
        ended = run(command.format(digits_run))
        assert ended.code == 1
        assert "MLPClassifier restores no rows, as an autoencoder does (rosenblatt fit autoencoder)" in ended.err


def test_a_perceptron_has_no_codes(run, without_report):
    run("fit perceptron blobs --max-epochs 3 --verbose 0 --out p")
    ended = run("transform p blobs")
    assert ended.code == 1
    assert "Perceptron has no codes: autoencoders have" in ended.err


def test_restored_rows_are_columns_or_keep_the_shape_of_images(run, coded, model, images, tmp_path):
    restored = model.reconstruct(images)
    assert run("reconstruct", coded, "digits", "--out", "r.npy").out == "1,797 restored rows in r.npy\n"
    assert np.array_equal(np.load(tmp_path / "r.npy"), restored)
    run("reconstruct", coded, "digits", "--out", "r.parquet")
    stored = pd.read_parquet(tmp_path / "r.parquet")
    assert list(stored.columns) == [f"x{i}" for i in range(64)]
    assert np.array_equal(stored, restored.reshape(-1, 64))


def test_a_line_between_rows(run, coded, model, images, tmp_path):
    line = model.interpolate(images[2:3], images[7:8], 5)[0]
    words = ("interpolate", coded, "digits", "--from-row", 2, "--to-row", 7, "--steps", 5)
    run(*words, "--out", "line.npy")
    assert np.array_equal(np.load(tmp_path / "line.npy"), line)
    assert np.array_equal(table_of(run(*words).out).to_numpy(np.float32), line.reshape(5, 64))
    assert run(*words, "--out", "line.png").out == "5 steps in line.png\n"
    _, X_test, _, _ = load("digits").split()
    tested = table_of(run(*words, "--part", "test").out).to_numpy(np.float32)
    assert np.array_equal(tested, model.interpolate(X_test[2:3], X_test[7:8], 5)[0].reshape(5, 64))


def test_pictures_of_images(run, coded, tmp_path):
    run("reconstruct", coded, "digits", "--out", "r.png")
    run("interpolate", coded, "digits", "--from-row", 0, "--to-row", 1, "--out", "line.png")
    for name in ("r.png", "line.png"):
        with Image.open(tmp_path / name) as image:
            assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_rows_of_a_table_are_no_picture(run, tables, without_report):
    run(f"fit autoencoder plain.csv {FEW} --out run")
    for command in ("reconstruct run plain.csv", "interpolate run plain.csv --from-row 0 --to-row 1"):
        ended = run(f"{command} --out p.png")
        assert ended.code == 2
        assert "--out p.png: this model restores no images; write a .csv, .npy or .parquet file." in ended.err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("transform {} digits --out c.png", "--out c.png: codes are written to a .csv, .npy or .parquet file."),
        ("reconstruct {} digits --out r.txt", "restored rows are written to a .csv, .npy, .parquet or .png file."),
        ("interpolate {} digits --to-row 3", "parameter --from-row requires an argument"),
        ("interpolate {} digits --from-row -1 --to-row 3", "Must be >= 0"),
        ("interpolate {} digits --from-row 0 --to-row 3 --steps 1", "Must be >= 2"),
        (
            "interpolate {} digits --from-row 0 --to-row 1797",
            "--to-row 1797: there are 1,797 rows, numbered from 0 to 1796.",
        ),
        (
            "interpolate {} digits --from-row 450 --to-row 3 --part test",
            "--from-row 450: there are 450 rows, numbered from 0 to 449.",
        ),
    ],
)
def test_what_is_called_wrongly_is_refused(run, coded, command, message):
    ended = run(command.format(coded))
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err.splitlines()[0]
    assert ended.err.splitlines()[1].endswith("--help says more.")


def test_a_folder_of_images_without_classes(run, tmp_path, without_report):
    rng = np.random.default_rng(0)
    (tmp_path / "pictures").mkdir()
    for number in range(12):
        pixels = (rng.random((6, 9, 3)) * 255).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / "pictures" / f"{number}.png")
    command = f"fit autoencoder pictures --architecture conv --channels 4 {FEW} --out run"
    assert run(command).code == 0
    run("reconstruct run pictures --out r.npy")
    assert np.load(tmp_path / "r.npy").shape == (12, 6, 9, 3)


def test_the_report_shows_what_was_restored(coded):
    folder = RunFolder.open(coded)
    assert {path.stem for path in folder.pictures.iterdir()} == {"risk", "reconstructions", "latent-map"}
    page = folder.report.read_text()
    for text in ("Autoencoder on digits", "What is restored from the codes", "Beside principal component analysis"):
        assert text in page
