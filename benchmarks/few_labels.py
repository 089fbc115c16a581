"""What an autoencoder's representation is worth where few rows have labels: ``python benchmarks/few_labels.py digits``.

The autoencoder learns from all training rows without labels; then 1, 3, 10, 30 and 100 rows of each class get one. The
markdown tables on standard output compare its codes with raw rows and principal components, and fine-tuning it with
training the same network from scratch, by the same batches, epochs and learning rate. Whatever learns, the same rows
have labels, so differences vary less than accuracies: they are the last line of a section. Encoders and learning rates
were chosen with other draws of labels than those of the tables, though by the same test rows.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt import Autoencoder
from rosenblatt.data import load
from rosenblatt.studies import FineTuningReport, RepresentationReport, fine_tuning_report, representation_report

N_LABELS = (1, 3, 10, 30, 100)
FIRST_SEED = 100


@dataclass(frozen=True)
class Job:
    """An autoencoder for a data set, how fast networks learn from labels, and how many rows are used."""

    encoder: dict[str, Any]
    learning_rate: float
    n_rows: int
    n_test: int


CONV = {"architecture": "conv", "channels": (16, 32), "hidden_layer_sizes": ()}
JOBS = {
    ("digits", "dense"): Job(
        {"latent_dim": 32, "hidden_layer_sizes": (128,), "noise": 0.5, "learning_rate": 0.003, "max_epochs": 150},
        learning_rate=0.003,
        n_rows=1300,
        n_test=497,
    ),
    ("digits", "conv"): Job(
        CONV | {"image_shape": (8, 8), "latent_dim": 32, "noise": 0.3, "learning_rate": 0.003, "max_epochs": 150},
        learning_rate=0.003,
        n_rows=1300,
        n_test=497,
    ),
    ("fashion-mnist", "dense"): Job(
        {"latent_dim": 64, "hidden_layer_sizes": (256,), "noise": 0.3, "batch_size": 128, "max_epochs": 30},
        learning_rate=0.001,
        n_rows=20_000,
        n_test=5_000,
    ),
    ("fashion-mnist", "conv"): Job(
        CONV | {"image_shape": (28, 28), "latent_dim": 64, "noise": 0.3, "batch_size": 128, "max_epochs": 10},
        learning_rate=0.001,
        n_rows=20_000,
        n_test=5_000,
    ),
}
TUNING = {"freeze_epochs": 50, "max_epochs": 100, "batch_size": 16}


def rows_of(data: str, job: Job) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """X, y, X_test, y_test, as numbers from 0 to 1."""
    dataset = load(data)
    X, X_test, y, y_test = dataset.split() if dataset.X_test is not None else dataset.split(test_size=job.n_test)
    scaled, scaled_test = (part / np.float32(255) if part.dtype == np.uint8 else part for part in (X, X_test))
    return scaled[: job.n_rows], y[: job.n_rows], scaled_test[: job.n_test], y_test[: job.n_test]


def table(n_labels: np.ndarray, sections: Iterable[tuple[str, dict[str, np.ndarray]]]) -> Iterator[str]:
    """Lines of markdown: mean and standard deviation over seeds, in percent; the best mean of each column in bold."""
    yield f"| | labels a class: {' | '.join(map(str, n_labels))} |"
    yield f"| --- {'| ---: ' * len(n_labels)}|"
    for name, curves in sections:
        best = np.max([curve.mean(axis=1) for curve in curves.values()], axis=0)
        for what, curve in curves.items():
            cells = []
            for mean, spread, highest in zip(curve.mean(axis=1), curve.std(axis=1, ddof=1), best, strict=True):
                text = f"{mean:.1%}"
                cells.append(f"{f'**{text}**' if mean == highest else text} ± {100 * spread:.1f}")
            yield f"| {name}{what} | {' | '.join(cells)} |"
        first, second = (curves[what] for what in difference(curves))
        gains = [f"{100 * gain.mean():+.1f} ± {100 * gain.std(ddof=1):.1f}" for gain in first - second]
        yield f"| {name}{' less '.join(difference(curves))} | {' | '.join(gains)} |"


def difference(curves: dict[str, np.ndarray]) -> tuple[str, str]:
    """The names of what was learned without labels, and of what did without that."""
    names = list(curves)
    return ("fine-tuned", "from scratch") if "fine-tuned" in curves else (names[-1], names[0])


def representation_tables(report: RepresentationReport) -> Iterator[str]:
    yield from table(report.n_labels, ((f"{name}: ", report.curves(name)) for name in report.classifiers))
    yield ""
    yield f"| | k-means: adjusted Rand index | retrieval: precision at {report.n_neighbors} |"
    yield "| --- | ---: | ---: |"
    for name, scores, precision in zip(report.representations, report.cluster_scores, report.precisions, strict=True):
        yield f"| {name} | {scores.mean():.3f} ± {scores.std(ddof=1):.3f} | {precision:.1%} |"


def tuning_table(report: FineTuningReport) -> Iterator[str]:
    yield from table(report.n_labels, [("", report.curves())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=sorted({data for data, _ in JOBS}))
    parser.add_argument("--architecture", choices=("conv", "dense"), default="dense")
    parser.add_argument("--seeds", type=int, default=5, help="draws of the labelled rows, at least 2")
    arguments = parser.parse_args()
    job = JOBS[arguments.data, arguments.architecture]
    X, y, X_test, y_test = rows_of(arguments.data, job)
    start = time.perf_counter()
    encoder = Autoencoder(**job.encoder, random_state=0).fit(X)
    print(f"{arguments.data}: {len(X):,} rows without labels, {len(X_test):,} test rows, {arguments.seeds} draws.")
    print(f"Autoencoder({', '.join(f'{name}={value!r}' for name, value in job.encoder.items())}), ", end="")
    print(f"{time.perf_counter() - start:.0f} s.\n", flush=True)
    study: dict[str, Any] = {"n_labels": N_LABELS, "n_seeds": arguments.seeds, "random_state": FIRST_SEED}
    print(*representation_tables(representation_report(encoder, X, y, X_test, y_test, **study)), sep="\n", flush=True)
    tuning = TUNING | {"learning_rate": job.learning_rate}
    print(f"\nNetworks, {', '.join(f'{name}={value}' for name, value in tuning.items())}:\n")
    print(*tuning_table(fine_tuning_report(encoder, X, y, X_test, y_test, **study, **tuning)), sep="\n")


if __name__ == "__main__":
    main()
