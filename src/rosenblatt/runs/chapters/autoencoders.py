"""Autoencoders on the digits: their codes beside principal components, how long they have to be, what lies between."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.display import (
    ImagesDisplay,
    InterpolationDisplay,
    LatentDisplay,
    LatentSamplesDisplay,
    LatentSweepDisplay,
    ReconstructionDisplay,
)
from rosenblatt.models.autoencoder import Autoencoder
from rosenblatt.models.describe import describe
from rosenblatt.models.pca_yardstick import WorseThanPCAWarning
from rosenblatt.nn.windows import times
from rosenblatt.runs.chapters.digits_rows import DigitsRows, digits_rows, images
from rosenblatt.runs.chapters.writing import decimals, percent, unbroken
from rosenblatt.studies import LatentSamples, LatentSweep, latent_sweep, representation_report, sample_latents

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

_WIDTH = 5.2  # inches of a picture
_AXES = 3  # principal components that are looked for
_NOISE = 0.4  # its standard deviation, where pixels are from 0 to 1


def autoencoder(latent_dim: int, noise: float = 0.0) -> Autoencoder:
    """The network of this chapter: 64 pixels, 128 hidden units, a code, and back."""
    return Autoencoder(
        latent_dim=latent_dim,
        hidden_layer_sizes=(128,),
        noise=noise,
        batch_size=32,
        learning_rate=0.003,
        max_epochs=120,
        random_state=0,
    )


def chapter(page: Chapter, guide: Guide) -> None:
    """One autoencoder that is looked at, and some that it is compared with."""
    digits = digits_rows()
    model = guide.fit("autoencoder", autoencoder(8), digits.X, None)
    _read(page, guide, digits, model)
    _principal_axes(page, guide, digits, model)
    sweep = latent_sweep(autoencoder(2), digits.X, digits.X_test, latent_dims=(2, 5, 32), n_images=7)
    _lengths(page, guide, digits, sweep)
    _between(page, guide, digits, model)
    denoising = _noise(page, guide, digits)
    _labels(page, guide, digits, denoising)


def _read(page: Chapter, guide: Guide, digits: DigitsRows, model: Autoencoder) -> None:
    error = float(model.reconstruction_error(digits.X_test).mean())
    page.text(f"""
        No labels from here on. An autoencoder is two networks in a row: an *encoder* h = f(x) makes a short code of an
        image, a *decoder* x' = g(h) an image of the code, and both learn together that x' be like x. The loss is the
        squared error Σ(x − x')², summed over the pixels; the target is the input itself, so backpropagation needs
        nothing new. Here 64 pixels go through 128 hidden units to a code of {model.latent_dim} numbers, and back. As
        the code is shorter than the image (*undercomplete*), copying is out of the question.
    """)
    layers = describe(model).layers
    page.table(
        ["layer", "output", "weights", "biases"],
        [[unbroken(layer.name), unbroken(times(layer.output_shape)), layer.weights, layer.biases] for layer in layers],
        "The decoder is the encoder's mirror image.",
    )
    page.figure(
        lambda: _draw_reconstructions(digits, model),
        alt="Five digits, below them what is restored from their codes, and the errors in blue and orange",
        caption="Test digits, what is restored from 8 numbers each, and the error with its sum of squares.",
    )
    page.text(f"""
        On the {len(digits.X_test)} test digits the mean error is {decimals(error, 2)}; with the mean digit in the place
        of each it would be {decimals(_variance(digits), 2)}. The strokes are there; what is lost is how each was drawn.
    """)
    guide.result("autoencoder, 8 numbers: test error", error)


def _principal_axes(page: Chapter, guide: Guide, digits: DigitsRows, model: Autoencoder) -> None:
    free, held = (
        guide.fit(label, linear(l2), digits.X, None)
        for label, l2 in (("linear autoencoder", 0.0), ("linear autoencoder with l2", 0.1))
    )
    loose, tight, bent = (each.compare_pca() for each in (free, held, model))
    page.text(f"""
        Principal component analysis also makes short codes, by a matrix. Leave the bends out of an autoencoder, and the
        notes say that it resembles PCA. It does: with {_AXES} numbers and no hidden layer it ends at
        {decimals(loose.ratio, 4)} times PCA's error, and what its decoder spans is within
        {decimals(_largest(loose.angles), 2)} degrees of the space of the principal axes. But the axes in that space are
        its own, up to {decimals(_largest(loose.axis_angles), 0)} degrees from the principal ones, since turning them
        costs nothing. A penalty on the weights settles it: with `l2=0.1` they are within
        {decimals(_largest(tight.axis_angles), 2)} degrees, for {percent(tight.ratio - 1)} more error.
    """)
    page.text(f"""
        With hidden units that bend, it need not stay flat: the autoencoder above leaves
        {decimals(bent.ratio, 2)} times the error that PCA leaves with as many numbers. Every fit is compared in this
        way (`compare_pca()`), and one that is worse than PCA says so, and why.
    """)
    guide.result("linear autoencoder: error in parts of PCA's", loose.ratio)
    guide.result("autoencoder, 8 numbers: error in parts of PCA's", bent.ratio)


def linear(l2: float) -> Autoencoder:
    """An autoencoder that PCA describes."""
    return Autoencoder(
        latent_dim=_AXES,
        hidden_layer_sizes=(),
        batch_size="full",
        learning_rate=0.02,
        l2=l2,
        max_epochs=800,
        random_state=0,
    )


def _lengths(page: Chapter, guide: Guide, digits: DigitsRows, sweep: LatentSweep) -> None:
    short, middle, long = (decimals(error, 2) for error in sweep.test_errors)
    page.text(f"""
        How long has a code to be? With 2 numbers a test digit is restored with an error of {short}, with 5 of {middle},
        with 32 of {long}; PCA leaves {", ".join(decimals(error, 2) for error in sweep.pca_errors)}. What the notes say
        is seen here: two numbers blur, five have the strokes, and with 32, half as many as there are pixels, little is
        missing.
    """)
    page.figure(
        lambda: _draw_lengths(sweep),
        alt="Rows of digits: the originals, and what codes of 2, 5 and 32 numbers restore",
        caption="Test digits, and what is restored from codes of 2, 5 and 32 numbers.",
    )
    page.figure(
        lambda: _draw_map(digits, sweep),
        alt="A plane with a point for each test digit, in groups by colour",
        caption="The codes of 2 numbers of the test digits. Colours are the labels, from which nothing was learned.",
    )
    page.text("""
        Codes of two numbers can be drawn. Digits that look alike lie side by side, and most digits have a region of
        their own, though the autoencoder was never told that there are ten of them.
    """)
    guide.result("test errors of codes of 2, 5, 32 numbers", f"{short}, {middle}, {long}")


def _between(page: Chapter, guide: Guide, digits: DigitsRows, model: Autoencoder) -> None:
    drawn = {
        how: sample_latents(model, digits.X, digits.X_test, how=how, random_state=0) for how in ("gaussian", "uniform")
    }
    gaussian, uniform = (drawn[how].garbage_share for how in ("gaussian", "uniform"))
    page.figure(
        lambda: _draw_line(digits, model),
        alt="Three rows of digits, each changing in six steps into another",
        caption="On straight lines from one code to another, decoded.",
    )
    page.text(f"""
        Between two codes the decoder draws something, and near the middle it is often no digit. So one cannot just
        draw codes at random and call it a generator. `sample_latents` does it on purpose and measures what comes of it:
        a drawn code is decoded, encoded again, and called garbage where the nearest code of a training digit is further
        than for 95 % of the test digits. Of codes from a Gaussian with the mean and the covariance of the data's codes
        {percent(gaussian)} are garbage, and {percent(uniform)} of those from the box around them; of test digits it is
        {percent(drawn["gaussian"].held_out_share)}. Nothing in the loss asks for order between the codes. To ask for it
        is the idea of the *variational* autoencoder.
    """)
    page.figure(
        lambda: _draw_samples(drawn["gaussian"]),
        alt="A grid of drawn digits, the last ones marked as garbage",
        caption="Drawn from the Gaussian, by the distance to the nearest code of a training digit.",
    )
    guide.result("garbage among drawn codes: Gaussian, uniform", f"{gaussian:.2f}, {uniform:.2f}")


def _noise(page: Chapter, guide: Guide, digits: DigitsRows) -> Autoencoder:
    plain = guide.fit("plain autoencoder", autoencoder(32), digits.X, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WorseThanPCAWarning)  # the text says it
        denoising = guide.fit("denoising autoencoder", autoencoder(32, _NOISE), digits.X, None)
    noisy, left = noisy_digits(digits.X_test), {}
    for name, model in (("plain", plain), ("denoising", denoising)):
        left[name] = float(np.square(model.reconstruct(noisy) - digits.X_test).sum(axis=1).mean())
    added = float(np.square(noisy - digits.X_test).sum(axis=1).mean())
    page.text(f"""
        A code may also be kept in order by what the network is shown. A *denoising* autoencoder sees each digit with
        noise, new at each step, and has to restore the clean one. On test digits with noise (an error of
        {decimals(added, 1)} a digit) one that never saw noise leaves {decimals(left["plain"], 1)}, and one that learned
        with `noise={_NOISE}` {decimals(left["denoising"], 1)}. It is no longer made for
        copying: of clean digits it leaves {decimals(denoising.compare_pca().ratio, 1)} times PCA's error, of which its
        fit warns. The notes' two penalties are fields too: `sparsity`
        multiplies Σ|h|, `smoothness` the squared slopes of the code by the pixels.
    """)
    page.figure(
        lambda: _draw_denoised(digits, noisy, denoising),
        alt="Seven noisy digits, below them what is restored, and the clean ones",
        caption="Test digits with noise, what the denoising autoencoder restores, and the digits as they were.",
    )
    guide.result("noise left: plain, denoising autoencoder", f"{left['plain']:.2f}, {left['denoising']:.2f}")
    return denoising


def _labels(page: Chapter, guide: Guide, digits: DigitsRows, model: Autoencoder) -> None:
    report = representation_report(model, digits.X, digits.y, digits.X_test, digits.y_test, n_labels=(1, 10), n_seeds=5)
    curves = report.curves()
    rows = [[unbroken(name), *(percent(float(n.mean())) for n in curve)] for name, curve in curves.items()]
    page.text("""
        And what is a code good for? The notes use it as input to other methods, where labels are few. Logistic
        regression learns here from 1 or 10 labelled digits of each kind, five times with other ones, with the codes of
        the denoising autoencoder as one of its inputs.
    """)
    page.table(["its input", "1 label a class", "10 labels a class"], rows, "Mean accuracy on the test digits.")
    raw, *_, codes = (curve.mean(axis=1) for curve in curves.values())
    one, ten = (_compared(float(difference)) for difference in codes - raw)
    page.text(f"""
        With one label a class codes have {one} raw pixels, with ten {ten} them: what was learned without labels counts
        for most where labels are fewest. It depends on the data and on the autoencoder;
        `studies.representation_report` measures it on yours, and `fine_tune` makes a classifier of the encoder.
    """)
    guide.result("logistic regression, 1 label a class: pixels, codes", f"{raw[0]:.3f}, {codes[0]:.3f}")


def _compared(difference: float) -> str:
    """A difference of accuracies in words."""
    return f"{decimals(100 * abs(difference), 1)} points {'more' if difference > 0 else 'less'} than"


def noisy_digits(X: np.ndarray) -> np.ndarray:
    """The rows with Gaussian noise, the same each time."""
    return X + np.random.default_rng(0).normal(scale=_NOISE, size=X.shape).astype(np.float32)


def _variance(digits: DigitsRows) -> float:
    """The mean squared error of the mean training digit on the test digits."""
    return float(np.square(digits.X_test - digits.X.mean(axis=0)).sum(axis=1).mean())


def _largest(angles: tuple[float, ...] | None) -> float:
    return max(angles or (np.nan,))


def _draw_reconstructions(digits: DigitsRows, model: Autoencoder) -> Figure:
    figure = _figure(2.9)
    X = digits.X_test[:5]  # more would leave no room for captions
    ReconstructionDisplay(images(X), images(model.reconstruct(X))).plot(figure.subplots())
    return figure


def _draw_lengths(sweep: LatentSweep) -> Figure:
    figure = _figure(4.0)
    LatentSweepDisplay(sweep, image_shape=(8, 8)).plot(figure.subplots(), kind="images")
    return figure


def _draw_map(digits: DigitsRows, sweep: LatentSweep) -> Figure:
    figure = _figure(4.2)
    LatentDisplay.from_estimator(sweep.estimators[0], digits.X_test, digits.y_test, ax=figure.subplots())
    return figure


def _draw_line(digits: DigitsRows, model: Autoencoder) -> Figure:
    figure = _figure(2.7)
    X, to = digits.X_test[:3], digits.X_test[3:6]
    lines = model.interpolate(X, to, 5).reshape(3, 5, 8, 8)
    InterpolationDisplay(lines, images(X), images(to)).plot(figure.subplots())
    return figure


def _draw_samples(drawn: LatentSamples) -> Figure:
    figure = _figure(3.6)
    LatentSamplesDisplay(drawn, image_shape=(8, 8)).plot(figure.subplots(), n_images=14)
    return figure


def _draw_denoised(digits: DigitsRows, noisy: np.ndarray, model: Autoencoder) -> Figure:
    figure = _figure(3.0)
    rows = {"noisy": noisy[:7], "restored": model.reconstruct(noisy[:7]), "clean": digits.X_test[:7]}
    captions = [text for name in rows for text in (name, *[""] * 6)]
    drawn = np.concatenate([images(np.clip(row, 0, 1)) for row in rows.values()])
    ImagesDisplay(drawn, captions).plot(figure.subplots(), n_columns=7)
    return figure


def _figure(height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(_WIDTH, height))
