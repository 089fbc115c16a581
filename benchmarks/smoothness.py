"""What the penalty of an encoder's Jacobian costs, in forward passes: ``python benchmarks/smoothness.py``.

A forward pass is the codes of a batch, of a compiled function in a process that computes nothing else. Exactly, the
penalty needs a pass forwards and one backwards for each number of the code; the projection one backwards in all. Beside
it, how much longer a step of training takes. Figures are medians of turns that alternate.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import jax
import numpy as np

from rosenblatt.losses.codes import squared_jacobian, squared_jacobian_estimate
from rosenblatt.models.autoencoder import Autoencoder
from rosenblatt.training import devices

BATCH = 128
NETWORKS = (  # (numbers of a row, hidden layers, latent_dim)
    (64, (128,), 8),
    (64, (128,), 32),
    (784, (256,), 16),
    (784, (256, 64), 32),
    (784, (), 32),
)
HEADER = """\
| encoder | exact, forward passes | at most | projection | step with exact, of one without | with projection |
| --- | --- | --- | --- | --- | --- |"""


def seconds(function: Callable[[], Any], least: float = 0.02) -> float:
    """Of one call, over as many as take ``least`` seconds."""
    n_calls, began = 0, time.perf_counter()
    while time.perf_counter() - began < least:
        jax.block_until_ready(function())
        n_calls += 1
    return (time.perf_counter() - began) / n_calls


def ratios(functions: list[Callable[[], Any]], n_turns: int) -> list[float]:
    """The times of the functions in parts of the first one's, medians of turns."""
    for function in functions:
        jax.block_until_ready(function())
    turns = [[seconds(function) for function in functions] for _ in range(n_turns)]
    return [median(turn[i] / turn[0] for turn in turns) for i in range(len(functions))]


def row(n_inputs: int, hidden: tuple[int, ...], latent_dim: int, n_turns: int) -> str:
    X = np.random.default_rng(0).uniform(size=(BATCH, n_inputs)).astype(np.float32)
    keys = jax.random.split(jax.random.key(0), BATCH)
    estimator = Autoencoder(latent_dim=latent_dim, hidden_layer_sizes=hidden, activation="tanh", random_state=0)
    estimator._examples(X, None, None, reset=True)
    net = jax.device_put(estimator._new_network(np.random.default_rng(0)))
    code = jax.jit(jax.vmap(net.encode))
    exact = jax.jit(jax.vmap(lambda x: squared_jacobian(net.encode, x)))
    projected = jax.jit(jax.vmap(lambda x, key: squared_jacobian_estimate(net.encode, x, key)))
    X, keys = jax.device_put((X, keys))
    passes = ratios([lambda: code(X), lambda: exact(X), lambda: projected(X, keys)], n_turns)
    steps = step_ratios(estimator, np.asarray(X), n_turns)
    layers = "-".join(map(str, (n_inputs, *hidden, latent_dim)))
    return (
        f"| {layers} | {passes[1]:.1f} | {latent_dim + 2} | {passes[2]:.1f} | {steps[1]:.1f} times | "
        f"{steps[2]:.1f} times |"
    )


def step_ratios(estimator: Autoencoder, X: np.ndarray, n_turns: int) -> list[float]:
    """Of a gradient with the exact and with the projected penalty, in parts of that without."""
    from rosenblatt.training.players import Batch
    from rosenblatt.training.randomness import wrap_key

    ones = jax.numpy.ones(len(X))
    batch, key = Batch(jax.numpy.asarray(X), None, ones, ones), wrap_key(np.uint32([1, 2]))
    networks = {"model": jax.device_put(estimator._new_network(np.random.default_rng(0)))}
    functions = []
    for smoothness, method in ((0.0, "auto"), (0.1, "exact"), (0.1, "projection")):
        estimator.set_params(smoothness=smoothness, smoothness_method=method)
        risk = estimator._learner().objective
        slope = jax.jit(lambda networks, risk=risk: jax.grad(lambda n: risk(n, batch, key)[0])(networks))
        functions.append(lambda slope=slope: slope(networks))
    return ratios(functions, n_turns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=15, help="turns of which the median is taken (default 15)")
    arguments = parser.parse_args()
    devices.prepare()
    print(HEADER)
    for network in NETWORKS:
        print(row(*network, arguments.turns))


if __name__ == "__main__":
    main()
