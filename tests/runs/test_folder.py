"""A run's life: begun, watched, ended, killed, resumed, replaced; and the mistakes on the way."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.runs.folder import RunFolder, list_runs

DEAD = 2**22 + 1


def begin(path: Path, **what) -> RunFolder:
    return RunFolder.create(path, **{"estimator": "MLPClassifier", "fields": {"dropout": 0.2}, "seed": 0} | what)


def pretend(run: RunFolder, **entries: object) -> None:
    """Rewrite entries of a run's file as another process would have written them."""
    from rosenblatt.runs.run_record import write_record

    write_record(run.path, run.record | entries)


def test_a_run_is_begun_watched_and_ended(tmp_path):
    run = begin(tmp_path / "a" / "run", device="cpu", data_fingerprint="f", command="rosenblatt fit", seed=np.int64(3))
    assert RunFolder.open(run).record == run.record
    assert {name: run.record[name] for name in ("device", "data_fingerprint", "command", "seed")} == {
        "device": "cpu",
        "data_fingerprint": "f",
        "command": "rosenblatt fit",
        "seed": 3,
    }
    run.append_history({"epoch": 1, "train_risk": 0.5})
    assert RunFolder.open(run.path).history()["train_risk"].tolist() == [0.5]
    assert RunFolder.open(run.path).status == "running"
    run.finish("finished", {"accuracy": np.float32(0.5)})
    ended = RunFolder.open(str(run.path))
    assert ended.status == "finished"
    assert ended.record["results"] == {"accuracy": 0.5}
    assert ended.record["started"] <= ended.record["finished"]


def test_the_parts_of_a_run_have_their_places(tmp_path):
    run = begin(tmp_path)
    places = [run.report, run.model, run.pictures, run.checkpoint]
    assert [place.relative_to(tmp_path).as_posix() for place in places] == [
        "report.html",
        "model",
        "pictures",
        "checkpoint.safetensors",
    ]
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]


def test_changes_are_merged_and_written(tmp_path):
    run = begin(tmp_path)
    run.update(results={"a": 1}, fields={"l2": 0.1}, device="cpu")
    run.update(results={"b": float("nan")})
    assert RunFolder.open(tmp_path).record["results"] == {"a": 1, "b": "nan"}
    assert RunFolder.open(tmp_path).record["fields"] == {"dropout": 0.2, "l2": 0.1}
    assert run.record == RunFolder.open(tmp_path).record


def test_the_record_is_a_copy(tmp_path):
    run = begin(tmp_path)
    run.record["fields"]["dropout"] = 0.9
    assert run.record["fields"]["dropout"] == 0.2


@pytest.mark.parametrize(
    ("changes", "kind", "problem"),
    [
        ({"status": "finished"}, TypeError, r"update got status, and can change fields, .*results; use finish to end"),
        ({"result": 1}, TypeError, r"update got result, and can change"),
        ({"results": None}, ValueError, r'"results" is None, and an object is needed'),
        ({"device": 1}, ValueError, r'"device" is 1, and a text or null is needed'),
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(tmp_path, changes, kind, problem):
    run = begin(tmp_path)
    before = run.record
    with pytest.raises(kind, match=problem):
        run.update(**changes)
    assert run.record == RunFolder.open(tmp_path).record == before


def test_a_run_ends_in_one_of_three_ways(tmp_path):
    run = begin(tmp_path)
    with pytest.raises(ValueError, match=r"got status='done'; a run ends as one of finished, interrupted, failed"):
        run.finish("done")
    run.finish("failed", error=ValueError("the risk is nan"))
    assert RunFolder.open(tmp_path).record["error"] == "ValueError: the risk is nan"
    run.finish("interrupted", {"epochs": 3})
    assert RunFolder.open(tmp_path).record["error"] is None
    assert RunFolder.open(tmp_path).status == "interrupted"


def test_an_empty_folder_and_what_a_kill_left_in_it_are_no_hindrance(tmp_path):
    (tmp_path / ".partial-0123-run.json").write_text("{")
    assert begin(tmp_path).status == "running"


def test_a_folder_with_other_files_is_refused_and_left(tmp_path):
    for name in "abcdefg":
        (tmp_path / name).write_text("mine")
    for options in ({}, {"overwrite": True}, {"resume": True}):
        with pytest.raises(
            FileExistsError, match=r"not empty and holds no run \(it has a, b, c, d, e and 2 more\); choose"
        ):
            begin(tmp_path, **options)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == list("abcdefg")


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match=r"cannot write .*file: it is a file, and a folder is needed"):
        begin(tmp_path / "file")
    with pytest.raises(NotADirectoryError, match=r"file is a file where a folder is needed"):
        begin(tmp_path / "file" / "run")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs the /proc of Linux")
def test_a_folder_that_cannot_be_made_is_named():
    with pytest.raises(OSError, match=r"cannot write /proc/run: .*choose another folder"):
        begin(Path("/proc/run"))


def test_an_earlier_run_is_kept_unless_told_otherwise(tmp_path):
    begin(tmp_path).finish("finished")
    with pytest.raises(
        FileExistsError, match=r"already holds a run \(MLPClassifier, finished, started .*overwrite=True"
    ):
        begin(tmp_path)
    with pytest.raises(ValueError, match=r"got overwrite=True and resume=True, and only one is possible"):
        begin(tmp_path, overwrite=True, resume=True)
    assert RunFolder.open(tmp_path).status == "finished"


def test_an_earlier_run_is_replaced_when_told(tmp_path):
    earlier = begin(tmp_path)
    earlier.append_history({"epoch": 1})
    earlier.report.write_text("report")
    run = begin(tmp_path, overwrite=True)
    assert run.history() == {}
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]


def test_a_wrong_call_costs_no_earlier_run(tmp_path):
    begin(tmp_path).append_history({"epoch": 1})
    with pytest.raises(ValueError, match='"device" is 3'):
        begin(tmp_path, overwrite=True, device=3)
    assert RunFolder.open(tmp_path).history()["epoch"].tolist() == [1]


def test_overwriting_spares_files_that_are_not_of_a_run(tmp_path):
    begin(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"has what is not of a run: notes.txt; move it away first"):
        begin(tmp_path, overwrite=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_killed_run_goes_on(tmp_path):
    killed = begin(tmp_path, device="cpu", data_fingerprint="f")
    killed.append_history({"epoch": 1})
    killed.append_history({"epoch": 2})
    killed.update(results={"a": 1})
    pretend(killed, pid=DEAD)
    assert RunFolder.open(tmp_path).status == "stopped"
    run = begin(tmp_path, fields={"dropout": 0.5}, data_fingerprint="f", resume=True)
    run.truncate_history(1)
    run.append_history({"epoch": 2})
    assert run.history()["epoch"].tolist() == [1, 2]
    record = RunFolder.open(tmp_path).record
    assert record["status"] == "running"
    assert (record["started"], record["device"]) == (killed.record["started"], "cpu")
    assert record["results"] == {"a": 1}
    assert record["resumed"][0]["from"] == "stopped"
    assert record["resumed"][0]["changed"] == {"fields": {"dropout": [0.2, 0.5]}}


def test_a_resumed_run_forgets_that_it_failed_and_counts_its_returns(tmp_path):
    begin(tmp_path).finish("failed", error="memory")
    begin(tmp_path, resume=True).finish("interrupted")
    record = begin(tmp_path, resume=True).record
    assert record["error"] is record["finished"] is None
    assert [note["from"] for note in record["resumed"]] == ["failed", "interrupted"]


def test_resuming_where_no_run_is_begins_one(tmp_path):
    assert begin(tmp_path / "new", resume=True).record["resumed"] == []


def test_only_the_same_fit_is_resumed(tmp_path):
    begin(tmp_path, data_fingerprint="f")
    with pytest.raises(
        ValueError, match=r"with estimator MLPClassifier, and this one has VAE; resume goes on with the same"
    ):
        begin(tmp_path, estimator="VAE", resume=True)
    with pytest.raises(ValueError, match=r"with data_fingerprint f, and this one has g; .*choose another folder"):
        begin(tmp_path, data_fingerprint="g", resume=True)


@pytest.fixture
def worker(tmp_path):
    """A run that another process is at work on."""
    code = (
        "import sys; from rosenblatt.runs.folder import RunFolder;"
        "RunFolder.create(sys.argv[1], estimator='MLPClassifier'); print(flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_run_at_work_is_neither_resumed_nor_replaced_until_it_is_killed(tmp_path, worker):
    with pytest.raises(RuntimeError, match=rf"still at work \(process {worker.pid}\); wait for it, or stop it first"):
        begin(tmp_path / "run", resume=True)
    with pytest.raises(RuntimeError, match=rf"may be, still at work \(process {worker.pid} on .*\); stop it"):
        begin(tmp_path / "run", overwrite=True)
    assert [run.status for run in list_runs(tmp_path)] == ["running"]
    worker.kill()
    worker.wait()
    assert [run.status for run in list_runs(tmp_path)] == ["stopped"]
    assert begin(tmp_path / "run", resume=True).status == "running"


def test_a_job_that_was_queued_again_on_another_host_resumes(tmp_path):
    pretend(begin(tmp_path), host="node17")
    assert begin(tmp_path, resume=True).record["resumed"][0]["from"] == "running"


def test_a_damaged_run_is_neither_opened_nor_replaced(tmp_path):
    begin(tmp_path)
    (tmp_path / "run.json").write_text('{\n"format": "rosenblatt-run",\n')
    for call in (
        RunFolder.open,
        lambda path: begin(path, overwrite=True),
        lambda path: begin(path, resume=True),
        begin,
    ):
        with pytest.raises(ValueError, match=r"run.json, line 3: this is not JSON .*restore the file from a copy"):
            call(tmp_path)


def test_a_run_says_what_it_is(tmp_path):
    assert repr(begin(tmp_path)) == f"RunFolder('{tmp_path}', MLPClassifier, running)"


def test_looking_at_runs_loads_nothing_heavy():
    heavy = {"jax", "numpy", "sklearn", "matplotlib", "pandas"}
    code = f"import sys, rosenblatt.runs.folder; assert not {heavy!r} & set(sys.modules), {heavy!r} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
