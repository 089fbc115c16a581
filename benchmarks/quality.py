"""Test accuracy of ``MLPClassifier(hidden_layer_sizes=(100,))`` on Fashion-MNIST and MNIST, over several seeds.

The targets are those of scikit-learn's MLP of that size in the Fashion-MNIST authors' own table
(Xiao, Rasul and Vollgraf, 2017, Table 3).
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

import rosenblatt.data
from rosenblatt import MLPClassifier
from rosenblatt.data import Dataset

TARGETS = {"fashion-mnist": 0.871, "mnist": 0.972}
N_SEEDS = 3
HEADER = """\
| test accuracy | target | median | every seed | epochs | seconds a fit |
| --- | --- | --- | --- | --- | --- |"""


def test_accuracies(dataset: Dataset, n_seeds: int) -> list[dict[str, Any]]:
    """One fit on the whole training part for each seed, and its accuracy on the official test part."""
    X, X_test, y, y_test = dataset.split()
    fits = []
    for seed in range(n_seeds):
        estimator = MLPClassifier(hidden_layer_sizes=(100,), random_state=seed, verbose=0)
        start = time.perf_counter()
        estimator.fit(X, y)
        fits.append(
            {
                "seed": seed,
                "accuracy": estimator.score(X_test, y_test),
                "n_epochs": estimator.n_epochs_,
                "seconds": time.perf_counter() - start,
            }
        )
    return fits


def row(name: str, n_seeds: int, results: dict[str, Any]) -> str:
    """One line of the table, or the reason why there is none; ``results`` gets the figures."""
    target = TARGETS[name]
    try:
        dataset = rosenblatt.data.load(name)
    except (ImportError, OSError, ValueError) as error:
        results[name] = {"error": str(error)}
        return f"| {name} | {target} | not run: the files are not to be had | | | |"
    fits = results[name] = test_accuracies(dataset, n_seeds)
    accuracies = [fit["accuracy"] for fit in fits]
    verdict = "reached" if median(accuracies) >= target else "missed"
    return (
        f"| {name} | {target} | {median(accuracies):.4f}, {verdict} | {', '.join(f'{a:.4f}' for a in accuracies)} "
        f"| {median(fit['n_epochs'] for fit in fits)} | {median(fit['seconds'] for fit in fits):.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=sorted(TARGETS), help="one data set only")
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument("--json", type=Path, help="file for every single fit")
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    print(HEADER)
    for name in [arguments.data] if arguments.data else TARGETS:
        print(row(name, arguments.seeds, results), flush=True)
    for name, result in results.items():
        if "error" in result:
            print(f"\n{name}: {result['error']}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
