"""Records are damaged by hand, and processes are really killed."""

import functools
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from sklearn.linear_model import Perceptron

from rosenblatt.runs.run_record import current_status, is_busy, new_record, plain, read_record, write_record


@pytest.fixture
def folder(tmp_path) -> Path:
    write_record(tmp_path, new_record(estimator="MLPClassifier", fields={"device": "cpu"}, seed=0))
    return tmp_path


def test_a_record_says_what_ran_where_and_when(folder):
    record = read_record(folder)
    assert record["estimator"] == "MLPClassifier"
    assert record["versions"]["numpy"] == np.__version__
    assert set(record["versions"]) == {"rosenblatt", "python", "jax", "numpy", "scikit-learn"}
    assert (record["pid"], record["host"]) == (os.getpid(), platform.node())
    assert abs((datetime.now(UTC) - datetime.fromisoformat(record["started"])).total_seconds()) < 60
    assert record["status"] == "running"
    assert record["finished"] is record["error"] is None


def test_what_json_cannot_hold_is_named():
    value = {
        "float": np.float32(0.5),
        "int": np.int64(3),
        "bool": np.bool_(True),
        "jax": jnp.ones(2),
        "array": np.array([1.0, np.nan]),
        "large": np.zeros((20, 20)),
        "infinite": float("inf"),
        "tuple": (1, "a", None),
        "set": {"b", "a"},
        "path": Path("a/b"),
        "class": dict,
        "function": os.path.join,
        "estimator": Perceptron(alpha=0.5),
        "partial": functools.partial(print, 1),
        "optimizer": optax.sgd(0.1),
        1: {np.int64(2): 3},
    }
    converted = plain(value)
    assert json.loads(json.dumps(converted, allow_nan=False)) == converted
    assert converted.pop("estimator")["fields"]["alpha"] == 0.5
    assert "GradientTransformation" in converted.pop("optimizer")
    assert converted == {
        "float": 0.5,
        "int": 3,
        "bool": True,
        "jax": [1.0, 1.0],
        "array": [1.0, "nan"],
        "large": "float64 array of shape (20, 20)",
        "infinite": "inf",
        "tuple": [1, "a", None],
        "set": ["a", "b"],
        "path": "a/b",
        "class": "builtins.dict",
        "function": "posixpath.join",
        "partial": "functools.partial",
        "1": {"2": 3},
    }


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"seed": 0,', '"seed": 0', r"run.json, line 1[4-8]: this is not JSON \(Expecting ',' delimiter\); restore"),
        (
            '"status": "running"',
            '"status": "runing"',
            r"line 1\d: \"status\" is 'runing', and one of running, finished",
        ),
        ('"results": {}', '"result": {}', r'line 1: "results" is missing; restore the file from a copy, or remove'),
        ('"results": {}', '"results": {}, "note": 1', r'line 2\d: "note" is no entry of a run; restore'),
        ('"fields": {', '"fields": 3, "x": {', r'"x" is no entry of a run'),
        ('"seed": 0', '"seed": 0.5', r'"seed" is 0.5, and a whole number or a text or null is needed'),
        ('"seed": 0', '"seed": true', r'"seed" is True, and a whole number'),
        ('"started": "2', '"started": "x2', r'"started" is \'x2.*\', and a time in ISO 8601 is needed'),
        ('"finished": null', '"finished": "2026-11-22T10:00"', r'"finished" is .*, and a time in ISO 8601 is needed'),
        (
            '"schema_version": 1',
            '"schema_version": 2',
            r"written by a newer version .*reads up to 1\); update rosenblatt",
        ),
        ("rosenblatt-run", "other", r"line 2: this is no record of a run of rosenblatt"),
    ],
)
def test_a_record_that_was_edited_wrongly_is_refused_with_the_line(folder, old, new, problem):
    file = folder / "run.json"
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    with pytest.raises(ValueError, match=problem):
        read_record(folder)


def test_the_line_is_that_of_the_entry_and_not_of_a_field_of_the_same_name(folder):
    file = folder / "run.json"
    file.write_text(file.read_text().replace('"device": null', '"device": 7'))
    lines = file.read_text().splitlines()
    expected = lines.index('  "device": 7,') + 1
    assert lines.index('    "device": "cpu"') + 1 < expected
    with pytest.raises(ValueError, match=rf"line {expected}: \"device\" is 7, and a text or null is needed"):
        read_record(folder)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", r"line 1: this is not JSON"),
        (b"{}", r"line 1: this is no record of a run"),
        (b"[1]", r"line 1: this is no record of a run"),
        (b"null", r"line 1: this is no record of a run"),
        (b'{\n"format": "\xff"}', r"line 2: this is not text in UTF-8"),
    ],
)
def test_a_file_that_is_no_record_is_refused(tmp_path, content, problem):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(ValueError, match=problem):
        read_record(tmp_path)


def test_a_folder_without_a_record_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no run: it has no run.json; give the folder"):
        read_record(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"nowhere holds no run: it is no folder; give the folder"):
        read_record(tmp_path / "nowhere")


def test_a_record_that_could_not_be_read_again_is_not_written(folder):
    with pytest.raises(ValueError, match=r'the run cannot be recorded: "device" is 3, and a text or null is needed'):
        write_record(folder, read_record(folder) | {"device": 3})
    with pytest.raises(ValueError, match=r'the run cannot be recorded: "estimator" is {.*}, and a text is needed'):
        new_record(estimator=Perceptron(), fields={})
    assert read_record(folder)["device"] is None


@pytest.fixture
def process():
    """Another process that began a run and goes on until it is killed; it prints its record."""
    code = (
        "import json, sys; from rosenblatt.runs.run_record import new_record;"
        "print(json.dumps(new_record(estimator='x', fields={})), flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        yield child
        child.kill()


def record_of(process: subprocess.Popen) -> dict:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the /proc of Linux")
def test_a_run_whose_process_was_killed_has_stopped_also_before_the_parent_notices(process):
    record = record_of(process)
    assert current_status(record) == "running"
    assert is_busy(record)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert current_status(record) == "stopped"
    process.wait()
    assert current_status(record) == "stopped"
    assert not is_busy(record)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs the /proc of Linux")
def test_a_process_number_that_was_used_again_is_another_process(process):
    record = record_of(process)
    assert current_status(record | {"process_start": record["process_start"] - 1}) == "stopped"


def test_on_another_host_a_run_may_be_at_work():
    record = new_record(estimator="x", fields={}) | {"host": "elsewhere", "pid": 2**22 + 1}
    assert current_status(record) == "running"
    assert is_busy(record)


def test_ones_own_run_is_not_anothers_work():
    record = new_record(estimator="x", fields={})
    assert current_status(record) == "running"
    assert not is_busy(record)


@pytest.mark.parametrize("pid", [2**22 + 1, 2**80])
def test_an_impossible_process_has_stopped(pid):
    assert current_status(new_record(estimator="x", fields={}) | {"pid": pid}) == "stopped"


def test_a_process_of_another_user_is_alive(monkeypatch):
    def refuse(pid, number):
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert current_status(new_record(estimator="x", fields={})) == "running"


def test_a_run_that_ended_keeps_its_status():
    assert current_status(new_record(estimator="x", fields={}) | {"status": "failed", "pid": 2**22 + 1}) == "failed"
