"""Few rows, some with wrong labels: what is learned by heart, and early stopping, weight penalties and dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.metrics import log_loss

from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.runs.chapters.digits_rows import DigitsRows, digits_rows
from rosenblatt.runs.chapters.writing import decimals, percent, unbroken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

REMEDIES: dict[str, dict[str, Any]] = {
    "no remedy": {},
    "early stopping": {"early_stopping": True, "patience": 15},
    "l2 penalty": {"l2": 0.003},
    "dropout": {"dropout": 0.5},
    "l2 and dropout": {"l2": 0.003, "dropout": 0.5},
}
_ROWS, _WRONG = 150, 0.15


def chapter(page: Chapter, guide: Guide) -> None:
    """One network on 150 rows, five times."""
    rows = digits_rows(_ROWS)
    labels, n_wrong = wrong_labels(rows.y, _WRONG)
    models = {
        name: guide.fit(name, _network(**fields), rows.X, labels, validation_data=rows.validation)
        for name, fields in REMEDIES.items()
    }
    _by_heart(page, rows, models, n_wrong)
    _remedies(page)
    _compared(page, guide, rows, labels, models)


def wrong_labels(y: np.ndarray, share: float) -> tuple[np.ndarray, int]:
    """The labels with a share of them, drawn at random, replaced by another digit; and how many that are."""
    rng = np.random.default_rng(0)
    wrong = rng.choice(len(y), round(share * len(y)), replace=False)
    labels = y.copy()
    labels[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
    return labels, len(wrong)


def _network(**fields: Any) -> MLPClassifier:
    return MLPClassifier(
        hidden_layer_sizes=(64,), batch_size=32, learning_rate=0.01, max_epochs=150, random_state=0, **fields
    )


def _by_heart(page: Chapter, rows: DigitsRows, models: dict[str, MLPClassifier], n_wrong: int) -> None:
    plain, dropped = models["no remedy"], models["dropout"]
    weights, biases = plain.n_parameters_
    page.text(f"""
        Now make it hard: only {len(rows.X)} rows to learn from, and {n_wrong} of them with a wrong label, as a hurried
        person would give. The network has {weights + biases:,} parameters. It can learn every row by heart, the wrong
        ones too, and it does:
    """)
    page.figure(
        lambda: _draw_risks(plain, dropped),
        alt="The training risk falls to 0; the validation risk falls, turns and rises, and with dropout it rises less",
        caption=(
            "Risk by epoch. Without a remedy the validation risk (whose labels are right) is lowest early, and then "
            "rises while the training risk goes to 0."
        ),
    )
    risk = plain.history_["validation_risk"]
    page.text(f"""
        The validation risk was {risk.min():.2f} after epoch {risk.argmin() + 1} and is {risk[-1]:.2f} in the end. This
        is the U of the notes' plot *risk against epoch*. The notes name four remedies; bagging, many networks that
        vote, needs many fits, and here are the others.
    """)


def _remedies(page: Chapter) -> None:
    page.text("""
        - **Early stopping** ends the fit when the validation risk has not fallen for some epochs, and goes back to the
          best weights.
        - **A penalty** l2 · Σ w² is added to the risk, so that large weights have to be worth it. It counts weights
          only, not biases.
        - **Dropout** sets each hidden unit to 0 with probability ½ at each step, so that none can rely on another. The
          notes scale the outputs at test time to make up for it. Here, as in most libraries, those that are kept are
          scaled during the training instead, which comes to the same and leaves prediction alone.
    """)


def _compared(
    page: Chapter, guide: Guide, rows: DigitsRows, labels: np.ndarray, models: dict[str, MLPClassifier]
) -> None:
    table = []
    for name, model in models.items():
        on_training = float(log_loss(labels, model.predict_proba(rows.X)))
        on_test = float(log_loss(rows.y_test, model.predict_proba(rows.X_test)))
        accuracy = percent(model.score(rows.X_test, rows.y_test))
        compiled = decimals(model.history_["compile_seconds"].sum(), 2)
        risks = decimals(on_training), decimals(on_test)
        table.append([unbroken(name), model.n_epochs_, *risks, accuracy, compiled])
        guide.result(f"test risk with {name}", on_test)
    page.table(
        ["remedy", "epochs", "training risk", "test risk", "test accuracy", "compiling, s"],
        table,
        "The same network with each remedy. Both risks are mean cross-entropies, without penalty and dropout.",
    )
    page.text("""
        With each remedy the training risk stays higher, as the wrong labels are no longer all believed, and the test
        risk becomes lower. The accuracies differ less than the risks: what suffers first when rows are learned by heart
        are the probabilities, which claim more than they know. (This is one draw of a few rows. To choose a remedy for
        data of your own use cross-validation, as with any scikit-learn estimator.)

        At most the first of these fits had to be compiled. Dropout, penalties and learning rates are numbers to the
        compiled program, so that a grid over them costs one compilation.
    """)


def _draw_risks(plain: MLPClassifier, dropped: MLPClassifier) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots()
    epochs, risk = plain.history_["epoch"], plain.history_["validation_risk"]
    axes.plot(epochs, plain.history_["train_risk"], "--", color="C0", label="training")
    axes.plot(epochs, risk, color="C1", label="validation")
    axes.plot(epochs, dropped.history_["validation_risk"], color="C2", label="validation, with dropout")
    axes.plot(epochs[risk.argmin()], risk.min(), "o", color="C1", label="where to stop")
    axes.set(xlabel="epoch", ylabel="risk", ylim=(0, 1.25 * risk[-1]), xlim=(0, None))
    figure.legend(loc="outside upper center", ncols=2)
    return figure
