"""The summary of a fitted network that notebooks show below scikit-learn's diagram."""

import html
from typing import Any

import numpy as np

from rosenblatt.nn.describe import LayerDescription, describe_layers
from rosenblatt.nn.windows import times

_WIDTH, _HEIGHT = 220, 40  # of the sparkline, in pixels


def summary_html(estimator: Any) -> str:
    """Layers, size and risk of a fitted estimator with the network "model", as one HTML block."""
    layers = describe_layers(estimator.networks_["model"], estimator.n_features_in_)
    shown = [_layer(layer) for layer in layers if not layer.name.startswith(("flatten", "normalization"))]
    chain = " &rarr; ".join([f"{estimator.n_features_in_} inputs", *shown])
    weights, biases = estimator.n_parameters_
    risk = estimator.history_["train_risk"]
    facts = (
        f"{weights:,} weights + {biases:,} biases; {estimator.n_epochs_} epochs"
        f" ({html.escape(estimator.stopped_.replace('_', ' '))}); train risk {risk[-1]:.4g}"
        if len(risk)
        else f"{weights:,} weights + {biases:,} biases; not one whole epoch"
    )
    style = "font-family: monospace; font-size: 0.9em; padding: 0.4em 0"
    return f'<div style="{style}"><div>{chain}</div><div>{facts}</div>{_sparklines(estimator.history_)}</div>'


def _layer(layer: LayerDescription) -> str:
    kind = layer.formula.split("\n")[0].rsplit(", ", 1)[-1]
    return html.escape(f"{times(layer.output_shape)} {kind}")


def _sparklines(history: Any) -> str:
    """The train risk, and the validation risk where there is one (dashed), on a logarithmic scale if positive."""
    names = [name for name in ("train_risk", "validation_risk") if name in list(history)]
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
