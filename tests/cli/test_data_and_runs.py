import json

import numpy as np
import pandas as pd
import pytest

from rosenblatt.data import DESCRIPTIONS
from rosenblatt.runs.folder import RunFolder


def test_data_list(run):
    assert run("data list --json").content == DESCRIPTIONS
    ended = run("data list")
    assert all(name in ended.out for name in DESCRIPTIONS)


def test_data_show_of_images(run):
    ended = run("data show digits")
    assert "8 x 8 x 1" in ended.out
    assert "the target holds 10 different labels (classification)" in ended.out
    content = run("data show digits --json").content
    assert content["rows"] == 1797
    assert content["classes"]["0"] == 178
    assert content["features"] == {}


def test_data_show_of_a_table(run, tmp_path):
    pd.DataFrame({"height": [1.0, 2.0, 6.0], "price": [1.5, 2.5, 3.5]}).to_csv(tmp_path / "t.csv", index=False)
    content = run("data show t.csv --target price --json").content
    assert content["features"] == {"height": {"smallest": 1.0, "mean": 3.0, "largest": 6.0}}
    assert content["target"] == "the target holds decimal numbers (regression)"
    assert content["classes"] == {}
    ended = run("data show t.csv")
    assert "height" in ended.out
    assert "price" in ended.out


def test_data_show_says_what_was_left_out(run, tmp_path):
    np.savez(tmp_path / "t.npz", X=np.eye(3), y=np.arange(3), notes=np.zeros(2))
    ended = run("data show t.npz --json")
    assert list(ended.content["left_out"].values()) != []
    assert "warning: 1 left out of t.npz" in ended.err


@pytest.fixture
def two_runs(tmp_path):
    """Two runs in the folder ``runs``."""
    for name, dropout, accuracy in (("a", 0.1, 0.9), ("b", 0.2, 0.8)):
        folder = RunFolder.create(
            tmp_path / "runs" / name, estimator="MLPClassifier", fields={"dropout": dropout}, seed=0, command="x"
        )
        folder.finish("finished", {"train_accuracy": 1.0, "test_accuracy": accuracy})


def test_runs_list(run, two_runs):
    ended = run("runs list")
    assert [line.split()[0] for line in ended.out.splitlines() if "MLPClassifier" in line] == ["runs/a", "runs/b"]
    assert "test accuracy" in ended.out
    content = run("runs list --json").content
    assert [entry["results"]["test_accuracy"] for entry in content] == [0.9, 0.8]


def test_runs_list_of_nothing(run, tmp_path):
    ended = run("runs list")
    assert ended.code == 2
    assert f"There is nothing at {tmp_path / 'runs'}." in ended.err
    (tmp_path / "runs").mkdir()
    assert run("runs list").out == "no runs in runs\n"
    assert run("runs list --json").content == []


def test_runs_show(run, two_runs):
    ended = run("runs show runs/a")
    for word in ("finished", "dropout", "test accuracy", "jax"):
        assert word in ended.out
    content = run("runs show runs/a --json").content
    assert content["fields"] == {"dropout": 0.1}
    assert content["status"] == "finished"


def test_runs_diff(run, two_runs):
    content = run("runs diff runs/a runs/b --json").content
    assert content["fields"] == {"dropout": [0.1, 0.2]}
    assert content["results"] == {"test_accuracy": [0.9, 0.8]}
    ended = run("runs diff runs/a runs/b")
    assert "dropout" in ended.out
    assert "Versions" not in ended.out
    assert run("runs diff runs/a runs/a").out == "the runs are the same\n"


def test_runs_rm_removes_runs_and_nothing_else(run, two_runs, tmp_path):
    (tmp_path / "runs" / "a" / "mine.txt").touch()
    ended = run("runs rm runs/a")
    assert ended.code == 1
    assert "mine.txt" in ended.err
    (tmp_path / "runs" / "a" / "mine.txt").unlink()
    assert run("runs rm runs/a runs/b").out == "removed runs/a\nremoved runs/b\n"
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_run_that_may_be_at_work_is_only_removed_by_force(run, tmp_path):
    folder = RunFolder.create(tmp_path / "other", estimator="MLPClassifier")
    record = json.loads((folder.path / "run.json").read_text())
    (folder.path / "run.json").write_text(json.dumps(record | {"host": "elsewhere"}))
    ended = run("runs rm other")
    assert ended.code == 1
    assert "may be, still at work" in ended.err
    assert run("runs rm other --force --json").content == {"removed": ["other"]}


def test_damaged_runs_are_listed_and_named(run, two_runs, tmp_path):
    (tmp_path / "runs" / "b" / "run.json").write_text("{")
    assert "damaged" in run("runs list").out
    for command in ("runs show runs/b", "runs diff runs/a runs/b", "runs rm runs/b"):
        ended = run(command)
        assert ended.code == 1
        assert "runs/b/run.json, line 1: this is not JSON" in ended.err


def test_tour_passes_on_what_was_asked(run, tmp_path, monkeypatch):
    asked = []

    def lead(out, chapters):
        asked.append((str(out), chapters))
        RunFolder.create(out, estimator="tour").finish("finished", {"gates": 3})
        return out / "report.html"

    monkeypatch.setattr("rosenblatt.runs.tour.tour", lead)
    assert run("tour").out == "report  runs/tour/report.html\n"
    ended = run("tour gates digits --out trip --json")
    assert ended.content == {"report": "trip/report.html", "results": {"gates": 3}}
    assert asked == [("runs/tour", None), ("trip", ("gates", "digits"))]
