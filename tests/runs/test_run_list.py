"""Runs in folders of every kind: whole, damaged, killed, foreign."""

import os
from pathlib import Path

import pytest

from rosenblatt.runs.folder import RunFolder, diff_runs, list_runs, remove_run
from rosenblatt.runs.run_record import write_record


def make(path: Path, started: str = "2026-11-22T10:00:00.000+00:00", **entries: object) -> RunFolder:
    run = RunFolder.create(path, estimator="MLPClassifier", fields={"dropout": 0.2}, seed=0)
    write_record(path, run.record | {"started": started, **entries})
    return RunFolder.open(path)


def filled(path: Path) -> RunFolder:
    """A run with everything that a run can have, and what a kill may leave."""
    run = make(path)
    run.append_history({"epoch": 1})
    names = ["report.html", "checkpoint.safetensors", "model.zip", "model/config.json", "model/model.safetensors"]
    names += ["model/members/0/config.json", "pictures/risk.png", "pictures/risk.svg"]
    names += [".partial-12ab-model/config.json", "model/.partial-12ab-x"]
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text("")
    return run


def tree(path: Path) -> list[str]:
    return sorted(entry.relative_to(path).as_posix() for entry in path.rglob("*"))


def test_runs_are_listed_by_their_start_whatever_their_folders_are_called(tmp_path):
    make(tmp_path / "a", "2026-11-22T12:00:00.000+00:00", status="finished", results={"accuracy": 0.9})
    make(tmp_path / "b", "2026-11-22T10:00:00.000+00:00", pid=2**22 + 1)
    make(tmp_path / "sweep" / "c", "2026-11-22T11:00:00.000+00:00", status="failed", error="ValueError: nan")
    runs = list_runs(tmp_path)
    assert [run.path.relative_to(tmp_path).as_posix() for run in runs] == ["b", "sweep/c", "a"]
    assert [run.status for run in runs] == ["stopped", "failed", "finished"]
    assert [run.problem for run in runs] == ["", "ValueError: nan", ""]
    assert runs[2].results == {"accuracy": 0.9}
    assert list_runs(str(tmp_path / "a"))[0].estimator == "MLPClassifier"


def test_damaged_runs_are_listed_with_what_is_wrong(tmp_path):
    make(tmp_path / "good")
    for name, content in {"cut": '{"format', "foreign": '{"x": 1}', "empty": ""}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(content)
        os.utime(tmp_path / name / "run.json", (0, 0))
    runs = list_runs(tmp_path)
    assert [run.status for run in runs] == ["damaged"] * 3 + ["running"]
    assert [run.path.name for run in runs] == ["cut", "empty", "foreign", "good"]
    assert all("run.json, line 1: this is no" in run.problem for run in runs[:3])
    assert runs[0].started == "1970-01-01T00:00:00.000+00:00"


def test_hidden_folders_links_and_the_insides_of_runs_are_not_searched(tmp_path):
    make(tmp_path / "run")
    make(tmp_path / "run" / "model" / "inner")
    make(tmp_path / ".partial-12ab-run")
    (tmp_path / "link").symlink_to(tmp_path / "run")
    assert [run.path.name for run in list_runs(tmp_path)] == ["run"]


def test_a_folder_without_runs_and_no_folder(tmp_path):
    assert list_runs(tmp_path) == []
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere; give the folder that your runs"):
        list_runs(tmp_path / "nowhere")


def test_two_runs_are_compared_by_what_differs(tmp_path):
    a = make(tmp_path / "a", fields={"dropout": 0.2, "l2": 0.1}, results={"accuracy": 0.9}, seed=0)
    versions = a.record["versions"] | {"jax": "0.1"}
    b = make(tmp_path / "b", fields={"dropout": 0.2, "l1": 0.1}, results={"accuracy": 0.8}, versions=versions, seed=1)
    assert diff_runs(a, b.path) == {
        "run": {"seed": (0, 1)},
        "fields": {"l2": (0.1, None), "l1": (None, 0.1)},
        "versions": {"jax": (a.record["versions"]["jax"], "0.1")},
        "results": {"accuracy": (0.9, 0.8)},
    }
    assert diff_runs(a, a) == {"run": {}, "fields": {}, "versions": {}, "results": {}}


def test_a_run_is_removed_with_all_that_is_of_it(tmp_path):
    remove_run(filled(tmp_path / "run"))
    make(tmp_path / "other")
    assert tree(tmp_path) == ["other", "other/run.json"]


@pytest.mark.parametrize(
    "name", ["notes.txt", "pictures/raw.tif", "model/train.py", "history.csv.bak", "run.json.bak", "sub/run.json"]
)
def test_a_foreign_file_stops_the_removal_before_it_begins(tmp_path, name):
    run = filled(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(
        ValueError, match=rf"what is not of a run: .*{name}; move it away first \(nothing was removed\)"
    ):
        remove_run(run)
    assert tree(tmp_path) == before


def test_a_foreign_folder_and_a_link_stop_it_too(tmp_path):
    run = filled(tmp_path / "run")
    (tmp_path / "run" / "data").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run" / "pictures" / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match=r"what is not of a run: data/, pictures/link; move it away first"):
        remove_run(run)


def test_a_link_to_a_run_is_not_the_run(tmp_path):
    make(tmp_path / "run")
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with pytest.raises(ValueError, match=r"link is a symbolic link; give the folder that it points to, .*run"):
        remove_run(tmp_path / "link")


def test_what_does_not_say_that_it_is_a_run_is_not_removed(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no run: it has no run.json"):
        remove_run(tmp_path)
    (tmp_path / "run.json").write_text('{"status": "finished"}')
    with pytest.raises(ValueError, match=r"this is no record of a run of rosenblatt"):
        remove_run(tmp_path)
    assert tree(tmp_path) == ["run.json"]


def test_a_run_that_may_be_at_work_elsewhere_is_removed_only_by_force(tmp_path):
    make(tmp_path / "run", host="node17", pid=12)
    with pytest.raises(RuntimeError, match=r"still at work \(process 12 on node17\); stop it, .*give force=True"):
        remove_run(tmp_path / "run")
    remove_run(tmp_path / "run", force=True)
    assert tree(tmp_path) == []


def test_a_removal_that_was_cut_short_can_be_finished(tmp_path, monkeypatch):
    run = filled(tmp_path / "run")
    unlink, calls = Path.unlink, []

    def fail_third(path, missing_ok=False):
        calls.append(path)
        if len(calls) == 3:
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", fail_third)
    with pytest.raises(PermissionError):
        remove_run(run)
    remove_run(run)
    assert tree(tmp_path) == []
