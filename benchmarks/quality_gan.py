"""How well a GAN learns what is known, and how near it comes to images: ``python benchmarks/quality_gan.py``.

Modes and the share of good samples are counted as VEEGAN (Srivastava et al., 2017) and PacGAN (Lin et al., 2018) do:
of 2,500 samples, good within 3 standard deviations of a mode. The tables there give a plain GAN 1 to 10 of the ring's
modes and 3 to 16 of the grid's. Of images the distance is Fréchet's, from the training rows, of as many rows each
time: samples of the GAN, samples of a VAE, and test rows, which are as near as one can come. Its features are the
last hidden layer of a classifier that was trained on the same training rows.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from typing import Any

import jax
import numpy as np

import rosenblatt.data
from rosenblatt import GAN, VAE, ConvClassifier, MLPClassifier
from rosenblatt.data import MixtureDensity
from rosenblatt.metrics import frechet_distance, modes_covered

Values = dict[str, float]

N_SEEDS = 5
N_ROWS = 25_600  # of a set in the plane or on the line
N_SAMPLES = 2_500
N_HELD_OUT = 10_000  # real points that the discriminator never saw, and as many samples
N_TEST = 497  # of digits, which have no test part of their own


# Beside these, all is as it is by default.
SETTINGS: dict[str, dict[str, Any]] = {
    "ring": {"batch_size": 256, "max_epochs": 160},
    "grid": {"batch_size": 256, "max_epochs": 160},
    "gaussian": {"batch_size": 256, "max_epochs": 40},
    "digits": {"data_range": (0, 1), "max_epochs": 200},
    "fashion-mnist": {"architecture": "conv", "image_shape": (28, 28), "batch_size": 128, "max_epochs": 8},
}
DENSITIES = {
    "ring": MixtureDensity.ring(),
    "grid": MixtureDensity.grid(),
    "gaussian": MixtureDensity(np.array([4.0]), 1.25),
}


@dataclass(frozen=True)
class Target:
    """What a median is to be."""

    low: float
    high: float = np.inf

    def __str__(self) -> str:
        return f"at least {self.low:g}" if self.high == np.inf else f"{self.low:g} to {self.high:g}"

    def verdict(self, value: float) -> str:
        return "reached" if self.low <= value <= self.high else "missed"


TARGETS = {
    "ring": {"modes": Target(8), "good samples": Target(0.95)},
    "grid": {"modes": Target(24), "good samples": Target(0.80)},
    "gaussian": {
        "mean / true mean": Target(0.95, 1.05),
        "deviation / true deviation": Target(0.95, 1.05),
        "accuracy of D": Target(0.47, 0.53),
    },
}


@dataclass(frozen=True)
class Images:
    """Training and test rows, and the classifier whose last hidden layer they are compared by."""

    train: np.ndarray
    test: np.ndarray
    classifier: Any

    def distance(self, rows: np.ndarray) -> float:
        """From the training rows."""
        return frechet_distance(*(self.features(each) for each in (self.train, rows)))

    def features(self, rows: np.ndarray) -> np.ndarray:
        """The last hidden layer of the classifier."""
        features = self.classifier.transform(rows)
        if isinstance(self.classifier, MLPClassifier):
            return features
        return np.asarray(jax.vmap(self.classifier.task_learner_.units)(features)[-2])


def gan(name: str, seed: int) -> GAN:
    return GAN(**SETTINGS[name], random_state=seed)


def timed_fit(model: Any, X: np.ndarray) -> float:
    start = time.perf_counter()
    model.fit(X)
    return time.perf_counter() - start


def of_modes(name: str, seed: int) -> Values:
    """How many modes the samples cover, and what share of them is good."""
    density, model = DENSITIES[name], gan(name, seed)
    seconds = timed_fit(model, density.sample(N_ROWS, random_state=seed))
    samples = model.sample(N_SAMPLES, random_state=seed)
    count = modes_covered(samples, density.centers, density.deviation)
    return {"modes": count.n_modes, "good samples": count.high_quality, "seconds": seconds}


def of_moments(name: str, seed: int) -> Values:
    """The samples' mean and deviation, and how often D tells fresh points and samples rightly."""
    density, model = DENSITIES[name], gan(name, seed)
    seconds = timed_fit(model, density.sample(N_ROWS, random_state=seed))
    samples = model.sample(N_HELD_OUT, random_state=seed)
    fresh = density.sample(N_HELD_OUT, random_state=N_SEEDS + seed)
    rightly = (model.discriminate(fresh) > 0.5).mean(), (model.discriminate(samples) < 0.5).mean()
    return {
        "mean / true mean": float(samples.mean() / density.centers.mean()),
        "deviation / true deviation": float(samples.std() / density.deviation),
        "accuracy of D": float(np.mean(rightly)),
        "seconds": seconds,
    }


def of_images(name: str, seed: int) -> Values:
    """Distances from the training rows."""
    images, model = load_images(name), gan(name, seed)
    seconds = timed_fit(model, images.train)
    vae = VAE(**VAES[name], random_state=seed)
    seconds_of_vae = timed_fit(vae, images.train)
    n_samples = len(images.test)
    return {
        "distance of samples": images.distance(model.sample(n_samples, random_state=seed)),
        "distance of the VAE's samples": images.distance(vae.sample(n_samples, random_state=seed)),
        "distance of test rows": images.distance(images.test),
        "seconds": seconds,
        "seconds of the VAE": seconds_of_vae,
    }


VAES: dict[str, dict[str, Any]] = {
    "digits": {"latent_dim": 8, "loss": "bernoulli", "diagnosis": False, "max_epochs": 200},
    "fashion-mnist": {
        "latent_dim": 20,
        "hidden_layer_sizes": (400,),
        "loss": "bernoulli",
        "batch_size": 128,
        "diagnosis": False,
        "max_epochs": 20,
    },
}


@cache
def load_images(name: str) -> Images:
    """Numbers from 0 to 1, with a classifier that has seen the training rows and their labels."""
    dataset = rosenblatt.data.load(name)
    X, X_test, y, _ = dataset.split() if dataset.X_test is not None else dataset.split(test_size=N_TEST)
    train, test = (np.asarray(part, np.float32) / max(1, X.max()) for part in (X, X_test))
    if name == "digits":
        classifier = MLPClassifier(hidden_layer_sizes=(64,), max_epochs=100, random_state=0)
    else:
        layers = {"channels": (32, 64), "hidden_layer_sizes": (64,), "dropout": 0.5, "image_shape": (28, 28)}
        classifier = ConvClassifier(**layers, batch_size=128, max_epochs=5, random_state=0)
    return Images(train, test, classifier.fit(train, y))


TASKS: dict[str, Callable[[int], Values]] = {
    "ring": partial(of_modes, "ring"),
    "grid": partial(of_modes, "grid"),
    "gaussian": partial(of_moments, "gaussian"),
    "digits": partial(of_images, "digits"),
    "fashion-mnist": partial(of_images, "fashion-mnist"),
}
HEADER = """\
| set | measured | target | median | every seed |
| --- | --- | --- | --- | --- |"""


def measured(name: str, seed: int) -> Values:
    """One seed's values, told on the way."""
    values = TASKS[name](seed)
    shown = ", ".join(f"{measure} {value:.4g}" for measure, value in values.items())
    print(f"{name}, seed {seed}: {shown}", file=sys.stderr, flush=True)
    return values


def table_row(name: str, measure: str, values: list[float]) -> str:
    target = TARGETS.get(name, {}).get(measure)
    verdict = "" if target is None else f", {target.verdict(median(values))}"
    shown = ", ".join(f"{value:.4g}" for value in values)
    return f"| {name} | {measure} | {target or 'none'} | {median(values):.4g}{verdict} | {shown} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=sorted(TASKS), help="one set only")
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument("--json", type=Path, help="file for every single fit")
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    print(HEADER)
    for name in [arguments.data] if arguments.data else TASKS:
        try:
            fits = results[name] = [measured(name, seed) for seed in range(arguments.seeds)]
        except (ImportError, OSError) as error:  # of the files of a data set
            results[name] = {"error": str(error)}
            print(f"| {name} | not run: the files are not to be had | | | |", flush=True)
            continue
        for measure in fits[0]:
            print(table_row(name, measure, [fit[measure] for fit in fits]), flush=True)
    for name, result in results.items():
        if "error" in result:
            print(f"\n{name}: {result['error']}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
