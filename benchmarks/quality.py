"""Test accuracy on Fashion-MNIST and MNIST, over several seeds: ``python benchmarks/quality.py``.

The targets of the dense network are those of scikit-learn's MLP of that size in the Fashion-MNIST authors' own table
(Xiao, Rasul and Vollgraf, 2017, Table 3); those of the convolutional one are what the benchmark page of the data set
lists for two convolutions with pooling, and 0.99 on MNIST.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import rosenblatt.data
from rosenblatt import ConvClassifier, MLPClassifier
from rosenblatt.data import Dataset


def dense(seed: int) -> MLPClassifier:
    return MLPClassifier(hidden_layer_sizes=(100,), random_state=seed)


def convolutional(seed: int) -> ConvClassifier:
    return ConvClassifier(
        channels=(32, 64),
        hidden_layer_sizes=(128,),
        dropout=0.5,
        batch_size=128,
        max_epochs=15,
        image_shape=(28, 28),
        random_state=seed,
    )


@dataclass(frozen=True)
class Model:
    make: Callable[[int], Any]
    targets: dict[str, float]


MODELS = {
    "dense": Model(dense, {"fashion-mnist": 0.871, "mnist": 0.972}),
    "convolutional": Model(convolutional, {"fashion-mnist": 0.916, "mnist": 0.99}),
}
DATA = ("fashion-mnist", "mnist")
N_SEEDS = 3
HEADER = """\
| network | test accuracy on | target | median | every seed | epochs | seconds a fit | peak MiB |
| --- | --- | --- | --- | --- | --- | --- | --- |"""


def test_accuracies(dataset: Dataset, model: Model, n_seeds: int) -> list[dict[str, Any]]:
    """One fit on the whole training part for each seed, and its accuracy on the official test part."""
    X, X_test, y, y_test = dataset.split()
    fits = []
    for seed in range(n_seeds):
        estimator = model.make(seed)
        start = time.perf_counter()
        estimator.fit(X, y)
        fits.append(
            {
                "seed": seed,
                "accuracy": estimator.score(X_test, y_test),
                "n_epochs": estimator.n_epochs_,
                "seconds": time.perf_counter() - start,
                "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    return fits


def row(name: str, data: str, n_seeds: int, results: dict[str, Any]) -> str:
    """One line of the table, or the reason why there is none; ``results`` gets the figures."""
    target = MODELS[name].targets[data]
    try:
        dataset = rosenblatt.data.load(data)
    except (ImportError, OSError, ValueError) as error:
        results[f"{name}, {data}"] = {"error": str(error)}
        return f"| {name} | {data} | {target} | not run: the files are not to be had | | | | |"
    fits = results[f"{name}, {data}"] = test_accuracies(dataset, MODELS[name], n_seeds)
    accuracies = [fit["accuracy"] for fit in fits]
    verdict = "reached" if median(accuracies) >= target else "missed"
    return (
        f"| {name} | {data} | {target} | {median(accuracies):.4f}, {verdict} "
        f"| {', '.join(f'{a:.4f}' for a in accuracies)} "
        f"| {median(fit['n_epochs'] for fit in fits)} | {median(fit['seconds'] for fit in fits):.1f} "
        f"| {max(fit['peak_mebibytes'] for fit in fits):.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=sorted(MODELS), help="one network only")
    parser.add_argument("--data", choices=DATA, help="one data set only")
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument("--json", type=Path, help="file for every single fit")
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    print(HEADER)
    for name in [arguments.model] if arguments.model else MODELS:
        for data in [arguments.data] if arguments.data else DATA:
            print(row(name, data, arguments.seeds, results), flush=True)
    for name, result in results.items():
        if "error" in result:
            print(f"\n{name}: {result['error']}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
