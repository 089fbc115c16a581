"""Times every way to compute a convolution, for each of some shapes: ``python benchmarks/convolution_forms.py``.

The markdown table on standard output is kept as ``convolution_forms.md``; ``choose_forms`` in
``rosenblatt.nn.correlation_forms`` goes by it. Each figure is the median of several turns, taken in rounds so that a
slow moment hits all, of one pass over 8 images inside a compiled loop.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from rosenblatt.nn.correlation_forms import (
    KERNEL_SLOPES,
    OUTPUTS,
    can_winograd,
    choose_forms,
    correlate_natively,
    spread,
    transposed_as_correlation,
)
from rosenblatt.nn.windows import Window

N_IMAGES = 8
N_PASSES = 20  # in one compiled loop
FORMS = ("patches", "winograd", "turned", "spread", "native")

Quantity = Literal["outputs", "kernel's slope", "images' slope"]
Timed = dict[tuple[Quantity, str], float]


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

    @property
    def arrays(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """The shapes of the images, the kernel, and the outputs."""
        images = (self.size, self.size)
        return (
            (N_IMAGES, *images, self.inputs),
            (self.kernel, self.kernel, self.inputs // self.groups, self.outputs),
            (N_IMAGES, *self.window.output_shape(images), self.outputs),
        )

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
    Shape(28, 16, 1),
    Shape(14, 32, 64, stride=2),
    Shape(14, 16, 32, stride=2),
    Shape(28, 1, 16, stride=2),
    Shape(28, 1, 32, kernel=4, stride=2),
    Shape(14, 32, 64, kernel=4, stride=2),
    Shape(28, 1, 6, kernel=5),
    Shape(14, 16, 32, kernel=5),
    Shape(14, 64, 64, kernel=5),
    Shape(56, 3, 32, kernel=7, stride=2),
    Shape(14, 64, 128, kernel=1),
    Shape(28, 32, 32, groups=32),
    Shape(14, 32, 64, groups=4),
]


def passes(shape: Shape) -> dict[tuple[Quantity, str], Callable[..., Array]]:
    """By quantity and form: what computes it from the two arrays that `measure` gives it."""
    window, groups = shape.window, shape.groups
    images, kernel, _ = shape.arrays
    found: dict[tuple[Quantity, str], Callable[..., Array]] = {}
    for form, outputs in OUTPUTS.items():
        if can_do(form, window, groups):
            found["outputs", form] = partial(outputs, window=window, groups=groups)
    for form, kernel_slope in KERNEL_SLOPES.items():
        if can_do(form, window, groups):
            found["kernel's slope", form] = partial(kernel_slope, window=window, groups=groups)

    def native_slope(images: Array, slopes: Array) -> Array:
        return jax.vjp(lambda k: correlate_natively(images, k, window, groups), jnp.zeros(kernel))[1](slopes)[0]

    found["kernel's slope", "native"] = native_slope

    def by_correlation(form: str, slopes: Array, kernel: Array) -> Array:
        turned, across = transposed_as_correlation(kernel, window, slopes.shape[1:-1], images[1:-1], groups)
        more = {"spacing": window.stride} if form == "native" else {}
        return OUTPUTS[form](slopes, turned, across, groups, **more)

    for form in OUTPUTS:
        if form == "native" or (shape.stride == 1 and can_do(form, window, groups)):
            found["images' slope", form] = partial(by_correlation, form)
    found["images' slope", "spread"] = partial(spread, window=window, shape=images[1:-1], groups=groups)
    return found


def can_do(form: str, window: Window, groups: int) -> bool:
    if form == "winograd":
        return groups == 1 and can_winograd(window)
    return form != "turned" or (groups == 1 and max(window.stride) == 1)


def chosen(shape: Shape) -> dict[Quantity, str]:
    """The form of each quantity."""
    forms = choose_forms(shape.inputs, shape.outputs, shape.groups, shape.window)
    turned = choose_forms(shape.outputs, shape.inputs, shape.groups, shape.window).outputs
    return {
        "outputs": forms.outputs,
        "kernel's slope": forms.kernel_slope,
        "images' slope": turned if shape.stride == 1 else "spread",
    }


def looped(function: Callable[..., Array]) -> Callable[..., Any]:
    """Many passes in one program, each with arrays that depend on the pass before."""

    def run(first: Array, second: Array) -> Array:
        def once(_: Array, carry: Array) -> Array:
            return carry + 1e-9 * function(first + carry, second).sum()  # of all, so that all is computed

        return lax.fori_loop(0, N_PASSES, once, jnp.zeros(()))

    return jax.jit(run)


def measure(shape: Shape, n_rounds: int) -> Timed:
    """Milliseconds of a pass, by quantity and form."""
    rng = np.random.default_rng(0)
    images, kernel, slopes = (rng.standard_normal(each, dtype=np.float32) for each in shape.arrays)
    arguments: dict[Quantity, tuple[np.ndarray, np.ndarray]] = {
        "outputs": (images, kernel),
        "kernel's slope": (images, slopes),
        "images' slope": (slopes, kernel.swapaxes(-1, -2)),
    }
    programs = {key: looped(function) for key, function in passes(shape).items()}
    seconds: dict[tuple[Quantity, str], list[float]] = {key: [] for key in programs}
    for number in range(n_rounds + 1):
        for (quantity, form), program in programs.items():
            start = time.perf_counter()
            jax.block_until_ready(program(*arguments[quantity]))
            if number > 0:  # the first round compiles
                seconds[quantity, form].append(time.perf_counter() - start)
    return {key: median(each) / N_PASSES * 1e3 for key, each in seconds.items()}


def row(shape: Shape, quantity: Quantity, times: Timed) -> str:
    """One line of the table; the form that is chosen stands in bold."""
    cells = []
    for form in FORMS:
        value = times.get((quantity, form))
        text = "" if value is None else f"{value:.3f}"
        cells.append(f"**{text}**" if form == chosen(shape)[quantity] else text)
    return f"| {shape} | {quantity} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    print(f"Milliseconds of a pass over {N_IMAGES} images; JAX {jax.__version__}. Bold: the form that is chosen.\n")
    print(f"| images | | {' | '.join(FORMS)} |")
    print("| --- " * (len(FORMS) + 2) + "|")
    for shape in SHAPES:
        times = measure(shape, arguments.rounds)
        for quantity in get_args(Quantity):
            print(row(shape, quantity, times), flush=True)


if __name__ == "__main__":
    main()
