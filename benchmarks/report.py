"""The markdown table of a benchmark, from the measurements of all its rounds."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

from jobs import Job
from peers import OURS

N_WARM_UP_EPOCHS = 2
LIBRARIES = ("jax", "numpy", "scikit-learn", "torch", "keras", "skorch", "lightning", "pythae")

Rounds = list[dict[str, Any]]


def seconds_of(job: Job, result: dict[str, Any]) -> float:
    """The quantity compared: seconds of the whole fit, or of a typical epoch after the first two."""
    if job.measure == "fit":
        return result["fit_seconds"]
    return median(result["epoch_seconds"][N_WARM_UP_EPOCHS:])


def report(job: Job, measured: dict[str, Any]) -> str:
    """Heading, table, targets and notes as one markdown text."""
    rounds = measured["rounds"]
    entrants = best_settings(job, measured["entrants"], rounds)
    ours = [entrant for entrant in entrants if entrant["contestant"] == OURS]
    lines = [f"## {job.name}: {job.title}", "", *circumstances(measured), ""]
    lines += table(job, entrants, ours, rounds)
    lines += ["", *targets(job, entrants, ours, rounds), *breakdowns(ours, rounds)]
    lines += [
        f"- slower, tried in the first round only: {label}: {seconds_of(job, rounds[0][label]):.4g} s"
        for label in measured["tried_once"]
    ]
    lines += [f"- not run: {name}: {reason}" for name, reason in measured["failures"].items()]
    return "\n".join(lines)


def best_settings(job: Job, entrants: list[dict[str, Any]], rounds: Rounds) -> list[dict[str, Any]]:
    """Of each contestant and state of the cache, the entrant with the least median; in the order of the entrants."""
    best: dict[tuple[str, str], dict[str, Any]] = {}
    for entrant in sorted(entrants, key=lambda entrant: median_seconds(job, entrant["label"], rounds)):
        best.setdefault((entrant["contestant"], entrant["cache"]), entrant)
    return [entrant for entrant in entrants if entrant in best.values()]


def median_seconds(job: Job, label: str, rounds: Rounds) -> float:
    return median(seconds_of(job, each[label]) for each in rounds)


def short_name(entrant: dict[str, Any]) -> str:
    return f"{entrant['contestant']} ({entrant['cache']})" if entrant["cache"] else entrant["contestant"]


def circumstances(measured: dict[str, Any]) -> list[str]:
    limits = [each["machine"] for each in measured["rounds"]]
    return [
        f"{len(limits)} rounds, {os.cpu_count()} cores ({platform.machine()}), "
        f"load average {measured['load_before']:.1f} before and {measured['load_after']:.1f} after. "
        f"float32 matrix product: NumPy {spread([each['numpy'] for each in limits])}, "
        f"JAX {spread([each['jax'] for each in limits])} GFLOP/s. "
        f"Python {platform.python_version()}, {', '.join(versions())}."
    ]


def versions() -> list[str]:
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return found


def table(job: Job, entrants: list[dict[str, Any]], ours: list[dict[str, Any]], rounds: Rounds) -> list[str]:
    quantity = "rows a second" if job.measure == "rate" else "fit, seconds"
    against = [f"{short_name(us)} is ... times as fast" for us in ours]
    header = ["", "settings", quantity, *against, *job.measures, "peak MiB", "GFLOP/s", "of the machine"]
    rows = [header, ["---"] * len(header)]
    rows += [table_row(job, entrant, ours, rounds) for entrant in entrants]
    return ["| " + " | ".join(row) + " |" for row in rows]


def table_row(job: Job, entrant: dict[str, Any], ours: list[dict[str, Any]], rounds: Rounds) -> list[str]:
    label = entrant["label"]
    results = [each[label] for each in rounds]
    return [
        short_name(entrant),
        ", ".join(f"{name} {value}" for name, value in entrant["settings"].items()) or "default",
        spread(quantities(job, results)),
        *(spread(speed_ratios(job, us["label"], label, rounds), 3) if us != entrant else "" for us in ours),
        *(f"{median(result[measure] for result in results):.5f}" for measure in job.measures),
        f"{median(result['peak_mebibytes'] for result in results):,.0f}",
        f"{median(gflops(job, result) for result in results):,.3g}",
        f"{median(machine_shares(job, label, rounds)):.1%}",
    ]


def quantities(job: Job, results: list[dict[str, Any]]) -> list[float]:
    seconds = [seconds_of(job, result) for result in results]
    if job.measure == "fit":
        return seconds
    return [result["n_rows"] / each for result, each in zip(results, seconds, strict=True)]


def speed_ratios(job: Job, us: str, peer: str, rounds: Rounds) -> list[float]:
    """How many times as fast as the peer we were, round by round."""
    return [seconds_of(job, each[peer]) / seconds_of(job, each[us]) for each in rounds]


def gflops(job: Job, result: dict[str, Any]) -> float:
    """Floating-point operations of the matrix products alone, in 10⁹ a second."""
    n_epochs = len(result["epoch_seconds"]) if job.measure == "fit" else 1
    return job.network.flops_per_row() * result["n_rows"] * n_epochs / seconds_of(job, result) / 1e9


def machine_shares(job: Job, label: str, rounds: Rounds) -> list[float]:
    return [gflops(job, each[label]) / max(each["machine"].values()) for each in rounds]


def targets(job: Job, entrants: list[dict[str, Any]], ours: list[dict[str, Any]], rounds: Rounds) -> Iterator[str]:
    """For each of our entrants: the fastest peer, what was reached against it and what we mean to reach."""
    peers = [entrant for entrant in entrants if entrant["contestant"] != OURS]
    for us in ours:
        state = us["cache"] or "warm"
        able = [peer for peer in peers if peer["cache"] in ("", state)]
        if able:
            fastest = min(able, key=lambda peer: median_seconds(job, peer["label"], rounds))
            ratio = median(speed_ratios(job, us["label"], fastest["label"], rounds))
            target = f"; target {job.targets[state]:g}" if state in job.targets else ""
            yield f"- {short_name(us)} is {ratio:.2f} times as fast as the fastest peer, {short_name(fastest)}{target}."
        if job.target_share is not None:
            share = median(machine_shares(job, us["label"], rounds))
            yield f"- {share:.0%} of the machine's matrix-product rate; target {job.target_share:.0%}."


def breakdowns(ours: list[dict[str, Any]], rounds: Rounds) -> Iterator[str]:
    """Where our own seconds go, as our history counts them, beside the whole fit's."""
    for us in ours:
        results = [each[us["label"]] for each in rounds]
        parts = {name: median(result["breakdown"][name] for result in results) for name in results[0]["breakdown"]}
        whole = median(result["fit_seconds"] for result in results)
        told = ", ".join(f"{name.removesuffix('_seconds')} {seconds:.3f}" for name, seconds in parts.items())
        rest = whole - sum(parts.values())
        yield f"- {short_name(us)}, seconds of a whole fit of {whole:.3f}: {told}, rest {rest:.3f}."


def spread(values: Sequence[float], digits: int = 4) -> str:
    """Median and, in brackets, least and greatest."""
    return f"{number(median(values), digits)} ({number(min(values), digits)}-{number(max(values), digits)})"


def number(value: float, digits: int) -> str:
    return f"{value:,.0f}" if value >= 10 ** (digits - 1) else f"{value:.{digits}g}"
