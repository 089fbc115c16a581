"""What each latent does: rows that are decoded while one number of a code changes and the others stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import (
    axes_or_new,
    font_points,
    font_scale,
    page_color,
    series_colors,
    short_number,
    size_in_inches,
    text_color,
    tint,
    widest_points,
)
from rosenblatt.display.latent_steps import chosen_ticks, first_code, has_prior
from rosenblatt.display.rows import check_verb, drawn_images
from rosenblatt.display.tiles import SIGNAL, Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.models.latent_use import LatentUse

_FURTHEST = 3.0  # standard deviations
_GAP = 0.1  # between images, by their width
_ROW, _WIDTH = 0.4, 4.2  # inches: a latent's height at least and the picture's width, in a figure of its own
_TALLEST = 9.0  # inches, such a figure, unless rows are at their lowest
_N_TICKS = 7
_SMALL = 0.01  # an amount with one digit
_REACH = 0.84  # of the way from one latent's lines to the next, which lines may take up


class TraversalDisplay:
    """A row of decoded images for each latent, or lines where what is decoded is no image.

    Along a row one latent goes up; the others stay. Lines are numbered columns across, and all latents have the same
    scale of numbers, which is theirs from the lowest to the highest.

    Parameters
    ----------
    decoded : array-like (n_latents, n_steps, height, width[, channels]), or (n_latents, n_steps, n_numbers)
        Images, of which signals have height 1; or rows of numbers, drawn as lines.
    values : array-like (n_steps,)
        What the latent is at each step.
    labels : sequence of str (n_latents,)
    silent : array-like of bool (n_latents,), optional
        Whose labels are grey.
    value_name : str, default="latent"
    title : str, default=""

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    mosaic_ : matplotlib image, or None
    lines_ : list of matplotlib line collections, one for each latent where no images are drawn
    color_bar_ : matplotlib colour bar, or None

    Raises
    ------
    ValueError
        If the parts do not belong together.

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.display import TraversalDisplay
    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images / 16
    >>> model = VAE(latent_dim=4, loss="bernoulli", learning_rate=0.005, max_epochs=30, random_state=0).fit(images)
    >>> display = TraversalDisplay.from_estimator(model, images, start=images[0])
    >>> display.decoded.shape
    (4, 7, 8, 8, 1)
    """

    def __init__(
        self,
        decoded: Any,
        values: Any,
        labels: Sequence[str],
        *,
        silent: Any = None,
        value_name: str = "latent",
        title: str = "",
    ):
        decoded = np.asarray(decoded, float)
        self.decoded = decoded[..., None] if decoded.ndim == 4 else decoded
        self.values, self.labels = np.asarray(values, float), [str(label) for label in labels]
        self.silent = np.zeros(len(self.labels), bool) if silent is None else np.asarray(silent, bool)
        self.value_name, self.title = value_name, title
        n_latents, n_steps = len(self.labels), self.values.size
        fits = decoded.ndim in (3, 4, 5) and decoded.shape[:2] == (n_latents, n_steps) and decoded.size
        if not fits or self.silent.shape != (n_latents,):
            raise ValueError(
                f"decoded has shape {decoded.shape} and silent {self.silent.shape}, for {n_latents} labels and "
                f"{n_steps} values; (n_latents, n_steps, height, width[, channels]) or (n_latents, n_steps, n_numbers) "
                "and (n_latents,) are needed"
            )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        n_latents: int = 10,
        n_steps: int = 7,
        start: Any = None,
        image_shape: tuple[int, ...] | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws what the latents of a fitted autoencoder do, those first that are most used.

        Of a variational autoencoder a latent goes from -3 to 3, three standard deviations of the prior, and how much
        it is used is its mean KL on X in nats; below 0.01 it is silent, and marked so. Of others a latent goes three
        standard deviations of the codes of X down and up, and how much it is used is their variance.

        Parameters
        ----------
        estimator : estimator with ``transform`` and ``inverse_transform``
            Fitted.
        X : array-like (n_samples, n_features), or images
        n_latents : int, default=10
            At least 1: how many, at most. The title says how many are left out, and how little they are used.
        n_steps : int, default=7
            At least 2.
        start : array-like, optional
            A row, or an image, from whose code latents move, each in turn from the lowest step to the highest. By
            default from 0 of a variational autoencoder, and from the mean of the codes of X of others.
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows; by default what the estimator was fitted on, where it was fitted on images.
        ax : matplotlib axes, optional

        Returns
        -------
        TraversalDisplay

        Raises
        ------
        TypeError
            If the estimator does not encode and decode.
        ValueError
            If a number is out of its range.
        """
        from rosenblatt.models.latent_use import latent_use

        for verb in ("transform", "inverse_transform"):
            check_verb(estimator, verb, "give TraversalDisplay what was decoded")
        if n_latents < 1 or n_steps < 2:
            raise ValueError(f"n_latents={n_latents} and n_steps={n_steps}; at least 1 and 2 are needed")
        use, codes = latent_use(estimator, X), np.asarray(estimator.transform(X), float)
        shown = use.order[:n_latents]
        values = np.linspace(-_FURTHEST, _FURTHEST, n_steps)
        grid = np.tile(first_code(estimator, codes, start), (len(shown), n_steps, 1))
        prior = has_prior(estimator)
        for row, latent in zip(grid, shown, strict=True):
            row[:, latent] = values if prior else codes[:, latent].mean() + values * codes[:, latent].std()
        rows = estimator.inverse_transform(grid.reshape(-1, grid.shape[-1]))
        decoded = _images_or_rows(rows, estimator, image_shape)
        display = cls(
            decoded.reshape(*grid.shape[:2], *decoded.shape[1:]),
            values,
            [_label(int(latent), use) for latent in shown],
            silent=use.is_silent[shown],
            value_name="latent" if prior else "latent, in standard deviations from the mean code",
            title=_left_out(use.amounts[use.order[n_latents:]], use.unit),
        )
        return display.plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws the latents below one another.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure is made.

        Returns
        -------
        TraversalDisplay
        """
        self.mosaic_, self.lines_, self.color_bar_ = None, [], None
        if self.decoded.ndim == 5:
            self._draw_images(ax)
        else:
            self._draw_lines(ax)
        self.figure_ = self.ax_.figure
        n_latents = len(self.labels)
        self.ax_.set_yticks(np.arange(n_latents) + 0.5, self.labels, fontsize="small")
        self.ax_.set_ylim(n_latents, 0)
        self.ax_.tick_params(axis="y", length=0)
        for label, silent in zip(self.ax_.get_yticklabels(), self.silent, strict=True):
            label.set_color(tint(page_color(self.ax_), text_color(), 0.5 if silent else 1.0))
        self.ax_.set_title(self.title, fontsize="small", fontweight="normal")
        size_in_inches(self.ax_)  # around axes of a fixed shape, labels have their room from the second layout on
        return self

    def _draw_images(self, ax: Axes | None) -> None:
        images = self.decoded
        if images.shape[2] == 1:  # a signal, whose numbers would be a thin line
            images = np.repeat(images, max(images.shape[3] // SIGNAL, 1), axis=2)
        n_latents, n_steps, height, width = images.shape[:4]
        by_width = _WIDTH / n_steps * height / width
        row = max(_ROW, min(by_width, _TALLEST / n_latents)) * font_scale()
        across = min(row * width / height * n_steps, _WIDTH * font_scale())
        taller = row * n_steps / across if ax is None else 0.0  # than wide, the room of an image with its label
        beside = widest_points(self.labels, font_points("small")) / 72 + 0.2
        self.ax_ = ax = axes_or_new(ax, (across + beside, row * n_latents + 0.8 * font_scale()))
        colors = Palette(ax).image(images)
        gap = max(1, round(_GAP * width))
        above = max(gap, round((taller * (width + 2 * gap) - height) / 2))
        padded = np.full((n_latents, n_steps, height + 2 * above, width + 2 * gap, 3), page_color(ax))
        padded[:, :, above:-above, gap:-gap] = colors
        down, over = padded.shape[2:4]
        mosaic = padded.swapaxes(1, 2).reshape(n_latents * down, n_steps * over, 3)
        extent = (0, n_steps, n_latents, 0)
        self.mosaic_ = ax.imshow(np.clip(mosaic, 0, 1), extent=extent, aspect=down / over)
        ticks = chosen_ticks(n_steps, _N_TICKS)
        ax.set_xticks(ticks + 0.5, [short_number(value) for value in self.values[ticks]], fontsize="small")
        ax.tick_params(axis="x", length=0)
        ax.set_xlabel(self.value_name)
        for spine in ax.spines.values():
            spine.set_visible(False)

    def _draw_lines(self, ax: Axes | None) -> None:
        from matplotlib.collections import LineCollection
        from matplotlib.colors import LinearSegmentedColormap
        from matplotlib.ticker import MaxNLocator

        n_latents, _, n_numbers = self.decoded.shape
        row = max(_ROW, min(1.0, _TALLEST / n_latents)) * font_scale()
        self.ax_ = ax = axes_or_new(ax, (6.4 * font_scale(), row * n_latents + 0.8 * font_scale()))
        positive, negative = series_colors(2)
        halfway = tint(page_color(ax), text_color(), 0.3)
        colormap = LinearSegmentedColormap.from_list("steps", [negative, halfway, positive])
        low, high = self.decoded.min(), self.decoded.max()
        heights = (0.5 - (self.decoded - low) / ((high - low) or 1.0)) * _REACH
        columns = np.arange(1, n_numbers + 1)
        for i, lines in enumerate(heights):
            points = [np.stack([columns, i + 0.5 + line], axis=1) for line in lines]
            collection = LineCollection(points, array=self.values, cmap=colormap, linewidths=1.0)
            self.lines_.append(ax.add_collection(collection))
            ax.axhline(i, color=halfway, linewidth=0.5)
        ax.set_xlim(1 - 0.02 * n_numbers, n_numbers + 0.02 * n_numbers)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set_xlabel("column")
        self.color_bar_ = ax.figure.colorbar(self.lines_[0], ax=ax, label=self.value_name)


def _images_or_rows(rows: Any, estimator: Any, image_shape: tuple[int, ...] | None) -> np.ndarray:
    """Images (n, height, width, channels) where rows are some, else rows (n, n_numbers)."""
    rows = np.asarray(rows)
    if rows.ndim == 2 and image_shape is None and getattr(estimator, "image_shape_", None) is None:
        return rows
    return drawn_images(rows, estimator, image_shape, "leave image_shape out, for lines")


def _label(latent: int, use: LatentUse) -> str:
    mark = "silent, " if use.is_silent[latent] else ""
    return f"latent {latent + 1}\n{mark}{_amount(float(use.amounts[latent]), use.unit)}"


def _amount(amount: float, unit: str) -> str:
    number = f"{amount:.2f}" if amount >= _SMALL else f"{amount:.1g}"
    return f"{number} nats" if unit == "nats" else f"variance {number}"


def _left_out(amounts: np.ndarray, unit: str) -> str:
    """How many latents are left out, and how much the first of them is used."""
    if not len(amounts):
        return ""
    return f"{len(amounts)} more left out, with at most {_amount(float(amounts[0]), unit)}"
