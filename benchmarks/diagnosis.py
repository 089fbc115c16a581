"""What the diagnosis of a VAE and the referee of a GAN cost: ``python benchmarks/diagnosis.py [vae] [gan]``.

Fits with and without it take turns in one process, whose compiled programs are there already; the order changes from
pair to pair. A figure is the median of the pairs, with the least and the greatest in brackets, in parts of a fit
without; the target is at most 5 % for a diagnosis, and 10 % for a referee, who also looks at the game while it is
played.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import numpy as np

import rosenblatt.data
from rosenblatt import GAN, VAE
from rosenblatt.data import MixtureDensity
from rosenblatt.models import DiagnosisWarning

HEADER = """\
| network | rows | epochs | a fit without, seconds | {switch} adds | target |
| --- | ---: | ---: | ---: | ---: | --- |"""


@dataclass(frozen=True)
class Kind:
    """A kind of model, and the field that switches on what is paid for."""

    model: Callable[..., Any]
    switch: str
    target: float


@dataclass(frozen=True)
class Fit:
    """A model's fields, and the rows that it learns from."""

    title: str
    data: str
    fields: dict[str, Any]
    n_rows: int | None = None

    def rows(self) -> np.ndarray:
        """Points of the ring, or rows from 0 to 1."""
        if self.data == "ring":
            return MixtureDensity.ring().sample(self.n_rows or N_POINTS, random_state=0).astype(np.float32)
        X = np.asarray(rosenblatt.data.load(self.data).X[: self.n_rows], np.float32)
        return X / max(1, X.max())


KINDS = {"vae": Kind(partial(VAE, loss="bernoulli"), "diagnosis", 0.05), "gan": Kind(GAN, "referee", 0.1)}
N_POINTS = 25_600
VAES = (
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
GANS = (
    Fit("ring: 2-128-128-128-2", "ring", {"batch_size": 256, "max_epochs": 40}),
    Fit("digits: 64-128-128-128-64", "digits", {"data_range": (0, 1), "max_epochs": 100}),
    Fit(
        "conv 32, conv 64, 64 latents",
        "fashion-mnist",
        {"architecture": "conv", "image_shape": (28, 28), "batch_size": 128, "max_epochs": 4},
        n_rows=12_800,
    ),
)
FITS = {"vae": VAES, "gan": GANS}


def seconds(kind: Kind, fit: Fit, X: np.ndarray, with_it: bool) -> float:
    model = kind.model(random_state=0, **{kind.switch: with_it}, **fit.fields)
    start = time.perf_counter()
    model.fit(X)
    return time.perf_counter() - start


def row(kind: Kind, fit: Fit, n_pairs: int) -> str:
    X = fit.rows()
    for with_it in (False, True):
        seconds(kind, fit, X, with_it)
    pairs = []
    for number in range(n_pairs):
        order = (False, True) if number % 2 == 0 else (True, False)
        pairs.append({with_it: seconds(kind, fit, X, with_it) for with_it in order})
    added = [pair[True] / pair[False] - 1 for pair in pairs]
    return (
        f"| {fit.title} | {len(X):,} | {fit.fields['max_epochs']} | {median(pair[False] for pair in pairs):.2f} "
        f"| {median(added):+.1%} ({min(added):+.1%} to {max(added):+.1%}) "
        f"| {'reached' if median(added) <= kind.target else 'missed'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="kind", help=f"{' or '.join(KINDS)} (default all)")
    parser.add_argument("--only", default="", help="data set whose fits are measured (default all)")
    parser.add_argument("--pairs", type=int, default=9, help="fits with and without, in turn (default 9)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", DiagnosisWarning)  # short fits, which are not to be good ones
    for name in arguments.kinds or KINDS:
        kind = KINDS[name]
        print(HEADER.format(switch=kind.switch))
        for fit in FITS[name]:
            if arguments.only in ("", fit.data):
                print(row(kind, fit, arguments.pairs), flush=True)


if __name__ == "__main__":
    main()
