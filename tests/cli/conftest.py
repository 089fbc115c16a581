"""Commands are run in this process, in an empty folder; one run on real digits is shared."""

import json
from typing import Any, NamedTuple

import pytest

from rosenblatt.cli import main

DIGITS_FLAGS = "--hidden-layer-sizes 32 16 --dropout 0.1 --max-epochs 12 --random-state 0 --verbose 0"


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def content(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """A function that runs a command, given as one string or as words."""
    monkeypatch.chdir(tmp_path)

    def run_command(command: str, *words: object) -> Ended:
        capsys.readouterr()
        code = main([*command.split(), *map(str, words)])
        return Ended(code, *capsys.readouterr())

    return run_command


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory):
    """The folder of a short fit on digits."""
    folder = tmp_path_factory.mktemp("shared") / "digits"
    assert main(f"fit mlp digits {DIGITS_FLAGS} --out {folder}".split()) == 0
    return folder


@pytest.fixture
def without_report(monkeypatch):
    """Fits draw no pictures, which take longer than they do."""
    monkeypatch.setattr("rosenblatt.runs.fitting.write_report", lambda *arguments: None)
