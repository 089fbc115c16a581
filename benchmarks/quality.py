"""What networks reach on test parts of Fashion-MNIST and MNIST, over several seeds: ``python benchmarks/quality.py``.

The targets of the dense network are those of scikit-learn's MLP of that size in the Fashion-MNIST authors' own table
(Xiao, Rasul and Vollgraf, 2017, Table 3); those of the convolutional one are what the benchmark page of the data set
lists for two convolutions with pooling, and 0.99 on MNIST. The VAE is the one of many tutorials, 784-400-20, on grey
values as they are, after 10 epochs.
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
from rosenblatt import VAE, ConvClassifier, MLPClassifier
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


def variational(seed: int) -> VAE:
    return VAE(
        latent_dim=20,
        hidden_layer_sizes=(400,),
        loss="bernoulli",
        batch_size=128,
        learning_rate=0.001,
        max_epochs=10,
        random_state=seed,
    )


@dataclass(frozen=True)
class Measure:
    """What is measured of a fitted estimator on test rows and their labels, and how it is written."""

    name: str
    of: Callable[[Any, Any, Any], float]
    more_is_better: bool
    digits: int

    def reaches(self, value: float, target: float) -> bool:
        return value >= target if self.more_is_better else value <= target


ACCURACY = Measure("accuracy", lambda estimator, X, y: estimator.score(X, y), more_is_better=True, digits=4)
NEGATIVE_ELBO = Measure(
    "negative ELBO in nats", lambda estimator, X, y: -estimator.score(X), more_is_better=False, digits=2
)


@dataclass(frozen=True)
class Model:
    make: Callable[[int], Any]
    measure: Measure
    targets: dict[str, float]


MODELS = {
    "dense": Model(dense, ACCURACY, {"fashion-mnist": 0.871, "mnist": 0.972}),
    "convolutional": Model(convolutional, ACCURACY, {"fashion-mnist": 0.916, "mnist": 0.99}),
    "vae": Model(variational, NEGATIVE_ELBO, {"mnist": 108.0}),
}
DATA = ("fashion-mnist", "mnist")
N_SEEDS = 3
HEADER = """\
| network | on the test part of | measured | target | median | every seed | epochs | seconds a fit | peak MiB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def fits_of(dataset: Dataset, model: Model, n_seeds: int) -> list[dict[str, Any]]:
    """One fit on the whole training part for each seed, measured on the official test part."""
    X, X_test, y, y_test = dataset.split()
    fits = []
    for seed in range(n_seeds):
        estimator = model.make(seed)
        start = time.perf_counter()
        estimator.fit(X, y)
        seconds = time.perf_counter() - start
        fits.append(
            {
                "seed": seed,
                "value": model.measure.of(estimator, X_test, y_test),
                "n_epochs": estimator.n_epochs_,
                "seconds": seconds,
                "peak_mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    return fits


def row(name: str, data: str, n_seeds: int, results: dict[str, Any]) -> str:
    """One line of the table, or the reason why there is none; ``results`` gets the figures."""
    model = MODELS[name]
    measure, target = model.measure, model.targets.get(data)
    heading = f"| {name} | {data} | {measure.name} | {'none' if target is None else target}"
    try:
        dataset = rosenblatt.data.load(data)
    except (ImportError, OSError, ValueError) as error:
        results[f"{name}, {data}"] = {"error": str(error)}
        return f"{heading} | not run: the files are not to be had | | | | |"
    fits = results[f"{name}, {data}"] = fits_of(dataset, model, n_seeds)
    values = [fit["value"] for fit in fits]
    verdict = "" if target is None else ", reached" if measure.reaches(median(values), target) else ", missed"
    return (
        f"{heading} | {median(values):.{measure.digits}f}{verdict} "
        f"| {', '.join(f'{value:.{measure.digits}f}' for value in values)} "
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
