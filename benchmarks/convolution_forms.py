"""Times every way to compute a convolution, for each of some shapes: ``python benchmarks/convolution_forms.py``.

The markdown table on standard output is kept as ``convolution_forms.md``; ``choose_form`` in
``rosenblatt.nn.correlation_forms`` goes by it. Each figure is the median of several turns, taken in rounds so that a
slow moment hits all, of one pass over 8 images (what a core trains on at a time) inside a compiled loop.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from rosenblatt.nn.correlation import correlate_natively
from rosenblatt.nn.correlation_forms import FORMS, can_winograd, choose_form
from rosenblatt.nn.windows import Window

N_IMAGES = 8
N_PASSES = 20  # in one compiled loop


class Shape(NamedTuple):
    size: int
    inputs: int
    outputs: int
    kernel: int = 3
    stride: int = 1
    groups: int = 1

    @property
    def window(self) -> Window:
        window = Window.of(self.kernel, self.stride, "same")
        return Window(window.size, window.stride, window.pads((self.size, self.size)), window.dilation)

    def __str__(self) -> str:
        parts = [f"{self.size} x {self.size} x {self.inputs} to {self.outputs}", f"{self.kernel} x {self.kernel}"]
        parts += [f"stride {self.stride}"] * (self.stride > 1) + [f"{self.groups} groups"] * (self.groups > 1)
        return ", ".join(parts)


SHAPES = [
    Shape(28, 1, 32),
    Shape(28, 3, 32),
    Shape(32, 8, 16),
    Shape(28, 16, 32),
    Shape(14, 32, 64),
    Shape(14, 64, 32),
    Shape(7, 64, 128),
    Shape(8, 128, 128),
    Shape(56, 16, 16),
    Shape(14, 32, 64, stride=2),
    Shape(14, 16, 32, kernel=5),
    Shape(28, 32, 32, groups=32),
    Shape(14, 32, 64, groups=4),
]


def passes(shape: Shape) -> dict[str, dict[str, Callable[..., Array]]]:
    """By form: what computes the outputs, and the kernel's slope."""
    window, groups = shape.window, shape.groups
    ways: dict[str, dict[str, Callable[..., Array]]] = {
        name: {
            "outputs": partial(ways.correlate, window=window, groups=groups),
            "kernel's slope": partial(ways.kernel_slope, window=window, groups=groups),
        }
        for name, ways in FORMS.items()
        if name != "winograd" or (groups == 1 and can_winograd(window))
    }

    def native_slope(images: Array, slopes: Array) -> Array:
        kernel = jnp.zeros((shape.kernel, shape.kernel, shape.inputs // groups, shape.outputs))
        return jax.vjp(lambda k: correlate_natively(images, k, window, groups), kernel)[1](slopes)[0]

    ways["native"] = {
        "outputs": partial(correlate_natively, window=window, groups=groups),
        "kernel's slope": native_slope,
    }
    return ways


def looped(function: Callable[..., Array]) -> Callable[..., Any]:
    """Many passes in one program, each with images that depend on the pass before."""

    def run(images: Array, other: Array) -> Array:
        def once(_: Array, carry: Array) -> Array:
            return carry + 1e-9 * function(images + carry, other).sum()  # of all, so that all is computed

        return lax.fori_loop(0, N_PASSES, once, jnp.zeros(()))

    return jax.jit(run)


def measure(shape: Shape, n_rounds: int) -> dict[tuple[str, str], float]:
    """Milliseconds of a pass, by quantity and form."""
    rng = np.random.default_rng(0)
    images = rng.standard_normal((N_IMAGES, shape.size, shape.size, shape.inputs), dtype=np.float32)
    kernel = rng.standard_normal(
        (shape.kernel, shape.kernel, shape.inputs // shape.groups, shape.outputs), dtype=np.float32
    )
    n_places = shape.window.output_shape((shape.size, shape.size))
    slopes = rng.standard_normal((N_IMAGES, *n_places, shape.outputs), dtype=np.float32)
    others = {"outputs": kernel, "kernel's slope": slopes}
    programs = {
        (quantity, form): (looped(function), others[quantity])
        for form, functions in passes(shape).items()
        for quantity, function in functions.items()
    }
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in programs}
    for number in range(n_rounds + 1):
        for key, (program, other) in programs.items():
            start = time.perf_counter()
            jax.block_until_ready(program(images, other))
            if number > 0:  # the first round compiles
                seconds[key].append(time.perf_counter() - start)
    return {key: median(each) / N_PASSES * 1e3 for key, each in seconds.items()}


def row(shape: Shape, quantity: str, times: dict[tuple[str, str], float]) -> str:
    """One line of the table; the form that is chosen stands in bold."""
    chosen = choose_form(shape.inputs, shape.groups, shape.window)
    cells = []
    for form in (*FORMS, "native"):
        value = times.get((quantity, form))
        text = "" if value is None else f"{value:.3f}"
        cells.append(f"**{text}**" if form == chosen else text)
    return f"| {shape} | {quantity} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    print(f"Milliseconds of a pass over {N_IMAGES} images; JAX {jax.__version__}. Bold: the form that is chosen.\n")
    print(f"| images | | {' | '.join((*FORMS, 'native'))} |")
    print("| --- " * (len(FORMS) + 3) + "|")
    for shape in SHAPES:
        times = measure(shape, arguments.rounds)
        for quantity in ("outputs", "kernel's slope"):
            print(row(shape, quantity, times), flush=True)


if __name__ == "__main__":
    main()
