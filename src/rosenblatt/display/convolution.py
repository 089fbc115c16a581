"""A convolution or a pooling, step by step: the window, its numbers, the products and what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import numpy as np

from rosenblatt.display.animation import check_suffix, encode_animation
from rosenblatt.display.canvas import picture_axes, text_points
from rosenblatt.display.panels import Frame, Layout, Panel, draw
from rosenblatt.explain.sliding import Cells, Slide, short

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from matplotlib.axes import Axes

    from rosenblatt.explain.convolution import ConvolutionBench
    from rosenblatt.explain.pooling import PoolingBench, Share

Part = Literal["forward", "kernel", "image", "all"]
MOST_STEPS = 400  # of an animation: about a minute, and some megabytes
_WINDOW, _RESULT = 0, 1  # of the settings' colours
_SIGNS = ("×", "=", "Σ →")


class ConvolutionDisplay:
    """A window that slides over an image: what it covers times its weights, the sum, and what has come out so far.

    Numbers are left out where the cells are too small for them; the cells then have shades.

    Parameters
    ----------
    *scenes : Slide, or sequence of Share
        Of a bench: its ``forward``, ``backward_kernel``, ``backward_image`` or ``backward``; shown one after another.

    Attributes
    ----------
    n_steps : int
        Of all scenes together.
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    grids_ : list of matplotlib PatchCollection
    numbers_ : list of matplotlib texts
    caption_ : matplotlib text
        The computation.

    Raises
    ------
    ValueError
        If there is no scene.
    TypeError
        If something else is given, such as a bench.

    Examples
    --------
    >>> from rosenblatt.display import ConvolutionDisplay
    >>> image = [[1, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 1], [1, 1, 0, 2]]
    >>> display = ConvolutionDisplay.from_arrays(image, [[1, 2], [3, -1]], step=0)
    >>> display.caption_.get_text()
    'Y(1,1) = 1·1 + 2·2 + 0·3 + 1·(-1) = 4'
    >>> display.save("convolution.gif")
    """

    def __init__(self, *scenes: Slide | Sequence[Share]):
        for scene in scenes:
            if not isinstance(scene, Sequence):
                raise TypeError(
                    f"{type(scene).__name__} is no scene, such as bench.forward is; from_bench draws a bench, and "
                    "from_arrays an image and a kernel"
                )
        if not scenes or not all(map(len, scenes)):
            raise ValueError(f"there are {len(scenes)} scenes; at least one with a step is needed")
        self.scenes = scenes
        self.n_steps = sum(map(len, scenes))
        self._frames = [frame for scene in scenes for frame in _frames_of(scene)]
        self._titles = [
            f"{_heading(scene)}: {step} of {len(scene)}" for scene in scenes for step in range(1, len(scene) + 1)
        ]

    @classmethod
    def from_arrays(
        cls,
        image: Any,
        kernel: Any,
        *,
        stride: Any = 1,
        padding: Any = "valid",
        dilation: Any = 1,
        flipped: bool = False,
        slope: Any = None,
        part: Part = "forward",
        step: int = -1,
        ax: Axes | None = None,
    ) -> Self:
        """Draws the convolution of an image with a kernel.

        Parameters
        ----------
        image, kernel : array-like (height, width)
        stride, padding, dilation, flipped, slope
            As in ``rosenblatt.explain.convolution_bench``.
        part, step, ax
            As in ``from_bench``.

        Returns
        -------
        ConvolutionDisplay
        """
        from rosenblatt.explain.convolution import convolution_bench

        bench = convolution_bench(image, kernel, stride, padding, dilation, flipped=flipped, slope=slope)
        return cls.from_bench(bench, part, step=step, ax=ax)

    @classmethod
    def from_bench(
        cls,
        bench: ConvolutionBench | PoolingBench,
        part: Part = "forward",
        *,
        step: int = -1,
        ax: Axes | None = None,
    ) -> Self:
        """Draws a bench of ``rosenblatt.explain``.

        Parameters
        ----------
        bench : ConvolutionBench or PoolingBench
        part : {"forward", "kernel", "image", "all"}, default="forward"
            The output; dL/dW, the slope of the kernel, which a pooling has not; dL/dX, that of the image; or all,
            one after another.
        step, ax
            As in ``plot``.

        Returns
        -------
        ConvolutionDisplay
        """
        scenes = _scenes(bench)
        if part not in (*scenes, "all"):
            raise ValueError(f"part={part!r} of a {type(bench).__name__} must be one of {[*scenes, 'all']}")
        return cls(*(scenes.values() if part == "all" else [scenes[part]])).plot(ax, step=step)

    def plot(self, ax: Axes | None = None, *, step: int = -1) -> Self:
        """Draws one step.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        step : int, default=-1
            From 0 to ``n_steps - 1``; negative from the end, so that by default all has come out.

        Returns
        -------
        ConvolutionDisplay
        """
        self._check_step(step)
        layout = Layout(self._frames)
        self.ax_, width, height = picture_axes(ax, layout.comfortable(), max(self._titles, key=len))
        self.figure_ = self.ax_.figure
        layout.fit(width, height)
        self._draw(step, layout)
        return self

    def save(
        self, path: str | PathLike[str], *, steps: Sequence[int] | None = None, seconds: float = 1.0, dpi: float = 110
    ) -> None:
        """Writes the steps as an animation.

        Parameters
        ----------
        path : path
            Ends in .gif; in .html: a page with a slider, whole in one file; or in .mp4, which needs ffmpeg.
        steps : sequence of int, optional
            Which; all by default.
        seconds : float, default=1.0
            How long each is shown; positive.
        dpi : float, default=110
            Pixels an inch.

        Raises
        ------
        ValueError
            If the path ends otherwise, there are more than 400 steps, or none, or one that does not exist.
        """
        path = check_suffix(path)
        path.write_bytes(self._animation(path.suffix, steps, seconds, dpi))

    def gif(self, *, steps: Sequence[int] | None = None, seconds: float = 1.0, dpi: float = 110) -> bytes:
        """The steps as an animation to be put into a page or a notebook, without a file.

        Parameters
        ----------
        steps, seconds, dpi
            As in ``save``.

        Returns
        -------
        bytes
            What ``save`` would write into a .gif.

        Raises
        ------
        ValueError
            As in ``save``.
        """
        return self._animation(".gif", steps, seconds, dpi)

    def _animation(self, suffix: str, steps: Sequence[int] | None, seconds: float, dpi: float) -> bytes:
        steps = list(range(self.n_steps)) if steps is None else list(steps)
        if not 0 < len(steps) <= MOST_STEPS:
            raise ValueError(
                f"an animation of {len(steps):,} steps; 1 to {MOST_STEPS} are possible. Choose some, such as "
                f"steps=range({min(self.n_steps, MOST_STEPS)}), or take a smaller image"
            )
        for step in steps:
            self._check_step(step)
        if not seconds > 0:
            raise ValueError(f"seconds={seconds!r} must be positive")
        texts = [f"{self._titles[step]}: {self._frames[step].text}" for step in steps]
        return encode_animation(suffix, self._pictures(steps, dpi), texts, seconds)

    def _pictures(self, steps: list[int], dpi: float) -> Iterator[np.ndarray]:
        """One figure, drawn anew for each step, that pyplot does not know."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        layout, title = Layout(self._frames), max(self._titles, key=len)
        width, height = layout.comfortable()
        figure = Figure(figsize=(max(width, text_points(title, 12.0) / 72) + 0.2, height + 0.5), dpi=dpi)
        figure.set_layout_engine("constrained")
        canvas, drawn = FigureCanvasAgg(figure), ConvolutionDisplay(*self.scenes)
        drawn.ax_, *room = picture_axes(figure.subplots(), (width, height), title)
        layout.fit(*room)
        figure.set_layout_engine("none")  # all steps in the places of the first
        for step in steps:
            for artist in (*drawn.ax_.collections, *drawn.ax_.texts):
                artist.remove()
            drawn._draw(step, layout)
            canvas.draw()
            yield np.asarray(canvas.buffer_rgba()).copy()

    def _draw(self, step: int, layout: Layout) -> None:
        self.ax_.set_title(self._titles[step], fontsize=self.ax_.title.get_fontsize())
        self.grids_, self.numbers_, self.caption_ = draw(self.ax_, self._frames[step], layout)

    def _check_step(self, step: int) -> None:
        if not -self.n_steps <= step < self.n_steps:
            raise ValueError(f"step={step} of {self.n_steps} steps, which are counted from 0")


def _scenes(bench: ConvolutionBench | PoolingBench) -> dict[str, Slide | Sequence[Share]]:
    """The parts of a bench by their names."""
    if hasattr(bench, "backward_kernel"):
        bench = cast("ConvolutionBench", bench)
        return {"forward": bench.forward, "kernel": bench.backward_kernel, "image": bench.backward_image}
    if not hasattr(bench, "backward"):
        raise TypeError(
            f"{type(bench).__name__} is no bench; rosenblatt.explain.convolution_bench and pooling_bench make one, and "
            "from_arrays draws an image and a kernel"
        )
    bench = cast("PoolingBench", bench)
    return {"forward": bench.forward, "image": bench.backward}


def _heading(scene: Slide | Sequence[Share]) -> str:
    if not isinstance(scene, Slide):
        return "Backward: ∂L/∂Y is shared out to ∂L/∂X"
    image, weights, output = map(_written, scene.labels)
    if weights == "weights":
        return f"Forward: the window slides over {image}"
    return f"{'Backward' if '∂' in output else 'Forward'}: {weights} slides over {image} and gives {output}"


def _written(name: str) -> str:
    return name.replace("dL/d", "∂L/∂")


def _frames_of(scene: Slide | Sequence[Share]) -> list[Frame]:
    return _frames_of_slide(scene) if isinstance(scene, Slide) else _frames_of_shares(scene)


def _frames_of_slide(slide: Slide) -> list[Frame]:
    """Image, weights, products, and the output as far as it is known."""
    image, weights, output = map(_written, slide.labels)
    so_far, frames = Cells(np.full(slide.names.shape, np.nan), slide.names), []
    for step in slide:
        so_far = Cells(so_far.values.copy(), so_far.names)
        so_far.values[step.place] = step.value
        panels = (
            _panel(image, slide.image, (step.rows, step.columns), _WINDOW),
            _panel(weights, step.weights),
            _panel("products", Cells(step.products, step.window.names)),
            _panel(output, so_far, ([step.place[0]], [step.place[1]]), _RESULT),
        )
        frames.append(Frame(panels, _SIGNS, _written(step.name) or "border", step.numbers, short(step.value)))
    return frames


def _frames_of_shares(shares: Sequence[Share]) -> list[Frame]:
    """The slopes of the output, the weights, what is given, and the slopes of the image as far as they are known."""
    slopes = np.zeros([1 + n for n in shares[-1].step.place])
    for share in shares:
        slopes[share.step.place] = share.slope
    names = np.full(slopes.shape, "dL/dY")
    frames = []
    for share in shares:
        step, (row, column) = share.step, share.step.place
        panels = (
            _panel("∂L/∂Y", Cells(slopes, names), ([row], [column]), _RESULT),
            _panel("weights", step.weights),
            _panel("shares", Cells(share.shares, step.window.names)),
            _panel("∂L/∂X", share.so_far, (step.rows, step.columns), _WINDOW),
        )
        of = f"share of ∂L/∂{step.name}"
        largest = float(step.weights.values.max())
        computation = f"{short(share.slope)}·{short(largest)}"
        frames.append(Frame(panels, ("×", "=", "+ →"), of, computation, short(share.slope * largest)))
    return frames


def _panel(label: str, cells: Cells, marked: tuple[Any, Any] | None = None, series: int = _WINDOW) -> Panel:
    mark = np.zeros(cells.values.shape, bool)
    if marked is not None:
        mark[np.ix_(*marked)] = True
    return Panel(label, cells.values, cells.names == "", mark, series)
