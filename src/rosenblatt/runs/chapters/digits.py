"""A multi-layer perceptron on real digits: its risk by epoch, what it mixes up, and its worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.display import ImagesDisplay, MistakesDisplay, RiskDisplay
from rosenblatt.models.describe import describe
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.runs.chapters.digits_rows import DigitsRows, digits_rows
from rosenblatt.runs.chapters.writing import percent, unbroken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

IMAGE_SHAPE = (8, 8, 1)


def chapter(page: Chapter, guide: Guide) -> None:
    """Trains on 1,077 digits, watches 270, and is tested on 450."""
    rows = digits_rows()
    model = MLPClassifier(hidden_layer_sizes=(64,), batch_size=32, max_epochs=60, random_state=0)
    _before(page, rows, model)
    guide.fit("64-64-10 on digits", model, rows.X, rows.y, validation_data=rows.validation)
    _training(page, rows, model)
    _test(page, guide, rows, model)


def _before(page: Chapter, rows: DigitsRows, model: MLPClassifier) -> None:
    page.text(f"""
        A larger network, on real data. The digits come from forms that people filled in by hand; each is a scan,
        reduced to 8×8 pixels, with its label. {len(rows.X):,} of them are learned from, {len(rows.X_validation)} are
        watched during the training, and {len(rows.X_test)} are put away until the end.
    """)
    page.figure(
        lambda: _draw_samples(rows),
        alt="Twenty small images of handwritten digits, with their labels",
        caption="The first digits of the training rows.",
    )
    described = describe(model, rows.X, rows.y)
    table = [[unbroken(layer.name), layer.formula, layer.weights, layer.biases] for layer in described.layers]
    table.append(["together", None, described.parameters.weights, described.parameters.biases])
    page.text("""
        `describe(model, X, y)` says what is going to be trained, before any time is spent on it: 64 pixels, 64 hidden
        units with ReLU(z) = max(0, z), and one output for each digit.
    """)
    page.table(["layer", "inputs × units + biases", "weights", "biases"], table, "What will be trained.")
    page.text("And what it finds worth a warning:\n\n" + "\n".join(f"- {warning}" for warning in described.warnings))


def _training(page: Chapter, rows: DigitsRows, model: MLPClassifier) -> None:
    page.text("""
        The outputs become probabilities by a softmax, and the loss of a row is −log of the probability that its right
        digit got (categorical cross-entropy). The risk is the mean of that over rows. The notes write the loss with a
        factor 1/M, for M classes, and then simplify it without; the second form is the one that everybody uses, and
        the one here. A network that knows nothing has the risk log 10 = 2.303.
    """)
    page.formula("J(w) = (1/n) Σᵢ −log p(yᵢ | xᵢ)")
    history = model.history_
    page.figure(
        lambda: _draw_risk(model),
        alt="Training and validation risk by epoch: the first keeps falling, the second levels off",
        caption="Risk by epoch, on a logarithmic scale, on the rows learned from and on those only watched.",
    )
    seconds = {part: float(history[f"{part}_seconds"].sum()) for part in ("compile", "step", "data", "evaluation")}
    working = sum(seconds.values()) - seconds["compile"]
    falls = {part: history[f"{part}_risk"][19] / history[f"{part}_risk"][-1] for part in ("train", "validation")}
    page.text(f"""
        At first both fall together. From epoch 20 to epoch {model.n_epochs_} the training risk becomes
        {falls["train"]:.1f} times smaller and the validation risk only {falls["validation"]:.1f} times: more and more,
        what is learned are these very rows.

        The epochs took {working:.2f} seconds, which is {len(rows.X) * model.n_epochs_ / working:,.0f} rows a second.
        Before the first came {seconds["compile"]:.1f} seconds in which its program was compiled, or fetched from the
        cache of an earlier run.
    """)


def _test(page: Chapter, guide: Guide, rows: DigitsRows, model: MLPClassifier) -> None:
    predicted = model.predict(rows.X_test)
    n_wrong = int((predicted != rows.y_test).sum())
    accuracy = float(model.score(rows.X_test, rows.y_test))
    page.text("Now for the rows that were put away:")
    page.numbers(
        [
            ("test accuracy", percent(accuracy)),
            (f"mistakes in {len(rows.y_test)}", n_wrong),
            ("accuracy on training rows", percent(float(model.score(rows.X, rows.y)))),
            ("by guessing", percent(0.1)),
        ]
    )
    page.figure(
        lambda: _draw_confusion(rows, predicted),
        alt="Confusion matrix of ten digits: nearly all counts are on the diagonal",
        caption="How often each true digit (row) was read as which (column).",
    )
    page.figure(
        lambda: _draw_mistakes(rows, model),
        alt="The images that the network misread, each with the true digit and what it was read as",
        caption=(
            "The worst mistakes, by the loss of the row: what it is, what it was read as, and the probability that the "
            "network gave to that."
        ),
    )
    certainty, wrong = model.predict_proba(rows.X_test).max(axis=1), predicted != rows.y_test
    page.text(f"""
        Where it is wrong it is mostly in doubt: the median probability of what it read is
        {percent(np.median(certainty[wrong]))} in the mistakes and {percent(np.median(certainty[~wrong]))} in the rest.
        Some of these scans a person would misread too. Others show what a dense network does not know, that pixels
        have neighbours, and that a digit that is moved or slanted is still the same digit. It would learn just as well
        if all images had their 64 pixels shuffled in the same way. Convolutions are built on that knowledge.
    """)
    guide.result("test accuracy on digits", accuracy)
    guide.result("mistakes among the test digits", f"{n_wrong} of {len(rows.y_test)}")


def _draw_samples(rows: DigitsRows) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 1.35))
    names = [str(digit) for digit in rows.y[:20]]
    ImagesDisplay.from_rows(rows.X[:20], IMAGE_SHAPE, captions=names, n_columns=10, ax=figure.subplots())
    return figure


def _draw_risk(model: MLPClassifier) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure()
    RiskDisplay.from_estimator(model, log_scale=True, ax=figure.subplots())
    return figure


def _draw_confusion(rows: DigitsRows, predicted: np.ndarray) -> Figure:
    from matplotlib import rcParams
    from matplotlib.figure import Figure
    from sklearn.metrics import ConfusionMatrixDisplay, confusion_matrix

    figure = Figure(figsize=(4.6, 4.4))
    axes = figure.subplots()
    display = ConfusionMatrixDisplay(confusion_matrix(rows.y_test, predicted))
    display.plot(ax=axes, cmap=rcParams["image.cmap"], colorbar=False)
    for count in axes.texts:
        count.set_visible(count.get_text() != "0")
    axes.set(xlabel="read as", ylabel="is")
    axes.spines[["top", "right"]].set_visible(True)
    return figure


def _draw_mistakes(rows: DigitsRows, model: MLPClassifier) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.6))
    MistakesDisplay.from_estimator(
        model, rows.X_test, rows.y_test, image_shape=IMAGE_SHAPE, n_columns=4, ax=figure.subplots()
    )
    return figure
