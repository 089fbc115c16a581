"""Gradient descent on all rows, on one, and on some: the same code with three batch sizes."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.runs.chapters.digits_rows import DigitsRows, digits_rows
from rosenblatt.runs.chapters.writing import decimals, percent, unbroken
from rosenblatt.training.errors import NonFiniteRiskError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

# Name, batch size, and epochs: chosen so that each has time to get somewhere.
WAYS = {"GD": ("full", 300), "mini-batch": (32, 60), "SGD": (1, 15)}
_RATE = 0.1


def chapter(page: Chapter, guide: Guide) -> None:
    """The same network from the same weights, with three batch sizes and three learning rates."""
    rows = digits_rows()
    models = {
        name: guide.fit(name, _network(name, _RATE), rows.X, rows.y, validation_data=rows.validation) for name in WAYS
    }
    _ways(page)
    _race(page, guide, rows, models)
    _rates(page, guide, rows, models)


def _network(way: str, rate: float) -> MLPClassifier:
    batch_size, max_epochs = WAYS[way]
    return MLPClassifier(
        hidden_layer_sizes=(64,),
        optimizer="sgd",
        learning_rate=rate,
        batch_size=batch_size,
        max_epochs=max_epochs,
        random_state=0,
    )


def _ways(page: Chapter) -> None:
    page.text("""
        The gradient of the risk is a mean over rows. How many of them are taken for one step is all that tells the
        notes' three algorithms apart. Here it is the field `batch_size`.
    """)
    rows = [
        ["GD", "w ← w − γ ∇J(S; w)", "all", 'batch_size="full"'],
        ["mini-batch", "w ← w − γ ∇J(xⁱ … xⁱ⁺ᴮ; w)", "some", "batch_size=32"],
        ["SGD", "w ← w − γ ∇J(xⁱ; w)", "one", "batch_size=1"],
    ]
    page.table(["algorithm", "one step", "rows", "here"], [list(map(unbroken, row)) for row in rows])
    page.text("""
        GD goes straight down and pays for each step with a pass through all rows. SGD makes a step for every row, each
        in a direction that is right only on average. In the race below a network with 64 hidden units learns to read
        digits, three times from the same weights, with the same learning rate γ = 0.1 and without any refinement.
    """)


def _race(page: Chapter, guide: Guide, rows: DigitsRows, models: dict[str, MLPClassifier]) -> None:
    page.figure(
        lambda: _draw_race(models),
        alt="Validation risk of the three ways, by epoch and by second: SGD falls first, mini-batches next, GD last",
        caption=(
            "Validation risk after each epoch, by epochs (above) and by seconds of work (below). All scales are "
            "logarithmic."
        ),
    )
    table = []
    for name, model in models.items():
        accuracy = float(model.score(rows.X_test, rows.y_test))
        written = decimals(_seconds(model)[-1], 2), decimals(_final_risk(model)), percent(accuracy)
        table.append([unbroken(name), model.n_epochs_, _steps(model, rows), *written])
        guide.result(f"test accuracy after {model.n_epochs_} epochs of {name}", accuracy)
    page.table(
        ["", "epochs", "steps", "seconds", "validation risk", "test accuracy"],
        table,
        "What each of the three did. The seconds are those of the steps, without compiling and evaluating.",
    )
    single = models["SGD"]
    page.text(f"""
        Counted in epochs small batches win by far. What brings the risk down is the number of steps, and at first a
        step on one row helps nearly as much as a step on all of them. Counted in seconds it depends on the machine: one
        row leaves a processor little to do at a time, which is why mini-batches win on larger networks. Here a step on
        one row takes {1e6 * _seconds(single)[-1] / _steps(single, rows):.0f} microseconds. That SGD jumps about in the
        end is the noise of its steps; learning rates that become smaller and smaller would calm it.
    """)


def _rates(page: Chapter, guide: Guide, rows: DigitsRows, models: dict[str, MLPClassifier]) -> None:
    rates = (0.01, _RATE, 0.5)
    others = [(name, rate) for name in WAYS for rate in rates if rate != _RATE]
    trained = {(name, _RATE): model for name, model in models.items()}
    for name, rate in guide.track("other learning rates", others):
        trained[name, rate] = _network(name, rate)
        with suppress(NonFiniteRiskError):
            trained[name, rate].fit(rows.X, rows.y, validation_data=rows.validation)
    table = [[str(rate), *[decimals(_final_risk(trained[name, rate])) for name in WAYS]] for rate in rates]
    page.table(["γ", *WAYS], table, "Validation risk at the end, for three learning rates γ.")
    alive = int((trained["SGD", 0.5].transform(rows.X) > 0).any(axis=0).sum())
    page.text(f"""
        The noisier the step, the smaller it has to be. GD takes γ = 0.5 well and is slow with less. SGD is best with
        less, and with γ = 0.5 it breaks: a few large steps in a row push hidden units to where ReLU is flat, no
        gradient comes back, and they stay there. After this fit {alive or "none"} of its 64 hidden units answer to any
        digit at all, and the risk is near that of guessing, log 10 = 2.303.

        These {len(trained)} fits share three compiled programs, one for each batch size: to a program the learning rate
        is data, not code.
    """)


def _steps(model: MLPClassifier, rows: DigitsRows) -> int:
    """How many were made in the whole fit."""
    size = len(rows.X) if isinstance(model.batch_size, str) else model.batch_size
    return math.ceil(len(rows.X) / size) * model.n_epochs_


def _final_risk(model: MLPClassifier) -> float:
    return model.history_["validation_risk"][-1]


def _seconds(model: MLPClassifier) -> np.ndarray:
    """Of work until the end of each epoch."""
    return np.cumsum(model.history_["step_seconds"] + model.history_["data_seconds"])


def _draw_race(models: dict[str, MLPClassifier]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 5.2))
    by_epoch, by_second = figure.subplots(2, 1)
    for name, model in models.items():
        risk = model.history_["validation_risk"]
        by_epoch.plot(model.history_["epoch"], risk, label=name)
        by_second.plot(_seconds(model), risk, label=name)
    by_epoch.set(xlabel="epochs", ylabel="validation risk", xscale="log", yscale="log")
    by_second.set(xlabel="seconds", ylabel="validation risk", xscale="log", yscale="log")
    figure.legend(*by_epoch.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure
