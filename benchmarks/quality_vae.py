"""How well a VAE learns the density of binary digits, by the minutes it learns: ``python benchmarks/quality_vae.py``.

The network, the pace and the measure are those of the VAE with one stochastic layer in Burda, Grosse and Salakhutdinov,
"Importance weighted autoencoders" (ICLR 2016), who report 86.76 nats on MNIST: 784-200-200 and back (tanh), 50 latents,
batches of 20, Adam with a learning rate of 0.001 x 10^(-i / 7) for 3^i epochs, i = 0 ... 7; their epsilon is 1e-4, ours
the usual 1e-8. A pixel is 1 with its grey value as probability. Here every pixel is drawn once, from a seed, test rows
too; ``--draws every-epoch`` draws the training pixels anew for each epoch, as they do. Minutes are those of training,
compilation included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import rosenblatt.data
from rosenblatt import VAE

REPORTED = {"mnist": 86.76}
DATA = ("mnist", "fashion-mnist", "digits")
FALLBACK = "fashion-mnist"
N_TEST = 497  # of digits, which have no test part of their own
SEED = 0
N_CODES, N_ROWS = 100, 1_000  # of each point of the curve
HEADER = """\
| epochs | minutes | training rows, negative ELBO | test rows, negative ELBO | test rows, -log p(x) |
| ---: | ---: | ---: | ---: | ---: |"""


@dataclass(frozen=True)
class Greys:
    """Training and test rows whose numbers, from 0 to 1, are the probabilities of ones."""

    name: str
    train: np.ndarray
    test: np.ndarray

    @classmethod
    def load(cls, name: str) -> Greys:
        """Of the named set, or of another one where its files are not to be had, and says so."""
        try:
            dataset = rosenblatt.data.load(name)
        except (ImportError, OSError, ValueError) as error:
            print(f"{name} is not to be had, so this is {FALLBACK}. {error}\n")
            name, dataset = FALLBACK, rosenblatt.data.load(FALLBACK)
        X, X_test, _, _ = dataset.split() if dataset.X_test is not None else dataset.split(test_size=N_TEST)
        return cls(name, *(np.asarray(part, np.float32) / max(1, X.max()) for part in (X, X_test)))


def drawn(greys: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ones with the greys as probabilities, and zeros."""
    return (rng.random(greys.shape, np.float32) < greys).astype(np.float32)


def learning_rate(step: np.ndarray, n_steps: int) -> np.ndarray:
    """Of a step, where an epoch has ``n_steps``; pace i begins after 1 + 3 + ... + 3^(i - 1) = (3^i - 1) / 2 epochs."""
    epoch = step // n_steps
    pace = np.searchsorted((3 ** np.arange(1, 9) - 1) // 2, epoch, side="right")
    return 0.001 * 10 ** (-pace / 7)


def model_for(n_rows: int, batch_size: int) -> VAE:
    n_steps = -(-n_rows // batch_size)
    return VAE(
        latent_dim=50,
        hidden_layer_sizes=(200, 200),
        activation="tanh",
        initializer="glorot",
        loss="bernoulli",
        batch_size=batch_size,
        learning_rate=lambda step: learning_rate(step, n_steps),
        diagnosis=False,
        random_state=SEED,
    )


def curve(model: VAE, greys: Greys, test: np.ndarray, n_epochs: int, every_epoch: bool) -> Iterator[str]:
    """Trains, and gives a line of the table after epochs 1, 2, 4 and so on, and after the last."""
    rng, seconds = np.random.default_rng(SEED), 0.0
    X = drawn(greys.train, rng)
    for epoch in range(1, n_epochs + 1):
        start = time.perf_counter()
        if every_epoch and epoch > 1:
            X = drawn(greys.train, rng)
        model.partial_fit(X)
        seconds += time.perf_counter() - start
        if epoch & (epoch - 1) == 0 or epoch == n_epochs:
            likelihood = model.log_likelihood(test[:N_ROWS], n_samples=N_CODES)
            yield (
                f"| {epoch} | {seconds / 60:.2f} | {-model.history_['train_elbo'][-1]:.2f} "
                f"| {-model.score(test[:N_ROWS]):.2f} | {-likelihood.mean:.2f} ± {likelihood.standard_error:.2f} |"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=DATA, default="mnist")
    parser.add_argument(
        "--epochs", type=int, default=121, help="the default, 121, is the first five paces; 3,280 are all"
    )
    parser.add_argument("--batch-size", type=int, default=20)
    parser.add_argument("--draws", choices=("once", "every-epoch"), default="once", help="of the training pixels")
    parser.add_argument("--codes", type=int, default=5_000, help="for each row of the last estimate (default 5,000)")
    parser.add_argument("--rows", type=int, default=1_000, help="test rows of the last estimate (default 1,000)")
    arguments = parser.parse_args()
    greys = Greys.load(arguments.data)
    test = drawn(greys.test, np.random.default_rng(SEED + 1))
    model = model_for(len(greys.train), arguments.batch_size)
    drawing = arguments.draws.replace("-", " ")
    print(f"{greys.name}, {len(greys.train):,} training rows, pixels drawn {drawing}, ", end="")
    print(f"batches of {arguments.batch_size}. Of {min(N_ROWS, len(test)):,} test rows, {N_CODES} codes each:\n")
    print(HEADER, flush=True)
    for line in curve(model, greys, test, arguments.epochs, arguments.draws == "every-epoch"):
        print(line, flush=True)
    start = time.perf_counter()
    last = model.log_likelihood(test[: arguments.rows], n_samples=arguments.codes)
    reported = f"; {REPORTED[greys.name]} in the paper" if greys.name in REPORTED else ""
    print(f"\nAt the end, of {len(last.rows):,} test rows with {last.n_samples:,} codes each ", end="")
    print(f"({time.perf_counter() - start:.0f} s): {-last.mean:.2f} ± {last.standard_error:.2f} nats{reported}.")


if __name__ == "__main__":
    main()
