"""Times every way to compute the slope of a dense layer's weights, X^T d: ``python benchmarks/product_forms.py``.

The markdown table on standard output is kept as ``product_forms.md``; ``contract_rows`` in ``rosenblatt.nn.product``
goes by it, and by whole epochs, where turning a wide matrix of slopes costs more than it does alone: what computes the
slopes is then done in the wrong order. Each figure is the median of several turns, taken in rounds so that a slow
moment hits all, of one pass inside a compiled loop.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import product
from statistics import median

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from rosenblatt.nn.product import contract_rows, plain_contraction, turned_rows, turned_slopes

Form = Callable[[Array, Array], Array]
FORMS: dict[str, Form] = {"plain": plain_contraction, "rows turned": turned_rows, "slopes turned": turned_slopes}
N_PASSES = 60  # in one compiled loop
ROWS = (32, 128)
WIDTHS = (8, 32, 128, 512)
HEADER = """\
| rows | inputs | outputs | plain, us | rows turned | slopes turned | chosen |
| --- | --- | --- | --- | --- | --- | --- |"""


def loop(form: Form) -> Callable[[Array, Array], Array]:
    """Many passes, each waiting for the one before."""

    @jax.jit
    def passes(rows: Array, slopes: Array) -> Array:
        def one(_: int, carry: tuple[Array, Array]) -> tuple[Array, Array]:
            total, rows = carry
            first = lax.optimization_barrier(form(rows, slopes))[0, 0]
            return total + first, lax.dynamic_update_slice(rows, rows[:1, :1] + 1e-30 * first, (0, 0))

        return lax.fori_loop(0, N_PASSES, one, (jnp.float32(0), rows))[0]

    return passes


def chosen(rows: Array, slopes: Array) -> str:
    """The name of the form that the library takes, by its program."""
    programs = {name: str(jax.make_jaxpr(form)(rows, slopes)) for name, form in FORMS.items()}
    taken = str(jax.make_jaxpr(contract_rows)(rows, slopes))
    return next(name for name, program in programs.items() if program == taken)


def row(n_rows: int, n_inputs: int, n_outputs: int, n_turns: int) -> str:
    rng = np.random.default_rng(0)
    rows, slopes = (jnp.asarray(rng.normal(size=(n_rows, n)), jnp.float32) for n in (n_inputs, n_outputs))
    loops = {name: loop(form) for name, form in FORMS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in FORMS}
    for turn in range(n_turns + 1):
        for name, passes in loops.items():
            began = time.perf_counter()
            passes(rows, slopes).block_until_ready()
            if turn:  # the first one compiles
                seconds[name].append((time.perf_counter() - began) / N_PASSES)
    plain, *others = (median(times) for times in seconds.values())
    ratios = " | ".join(f"{other / plain:.2f}" for other in others)
    return f"| {n_rows} | {n_inputs} | {n_outputs} | {1e6 * plain:.1f} | {ratios} | {chosen(rows, slopes)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=9, help="turns of which the median is taken (default 9)")
    arguments = parser.parse_args()
    print(HEADER)
    for shape in product(ROWS, WIDTHS, WIDTHS):
        print(row(*shape, arguments.turns), flush=True)


if __name__ == "__main__":
    main()
