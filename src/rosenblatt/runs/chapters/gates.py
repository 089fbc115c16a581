"""The neuron of McCulloch and Pitts, the gates that it is, and the one that no single neuron can be."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from rosenblatt.models.neuron import McCullochPittsNeuron
from rosenblatt.models.perceptron import Perceptron
from rosenblatt.runs.chapters.writing import transcript, unbroken

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

# What a gate gives for the inputs 00, 01, 10 and 11, and its name.
GATES: dict[tuple[int, ...], str] = {
    (0, 0, 0, 0): "never",
    (0, 0, 0, 1): "x₁ and x₂",
    (0, 0, 1, 0): "x₁, not x₂",
    (0, 0, 1, 1): "x₁",
    (0, 1, 0, 0): "x₂, not x₁",
    (0, 1, 0, 1): "x₂",
    (0, 1, 1, 0): "XOR",
    (0, 1, 1, 1): "x₁ or x₂",
    (1, 0, 0, 0): "neither",
    (1, 0, 0, 1): "same",
    (1, 0, 1, 0): "not x₂",
    (1, 0, 1, 1): "x₁ or not x₂",
    (1, 1, 0, 0): "not x₁",
    (1, 1, 0, 1): "x₂ or not x₁",
    (1, 1, 1, 0): "not both",
    (1, 1, 1, 1): "always",
}
XOR = (0, 1, 1, 0)

_SESSION = """
    from rosenblatt import McCullochPittsNeuron, Perceptron
    X = [[0, 0], [0, 1], [1, 0], [1, 1]]
    McCullochPittsNeuron.and_gate(2).predict(X)
    Perceptron(random_state=0).fit(X, [0, 1, 1, 1]).predict(X)
    Perceptron(random_state=0).fit(X, [0, 1, 1, 1]).separable_
"""


def chapter(page: Chapter, guide: Guide) -> None:
    """Truth tables, thresholds on a count, and all gates of two inputs given to a perceptron."""
    _counting(page)
    _no_threshold_is_xor(page, guide)
    _weights(page, guide)


def binary_inputs(n_inputs: int) -> np.ndarray:
    """All rows of n zeros and ones (2^n, n), in the order of binary numbers."""
    return (np.arange(2**n_inputs)[:, None] >> np.arange(n_inputs)[::-1]) & 1


def _counting(page: Chapter) -> None:
    page.text("""
        The first model of a neuron, by Warren McCulloch and Walter Pitts in 1943, does one thing. It counts how many
        of its inputs are on and fires if they are more than a threshold θ. It has no weights and no bias, and it
        learns nothing.
    """)
    page.formula("""
        y = 1  if  x₁ + x₂ + … + xₘ > θ
        y = 0  otherwise
    """)
    page.text("""
        More than θ, not as many as θ: so *all of m inputs* is θ = m − 1, and *any of them* is θ = 0, for every m.
        Whatever lies between is a vote: with three inputs, θ = 1 asks for a majority.
    """)
    gate = McCullochPittsNeuron
    neurons = {"any (θ = 0)": gate.or_gate(3), "majority (θ = 1)": gate(threshold=1), "all (θ = 2)": gate.and_gate(3)}
    X = binary_inputs(3)
    outputs = [neuron.predict(X) for neuron in neurons.values()]
    rows = [[_spaced(x), x.sum(), *y] for x, *y in zip(X, *outputs, strict=True)]
    page.table(
        [unbroken("x₁ x₂ x₃"), "count", *neurons], rows, "Three inputs, three thresholds: OR, a majority, and AND."
    )


def _no_threshold_is_xor(page: Chapter, guide: Guide) -> None:
    page.text("""
        XOR, *one of the two but not both*, is out of its reach. As the count goes 0, 1, 2 the output would have to go
        up and down again, 0, 1, 0, and a threshold only goes up. The notes' neuron can be tried with every threshold
        there is, since all between two counts are alike:
    """)
    X, thresholds = binary_inputs(2), (0, 1, 2)
    neurons = [McCullochPittsNeuron(threshold=threshold) for threshold in thresholds]
    right = [int((neuron.predict(X) == XOR).sum()) for neuron in neurons]
    rows = [
        [f"θ = {t}", _spaced(n.predict(X)), f"{r} of 4"] for t, n, r in zip(thresholds, neurons, right, strict=True)
    ]
    page.table(["threshold", "outputs", "right"], rows, "Outputs for 00, 01, 10, 11, where XOR is 0 1 1 0.")
    page.figure(
        _draw_counts,
        alt="AND and OR on the four corners of a square, each cut by a diagonal line; for XOR no line is right",
        caption=(
            "The corners of the square are the four inputs; filled, the gate fires. A threshold on the count is a line "
            "of this one direction: it can move and not turn. XOR has its filled corners between two such lines "
            "(dotted), and no single line has them alone on one side."
        ),
    )
    page.text("""
        More layers of such neurons do not help: switching an input on can only raise a count, and so never switches
        an output off, however many neurons stand behind one another. (The paper of 1943 also had inhibitory inputs,
        which silence a neuron; with them XOR is possible. The notes leave them out.)
    """)
    guide.result("rows of XOR that a threshold on the count gets right", f"{max(right)} of 4")


def _weights(page: Chapter, guide: Guide) -> None:
    page.text("""
        Do weights help? With them the line may turn. There are sixteen gates of two inputs, all of them below, and a
        `Perceptron`, which learns its weights from its mistakes, was trained on each except the two that never change.
    """)
    found = {outputs: _learned(outputs) for outputs in guide.track("sixteen gates", GATES)}
    lines = sum(line is not None for line in found.values())
    counted = {tuple(McCullochPittsNeuron(threshold=t).predict(binary_inputs(2))) for t in (0, 1, 2)}
    page.figure(
        lambda: _draw_gates(found),
        alt="Sixteen small squares, one for each gate of two inputs; fourteen are cut by a line, XOR and same are not",
        caption=(
            "All sixteen gates. Shaded is where the perceptron fires. Of *XOR* and *same* a linear program proved that "
            "there is no line."
        ),
    )
    by_counting, by_weighing = f"{len(counted)} of {len(GATES)}", f"{lines} of {len(GATES)}"
    page.numbers([("gates by counting alone", by_counting), ("gates with weights and a bias", by_weighing)])
    page.text("""
        That no line (w, b) is XOR also takes only four lines of algebra. The four corners ask for
    """)
    page.formula("""
        b ≤ 0
        w₁ + b > 0
        w₂ + b > 0
        w₁ + w₂ + b ≤ 0
    """)
    page.text("""
        The first and the last together say w₁ + w₂ + 2b ≤ 0, the two between w₁ + w₂ + 2b > 0. Both cannot be. What is
        needed are neurons that look at other neurons: a hidden layer.
    """)
    page.code(transcript(_SESSION))
    guide.result("gates of two inputs, by counting", by_counting)
    guide.result("gates of two inputs, with weights and a bias", by_weighing)


def _spaced(bits: np.ndarray) -> str:
    return unbroken(" ".join(map(str, bits)))


def _learned(outputs: Sequence[int]) -> tuple[float, float, float] | None:
    """(w₁, w₂, b) of the line of a gate, or None where there is none."""
    if len(set(outputs)) == 1:
        return 0.0, 0.0, outputs[0] - 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # separable_ says it
        model = Perceptron(max_epochs=50, random_state=0).fit(binary_inputs(2), outputs)
    w1, w2, b = map(float, (*model.coef_[0], *model.intercept_))
    return (w1, w2, b) if model.separable_ else None


def _draw_counts() -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 2.1))
    for axes, name, outputs, threshold in zip(
        figure.subplots(1, 3),
        ("AND", "OR", "XOR"),
        ((0, 0, 0, 1), (0, 1, 1, 1), XOR),
        (1, 0, None),
        strict=True,
    ):
        _draw_corners(axes, outputs, f"{name}, θ = {threshold}" if threshold is not None else name)
        for t in (threshold,) if threshold is not None else (0, 1):
            dashed = "-" if threshold is not None else ":"
            axes.axline((0, t + 0.5), slope=-1, color="C1", linestyle=dashed, zorder=1)
        axes.set(xlabel="x₁", xticks=(0, 1), yticks=(0, 1))
    figure.axes[0].set_ylabel("x₂", rotation=0)
    return figure


def _draw_gates(found: dict[tuple[int, ...], tuple[float, float, float] | None]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 5.4))
    for axes, (outputs, line) in zip(figure.subplots(4, 4).flat, found.items(), strict=True):
        _draw_corners(axes, outputs, GATES[outputs])
        axes.set(xticks=(), yticks=())
        if line is None:
            axes.text(0.5, 0.5, "no line", ha="center", va="center", color="C1", weight="bold", fontsize=9)
        else:
            _shade(axes, line)
    return figure


def _draw_corners(axes: Axes, outputs: Sequence[int], title: str) -> None:
    """The four inputs as points of the plane, filled where the gate gives 1."""
    fires = np.array(outputs, bool)
    corners = binary_inputs(2)
    axes.plot(*corners[fires].T, "o", color="C0", markersize=8)
    axes.plot(*corners[~fires].T, "o", color="C0", markersize=8, fillstyle="none", markeredgewidth=1.5)
    axes.set(xlim=(-0.45, 1.45), ylim=(-0.45, 1.45), aspect="equal")
    axes.set_title(title, fontsize=9, loc="center", weight="normal")
    axes.spines[["top", "right"]].set_visible(True)


def _shade(axes: Axes, line: tuple[float, float, float]) -> None:
    w1, w2, b = line
    x1, x2 = np.meshgrid(*[np.linspace(-0.45, 1.45, 96)] * 2)
    axes.contourf(x1, x2, w1 * x1 + w2 * x2 + b, levels=[0, np.inf], colors=["C0"], alpha=0.2, zorder=0)
