import csv
import json
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.metrics import accuracy_score

from rosenblatt.data import load
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import load as load_model

FEW = "--max-epochs 2 --verbose 0 --random-state 0"


@pytest.fixture
def iris(tmp_path):
    """A table with a target of text."""
    data = load_iris(as_frame=True)
    table = data.frame.rename(columns={"target": "species"})
    table["species"] = data.target_names[data.target]
    table.to_csv(tmp_path / "iris.csv", index=False)
    return table


def test_a_fit_without_a_folder_says_what_came_out_and_writes_nothing(run, tmp_path):
    ended = run(f"fit mlp moons {FEW}")
    assert ended.code == 0
    for word in ("MLPClassifier on moons", "accuracy", "cross entropy", "risk", "train", "test", "2 (max epochs)"):
        assert word in ended.out
    assert "not kept: --out FOLDER" in ended.out
    assert ended.err == "classification: the target holds 2 different labels (--task regression for the other)\n"
    assert list(tmp_path.iterdir()) == []


def test_a_fit_is_that_of_the_estimator(run):
    """The same fields, seed and rows give the same numbers as Python does."""
    results = run(f"fit mlp digits {FEW} --hidden-layer-sizes 8 --activation tanh --json").content["results"]
    X, X_test, y, y_test = load("digits").split()
    model = MLPClassifier(hidden_layer_sizes=8, activation="tanh", max_epochs=2, random_state=0).fit(X, y)
    assert results["test_accuracy"] == pytest.approx(accuracy_score(y_test, model.predict(X_test)), abs=1e-12)
    assert results["train_risk"] == model.history_["train_risk"][-1]
    assert results["parameters"] == 64 * 8 + 8 + 8 * 10 + 10
    assert results["epochs"] == 2
    assert results["stopped"] == "max_epochs"


def test_progress_is_on_standard_error(run):
    ended = run("fit mlp moons --max-epochs 2 --verbose 2 --json")
    assert ended.content["task"] == "classification"
    assert "epoch 2/2" in ended.err


def test_a_run_folder_holds_all_of_a_fit(digits_run):
    folder = RunFolder.open(digits_run)
    record = folder.record
    assert folder.status == "finished"
    assert record["estimator"] == "MLPClassifier"
    assert record["seed"] == 0
    assert record["command"].startswith("rosenblatt fit mlp digits --hidden-layer-sizes 32 16 --dropout 0.1")
    assert record["fields"]["hidden_layer_sizes"] == [32, 16]
    assert record["fields"]["data"]["name"] == "digits"
    assert record["results"]["test_accuracy"] > 0.8  # chance is 0.1; 0.92 was measured
    with (digits_run / "history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == [str(epoch) for epoch in range(1, 13)]
    assert {path.name for path in folder.pictures.iterdir()} == {"risk.png", "confusion.png", "mistakes.png"}
    assert "MLPClassifier on digits" in folder.report.read_text()
    assert folder.checkpoint.exists()


def test_the_saved_model_scores_as_the_fit_said(digits_run):
    model = load_model(digits_run / "model")
    _, X_test, _, y_test = load("digits").split()
    accuracy = accuracy_score(y_test.astype(str), model.predict(X_test))
    assert accuracy == RunFolder.open(digits_run).record["results"]["test_accuracy"]


def test_a_seed_is_drawn_and_shown_where_none_is_given(run):
    seeds = {run("fit mlp moons --max-epochs 1 --verbose 0 --json").content["fields"]["random_state"] for _ in range(2)}
    assert len(seeds) == 2
    assert all(0 <= seed < 2**31 for seed in seeds)


@pytest.mark.parametrize(
    ("flags", "task", "estimator"),
    [("", "regression", "MLPRegressor"), ("--task classification", "classification", "MLPClassifier")],
)
def test_the_target_decides_the_task_unless_it_is_given(run, tmp_path, flags, task, estimator):
    table = load_diabetes(as_frame=True).frame
    table.assign(sex=(table["sex"] > 0) * 1.0).to_csv(tmp_path / "diabetes.csv", index=False)
    ended = run(f"fit mlp diabetes.csv --target sex --test-size 0 {FEW} {flags} --json")
    assert (ended.content["task"], ended.content["estimator"]) == (task, estimator)
    assert ("regression: the target holds decimal numbers" in ended.err) == (flags == "")


def test_text_and_few_whole_numbers_are_classes(run, iris):
    assert run(f"fit mlp iris.csv --target species {FEW} --json").content["task"] == "classification"


def test_a_regression_is_scored_by_r2_and_errors(run, tmp_path):
    load_diabetes(as_frame=True).frame.to_csv(tmp_path / "diabetes.csv", index=False)
    ended = run(f"fit mlp diabetes.csv --target target --loss huber {FEW}")
    for word in ("MLPRegressor", "r2", "mean squared error", "mean absolute error"):
        assert word in ended.out


def test_a_flag_of_the_other_task_is_refused(run):
    ended = run(f"fit mlp digits --loss huber {FEW}")
    assert ended.code == 2
    assert "--loss is for regression, and this is classification; leave it out, or give --task regression" in ended.err
    assert "rosenblatt fit mlp --help says more" in ended.err


def test_rows_are_held_out_by_share_by_number_or_not_at_all(run):
    for flag, n_test in (("--test-size 0.5", 500), ("--test-size 100", 100)):
        results = run(f"fit perceptron blobs {FEW} {flag} --json").content["results"]
        assert results["test_accuracy"] * n_test == pytest.approx(round(results["test_accuracy"] * n_test))
    results = run(f"fit perceptron blobs {FEW} --test-size 0 --json").content["results"]
    assert not [name for name in results if name.startswith("test")]
    ended = run(f"fit perceptron blobs {FEW} --test-size 1.5")
    assert ended.code == 1
    assert "test_size" in ended.err


def test_a_perceptron_says_that_no_plane_separates(run):
    ended = run(f"fit perceptron moons {FEW}")
    assert ended.code == 0
    assert "warning: the last of 2 epochs still had mistakes, and no plane separates the classes" in ended.err


def test_early_stopping_uses_rows_of_its_own(run):
    results = run(f"fit mlp moons {FEW} --early-stopping --json").content["results"]
    assert "validation_risk" in results
    assert "test_risk" not in results
    assert "test_accuracy" in results


def test_dry_run_shows_the_network_and_trains_nothing(run, tmp_path):
    ended = run("fit mlp digits --hidden-layer-sizes 32 --dry-run --out x")
    assert "64 x 32 + 32, relu" in ended.out
    assert "2,368 weights + 42 biases" in ended.out
    assert "hidden layer sizes" in ended.out
    assert list(tmp_path.iterdir()) == []
    content = run("describe mlp digits --hidden-layer-sizes 32 --json").content
    assert content["network"]["weights"] == 64 * 32 + 32 * 10
    assert content["fields"]["hidden_layer_sizes"] == 32


def test_no_size_at_all_is_a_linear_model(run):
    network = run("describe mlp digits --hidden-layer-sizes --json").content["network"]
    assert [layer["name"] for layer in network["layers"]] == ["output"]


def test_values_of_a_file_are_under_those_that_are_typed(run, iris, tmp_path):
    text = (
        'max_epochs = 7\nhidden-layer-sizes = [8, 4]\nactivation = "tanh"\ntarget = "species"\nearly_stopping = true\n'
    )
    (tmp_path / "fit.toml").write_text(text)
    fields = run("describe mlp iris.csv --config fit.toml --max-epochs 5 --json").content["fields"]
    assert fields["max_epochs"] == 5
    assert fields["hidden_layer_sizes"] == [8, 4]
    assert fields["activation"] == "tanh"
    assert fields["early_stopping"] is True
    assert fields["data"]["target"] == "species"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_epoch = 3", "from fit.toml. Did you mean --max-epochs?"),
        ("max_epochs = 2.5", "--max-epochs needs whole numbers, and 2.5 is none"),
        ("max_epochs == 2", "--config fit.toml is not TOML: Invalid value (at line 1, column 13)"),
        ("dropout = 2.0", 'Invalid value "2.0" for [dropout] provided by fit.toml. Input should be less than 1.'),
    ],
)
def test_a_bad_file_of_values_is_refused(run, tmp_path, text, message):
    (tmp_path / "fit.toml").write_text(text)
    ended = run("fit mlp digits --config fit.toml")
    assert ended.code == 2
    assert message in ended.err


def test_a_file_of_values_that_is_not_there_is_refused(run):
    ended = run("fit mlp digits --config fit.toml")
    assert ended.code == 2
    assert "--config fit.toml cannot be read: No such file or directory" in ended.err


@pytest.mark.parametrize("flag", ["--resume", "--overwrite"])
def test_flags_about_a_run_need_its_folder(run, flag):
    ended = run(f"fit mlp digits {flag}")
    assert ended.code == 2
    assert f"{flag} needs the folder of the run: --out FOLDER" in ended.err


def test_a_run_is_not_replaced_unless_it_is_said(run, digits_run):
    ended = run("fit mlp digits --out", digits_run)
    assert ended.code == 1
    assert "already holds a run: choose another folder, or give --resume to go on with it or --overwrite" in ended.err
    ended = run("fit mlp digits --resume --overwrite --out", digits_run)
    assert ended.code == 2
    assert "give one of them" in ended.err


def test_folders_that_cannot_be_written_are_one_line(run, tmp_path):
    (tmp_path / "file").touch()
    ended = run(f"fit mlp moons {FEW} --out file")
    assert ended.code == 1
    assert "cannot write file: it is a file, and a folder is needed" in ended.err
    ended = run(f"fit mlp moons {FEW} --out .")
    assert ended.code == 1
    assert "is not empty and holds no run" in ended.err


def test_a_diverging_fit_is_one_line_and_a_failed_run(run, tmp_path):
    ended = run(f"fit mlp digits --optimizer sgd --learning-rate 1e30 {FEW} --out bad")
    assert ended.code == 1
    assert ended.out == ""
    last = ended.err.splitlines()[-1]
    assert last.startswith("error: the risk of 'model' became ")
    assert "Try a smaller learning_rate" in last
    assert RunFolder.open(tmp_path / "bad").status == "failed"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b,y\n1,2,x\n3,,z\n", "missing values in 'b' (1 of 2)"),
        (b"a,b,y\n1,2,x\n3,two,z\n", "columns that are not numbers: 'b'"),
        (b"a,b,y\n", "but no rows"),
        (b"", "cannot be read"),
        (b"a,b,y\n1,2,x\n3,4,x\n5,6,x\n7,8,x\n", "y holds one class only"),
        (b"a,b,y\n1,1,x\n1,1,z\n1,1,x\n1,1,z\n1,1,x\n1,1,z\n", "every column of X is constant"),
    ],
)
def test_bad_tables_are_one_line(run, tmp_path, content, message):
    (tmp_path / "bad.csv").write_bytes(content)
    ended = run(f"fit mlp bad.csv --target y {FEW} --test-size 0")
    assert ended.code == 1
    assert ended.out == ""
    assert message in ended.err.splitlines()[-1]


def test_a_target_that_does_not_exist_suggests_the_nearest(run, iris):
    ended = run("fit mlp iris.csv --target specie")
    assert ended.code == 1
    assert "has no column 'specie'. Did you mean 'species'?" in ended.err


def test_a_table_without_a_target_says_which_columns_there_are(run, tmp_path):
    pd.DataFrame({"height": [1.0, 2.0], "weight": [3.0, 4.0]}).to_csv(tmp_path / "t.csv", index=False)
    ended = run("fit mlp t.csv")
    assert ended.code == 1
    assert "is read without a target; name the column" in ended.err
    assert "height, weight" in ended.err


def test_nan_and_infinity_are_one_line(run, tmp_path):
    X = load_digits().data
    for value in (np.nan, np.inf):
        X[3, 4] = value
        np.savez(tmp_path / "bad.npz", X=X, y=load_digits().target)
        ended = run(f"fit mlp bad.npz {FEW}")
        assert ended.code == 1
        assert len(ended.err.splitlines()) == 2
        assert "Input X contains" in ended.err


def test_going_on_with_a_run_takes_its_flags_and_ends_with_the_same_bits(run, tmp_path, without_report):
    flags = "--hidden-layer-sizes 16 8 --dropout 0.2 --random-state 3 --test-size 0.4 --verbose 0"
    assert run(f"fit mlp digits {flags} --max-epochs 6 --out whole").code == 0
    assert run(f"fit mlp digits {flags} --max-epochs 2 --out parts").code == 0
    ended = run("fit mlp digits --out parts --resume --max-epochs 6 --verbose 0")
    assert ended.code == 0
    whole, parts = (RunFolder.open(tmp_path / name) for name in ("whole", "parts"))
    assert (parts.model / "model.safetensors").read_bytes() == (whole.model / "model.safetensors").read_bytes()
    assert np.array_equal(parts.history()["train_risk"], whole.history()["train_risk"])
    assert len(parts.record["resumed"]) == 1
    refused = {
        "--dropout 0.1": "--resume cannot go on with parts: dropout is 0.2 there and 0.1 here. Leave the flag out",
        "--test-size 0.3": "test_size is 0.4 there and 0.3 here",
    }
    before = parts.record
    for flag, message in refused.items():
        ended = run(f"fit mlp digits --out parts --resume {flag}")
        assert ended.code == 2
        assert message in ended.err
    assert RunFolder.open(tmp_path / "parts").record == before


def test_going_on_is_refused_for_another_model_or_other_data(run, digits_run):
    ended = run("fit perceptron digits --resume --out", digits_run)
    assert ended.code == 2
    assert "--resume cannot go on with a run of MLPClassifier: this is Perceptron" in ended.err
    ended = run("fit mlp moons --resume --out", digits_run)
    assert ended.code == 1
    assert "resume goes on with the same fit" in ended.err


def test_ctrl_c_leaves_a_run_that_says_how_to_go_on(tmp_path):
    """For real: a process, and the signal that a terminal sends."""
    flags = ["--hidden-layer-sizes", "64", "--max-epochs", "1000000", "--verbose", "0", "--json"]
    command = [sys.executable, "-m", "rosenblatt", "fit", "mlp", "digits", *flags, "--out", "x"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    history = tmp_path / "x" / "history.csv"
    deadline = time.monotonic() + 60
    while not (history.exists() and history.read_text().count("\n") > 2) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(out)["results"]["stopped"] == "interrupted"
    assert "warning: the fit was interrupted after" in err
    assert "go on with:  rosenblatt fit mlp digits" in err
    assert "--out x --resume" in err
    folder = RunFolder.open(tmp_path / "x")
    assert folder.status == "interrupted"
    assert folder.checkpoint.exists()
    assert (folder.model / "config.json").exists()
