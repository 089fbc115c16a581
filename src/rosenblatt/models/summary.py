"""The summary of a fitted network that notebooks show below scikit-learn's diagram."""

import html
from typing import Any

import numpy as np

from rosenblatt.nn.describe import Chain, LayerDescription
from rosenblatt.nn.windows import times

_WIDTH, _HEIGHT = 220, 40  # of the sparkline, in pixels


def summary_html(estimator: Any) -> str:
    """Layers, size and risks of a fitted estimator, as one HTML block."""
    chains = "".join(f"<div>{_chain(each)}</div>" for each in estimator._chains(estimator.networks_))
    weights, biases = estimator.n_parameters_
    history = estimator.history_
    risks = [f"{name.replace('_', ' ')} {history[name][-1]:.4g}" for name in _risks(history) if len(history[name])]
    facts = (
        f"{weights:,} weights + {biases:,} biases; {estimator.n_epochs_} epochs"
        f" ({html.escape(estimator.stopped_.replace('_', ' '))}); {', '.join(risks)}"
        if risks
        else f"{weights:,} weights + {biases:,} biases; not one whole epoch"
    )
    style = "font-family: monospace; font-size: 0.9em; padding: 0.4em 0"
    return f'<div style="{style}">{chains}<div>{facts}</div>{_sparklines(history)}</div>'


def _risks(history: Any) -> list[str]:
    """The risk that the network "model" descends while training, or those of all players where none is called so."""
    of_players = [name for name in history if name.startswith("train_") and name.endswith("_risk")]
    return ["train_risk"] if "train_risk" in of_players else of_players


def _chain(chain: Chain) -> str:
    shown = [_layer(layer) for layer in chain.layers if not layer.name.startswith(("flatten", "normalization"))]
    return " &rarr; ".join([html.escape(chain.inputs), *shown])


def _layer(layer: LayerDescription) -> str:
    kind = layer.formula.split("\n")[0].rsplit(", ", 1)[-1]
    return html.escape(f"{times(layer.output_shape)} {kind}")


def _sparklines(history: Any) -> str:
    """The train risk, and (dashed) the validation risk or a second player's, on a logarithmic scale if positive."""
    names = [*_risks(history), *(name for name in ("validation_risk",) if name in list(history))]
    curves = [history[name] for name in names]
    if not curves or len(curves[0]) < 2:
        return ""
    positive = all((curve > 0).all() for curve in curves)
    curves = [np.log(curve) if positive else curve for curve in curves]
    low, high = min(c.min() for c in curves), max(c.max() for c in curves)
    lines = "".join(
        f'<polyline points="{_points(curve, low, high)}" fill="none" stroke="currentColor" stroke-width="1.5"{dash}/>'
        for curve, dash in zip(curves, ("", ' stroke-dasharray="3 3"'), strict=False)
    )
    return f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-label="risk by epoch">{lines}</svg>'


def _points(curve: np.ndarray, low: float, high: float) -> str:
    x = np.linspace(2, _WIDTH - 2, len(curve))
    y = 2 + (_HEIGHT - 4) * (high - curve) / max(high - low, 1e-12)
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
