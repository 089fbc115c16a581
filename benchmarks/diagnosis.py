"""What the diagnosis of a VAE costs, in parts of a fit without it: ``python benchmarks/diagnosis.py``.

Fits with and without it take turns in one process, whose compiled programs are there already; the order changes from
pair to pair. A figure is the median of the pairs, with the least and the greatest in brackets; the target is at most
5 %.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

import rosenblatt.data
from rosenblatt import VAE

TARGET = 0.05
HEADER = """\
| network | rows | epochs | a fit without, seconds | diagnosis adds | target |
| --- | ---: | ---: | ---: | ---: | --- |"""


@dataclass(frozen=True)
class Fit:
    """A VAE, and the rows that it learns from."""

    title: str
    data: str
    fields: dict[str, Any]
    n_rows: int | None = None


FITS = (
    Fit("64-128-8", "digits", {"latent_dim": 8, "max_epochs": 100}),
    Fit(
        "784-400-20",
        "fashion-mnist",
        {"latent_dim": 20, "hidden_layer_sizes": (400,), "batch_size": 128, "max_epochs": 10},
    ),
    Fit(
        "conv 16, conv 32, 16 latents",
        "fashion-mnist",
        {
            "latent_dim": 16,
            "architecture": "conv",
            "image_shape": (28, 28),
            "hidden_layer_sizes": (),
            "batch_size": 128,
            "max_epochs": 5,
        },
        n_rows=12_800,
    ),
)


def seconds(fit: Fit, X: np.ndarray, diagnosis: bool) -> float:
    model = VAE(loss="bernoulli", diagnosis=diagnosis, random_state=0, **fit.fields)
    start = time.perf_counter()
    model.fit(X)
    return time.perf_counter() - start


def row(fit: Fit, n_pairs: int) -> str:
    X = np.asarray(rosenblatt.data.load(fit.data).X[: fit.n_rows], np.float32)
    X = X / max(1, X.max())
    for diagnosis in (False, True):
        seconds(fit, X, diagnosis)
    pairs = []
    for number in range(n_pairs):
        order = (False, True) if number % 2 == 0 else (True, False)
        pairs.append({diagnosis: seconds(fit, X, diagnosis) for diagnosis in order})
    added = [pair[True] / pair[False] - 1 for pair in pairs]
    return (
        f"| {fit.title} | {len(X):,} | {fit.fields['max_epochs']} | {median(pair[False] for pair in pairs):.2f} "
        f"| {median(added):+.1%} ({min(added):+.1%} to {max(added):+.1%}) "
        f"| {'reached' if median(added) <= TARGET else 'missed'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=9, help="fits with and without, in turn (default 9)")
    arguments = parser.parse_args()
    print(HEADER)
    for fit in FITS:
        print(row(fit, arguments.pairs), flush=True)


if __name__ == "__main__":
    main()
