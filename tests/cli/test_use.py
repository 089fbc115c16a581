import csv
import io
import shutil
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss

from rosenblatt.data import load
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import load as load_model
from rosenblatt.runs.model_file import save

FEW = "--max-epochs 3 --verbose 0 --random-state 0"


def columns_of(text: str) -> dict[str, list[str]]:
    names, *rows = csv.reader(io.StringIO(text))
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def test_predictions_go_to_standard_output_as_csv(run, digits_run):
    ended = run("predict", digits_run, "digits")
    expected = load_model(digits_run / "model").predict(load("digits").X)
    assert ended.code == 0
    assert columns_of(ended.out) == {"prediction": expected.tolist()}


def test_predictions_and_probabilities_go_to_a_file(run, digits_run, tmp_path):
    model, X = load_model(digits_run / "model"), load("digits").X
    ended = run("predict", digits_run, "digits", "--proba", "--out", "deep/p.csv")
    assert ended.out == "1,797 predictions in deep/p.csv\n"
    columns = columns_of((tmp_path / "deep" / "p.csv").read_text())
    assert list(columns) == ["prediction", *(f"probability_{digit}" for digit in range(10))]
    assert columns["prediction"] == model.predict(X).tolist()
    assert np.array_equal(np.array(columns["probability_7"], float), model.predict_proba(X)[:, 7])
    assert run("predict", digits_run, "digits", "--proba", "--out", "p.npy", "--json").content["rows"] == 1797
    assert np.array_equal(np.load(tmp_path / "p.npy"), model.predict_proba(X))
    run("predict", digits_run, "digits", "--out", "p.npy")
    assert np.array_equal(np.load(tmp_path / "p.npy"), model.predict(X))


def test_predictions_as_json(run, digits_run):
    content = run("predict", digits_run, "digits", "--part", "test", "--json").content
    assert len(content["prediction"]) == 450


def test_predictions_are_written_as_csv_npy_or_parquet(run, digits_run):
    ended = run("predict", digits_run, "digits", "--out", "p.txt")
    assert ended.code == 2
    assert "--out p.txt: predictions are written to a .csv, .npy or .parquet file." in ended.err
    assert "rosenblatt predict --help says more" in ended.err


def test_a_model_without_probabilities_says_so(run, without_report):
    run(f"fit perceptron blobs {FEW} --out p")
    ended = run("predict p blobs --proba")
    assert ended.code == 1
    assert "Perceptron gives no probabilities; leave --proba out" in ended.err


def test_evaluation_is_on_the_rows_that_the_fit_held_out(run, digits_run):
    content = run("evaluate", digits_run, "digits", "--json").content
    model = load_model(digits_run / "model")
    _, X_test, _, y_test = load("digits").split()
    y_test = y_test.astype(str)
    assert (content["part"], content["rows"]) == ("test", 450)
    assert content["scores"]["accuracy"] == pytest.approx(accuracy_score(y_test, model.predict(X_test)), abs=1e-12)
    expected = log_loss(y_test, model.predict_proba(X_test), labels=model.classes_)
    assert content["scores"]["cross_entropy"] == pytest.approx(expected, rel=1e-9)
    assert content["labels"] == list("0123456789")
    assert content["confusion"] == confusion_matrix(y_test, model.predict(X_test)).tolist()
    saved = RunFolder.open(digits_run).record["results"]
    assert content["scores"]["accuracy"] == saved["test_accuracy"]


@pytest.mark.parametrize(("part", "rows"), [("all", 1797), ("train", 1347), ("test", 450)])
def test_parts_can_be_asked_for(run, digits_run, part, rows):
    ended = run("evaluate", digits_run, "digits", "--part", part)
    assert ended.code == 0
    assert f"rows            {rows}" in ended.out
    assert "Rows of each class (down) taken for each class (across)" in ended.out


def test_a_model_alone_is_evaluated_on_all_rows(run, digits_run):
    assert run("evaluate", digits_run / "model", "digits", "--json").content["rows"] == 1797


def test_classes_that_the_model_does_not_know_are_refused(run, digits_run):
    ended = run("evaluate", digits_run, "moons")
    assert ended.code == 1
    assert "no row has a class that the model knows: the target holds lower, upper" in ended.err


@pytest.fixture
def table_run(run, tmp_path, without_report):
    """A run on a table with three columns, one of which decides the class, and the table."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(80, 3)), columns=list("abc"))
    table["kind"] = np.where(table["b"] > 0, "high", "low")
    table.to_csv(tmp_path / "table.csv", index=False)
    assert run(f"fit mlp table.csv --target kind {FEW} --out run").code == 0
    return table


def test_columns_are_found_by_name_in_any_order_with_or_without_the_target(run, table_run, tmp_path):
    expected = run("predict run table.csv").out
    shuffled = table_run[["c", "kind", "b", "a"]]
    shuffled.to_csv(tmp_path / "shuffled.csv", index=False)
    shuffled.drop(columns="kind").assign(more=1.0).to_csv(tmp_path / "new.csv", index=False)
    assert run("predict run shuffled.csv").out == expected
    assert run("predict run new.csv").out == expected


def test_a_missing_column_is_named(run, table_run, tmp_path):
    table_run[["a", "c"]].to_csv(tmp_path / "short.csv", index=False)
    ended = run("predict run short.csv")
    assert ended.code == 1
    assert "short.csv lacks columns that the model learned from: b; it has a, c" in ended.err


def test_evaluation_needs_the_target(run, table_run, tmp_path):
    table_run[["a", "b", "c"]].to_csv(tmp_path / "new.csv", index=False)
    ended = run("evaluate run new.csv")
    assert ended.code == 1
    assert "new.csv has no column 'kind'" in ended.err
    ended = run("evaluate run/model new.csv")
    assert ended.code == 1
    assert "new.csv is read without a target to compare with" in ended.err


def test_images_get_the_shape_of_those_that_were_learned_from(run, tmp_path, without_report):
    rng = np.random.default_rng(0)
    for name, level, size in (("data/cat", 0, 6), ("data/dog", 100, 6), ("new", 0, 9)):
        (tmp_path / name).mkdir(parents=True)
        for number in range(8):
            pixels = (level + rng.random((size, size)) * 100).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / name / f"{number}.png")
    (tmp_path / "new" / "broken.png").write_text("no image")
    assert run(f"fit mlp data {FEW} --out run").code == 0
    ended = run("predict run new")
    assert len(columns_of(ended.out)["prediction"]) == 8
    assert ended.err.startswith("warning: 1 left out of new: broken.png")
    ended = run("predict run new --strict")
    assert ended.code == 1
    assert ended.err.startswith("error: 1 left out of new: broken.png")


def test_describe_shows_the_network_of_a_run(run, digits_run):
    ended = run("describe", digits_run)
    assert "64 x 32 + 32, relu" in ended.out
    assert "test accuracy" in ended.out
    content = run("describe", digits_run / "model", "--json").content
    assert content["estimator"] == "MLPClassifier"
    assert content["network"]["biases"] == 32 + 16 + 10
    assert content["fields"]["hidden_layer_sizes"] == [32, 16]
    assert content["results"] is None


@pytest.mark.parametrize("command", ["predict {} digits", "evaluate {} digits", "describe {}"])
def test_damaged_and_foreign_models_are_one_line(run, digits_run, tmp_path, command):
    broken = tmp_path / "broken"
    shutil.copytree(digits_run, broken)
    (broken / "model" / "config.json").write_text("{")
    save(load_model(digits_run / "model"), tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../config.json", "{}")
    (tmp_path / "text.zip").write_text("no zip")
    assert run(command.format("good.zip")).code == 0
    for name, message in (
        ("broken", "config.json is damaged"),
        ("evil.zip", "is no saved model: it must hold config.json"),
        ("text.zip", "is no zip, or a damaged one"),
    ):
        ended = run(command.format(name))
        assert ended.code == 1
        assert ended.out == ""
        assert len(ended.err.splitlines()) == 1
        assert message in ended.err


def test_a_run_without_a_model_says_so(run, tmp_path):
    RunFolder.create(tmp_path / "begun", estimator="MLPClassifier").finish("failed")
    ended = run("predict begun digits")
    assert ended.code == 1
    assert "the run in begun (failed) has no model" in ended.err


def test_a_model_that_is_not_there_suggests_the_nearest(run, tmp_path):
    (tmp_path / "digits-run").mkdir()
    ended = run("predict digit-run digits")
    assert ended.code == 2
    assert "There is nothing at" in ended.err
    assert "Did you mean 'digits-run'?" in ended.err
