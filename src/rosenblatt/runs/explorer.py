"""An explorer: one page in which a fitted autoencoder's decoder runs, with sliders and a map of its latents.

The page holds the decoder's weights and computes with them in its own script. It loads nothing, and needs neither a
server nor Python.
"""

from __future__ import annotations

import os
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from rosenblatt.models.encoder_decoder import EncoderDecoder
from rosenblatt.models.variational import VariationalEstimator
from rosenblatt.nn.autoencoder import AutoencoderNet
from rosenblatt.runs.atomic import write_atomic
from rosenblatt.runs.explorer_decoder import WrittenDecoder
from rosenblatt.runs.explorer_latents import Latents
from rosenblatt.runs.explorer_rows import ExploredRows, picture_of
from rosenblatt.runs.packing import packed, script_json
from rosenblatt.runs.report_figures import DARK, LIGHT

_SCRIPTS = ("decoder", "ways", "work", "pictures", "map", "sliders", "strips", "panel", "page")  # in order of need
_DRAWN = 256  # codes of the prior, from which the range of the decoded numbers is taken where there are no rows


def export_explorer(
    estimator: Any, path: str | os.PathLike[str], X: Any = None, y: Any = None, *, beside: Any = None
) -> Path:
    """Writes a page that explores a fitted autoencoder: one HTML file, which opens from disk without a network.

    The decoder runs in the page. There are a slider for each latent, a map of the latents to click in, the way between
    two codes, and for each of the most important latents a strip of what it changes.

    Parameters
    ----------
    estimator : fitted Autoencoder, VAE or FactorVAE
    path : str or path
        The file, such as ``"latent.html"``; missing folders above it are made, an earlier file is replaced.
    X : array-like or images, as for ``transform``, optional
        Rows whose codes are the points of the map (2,000 of them at most, taken evenly). They also say how the latents
        are ordered: by the mean KL of each in nats, or for an autoencoder by the variance of the codes. The rows are in
        the file, for whoever gets it. A VAE needs none: its codes are near N(0, I).
    y : array-like (n_samples,), optional
        A label for each row. Up to 20 classes have a colour and a mark each, more different numbers a colour scale.
    beside : a second estimator, optional
        Of the same rows, such as an autoencoder beside a VAE. Both show the same row of X.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    TypeError
        If an estimator is none of these.
    sklearn.exceptions.NotFittedError
        If an estimator is not fitted.
    ValueError
        If a decoder has a layer or an activation of your own, which it names; if an autoencoder gets no X, whose codes
        may lie anywhere; if the labels or the second estimator do not fit the rows.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> from rosenblatt import VAE, export_explorer
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> images = digits.images / 16
    >>> model = VAE(latent_dim=4, loss="bernoulli", max_epochs=5, random_state=0).fit(images)
    >>> page = export_explorer(model, "latent.html", images, digits.target)
    >>> page.stat().st_size < 1_000_000
    True
    >>> page.unlink()
    """
    estimators = [estimator] if beside is None else [estimator, beside]
    for each in estimators:
        _check(each)
    _check_same_rows(*estimators)
    if y is not None and X is None:
        raise ValueError("y has the labels of rows, and there is no X: give the rows too, or leave y out")
    decoders = [WrittenDecoder.of(each.networks_["model"]) for each in estimators]
    latents = [Latents.of(each, X) for each in estimators]
    rows = None if X is None else ExploredRows.of(X, y)
    picture = picture_of(estimator, _decoded(estimator) if rows is None else rows.numbers)
    models = [_model(*parts, rows) for parts in zip(_names(estimators), estimators, decoders, latents, strict=True)]
    content = {
        "picture": picture,
        "rows": None if rows is None else rows.content(picture),
        "models": models,
    }
    write_atomic(path, _page(" beside ".join(model["name"] for model in models), content))
    return Path(path)


def _check(estimator: Any) -> None:
    if not isinstance(estimator, EncoderDecoder):
        raise TypeError(
            f"got a {type(estimator).__name__}, which has no decoder to explore; give a fitted Autoencoder, VAE or "
            "FactorVAE"
        )
    check_is_fitted(estimator)
    network = estimator.networks_["model"]
    if not isinstance(network, AutoencoderNet):
        raise ValueError(
            f"the network of this {type(estimator).__name__} is a {type(network).__name__} of your own, whose decoder "
            "cannot be written out; an explorer knows those with architecture='dense' or 'conv'"
        )


def _check_same_rows(estimator: Any, beside: Any = None) -> None:
    if beside is not None and estimator.row_shape_ != beside.row_shape_:
        raise ValueError(
            f"rows of the two estimators have shapes {estimator.row_shape_} and {beside.row_shape_}; they are shown "
            "beside each other, so fit both on the same X"
        )


def _names(estimators: list[Any]) -> list[str]:
    """A name for each; two of one class are told apart."""
    names = [type(each).__name__ for each in estimators]
    return names if len(set(names)) == len(names) else [f"{name} {number}" for number, name in enumerate(names, 1)]


def _decoded(estimator: Any) -> np.ndarray:
    codes = np.random.default_rng(0).standard_normal((_DRAWN, estimator.networks_["model"].latent_dim))
    return estimator.inverse_transform(codes.astype(np.float32)).reshape(_DRAWN, -1)


def _model(
    name: str, estimator: Any, decoder: WrittenDecoder, latents: Latents, rows: ExploredRows | None
) -> dict[str, Any]:
    kind = "convolutional" if estimator.architecture == "conv" else "dense"
    return {
        "name": name,
        "facts": f"{len(latents.low)} latents, a {kind} decoder of {decoder.n_numbers:,} weights and biases",
        "layers": decoder.layers,
        "weights": packed(decoder.numbers),
        "prior": isinstance(estimator, VariationalEstimator),
        "latents": latents.content(),
        "codes": None if rows is None or latents.codes is None else packed(latents.codes[rows.chosen]),
    }


def _page(name: str, content: dict[str, Any]) -> str:
    return Template(_part("page.html")).substitute(
        title=escape(f"{name}: explorer of latents"),
        style=_part("style.css"),
        light=LIGHT.css_variables(),
        dark=DARK.css_variables(),
        data=script_json(content),
        script="\n".join(_part(f"{name}.js") for name in _SCRIPTS),
    )


def _part(name: str) -> str:
    return resources.files("rosenblatt.runs").joinpath("explorer_page", name).read_text(encoding="utf-8")
