"""Variational autoencoders on the digits: a place for every code, what beta weighs, and a page to explore them in."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.display import (
    LatentComparisonDisplay,
    ManifoldDisplay,
    RateDistortionDisplay,
    SamplesDisplay,
    TraversalDisplay,
)
from rosenblatt.models.diagnosis import Diagnosis, DiagnosisWarning
from rosenblatt.models.pca_yardstick import WorseThanPCAWarning
from rosenblatt.models.vae import VAE
from rosenblatt.runs.chapters.digits_rows import DigitsRows, digits_rows, images
from rosenblatt.runs.chapters.writing import decimals, percent, unbroken
from rosenblatt.runs.explorer import export_explorer
from rosenblatt.studies import BetaSweep, LatentComparison, beta_sweep, compare_latents, twin_autoencoder

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

_WIDTH = 5.2  # inches of a picture
_BETAS = (0.001, 0.3, 1.0, 4.0)
_CODES = 500  # for each row's likelihood
_POINTS = 1000  # training rows on the explorer's map


def variational(latent_dim: int, beta: float = 1.0) -> VAE:
    """The network of this chapter: that of the chapter before, with a distribution in the place of a code."""
    return VAE(
        latent_dim=latent_dim,
        hidden_layer_sizes=(128,),
        loss="bernoulli",
        beta=beta,
        batch_size=32,
        learning_rate=0.003,
        max_epochs=80,
        random_state=0,
    )


def chapter(page: Chapter, guide: Guide) -> None:
    """Two variational autoencoders, one to draw and one to use, each beside an autoencoder of the same network."""
    digits = digits_rows()
    plane = guide.fit("VAE, 2 latents", variational(2), images(digits.X), None)
    plain = _twin(guide, "autoencoder, 2 numbers", plane, digits)
    _bound(page, guide, digits, plane)
    _compared(page, guide, digits, plain, plane)
    _surface(page, plane)
    model = guide.fit("VAE, 8 latents", variational(8), images(digits.X), None)
    _latents(page, guide, digits, model)
    _weights(page, guide, digits)
    _explorer(page, guide, digits, model, _twin(guide, "autoencoder, 8 numbers", model, digits))


def _twin(guide: Guide, label: str, vae: VAE, digits: DigitsRows) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WorseThanPCAWarning)  # it is there to be compared with
        return guide.fit(label, twin_autoencoder(vae), images(digits.X), None)


def _bound(page: Chapter, guide: Guide, digits: DigitsRows, model: VAE) -> None:
    misses, kl = (np.asarray(terms, float) for terms in model.elbo_terms(images(digits.X_test)))
    elbo, likelihood = -float(misses.mean() + kl.sum(1).mean()), model.log_likelihood(images(digits.X_test), _CODES)
    page.text("""
        A variational autoencoder makes of an image not a code but a *distribution* of codes, N(μ, σ²), and the decoder
        has to do with whichever code is drawn from it. Left alone, the network would make σ tiny and be an autoencoder
        again; so the loss has a second term, which pulls each distribution to the standard normal one, the *prior*.
    """)
    page.formula(r"""
        J = E[ −log p(x | z) ] + β KL( N(μ, σ²) ‖ N(0, 1) )
        z = μ + σ ε,  ε ~ N(0, 1)
    """)
    page.text(f"""
        Both terms are in nats, sums over the pixels and over the latents, or β would mean nothing: a sum beside a mean
        over 64 pixels is off by a factor of 64. With two latents and β = 1 a test digit costs
        {decimals(float(misses.mean()), 1)} nats of reconstruction and {decimals(float(kl.sum(1).mean()), 1)} of KL;
        that the KL *rises* during training is as it should be, the codes begin to say something. Minus their sum,
        {decimals(elbo, 1)}, is a bound on log p(x); {_CODES} codes for each digit, weighted by importance, come to
        {decimals(likelihood.mean, 1)} ± {decimals(likelihood.standard_error, 1)}.
    """)
    guide.result("VAE, 2 latents: bound on log p(x), nats", elbo)


def _compared(page: Chapter, guide: Guide, digits: DigitsRows, plain: Any, model: VAE) -> None:
    found = compare_latents(plain, model, images(digits.X), digits.y, images(digits.X_test), digits.y_test)
    page.figure(
        lambda: _draw_comparison(found),
        alt="Two maps of codes by digit, below each a row of digits that change into another and a row of samples",
        caption="An autoencoder and a variational one of the same network and the same start. Below: the way between "
        "two test digits, and what codes drawn from N(0, I) decode to.",
        wide=True,
    )
    shown = ("kl_to_prior", "detour", "prior_garbage", "neighbor_error")
    numbers = {name: found.scores(name)[:, 0] for name in shown}
    page.table(
        ["measured on the test digits", "autoencoder", "VAE"],
        [
            ["KL of the codes to N(0, I), nats a latent", *(decimals(v, 2) for v in numbers["kl_to_prior"])],
            ["decoded way by the straight distance", *(decimals(v, 2) for v in numbers["detour"])],
            ["garbage among samples of N(0, I)", *(percent(v) for v in numbers["prior_garbage"])],
            ["neighbours of another digit", *(percent(v) for v in numbers["neighbor_error"])],
        ],
        "What the notes say of the two latent spaces, in numbers (`studies.compare_latents` has more).",
    )
    n_confirmed = found.n_claims - len(found.unconfirmed)
    page.text(f"""
        The notes call an autoencoder's codes scattered, and a VAE's compact, separated and centred. On these digits
        a VAE is better in {n_confirmed} of the {found.n_claims} numbers that `compare_latents` takes of it. That it is
        centred and continuous holds by what it is made of; that its classes are further apart does not have to.
    """)
    guide.result("garbage of N(0, I): autoencoder, VAE", ", ".join(f"{v:.2f}" for v in numbers["prior_garbage"]))


def _surface(page: Chapter, model: VAE) -> None:
    page.figure(
        lambda: _draw_surface(model),
        alt="A square mosaic of digits that change into each other from place to place",
        caption="Each place decoded. The places are quantiles of N(0, 1), so that each stands for as many codes.",
    )
    page.text("""
        Every place of the prior has a digit, or something between two. So the decoder alone is a generator: draw a code
        from N(0, I), and decode it. `model.sample(64)` does no more.
    """)


def _latents(page: Chapter, guide: Guide, digits: DigitsRows, model: VAE) -> None:
    found = model.diagnose(images(digits.X_test))
    page.text(f"""
        Two latents are for pictures. With eight, the bound on log p(x) rises to
        {decimals(float(model.score(images(digits.X_test))), 1)} nats, and samples look like this:
    """)
    page.figure(
        lambda: _draw_samples(digits, model),
        alt="Rows of generated digits, and below each the training digit that is nearest to it",
        caption="Samples, below each the nearest training digit: nothing was learned by heart.",
    )
    page.figure(
        lambda: _draw_traversals(digits, model),
        alt="For each latent a row of digits that change along it",
        caption="One latent at a time from -3 to 3, the others at 0, in the order of their KL.",
    )
    page.text(f"""
        Is it a good fit? After each fit a doctor looks: how much each latent says, whether codes lie where the prior
        is, whether what is sampled is like the data. Here the verdict is **{found.verdict}**, with
        {sum(found.active)} of {len(found.active)} latents in use and holes in {percent(found.holes)} of the samples
        (5 % is chance).
    """)


def _weights(page: Chapter, guide: Guide, digits: DigitsRows) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DiagnosisWarning)  # the text says what was found
        sweep = beta_sweep(variational(8), images(digits.X), images(digits.X_test), betas=_BETAS)
        found = [fit.diagnose(images(digits.X_test)) for fit in sweep.estimators]
    page.text("""
        β decides between the two terms. The notes take β > 1 for simpler, more independent codes and warn of blurred
        digits; below 1 it is nearly an autoencoder. The same network with four of them:
    """)
    page.figure(
        lambda: _draw_sweep(sweep),
        alt="A falling curve of distortion by rate, with a point for each beta and a dashed line through the best",
        caption="What codes cost (rate) and what they leave out (distortion), on the test digits.",
    )
    page.table(
        ["β", "KL, nats", "latents in use", "verdict", "to try"],
        [_diagnosis(beta, each) for beta, each in zip(_BETAS, found, strict=True)],
        "What `diagnose()` says of each.",
    )
    for beta, each in zip(_BETAS, found, strict=True):
        guide.result(f"8 latents, β = {beta:g}: verdict", each.verdict)


def _diagnosis(beta: float, found: Diagnosis) -> list[str]:
    in_use = f"{sum(found.active)} of {len(found.active)}"
    return [f"{beta:g}", decimals(sum(found.kl), 1), in_use, unbroken(found.verdict), found.remedy or "–"]


def _explorer(page: Chapter, guide: Guide, digits: DigitsRows, model: VAE, plain: Any) -> None:
    page_name = guide.explorer.name
    export_explorer(model, guide.explorer, images(digits.X[:_POINTS]), digits.y[:_POINTS], beside=plain)
    page.text(f"""
        All of it can be taken in hand: [**{page_name}**]({page_name}), beside this report, is one file in which both
        decoders run, with a slider for each latent, a map of the codes to click in, and ways between digits. It needs
        no network and no Python; `rosenblatt explore` and `export_explorer` write one for any model of yours.
    """)
    guide.result("explorer", page_name)


def _draw_comparison(found: LatentComparison) -> Figure:
    figure = _figure(7.4, width=8.4)
    LatentComparisonDisplay(found, image_shape=(8, 8)).plot(figure.subplots())
    return figure


def _draw_surface(model: VAE) -> Figure:
    figure = _figure(4.6)
    ManifoldDisplay.from_estimator(model, n=12, ax=figure.subplots())
    return figure


def _draw_samples(digits: DigitsRows, model: VAE) -> Figure:
    figure = _figure(3.2)
    SamplesDisplay.from_estimator(model, images(digits.X), n_samples=16, random_state=0, ax=figure.subplots())
    return figure


def _draw_traversals(digits: DigitsRows, model: VAE) -> Figure:
    figure = _figure(5.0)
    TraversalDisplay.from_estimator(model, images(digits.X_test), ax=figure.subplots())
    return figure


def _draw_sweep(sweep: BetaSweep) -> Figure:
    figure = _figure(3.4)
    RateDistortionDisplay(sweep).plot(figure.subplots())
    return figure


def _figure(height: float, width: float = _WIDTH) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))
