"""Time rosenblatt and its peers in turn, in fresh processes, on the same data: ``python benchmarks/run.py JOB``.

In the first round everyone runs once with each of the settings worth trying (threads, compilation), from the second
on with those that were near its best; the table shows everyone's best settings. It goes to standard output, progress to
standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs import JOBS, Job
from peers import CONTESTANTS, OURS
from processes import WorkerError, run_worker
from report import report, seconds_of

HOPELESS = 1.5  # times the best settings of the same contestant, in the first round; rounds have differed by 1.44


@dataclass(frozen=True)
class Entrant:
    """A contestant with one choice of settings and the state of its compilation cache, "cold", "warm" or none."""

    contestant: str
    settings: dict[str, Any]
    cache: str

    @property
    def label(self) -> str:
        told = [self.cache] if self.cache else []
        return ", ".join([self.contestant, *told, *(f"{name} {value}" for name, value in self.settings.items())])


def entrants_of(job: Job, contestant: str) -> Iterator[Entrant]:
    """A whole fit is timed twice for who keeps compiled programs: with an empty and with a filled cache."""
    keeps_programs = CONTESTANTS[contestant].cache and job.measure == "fit"
    for settings in CONTESTANTS[contestant].settings(job):
        for cache in ("cold", "warm") if keeps_programs else ("",):
            yield Entrant(contestant, settings, cache)


@dataclass(frozen=True)
class Benchmark:
    """A job with the folder that holds its data and the compilation caches that stay filled."""

    job: Job
    folder: Path

    def train(self, entrant: Entrant) -> dict[str, Any]:
        """One training in a fresh process, with an empty compilation cache if that is cold."""
        with tempfile.TemporaryDirectory() as empty:
            cache = empty if entrant.cache == "cold" else str(self.folder / entrant.contestant)
            variables = CONTESTANTS[entrant.contestant].cache
            return run_worker(
                "train",
                {name: text.format(folder=cache) for name, text in variables.items()},
                job=self.job.name,
                contestant=entrant.contestant,
                settings=entrant.settings,
                folder=str(self.folder),
            )

    def play_round(self, entrants: list[Entrant], failures: dict[str, str]) -> dict[str, Any]:
        """One run of everybody; who fails is noted in ``failures`` and sits out from then on."""
        results = {"machine": run_worker("machine")}
        for entrant in entrants:
            if entrant.label in failures:
                continue
            try:
                result = results[entrant.label] = self.train(entrant)
            except WorkerError as error:
                failures[entrant.label] = str(error)
                say(f"  {entrant.label} is out: {error}")
            else:
                say(f"  {entrant.label}: {seconds_of(self.job, result):.4g} s, loss {result['loss']:.5f}")
        return results


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def contenders(job: Job, entrants: list[Entrant], first: dict[str, Any]) -> list[Entrant]:
    """Those whose settings may prove to be the contestant's best, by the first round."""
    able = [each for each in entrants if each.label in first]
    best: dict[tuple[str, str], float] = {}
    for each in able:
        seconds, rival = seconds_of(job, first[each.label]), (each.contestant, each.cache)
        best[rival] = min(seconds, best.get(rival, seconds))
    return [each for each in able if seconds_of(job, first[each.label]) <= HOPELESS * best[each.contestant, each.cache]]


def measure(job: Job, contestants: list[str], n_rounds: int) -> dict[str, Any]:
    """Everything that the table is made of, as JSON can hold it."""
    entrants = [entrant for contestant in contestants for entrant in entrants_of(job, contestant)]
    failures: dict[str, str] = {}
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        benchmark = Benchmark(job, Path(folder))
        run_worker("data", job=job.name, folder=folder)
        say("filling the compilation caches")
        benchmark.play_round([entrant for entrant in entrants if entrant.cache == "warm"], failures)
        rounds, playing = [], entrants
        for number in range(1, n_rounds + 1):
            say(f"round {number} of {n_rounds}")
            rounds.append(benchmark.play_round(playing, failures))
            if number == 1:
                playing = contenders(job, entrants, rounds[0])
    return {
        "job": job.name,
        "load_before": load_before,
        "load_after": os.getloadavg()[0],
        "entrants": [asdict(each) | {"label": each.label} for each in playing if each.label not in failures],
        "tried_once": [each.label for each in entrants if each.label in rounds[0] and each not in playing],
        "failures": failures,
        "rounds": rounds,
    }


def contestants_of(job: Job, names: str | None) -> list[str]:
    """Ourselves and the named peers, or all who can do the job."""
    able = [name for name in CONTESTANTS if job.contestants is None or name in job.contestants]
    if names is None:
        return able
    unknown = sorted(set(names.split(",")) - set(able))
    if unknown:
        raise SystemExit(f"unknown peers for {job.name}: {', '.join(unknown)}; choose among {', '.join(able)}")
    return [name for name in able if name == OURS or name in names.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job", choices=sorted(JOBS))
    parser.add_argument("--pairs", type=int, default=5, help="rounds, in each of which everyone runs (default 5)")
    parser.add_argument("--peers", help="peers to run, separated by commas; all of them by default")
    parser.add_argument("--json", type=Path, help="file for every single measurement")
    arguments = parser.parse_args()
    if arguments.pairs < 1:
        parser.error(f"--pairs must be at least 1, got {arguments.pairs}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends the running worker and removes the folders
    job = JOBS[arguments.job]
    measured = measure(job, contestants_of(job, arguments.peers), arguments.pairs)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(measured, indent=1))
    print(report(job, measured))


if __name__ == "__main__":
    main()
