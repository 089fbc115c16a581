"""The network that the notes draw: 2-4-3-1, its 23 weights and 8 biases by name, every unit's value, its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.data import xor
from rosenblatt.display import DecisionDisplay, NetworkDisplay
from rosenblatt.explain import Biases, Units, Weights, backpropagate, check_gradients, sigmoid_neuron
from rosenblatt.models.describe import describe
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.runs.chapters.writing import decimals, percent, transcript, unbroken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.data.dataset import Dataset
    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

SAMPLE = np.array([0.5, -0.5])  # signs differ: of class 1
_SESSION = """
    from rosenblatt.explain import Weights, Biases
    W, b = Weights(model), Biases(model)
    W(1, 2, 3)
    W[1, :, 3]
    b(1, 3)
    W("o")
"""


def notes_network(**fields: Any) -> MLPClassifier:
    """The notes' 2-4-3-1 network of sigmoid units, on data with two features and two classes."""
    fields = {"batch_size": 32, "learning_rate": 0.1, "max_epochs": 60, "random_state": 1} | fields
    return MLPClassifier(hidden_layer_sizes=(4, 3), activation="sigmoid", **fields)


def chapter(page: Chapter, guide: Guide) -> None:
    """Trains the network on XOR, names all that is in it, and checks its gradient."""
    data = xor(400, noise=0.03)
    model = guide.fit("2-4-3-1 on XOR", notes_network(), data.X, data.y)
    _size(page, guide, model, data)
    _names(page, model)
    _values(page, model)
    _division_of_labour(page, model, data)
    _starts(page, guide, data)
    _gradient(page, guide, model, data)


def _size(page: Chapter, guide: Guide, model: MLPClassifier, data: Dataset) -> None:
    page.text("""
        The notes draw a network with two inputs, two hidden layers of four and three neurons, and one output. Each
        neuron does what a perceptron does, a weighted sum, and then sends it through a smooth step, the sigmoid
        σ(z) = 1 / (1 + e⁻ᶻ):
    """)
    page.formula("""
        f₁ = σ(W₁ᵀx  + b₁)
        f₂ = σ(W₂ᵀf₁ + b₂)
        y  = σ(W₃ᵀf₂ + b₃)
    """)
    page.text("""
        (In the formulas of the notes the biases are left out; in their count, 23 + 8, they are in.) Every connection
        is one weight, every neuron has one bias:
    """)
    described = describe(model)
    rows = [
        [unbroken(layer.name), layer.formula.split(",")[0], layer.weights, layer.biases] for layer in described.layers
    ]
    rows.append(["together", None, model.n_parameters_.weights, model.n_parameters_.biases])
    page.table(
        ["layer", "inputs × units + biases", "weights", "biases"], rows, "2·4 + 4·3 + 3·1 weights and 4 + 3 + 1 biases."
    )
    accuracy = float(model.score(data.X, data.y))
    page.text(f"""
        It is trained on a noisy XOR: 400 points, of class 1 where the signs of the two coordinates differ. It starts
        from random weights and ends, after {model.n_epochs_} epochs, with {percent(accuracy)} of the points right.
    """)
    page.figure(
        lambda: _draw_decision(model, data),
        alt="Four quadrants of points, two classes; the network's regions follow the quadrants",
        caption="What the network decides everywhere: the paler, the less certain.",
    )
    guide.result("2-4-3-1 network: weights + biases", "{} + {}".format(*model.n_parameters_))
    guide.result("2-4-3-1 network: accuracy on XOR", accuracy)


def _names(page: Chapter, model: MLPClassifier) -> None:
    page.figure(
        lambda: _draw_network(model),
        alt="Diagram of the network: two inputs, four and three hidden units, one output, and the 23 connections",
        caption="The trained network. The wider the line, the larger the weight.",
    )
    page.text("""
        The notes call a weight W(layer, in, out), counted from 1: W(1, 2, 3) leads from the second input to the third
        neuron of the first layer. Here it has the same name. A colon takes all, and `"o"` is the output layer.
    """)
    page.code(transcript(_SESSION, model=model))
    page.text("""
        (The notes list the weights into that third neuron as w(1,1,1) and w(1,2,3). By their own rule the first is
        w(1,1,3), and W[1, :, 3] gives both.)
    """)


def _values(page: Chapter, model: MLPClassifier) -> None:
    f, b = Units(model, SAMPLE), Biases(model)
    layers = backpropagate(model, SAMPLE[None], [1]).layers
    rows = [
        [f"f({layer},{unit})", *map(decimals, (b(layer, unit), layers[layer - 1].z[0, unit - 1], value))]
        for (layer, unit), value in f
    ]
    page.text(f"""
        And this is all that happens to one input, x = ({SAMPLE[0]}, −{-SAMPLE[1]}), on its way through: eight weighted
        sums, eight sigmoids. The last is the answer, P(y = 1 | x) = {f("o", 1):.3f}.
    """)
    page.table(
        ["unit", "bias", "weighted sum", "value"], rows, f"Every unit's value for x = ({SAMPLE[0]}, −{-SAMPLE[1]})."
    )
    page.text("One of them, with the numbers put in:")
    page.code(f.written_out(1, 3))


def _division_of_labour(page: Chapter, model: MLPClassifier, data: Dataset) -> None:
    page.figure(
        lambda: _draw_units(model, data),
        alt="Eight maps of the plane, one a unit: lines in the first layer, bands and corners in the next, XOR at last",
        caption="What each unit puts out, everywhere in the plane: from 0, the page, to 1, the strongest colour.",
    )
    page.text("""
        No unit of the first layer can do more than a perceptron: each draws one line, at an angle of its own. The
        second layer cuts bands and corners out of these half planes, and the output joins them into the two quadrants
        that no single line can have. That is what a hidden layer is for.
    """)


def _starts(page: Chapter, guide: Guide, data: Dataset) -> None:
    zeros = guide.fit("the same from zero", notes_network(initializer="zeros"), data.X, data.y)
    seeds = range(12)
    models = [
        notes_network(random_state=s).fit(data.X, data.y) for s in guide.track("from twelve other weights", seeds)
    ]
    stuck = sum(model.score(data.X, data.y) < 0.9 for model in models)
    page.text("""
        Where training ends depends on where it starts. The notes offer two ways to begin, w₀ = 0 or random values, and
        the first cannot work. If all weights are equal, all units of a layer compute the same, get the same gradient
        and take the same step. They stay equal for ever, and the network is no better than one with a single unit in
        each layer, which can only draw one line.
    """)
    rows = [
        [unbroken(f"from input {i}"), *map(decimals, weights)] for i, weights in enumerate(Weights(zeros)[1, :, :], 1)
    ]
    page.table(
        ["weight", *[f"into unit {j}" for j in range(1, 5)]],
        rows,
        f"The first layer after {zeros.n_epochs_} epochs from zero: four times the same neuron.",
    )
    page.figure(
        lambda: _draw_starts(models, zeros),
        alt="Risk by epoch of thirteen fits: most fall to a low level, a few and the one from zero stay high",
        caption="The same network on the same data, from twelve random starts and from zero. Dotted: guessing, log 2.",
    )
    page.text(f"""
        Random weights are no guarantee either. All begin on a plateau, near the risk of guessing, where the gradient is
        small and says little. {len(models) - stuck} of the twelve find the way down within these 60 epochs. The other
        {stuck} are held up on a higher level: in a local minimum, where every small step leads up, or at a saddle,
        which has a way down that is hard to find. The notes' landscape has both, and the risk alone does not tell them
        apart. The remedy is to start again, with another `random_state`.
    """)
    guide.result("2-4-3-1 network: accuracy when started from zero", float(zeros.score(data.X, data.y)))
    guide.result("2-4-3-1 network: random starts that get stuck", f"{stuck} of {len(models)}")


def _gradient(page: Chapter, guide: Guide, model: MLPClassifier, data: Dataset) -> None:
    page.text("""
        What moves the weights is the gradient, and the gradient comes from the chain rule: the derivative of the loss
        with respect to a weight is a product of local derivatives, along the way back from the loss to the weight. The
        notes' second example is one neuron s = σ(wᵀx) with the square loss J = (y − s)². For w = (0.4, −0.3),
        x = (1, 2) and y = 1:
    """)
    page.code(str(sigmoid_neuron([1.0, 2.0], 1.0, [0.4, -0.3])))
    y = np.asarray(data.y)
    worst = backpropagate(model, data.X, y).losses.argmax()
    check = check_gradients(model, data.X[[worst]], y[[worst]])
    ways = list(dict.fromkeys(agreement.way for agreement in check.agreements))
    found = {(a.parameter, a.way): a for a in check.agreements}
    rows = [
        [
            name,
            decimals(found[name, ways[0]].largest_slope),
            *[f"{found[name, w].largest_difference:.0e}" for w in ways],
        ]
        for name in dict.fromkeys(a.parameter for a in check.agreements)
    ]
    page.text(f"""
        For the whole network the same goes layer by layer, in formulas that are a few lines of NumPy
        (`rosenblatt.explain.backpropagate`). To be sure of them, `check_gradients` computes the gradient in three more
        ways: by JAX's automatic differentiation of the very network that was trained; by moving each of the 31
        parameters a little up and down; and on a graph of single numbers, with a node for each product and each sum.
        For the point that the network is most wrong about, {"they agree" if check.agree else "they do not agree"}:
    """)
    page.table(
        ["", "largest slope", *ways],
        rows,
        "The gradient of one point's loss by the formulas, and by how much the other ways differ from it at most.",
    )
    page.text("""
        The first and the last differ by rounding alone. Moving parameters up and down subtracts two nearly equal
        numbers and loses half of the digits: good enough to check with, too inexact and too slow to learn with.
    """)
    guide.result("gradient by formulas, JAX, differences, graph", "the same" if check.agree else "NOT the same")


def _draw_decision(model: MLPClassifier, data: Dataset) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.4, 4.5))
    display = DecisionDisplay.from_estimator(model, data.X, data.y, class_names=data.target_names, ax=figure.subplots())
    display.ax_.set(aspect="equal", xlabel="x₁", ylabel="x₂", xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    display.ax_.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return figure


def _draw_network(model: MLPClassifier) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.8))
    NetworkDisplay.from_estimator(model, ax=figure.subplots())
    return figure


def _draw_units(model: MLPClassifier, data: Dataset) -> Figure:
    from matplotlib.figure import Figure

    limit = float(np.abs(data.X).max())
    axis = np.linspace(-limit, limit, 60)
    grid = np.stack([x.ravel() for x in np.meshgrid(axis, axis)], axis=1)
    *hidden, _ = model.unit_outputs(grid)
    outputs = np.hstack([*hidden, model.predict_proba(grid)[:, 1:]])
    names = ["f(1,1)", "f(1,2)", "f(1,3)", "f(1,4)", "f(2,1)", "f(2,2)", "f(2,3)", "output"]
    figure = Figure(figsize=(5.2, 2.9))
    for axes, name, values in zip(figure.subplots(2, 4).flat, names, outputs.T, strict=True):
        surface = values.reshape(60, 60)
        axes.imshow(surface, origin="lower", extent=(-limit, limit, -limit, limit), vmin=0, vmax=1)
        axes.set_title(name, fontsize=9, loc="center", weight="normal")
        axes.set(xticks=(), yticks=())
        axes.spines[["top", "right"]].set_visible(True)
    return figure


def _draw_starts(models: Sequence[MLPClassifier], zeros: MLPClassifier) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.0))
    axes = figure.subplots()
    axes.axhline(np.log(2), color="C4", linestyle=":", linewidth=1)
    for number, model in enumerate(models):
        label = "from random weights" if number == 0 else None
        axes.plot(model.history_["epoch"], model.history_["train_risk"], color="C0", linewidth=0.9, label=label)
    axes.plot(zeros.history_["epoch"], zeros.history_["train_risk"], color="C1", label="from zero")
    axes.set(xlabel="epoch", ylabel="training risk", ylim=(0, 0.95), xlim=(0, None))
    axes.legend(loc="upper right", ncols=2)
    return figure
