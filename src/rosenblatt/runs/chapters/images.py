"""A convolutional network on the digits: what it is made of, what it looks for and at, and what shifts do to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rosenblatt.display import FeatureMapDisplay, FilterDisplay, SaliencyDisplay, ShiftDisplay
from rosenblatt.explain import Saliency, grad_cam, input_gradient, integrated_gradients
from rosenblatt.models.convnet import ConvClassifier
from rosenblatt.models.describe import describe
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.nn.windows import times
from rosenblatt.runs.chapters.digits_rows import digits_rows
from rosenblatt.runs.chapters.writing import decimals, percent, unbroken
from rosenblatt.studies import ShiftReport, shift_report
from rosenblatt.studies.shift import shift_images

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

_MARGIN = 3
_MOST_PIXELS = 2  # of a shift


class FramedDigits(NamedTuple):
    """The digits, each in the middle of an empty frame, in which it has room to move."""

    X: np.ndarray
    y: np.ndarray
    validation: tuple[np.ndarray, np.ndarray]
    X_test: np.ndarray
    y_test: np.ndarray


def framed_digits() -> FramedDigits:
    """1,077 images of 14×14 pixels to learn from, 270 to watch the risk on, and 450 to test on."""
    rows = digits_rows()
    X, X_validation, X_test = (
        np.pad(part.reshape(-1, 8, 8), [(0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN)])
        for part in (rows.X, rows.X_validation, rows.X_test)
    )
    return FramedDigits(X, rows.y, (X_validation, rows.y_validation), X_test, rows.y_test)


def chapter(page: Chapter, guide: Guide) -> None:
    """One convolutional network, and a dense one beside it."""
    digits = framed_digits()
    model = ConvClassifier(
        channels=(8, 16), hidden_layer_sizes=(), batch_size=32, learning_rate=0.01, max_epochs=20, random_state=0
    )
    dense = MLPClassifier(hidden_layer_sizes=(64,), batch_size=32, max_epochs=40, random_state=0)
    _before(page, guide, digits, model)
    guide.fit("convolutional network", model, digits.X, digits.y, validation_data=digits.validation)
    guide.fit("dense network", dense, digits.X, digits.y)
    _read(page, guide, digits, model, dense)
    _features(page, digits, model)
    _saliency(page, digits, model)
    _shifts(page, guide, digits, model, dense)


def _before(page: Chapter, guide: Guide, digits: FramedDigits, model: ConvClassifier) -> None:
    page.text(f"""
        The digits again, each in a frame of {_MARGIN} empty pixels, so that it can be moved later: 14×14 pixels. The
        notes tell two parts of a convolutional network apart, and here they are fields of `ConvClassifier`. The
        *feature extractor* is two blocks of convolution, ReLU and max pooling, with `channels=(8, 16)` kernels. The
        *task learner*, after it, is dense: here a single layer with an output for each digit.
    """)
    described = describe(model, digits.X, digits.y)
    rows = [
        [
            unbroken(layer.name),
            unbroken(times(layer.output_shape)),
            layer.weights,
            layer.biases,
            layer.multiply_adds,
            layer.receptive_field if isinstance(layer.receptive_field, int) else unbroken(times(layer.receptive_field)),
        ]
        for layer in described.layers
    ]
    rows.append(["together", "–", *described.parameters, described.multiply_adds, "–"])
    page.table(
        ["layer", "output", "weights", "biases", "multiply-adds", "sees"],
        rows,
        "What will be trained, by `describe`. A unit sees so many pixels: the deeper, the more of the image.",
    )
    if described.dense is not None:
        parameters, work = described.dense.parameters.total, described.dense.multiply_adds
        page.text(f"""
            If each convolution were a dense layer that takes and gives as many numbers, there would be {parameters:,}
            parameters instead of {described.parameters.total:,}, and {work:,} multiply-adds for an image instead of
            {described.multiply_adds:,}. *Sparse interaction* saves work: a unit sees 3×3 places and not all. *Parameter
            sharing* saves memory, and rows to learn from: all units of a map have the same weights.
        """)
        guide.result("parameters: convolutional, dense of that width", f"{described.parameters.total}, {parameters}")


def _read(page: Chapter, guide: Guide, digits: FramedDigits, model: ConvClassifier, dense: MLPClassifier) -> None:
    accuracy, of_dense = (float(each.score(digits.X_test, digits.y_test)) for each in (model, dense))
    n_wrong = round((1 - accuracy) * len(digits.y_test))
    page.text(f"""
        It is trained for {model.n_epochs_} epochs, and beside it, for {dense.n_epochs_}, the dense network with 64
        hidden units of the chapter on digits. On the {len(digits.y_test)} test digits:
    """)
    page.numbers(
        [
            ("accuracy, convolutional", percent(accuracy)),
            ("parameters, convolutional", model.n_parameters_.total),
            ("accuracy, dense", percent(of_dense)),
            ("parameters, dense", dense.n_parameters_.total),
        ]
    )
    page.text(f"""
        Digits that lie well in the middle of their frame, and there are few of them, are no hard task: with
        {n_wrong} mistakes the convolutional network reads them about as well as the dense one, with
        {dense.n_parameters_.total / model.n_parameters_.total:.1f} times fewer parameters. What else it knows shows
        where the digits move, below.
    """)
    guide.result("convolutional network: test accuracy", accuracy)


def _features(page: Chapter, digits: FramedDigits, model: ConvClassifier) -> None:
    page.figure(
        lambda: _draw_kernels(model),
        alt="Eight 3×3 grids of positive and negative weights",
        caption="The kernels of the first layer. Blue counts for the map of that number, orange against it.",
    )
    page.figure(
        lambda: _draw_maps(digits, model),
        alt="One digit, and below it rows of smaller and smaller maps of what each layer makes of it",
        caption=(
            "What each layer makes of one test digit: sums, what ReLU leaves of them, and what pooling leaves. Of each "
            "block the six channels that are most active, with the range of their numbers."
        ),
    )
    page.text("""
        Nobody has told the kernels what to look for. One that is blue on one side and orange on the other answers to
        an edge, with the sign that says which side is inked. The second layer looks at the maps of the first, in larger
        parts of the image.
    """)


def _saliency(page: Chapter, digits: FramedDigits, model: ConvClassifier) -> None:
    wrong = np.flatnonzero(model.predict(digits.X_test) != digits.y_test)
    chosen = [0, 1, *wrong[:1]]
    saliencies = [ask(model, digits.X_test[chosen]) for ask in (input_gradient, integrated_gradients, grad_cam)]
    page.text("""
        What in an image makes the network say what it says? The *gradient* of an output with respect to each pixel is
        one more step of backpropagation, past the first kernel. It tells what a small change would do. *Integrated
        gradients* sum it up on the way from an empty image to this one, and so tell what each pixel has contributed.
        *Grad-CAM* asks where the maps of the last convolution speak for the output.
    """)
    last = f" The last, a {digits.y_test[chosen[-1]]}, is misread." if len(wrong) else ""
    page.figure(
        lambda: _draw_saliency(saliencies),
        alt="Three digits, and beside each the pixels that three methods hold responsible for what was read",
        caption=f"For what was read: blue speaks for it, orange against it.{last}",
    )
    integrated = saliencies[1]
    total, missing, output = (
        float(number) for number in (integrated.attributions[0].sum(), integrated.missing[0], integrated.outputs[0])
    )
    page.text(f"""
        Integrated gradients can be checked, as nothing gets lost: an empty image has the output
        {decimals(output - total - missing, 2)} and the first digit {decimals(output, 2)}, which is
        {decimals(total + missing, 2)} more; its attributions sum to {decimals(total, 2)}. Grad-CAM is
        coarse: it has 7×7 places. All three explain the network and not the world, and each answers another question.
    """)


def _shifts(page: Chapter, guide: Guide, digits: FramedDigits, model: ConvClassifier, dense: MLPClassifier) -> None:
    report = shift_report(model, digits.X_test, digits.y_test, max_shift=_MOST_PIXELS)
    errors = dict(zip(report.layers, report.equivariance_errors, strict=True))
    changes = dict(zip(report.layers, report.changes, strict=True))
    page.text("""
        The notes say that convolution is *equivariant* to shifts (the maps of a moved image are the moved maps), and
        that pooling adds *invariance* (they change less). Both can be measured: `shift_report` moves all test digits
        left, right, up and down, and compares the maps of each layer.
    """)
    page.figure(
        lambda: _draw_shifts(report),
        alt="Two plots over the shift: errors of equivariance of three layers, and changes of all layers",
        caption=(
            "Above, how far the maps of a moved digit are from its moved maps; below, how far from its maps. In parts "
            "of the maps' own size. Solid: convolutions, dashed: after pooling."
        ),
    )
    page.text(f"""
        The first convolution is equivariant: its error is {decimals(errors["convolution 1"][1])}. Pooled maps have one
        number for two pixels, so they follow a shift by 2 (an error of {decimals(errors["pooling 1"][2])}) and cannot
        follow one by 1 ({decimals(errors["pooling 1"][1])}). As to invariance, moving by one pixel changes the images
        by {percent(changes["image"][1])} of their size, the first maps by {percent(changes["convolution 1"][1])} and,
        pooled, {percent(changes["pooling 1"][1])}; the second by {percent(changes["convolution 2"][1])} and, pooled,
        {percent(changes["pooling 2"][1])}. And the digits that are read?
    """)
    scores = report.scores if report.scores is not None else np.array([])
    of_dense = shifted_scores(dense, digits.X_test, digits.y_test)
    rows = [["convolutional", *map(percent, scores)], ["dense", *map(percent, of_dense)]]
    page.table(
        ["network", *(f"{n} pixel{'' if n == 1 else 's'}" for n in report.shifts)],
        rows,
        "Accuracy on test digits that are moved, the mean of four directions.",
    )
    page.text(f"""
        Neither network has ever seen a digit out of place. One pixel costs the convolutional one
        {decimals(100 * (scores[0] - scores[1]), 1)} points, and the dense one
        {decimals(100 * (of_dense[0] - of_dense[1]), 1)}. The invariance is there, and it is not much: pooling forgives
        a part of a shift, and the dense layer at the end knows places again. What a network should not care about it
        is best shown: `augmentation=("shift",)` moves the training images at random, anew at each step.
    """)
    guide.result("accuracy one pixel off: convolutional", float(scores[1]))
    guide.result("accuracy one pixel off: dense", float(of_dense[1]))


def shifted_scores(model: MLPClassifier | ConvClassifier, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The mean accuracy on images moved by 0, 1, ... pixels to four sides, as `shift_report` has it."""
    images = X[..., None]
    directions = [(axis, side) for axis in (0, 1) for side in (1, -1)]
    return np.array(
        [
            np.mean([model.score(shift_images(images, side * pixels, axis), y) for axis, side in directions])
            for pixels in range(_MOST_PIXELS + 1)
        ]
    )


def _draw_kernels(model: ConvClassifier) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 2.5))
    FilterDisplay.from_estimator(model, n_columns=4, ax=figure.subplots())
    return figure


def _draw_maps(digits: FramedDigits, model: ConvClassifier) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 7.6))
    FeatureMapDisplay.from_estimator(model, digits.X_test[0], ax=figure.subplots())
    return figure


def _draw_saliency(saliencies: Sequence[Saliency]) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 1.5 * len(saliencies[0].images)))
    SaliencyDisplay(saliencies).plot(figure.subplots())
    return figure


def _draw_shifts(report: ShiftReport) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 6.0))
    for axes, measure in zip(figure.subplots(2, 1), ("equivariance", "change"), strict=True):
        ShiftDisplay(report).plot(axes, measure=measure)
    return figure
