"""Rosenblatt's perceptron: how many mistakes it makes where a line exists; where none does, it never settles."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from rosenblatt.data import load
from rosenblatt.display import ImagesDisplay
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.models.perceptron import Perceptron
from rosenblatt.runs.chapters.novikoff import Novikoff, novikoff
from rosenblatt.runs.chapters.writing import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

_EPOCHS = 40


class Trial(NamedTuple):
    """A perceptron and the points that it was trained on."""

    X: np.ndarray
    y: np.ndarray
    model: Perceptron

    @property
    def mistakes(self) -> np.ndarray:
        """How many it made in each epoch."""
        return np.rint(self.model.history_["train_mistakes"] * len(self.X)).astype(int)


def chapter(page: Chapter, guide: Guide) -> None:
    """Mistakes on points with and without a gap between the classes, and on real digits."""
    _rule(page)
    points = square_points(200, gap=0.08, noise=0.0)
    settled = Trial(*points, guide.fit("points with a gap", _perceptron(), *points))
    points = square_points(200, gap=0.0, noise=0.2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model = guide.fit("points that overlap", _perceptron(), *points, validation_data=points)
    restless = Trial(*points, model)
    _gap(page, guide, settled, restless)
    _no_gap(page, guide, settled, restless, str(caught[0].message))
    _digits(page, guide)


def square_points(n_rows: int, gap: float, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Points of a square on two sides of a tilted line.

    Parameters
    ----------
    n_rows : int
    gap : float
        No point is nearer to the line, before it is moved; the square is [-1, 1] x [-1, 1].
    noise : float
        Standard deviation of what each coordinate is moved by.

    Returns
    -------
    X : ndarray (n_rows, 2)
    y : ndarray (n_rows,) of 0 and 1
    """
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (4 * n_rows, 2))
    distances = points @ [0.6, 0.8] - 0.2
    kept = np.flatnonzero(np.abs(distances) > gap)[:n_rows]
    return points[kept] + rng.normal(0, noise, (n_rows, 2)), (distances[kept] > 0).astype(int)


def _perceptron() -> Perceptron:
    return Perceptron(max_epochs=_EPOCHS, random_state=0)


def _rule(page: Chapter) -> None:
    page.text("""
        Frank Rosenblatt's perceptron (1958) weights its inputs, and learns the weights from its mistakes. A constant
        input x₀ = 1 has the bias w₀ as its weight, and the two classes are y = 1 and y = −1. The perceptron goes
        through the rows one by one. Where it is right, nothing happens. Where it is wrong, the row is added to the
        weights, or taken away:
    """)
    page.formula("""
        if    y · (w₀ + wᵀx) ≤ 0
        then  w ← w + y · [1, x]
    """)
    page.text("""
        The notes keep a threshold θ beside the bias w₀. One of them is enough: wᵀx > θ is the same as w₀ + wᵀx > 0
        with w₀ = −θ. With a bias, the threshold is 0.

        Here it learns twice, on 200 points each: once with a gap between the classes, and once with points that were
        shaken until the classes overlap.
    """)


def _gap(page: Chapter, guide: Guide, settled: Trial, restless: Trial) -> None:
    theorem = novikoff(settled.X, 2 * settled.y - 1)
    page.figure(
        lambda: _draw_points(settled, restless, theorem),
        alt="Two squares of points of two classes. A line separates those on the left; on the right none could",
        caption=(
            "Left, with a gap: the line that the perceptron settled on, and dashed the one with the widest margin. "
            f"Right, overlapping: the line after {_EPOCHS} epochs."
        ),
    )
    made = settled.model.n_mistakes_
    page.text(f"""
        With the gap it made {made} mistakes in {settled.model.n_epochs_} epochs, none of them in the last: from then on
        nothing would ever change. Albert Novikoff proved in 1962 that it must come to this, and how soon. If the
        longest row [1, x] has length R, and the best w stays γ away from all rows, there are at most (R/γ)² mistakes,
        in whatever order the rows come. The best w has the widest margin, and a support vector machine looks for it
        (but for how it counts the bias). The perceptron does not: it stops at the first line that makes no mistake.
    """)
    bound = math.floor(theorem.bound)
    page.numbers(
        [
            ("longest row, R", theorem.radius),
            ("widest margin, γ", theorem.margin),
            ("at most (R/γ)² mistakes", bound),
            ("mistakes made", made),
        ]
    )
    guide.result("mistakes on points with a gap (Novikoff's bound)", f"{made} ({bound})")


def _no_gap(page: Chapter, guide: Guide, settled: Trial, restless: Trial, complaint: str) -> None:
    smooth = MLPClassifier(hidden_layer_sizes=(), batch_size=32, learning_rate=0.03, max_epochs=_EPOCHS, random_state=0)
    guide.fit("logistic regression", smooth, restless.X, restless.y, validation_data=(restless.X, restless.y))
    page.figure(
        lambda: _draw_mistakes(settled, restless),
        alt="Mistakes by epoch: with a gap they fall to 0 within a few epochs, with overlap they never end",
        caption=f"Mistakes in each epoch, among {len(restless.X)} rows.",
    )
    page.text(f"""
        Where the classes overlap there is no such line, the theorem says nothing, and the perceptron never settles. The
        library asks a linear program whether it makes sense to go on, and warns:

        > {complaint}.

        What it ends with is chance.
    """)
    after, even = 1 - restless.model.history_["validation_mistakes"], smooth.history_["validation_accuracy"]
    page.figure(
        lambda: _draw_accuracies(after, even),
        alt="Accuracy by epoch: the perceptron's jumps, its pocket's climbs in steps, logistic regression's is smooth",
        caption="Share of the overlapping points that are on the right side after each epoch.",
    )
    page.text(f"""
        After the last epoch {percent(after[-1])} of the points are on the right side, and after others from
        {percent(after.min())} to {percent(after.max())}. There are two ways out. One is to keep the best weights that
        came by in a *pocket*. The other is not to count mistakes but to descend a smooth risk, where a small step
        changes little and there is a bottom to arrive at: that is logistic regression, an `MLPClassifier` without
        hidden layers, and it settles at {percent(even[-1])}. Networks of several layers all go this second way.
    """)
    lowest, highest = percent(after.min()), percent(after.max())
    guide.result("accuracy on points that overlap, from epoch to epoch", f"{lowest} to {highest}")


def _digits(page: Chapter, guide: Guide) -> None:
    X, X_test, y, y_test = map(np.asarray, load("digits").split())
    models = [_one_against_rest(X, y == digit) for digit in guide.track("each digit against the others", range(10))]
    separable = sum(bool(model.separable_) for model in models)
    page.text(f"""
        Do real data have such a gap? The digits that come with scikit-learn are scans, reduced to 8×8 pixels: each is a
        point with 64 coordinates, and in 64 dimensions there is far more room for a plane than in two. Of the ten
        digits {separable} can be separated from all others by one plane, on {len(X):,} training rows. That does not
        make it easy, since the thinner the gap the longer the search. Nor does it make the plane right elsewhere: on
        {len(X_test)} rows that were held out there are mistakes.
    """)
    rows = []
    for digit, model in enumerate(models):
        trial, bound = Trial(X, y, model), novikoff(X, np.where(y == digit, 1, -1)).bound
        score = percent(model.score(X_test, y_test == digit))
        shown_bound = math.floor(bound) if math.isfinite(bound) else None
        rows.append([str(digit), model.separable_, shown_bound, model.n_mistakes_, int(trial.mistakes[-1]), score])
    page.table(
        ["digit", "separable", "bound", "mistakes", "in last epoch", "test accuracy"],
        rows,
        f"A perceptron for each digit against the other nine: Novikoff's bound, and what happened in {_EPOCHS} epochs.",
    )
    page.figure(
        lambda: _draw_weights(models),
        alt="Ten images of 8 by 8 weights, in which the shapes of some of the digits can be seen",
        caption=(
            "The ten perceptrons' weights, at the place of their pixels. Ink on blue speaks for the digit, ink on "
            "orange against it."
        ),
    )
    guide.result("digits that a plane separates from the others", f"{separable} of 10")


def _one_against_rest(X: np.ndarray, is_digit: np.ndarray) -> Perceptron:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the table says it
        return _perceptron().fit(X, is_digit)


def _draw_points(settled: Trial, restless: Trial, theorem: Novikoff) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 2.9))
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, trial, title in ((left, settled, "with a gap"), (right, restless, "overlapping")):
        for label, marker in enumerate("os"):
            axes.plot(*trial.X[trial.y == label].T, marker, color=f"C{label}", markersize=3)
        axes.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal", title=title, xlabel="x₁")
        axes.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))
        _draw_line(axes, trial.model.coef_[0], trial.model.intercept_[0], "-")
    left.set_ylabel("x₂", rotation=0)
    _draw_line(left, theorem.plane[1:], theorem.plane[0], "--")
    return figure


def _draw_line(axes: Axes, w: np.ndarray, b: float, style: str) -> None:
    nearest = -b * w / (w @ w)
    along = np.array([-w[1], w[0]])
    axes.axline(tuple(nearest), tuple(nearest + along), color="C3", linestyle=style, linewidth=1.5)


def _draw_mistakes(settled: Trial, restless: Trial) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 2.6))
    axes = figure.subplots()
    for trial, label, color, marker in ((restless, "overlapping", "C3", "s"), (settled, "with a gap", "C2", "o")):
        epochs = trial.model.history_["epoch"]
        axes.plot(epochs, trial.mistakes, marker=marker, color=color, markersize=3, linewidth=1, label=label)
    axes.set(xlabel="epoch", ylabel="mistakes", ylim=(-1, 1.25 * restless.mistakes.max()), xlim=(0, None))
    axes.legend(loc="upper right", ncols=2)
    return figure


def _draw_accuracies(after: np.ndarray, even: np.ndarray) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 3.0))
    axes = figure.subplots()
    epochs = np.arange(1, len(after) + 1)
    axes.plot(epochs, after, color="C3", linewidth=1, label="perceptron")
    axes.step(epochs, np.maximum.accumulate(after), color="C3", linestyle="--", where="post", label="its pocket")
    axes.plot(epochs, even, color="C0", label="logistic regression")
    lowest = float(after.min())
    axes.set(xlabel="epoch", ylabel="accuracy", xlim=(0, None), ylim=(lowest - 0.3 * (1 - lowest), 1))
    axes.legend(loc="lower right", ncols=3, fontsize=9)
    return figure


def _draw_weights(models: Sequence[Perceptron]) -> Figure:
    from matplotlib import rcParams
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    blue, orange, *_ = rcParams["axes.prop_cycle"].by_key()["color"]
    against_and_for = LinearSegmentedColormap.from_list("weights", [orange, rcParams["axes.facecolor"], blue])
    weights = np.vstack([model.coef_ / np.abs(model.coef_).max() for model in models])
    figure = Figure(figsize=(5.2, 2.4))
    axes, digits = figure.subplots(), list(map(str, range(10)))
    ImagesDisplay.from_rows(weights, (8, 8), captions=digits, n_columns=5, cmap=against_and_for, ax=axes)
    return figure
