"""The window that slides: the notes' convolution and pooling to the digit, and the slope of each weight of a kernel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.display import ConvolutionDisplay
from rosenblatt.explain import ConvolutionChain, convolution_bench, convolution_chain, pooling_bench
from rosenblatt.nn.windows import Window
from rosenblatt.runs.chapters.kernel_slope import engines_slope, moved_slope
from rosenblatt.runs.chapters.writing import decimals, transcript, unbroken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.explain.sliding import Slide
    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

IMAGE = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 1], [1, 1, 0, 2]]
KERNEL = [[1, 2], [3, -1]]
# The notes' example of pooling.
POOLED = [[2, 1, 7, 1, 2, 5], [5, 0, 3, 4, 1, 2], [1, 7, 8, 3, 3, 0], [0, 3, 2, 0, 1, 1], [3, 6, 5, 3, 0, 3]]
POOLED += [[3, 6, 0, 2, 1, 0]]
# Of the notes' chain: with this kernel ReLU lets three of the four places through.
CHAIN = {"y": 3.0, "kernel": [[1, 0, -1], [0, 1, 0], [-1, 0, 1]], "w": 0.5}
_SESSION = """
    from rosenblatt.explain import convolution_bench
    convolution_bench(X, W).output
    convolution_bench(X, W, flipped=True).output
"""
# Width, size of the window, padding and stride.
_SIZES = {
    "the example above": (4, 2, 0, 1),
    "the pooling below": (6, 3, 0, 3),
    "the next chapter's kernels": (14, 3, 1, 1),
    "its first pooling": (14, 2, 0, 2),
    "its second, rounded down": (7, 2, 0, 2),
}


def chapter(page: Chapter, guide: Guide) -> None:
    """Nothing is trained: windows slide, forward and backward."""
    _sliding(page)
    _names(page)
    _sizes(page)
    _pooling(page, guide)
    chain = convolution_chain(IMAGE, **CHAIN)
    _chain(page, chain)
    _gradient(page, guide, chain)
    _backward(page, chain)


def _sliding(page: Chapter) -> None:
    page.text(f"""
        A dense neuron has a weight for each number of an image. For one of 32×32 pixels in three colours these are
        {32 * 32 * 3:,}, and what it has learned about one corner it does not know about another. A convolution has a
        small grid of weights, the *kernel*, and puts it on every place of the image: {3 * 3 * 3} weights where the
        kernel is 3×3, the same everywhere. At each place the numbers below are multiplied by those of the kernel and
        summed, which is large where the image looks like the kernel.
    """)
    page.formula("Y(i, j) = Σₘ Σₙ X(i + m, j + n) W(m, n)")
    forward = convolution_bench(IMAGE, KERNEL).forward
    page.animation(
        lambda dpi: ConvolutionDisplay(forward).gif(dpi=dpi),
        alt="A 2×2 window slides over a 4×4 grid of numbers; at each place four products and their sum are shown",
        caption="The notes' example, a 4×4 input and a 2×2 kernel, with numbers put in: nine places, nine sums.",
    )
    page.text("The notes write the first three sums out, and so does the library (`rosenblatt.explain`):")
    page.code("\n\n".join(str(step) for step in forward[:3]))


def _names(page: Chapter) -> None:
    page.text("""
        Strictly this is *cross-correlation*. In a true *convolution* the kernel is turned by 180 degrees first, so that
        the indices run against each other. In the notes these two formulas have changed places; rightly they are:
    """)
    page.formula("""
        s(i, j) = Σₘ Σₙ I(i − m, j − n) K(m, n)   convolution
        s(i, j) = Σₘ Σₙ I(i + m, j + n) K(m, n)   cross-correlation
    """)
    page.code(transcript(_SESSION, X=IMAGE, W=KERNEL))
    page.text("""
        Networks compute the second and call it convolution. As the kernel is learned, nothing is lost: it just comes
        out turned.
    """)


def _sizes(page: Chapter) -> None:
    page.text("""
        How many places there are follows from the width W of the image, the width K of the window, the pixels P of
        border that are put on each side, and the stride S, by which the window moves:
    """)
    page.formula("O = (W − K + 2P) / S + 1")
    rows = [[unbroken(name), *sizes, output_size(*sizes)] for name, sizes in _SIZES.items()]
    page.table(["", "W", "K", "P", "S", "O"], rows, "The size of what comes out, rounded down.")


def output_size(width: int, size: int, padding: int, stride: int) -> int:
    """O of a window with these sizes, as the layers have it."""
    return Window.of(size, stride, padding, n_axes=1).output_shape([width])[0]


def _pooling(page: Chapter, guide: Guide) -> None:
    largest, mean = pooling_bench(POOLED, 3), pooling_bench(POOLED, 3, kind="average")
    page.text("""
        Pooling is a window, too, and one that has nothing to learn: of the pixels that it covers it keeps the largest,
        or the mean. The result is smaller, and changes less when the image moves a little. The notes' example has 6×6
        numbers and windows of 3×3 that do not overlap.
    """)
    page.figure(
        lambda: _draw_window(largest.forward, (5.2, 2.4), step=3),
        alt="A 3×3 window on a 6×6 grid of numbers; of the nine that it covers the largest is kept",
        caption="Max pooling at the last of its four places. As a sum of products: the largest has the weight 1.",
    )
    rows = [
        ["maximum", *(f"{value:.0f}" for value in largest.output.flat)],
        ["mean", *(decimals(value, 2) for value in mean.output.flat)],
    ]
    page.table(["", "Y(1,1)", "Y(1,2)", "Y(2,1)", "Y(2,2)"], rows, "What is left of the 36 numbers.")
    page.text("""
        On the way back a mean shares the slope out equally, and a maximum gives all of it to the pixel that was the
        largest. (The notes call pooling linear. The mean is; the maximum is not.)
    """)
    for name, bench in (("maximum", largest), ("mean", mean)):
        guide.result(f"the notes' pooling, {name}", ", ".join(f"{value:.3g}" for value in bench.output.flat))


def _chain(page: Chapter, chain: ConvolutionChain) -> None:
    page.text("""
        How does a kernel learn? The notes put the smallest convolutional network together that has all parts: a 3×3
        kernel on a 4×4 image, ReLU, average pooling of the 2×2 numbers to one, a linear classifier with one weight w,
        and the square loss.
    """)
    page.formula("""
        z(s, t) = Σ w(r, c) x(s + r − 1, t + c − 1)
        v = ¼ Σₛ Σₜ max(0, z(s, t))
        ŷ = w v
        J = (ŷ − y)²
    """)
    z = ", ".join(decimals(float(value), 0) for value in chain.z.flat)
    page.text(f"""
        For the image of above, the kernel (1 0 −1, 0 1 0, −1 0 1), w = {CHAIN["w"]} and the target y = {CHAIN["y"]:.0f}
        the way forward gives z = ({z}), v = {chain.v:.4g}, ŷ = {chain.prediction:.4g} and J = {chain.cost:.4g}. The way
        back to a weight of the kernel is a product of slopes, with a sum over the four places (s, t) where that weight
        was used:
    """)
    page.formula("""
        ∂J/∂w(r, c) = ∂J/∂ŷ · ∂ŷ/∂v · Σₛₜ ∂v/∂vₛₜ · ∂vₛₜ/∂f(zₛₜ) · ∂f(zₛₜ)/∂zₛₜ · ∂zₛₜ/∂w(r, c)
    """)
    slope = chain.kernel_slopes[0][1]
    rows = [
        [f"({s + 1}, {t + 1})", *(decimals(factor.value, 2) for factor in place.factors), decimals(place.value, 2)]
        for (s, t), place in zip(np.ndindex(2, 2), slope.places, strict=True)
    ]
    error, weight = (factor.value for factor in slope.shared)
    page.table(
        ["place", "∂v/∂vₛₜ", "∂vₛₜ/∂f", "∂f/∂zₛₜ", "∂zₛₜ/∂w(1,2)", "product"],
        rows,
        "The factors of w(1,2) at each place: pooling, identity, ReLU, and the pixel that lay under the weight.",
    )
    page.text(f"""
        They sum to {decimals(slope.sum_over_places, 2)}. Times ∂J/∂ŷ = 2(ŷ − y) = {decimals(error, 0)} and ∂ŷ/∂v = w =
        {weight:.4g} this is ∂J/∂w(1,2) = {decimals(slope.value, 2)}. Where ReLU is off nothing comes through. (The
        pixel is x with the indices s + r − 1 and t + c − 1; in one place the notes have the first too large by 1.)
    """)


def _gradient(page: Chapter, guide: Guide, chain: ConvolutionChain) -> None:
    engine, moved = engines_slope(IMAGE, **CHAIN), moved_slope(IMAGE, **CHAIN)
    agree = np.allclose(chain.gradient, engine, rtol=1e-5) and np.allclose(chain.gradient, moved, rtol=1e-5)
    rows = [
        [f"w({r + 1},{c + 1})", decimals(slope.value, 2), *(decimals(float(way[r, c]), 6) for way in (engine, moved))]
        for r, slopes in enumerate(chain.kernel_slopes)
        for c, slope in enumerate(slopes)
    ]
    page.table(
        ["weight", "factor by factor", "layers of the library", "moved a little"],
        rows,
        "The slope of J for each of the nine weights, in three ways that know nothing of each other.",
    )
    page.text(f"""
        The layers are those that networks are trained with, in 32-bit numbers; *moved a little* is from J itself, with
        each weight changed up and down by a hundred-thousandth. {"They agree" if agree else "They do not agree"}. That
        is all of *backpropagation in a CNN*: the rule of the dense network, with a sum over the places that share a
        weight.
    """)
    guide.result("a kernel's slope by factors, layers, differences", "the same" if agree else "NOT the same")


def _backward(page: Chapter, chain: ConvolutionChain) -> None:
    bench = convolution_bench(chain.x, chain.kernel, slope=slope_of_sums(chain))
    page.text("""
        Seen as a whole, that sum is a window again. The slope of the kernel comes from sliding ∂J/∂z over the image;
        and the slope of the image, which the layers before would need, from sliding the turned kernel over ∂J/∂z. So
        the gradients of a convolution are convolutions, and what makes one fast makes all three fast.
    """)
    page.animation(
        lambda dpi: ConvolutionDisplay(bench.backward_kernel).gif(dpi=dpi),
        alt="A 2×2 window of slopes slides over the 4×4 image; its nine sums are the slope of the 3×3 kernel",
        caption="∂J/∂W of the example: what slides is ∂L/∂Y, the slope of J with respect to the four sums z.",
    )
    page.figure(
        lambda: _draw_window(bench.backward_image, (7.6, 3.2), step=5),
        alt="The turned 3×3 kernel slides over the four slopes with a border of zeros; the sums are 4×4 slopes",
        caption="∂J/∂X at one of its sixteen places, where the window covers all four slopes. Gray: the border.",
        wide=True,
    )


def slope_of_sums(chain: ConvolutionChain) -> np.ndarray:
    """∂J/∂z of the notes' chain: what the kernel's slope is made of."""
    shared = math.prod(factor.value for factor in chain.kernel_slopes[0][0].shared)
    return shared / chain.z.size * (chain.z > 0)


def _draw_window(slide: Slide, size: tuple[float, float], step: int) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    ConvolutionDisplay(slide).plot(figure.subplots(), step=step)
    return figure
