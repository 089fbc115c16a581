"""Two latent spaces beside each other: their maps, and below each what it decodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from rosenblatt.display.canvas import (
    SMALLEST_FONT,
    axes_or_new,
    font_points,
    font_scale,
    page_color,
    size_in_inches,
    text_color,
    text_points,
    tint,
    widest_points,
)
from rosenblatt.display.latent import LatentDisplay
from rosenblatt.display.points import find_classes, name_classes
from rosenblatt.display.projection import project
from rosenblatt.display.rows import drawn_images
from rosenblatt.display.tiles import SIGNAL, Palette, Tile, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.display.images import ImagesDisplay
    from rosenblatt.studies.latent_comparison import LatentComparison
    from rosenblatt.studies.latent_space import LatentSpace

Box = tuple[float, float, float, float]  # left, bottom, width and height, in parts of the axes
_NAMES = ("autoencoder", "VAE")
_N_IMAGES = 8  # in a strip
_WIDTH, _MAP = 4.2, 3.4  # inches of a column and of a map's height, in a figure of its own
_SMALLEST_MAP = 0.3  # of the height of the axes
_LEFT, _BELOW, _RIGHT = 0.65, 0.55, 0.15  # inches around a map for the texts of its axes
_TICKS, _MOST_TICKS = 1.7, 6  # parts of an axis, in an inch and at most, so that its numbers have room
_HANDLE = 2.6  # font sizes that a class of the legend needs beside its name
_LINE = 1.6  # height of a line of text, in font sizes


class LatentComparisonDisplay:
    """The latent space of an autoencoder on the left, and that of a variational one on the right.

    The maps show the test rows, with the same colours for classes; dotted are one and two standard deviations of the
    prior N(0, I), which the autoencoder knows nothing of. More than two latents are projected on two principal
    components. Below each map, where rows are images, are the decoded line between the codes of two rows of different
    classes, samples of the prior, and samples of the Gaussian with the mean and covariance of the codes. Samples are
    from the best to the worst of all in even steps, with a cross over garbage.

    Parameters
    ----------
    comparison : LatentComparison
    image_shape : (height, width) or (height, width, channels), optional
        Of the rows; by default what the estimators were fitted on, where that was images.
    class_names : sequence of str, optional
        A name for each class, in the order of the sorted labels.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    maps_ : list of LatentDisplay
    strips_ : list of list of ImagesDisplay
        Of the autoencoder and of the variational one; empty where rows are no images.
    legend_ : matplotlib legend or None

    Examples
    --------
    >>> from rosenblatt import VAE
    >>> from rosenblatt.display import LatentComparisonDisplay
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits().images / 16, load_digits().target
    >>> vae = VAE(latent_dim=2, loss="bernoulli", learning_rate=0.005, max_epochs=40, random_state=0)
    >>> display = LatentComparisonDisplay.from_estimator(None, vae, X, y)
    >>> [each.ax_.get_title() for each in display.maps_]
    ['autoencoder', 'VAE']
    """

    def __init__(
        self,
        comparison: LatentComparison,
        image_shape: tuple[int, ...] | None = None,
        class_names: Sequence[str] | None = None,
    ):
        self.comparison = comparison
        self.image_shape = image_shape
        classes = find_classes(comparison.y_test, len(comparison.y_test))
        self.labels = None if classes is None else comparison.y_test
        self.class_names = [] if classes is None else name_classes(classes, class_names)

    @classmethod
    def from_comparison(
        cls,
        comparison: LatentComparison,
        *,
        image_shape: tuple[int, ...] | None = None,
        class_names: Sequence[str] | None = None,
        fit: int = 0,
        ax: Axes | None = None,
    ) -> Self:
        """Draws what ``rosenblatt.studies.compare_latents`` found.

        Parameters
        ----------
        comparison, image_shape, class_names : as in the constructor
        fit, ax : as in ``plot``

        Returns
        -------
        LatentComparisonDisplay
        """
        return cls(comparison, image_shape, class_names).plot(ax, fit=fit)

    @classmethod
    def from_estimator(
        cls,
        autoencoder: Any,
        vae: Any,
        X: Any,
        y: Any,
        X_test: Any = None,
        y_test: Any = None,
        *,
        image_shape: tuple[int, ...] | None = None,
        class_names: Sequence[str] | None = None,
        random_state: int = 0,
        ax: Axes | None = None,
    ) -> Self:
        """Compares one pair, which is fitted where it is not, and draws it.

        Parameters
        ----------
        autoencoder, vae, X, y, X_test, y_test, random_state : as for ``rosenblatt.studies.compare_latents``
        image_shape, class_names : as in the constructor
        ax : as in ``plot``

        Returns
        -------
        LatentComparisonDisplay
        """
        from rosenblatt.studies.latent_comparison import compare_latents

        rows = (X, y, X_test, y_test)
        found = compare_latents(autoencoder, vae, *rows, n_fits=1, random_state=random_state)
        return cls(found, image_shape, class_names).plot(ax)

    def plot(self, ax: Axes | None = None, *, fit: int = 0) -> Self:
        """Draws one pair of fits.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.
        fit : int, default=0
            Which pair.

        Returns
        -------
        LatentComparisonDisplay

        Raises
        ------
        ValueError
            If there is no such pair, or rows do not have the shape of images.
        """
        n_fits = len(self.comparison.vaes)
        if fit not in range(n_fits):
            raise ValueError(f"fit={fit!r}; there are {n_fits} pairs of fits: give a number from 0 to {n_fits - 1}")
        spaces = (self.comparison.autoencoders[fit], self.comparison.vaes[fit])
        strips = [self._strips(space) for space in spaces]
        names, is_line = self.class_names, self._is_line(spaces[0])
        self.ax_ = ax = axes_or_new(ax, _Layout.of(strips[0], names, is_line).size)
        ax.set_axis_off()
        self.figure_, self.legend_ = ax.figure, None
        layout = _Layout.of(strips[0], names, is_line, size_in_inches(ax))
        self.strips_ = [
            [self._draw_strip(strip, layout, column, row) for row, strip in enumerate(column_strips)]
            for column, column_strips in enumerate(strips)
        ]
        boxes = [layout.map_box(column) for column in (0, 1)]
        self.maps_ = [self._draw_map(*each) for each in zip(spaces, boxes, _NAMES, strict=True)]
        self._draw_legend(layout)
        return self

    def _is_line(self, space: LatentSpace) -> bool:
        """Whether the map is a line, on which each class has a strip with its name."""
        return space.codes.shape[1] == 1

    def _axes(self, box: Box) -> Any:
        """Axes there, for whose texts the layout has room, so that no layout engine needs to make it."""
        axes = self.ax_.inset_axes(box)
        axes.set_in_layout(False)
        return axes

    def _draw_map(self, space: LatentSpace, box: Box, name: str) -> LatentDisplay:
        found = project(space.codes, min(space.codes.shape[1], 2))
        is_line = self._is_line(space)
        drawn = LatentDisplay(
            found.coordinates,
            self.labels,
            axis_names=found.axis_names,
            variance_shares=found.variance_shares,
            class_names=self.class_names or None,
            prior_mean=None if is_line else found.origin,
        ).plot(self._axes(box))
        if legend := drawn.ax_.get_legend():
            legend.remove()
        if is_line:
            for place in (-2, -1, 1, 2):
                drawn.ax_.axvline(
                    place, color=tint(page_color(self.ax_), text_color(), 0.6), lw=0.8, ls=":", zorder=0.8
                )
        else:
            drawn.ax_.set_aspect("equal", adjustable="datalim")
        width = box[2] * size_in_inches(self.ax_)[0] / font_scale()
        drawn.ax_.locator_params(axis="x", nbins=min(max(int(_TICKS * width), 1), _MOST_TICKS))
        drawn.ax_.set_title(name)
        return drawn

    def _draw_legend(self, layout: _Layout) -> None:
        points = self.maps_[0].points_
        if layout.n_columns:
            style = {"loc": "center", "frameon": False, "fontsize": "small", "handletextpad": 0.1, "columnspacing": 0.8}
            place = {"bbox_to_anchor": layout.legend_box(), "bbox_transform": self.ax_.transAxes, "borderpad": 0.0}
            self.legend_ = self.ax_.legend(points, self.class_names, ncols=layout.n_columns, **style, **place)
            self.legend_.set_in_layout(False)

    def _strips(self, space: LatentSpace) -> list[_Strip]:
        """What is decoded, as images; nothing where rows are no images."""
        shape = self.image_shape or getattr(space.estimator, "image_shape_", None)
        if shape is None:
            return []
        places = np.linspace(0, space.lines.shape[1] - 1, _N_IMAGES).round().astype(int)
        rows = [("on the line between two codes", space.lines[0][places], [""] * _N_IMAGES)]
        gaussians = {"samples of N(0, I)": space.samples, "of the codes' Gaussian": space.fitted_samples}
        for name, found in gaussians.items():
            chosen = np.linspace(0, len(found.samples) - 1, min(_N_IMAGES, len(found.samples))).round().astype(int)
            marks = ["×" if is_garbage else "" for is_garbage in found.is_garbage[chosen]]
            rows.append((f"{name}: {found.garbage_share:.0%} garbage (×)", found.samples[chosen], marks))
        scale = np.array(space.samples.value_range)
        return [
            _Strip(title, drawn_images(images, space.estimator, self.image_shape, "leave it out"), marks, scale)
            for title, images, marks in rows
        ]

    def _draw_strip(self, strip: _Strip, layout: _Layout, column: int, row: int) -> ImagesDisplay:
        palette, box = Palette(self.ax_), layout.strip_box(column, row)
        tiles = [
            Tile(palette.image(image, strip.scale), mark) for image, mark in zip(strip.images, strip.marks, strict=True)
        ]
        height, width = strip.images.shape[1:3]
        drawn = draw_tiles(tiles, (height, width), _N_IMAGES, "", self._axes(box))
        font = font_points("small")
        font *= min(1.0, 72 * box[2] * layout.width / text_points(strip.title, font))
        drawn.ax_.set_title(strip.title, fontsize=max(font, SMALLEST_FONT), fontweight="normal", pad=3)
        return drawn


class _Strip(NamedTuple):
    """Images (n_images, height, width, channels) under a title, with a mark above each; ``scale`` has their range."""

    title: str
    images: np.ndarray
    marks: list[str]
    scale: np.ndarray

    @property
    def aspect(self) -> float:
        """The height of an image by its width."""
        height, width = self.images.shape[1:3]
        return height / width if height > 1 else 1 / SIGNAL


class _Layout(NamedTuple):
    """Where what is, in inches: from the top two maps, their axes' texts, the legend, then the strips."""

    width: float
    height: float
    left: float
    top: float
    below: float
    n_columns: int
    legend: float
    title: float
    strips: list[float]

    @classmethod
    def of(
        cls, strips: list[_Strip], names: Sequence[str], is_line: bool, size: tuple[float, float] | None = None
    ) -> _Layout:
        """For a picture of that width and height, by default a comfortable one; maps of lines need no legend."""
        font, scale = font_points("small") / 72, font_scale()
        left = widest_points(names, font_points("medium")) / 72 + 0.2 if is_line else _LEFT * scale
        width, height = size or (2 * (left + _WIDTH + _RIGHT * scale), 0.0)
        n_columns, n_lines = (0, 0) if is_line else _legend(names, width / font)
        cell = max(width / 2 - left - _RIGHT * scale, 0.1) / _N_IMAGES
        heights = [_LINE * font * (1 + any(strip.marks)) + cell * strip.aspect for strip in strips]
        around = _LINE * font_points("large") / 72, _BELOW * scale, n_lines * _LINE * font
        height = height or _MAP + sum(around) + sum(heights)
        room = (1 - _SMALLEST_MAP) * height - sum(around)
        shrunk = min(1.0, max(room, 0.1) / max(sum(heights), 1e-9))
        rest = (_LINE * font, [shrunk * each for each in heights])
        return cls(width, height, left, around[0], around[1], n_columns, around[2], *rest)

    @property
    def size(self) -> tuple[float, float]:
        return self.width, self.height

    def map_box(self, column: int) -> Box:
        return self._box(column, self.top, self._map_height)

    def legend_box(self) -> Box:
        """Over both columns."""
        top = self.top + self._map_height + self.below
        return 0.0, 1 - (top + self.legend) / self.height, 1.0, self.legend / self.height

    def strip_box(self, column: int, row: int) -> Box:
        """Below its title."""
        top = self.height - sum(self.strips[row:]) + self.title
        return self._box(column, top, max(self.strips[row] - self.title, 0.1))

    @property
    def _map_height(self) -> float:
        return max(self.height - self.top - self.below - self.legend - sum(self.strips), 0.1 * self.height)

    def _box(self, column: int, top: float, height: float) -> Box:
        width = max(self.width / 2 - self.left - _RIGHT * font_scale(), 0.1)
        x = column * self.width / 2 + self.left
        return x / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height


def _legend(names: Sequence[str], width: float) -> tuple[int, int]:
    """Columns and lines of names, in so many font sizes of width."""
    if not names:
        return 0, 0
    widest = widest_points(names, font_points("small")) / font_points("small")
    n_lines = -(-len(names) // max(1, int(width / (widest + _HANDLE))))
    return -(-len(names) // n_lines), n_lines
