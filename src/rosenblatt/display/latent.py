"""The map of codes: where an encoder puts each row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.canvas import Color, axes_or_new, page_color, series_colors, text_color, tint
from rosenblatt.display.ellipses import draw_ellipses, draw_prior
from rosenblatt.display.points import draw_classes, draw_legend, find_classes, name_classes, point_style
from rosenblatt.display.projection import latent_names, project
from rosenblatt.display.rows import check_drawn, check_verb, drawn_images
from rosenblatt.display.thumbnails import draw_thumbnails
from rosenblatt.display.tiles import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_TICKS = {1: 6, 2: 6, 3: 4}  # parts of an axis at most, by the number of axes, so that numbers have room
_PALE = 0.35  # opacity of points beside images
_N_ELLIPSES = 50  # that can be told apart
_JITTER = 0.35  # of the distance between the strips of two classes, up and down


class LatentDisplay:
    """Codes as points, in a plane, in space or on a line, coloured by label; of a VAE, how sure each code is.

    On a line each class has a strip, in which points are spread up and down for the eye only; without labels the codes
    are counted, and numbers have the second axis. Up to 20 classes have a colour and a marker each; more different
    numbers have the colormap of the settings, and its key.

    Parameters
    ----------
    coordinates : array-like (n_samples, n_axes)
        1, 2 or 3 numbers of each row.
    labels : array-like (n_samples,), optional
    axis_names : sequence of str (n_axes,), optional
        "latent 1", "latent 2", ... by default.
    variance_shares : array-like (n_axes,), optional
        Which share of the codes' variance each axis has, where the axes are a projection.
    class_names : sequence of str, optional
        A name for each class, in the order of the sorted labels.
    label_name : str, default="y"
        What labels are called where they are numbers.
    images : array-like (n_samples, height, width) or (n_samples, height, width, channels), optional
        Drawn in place of points, in frames of the labels' colours, as many as do not overlap, the first rows first;
        other rows are pale points. Only in a plane.
    covariances : array-like (n_samples, 2, 2), optional
        Of each row's code, where it is a Gaussian around the coordinates, as the posterior q(z | x) of a variational
        autoencoder is. Of some rows an ellipse is drawn where that is one standard deviation from its mean; axes then
        have equal scales. Only in a plane.
    prior_mean : array-like (2,), optional
        Dotted circles of radius 1 and 2 around it are one and two standard deviations of a prior N(prior_mean, I).

    Attributes
    ----------
    classes : ndarray or None
        Where labels are classes.
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    points_ : list of matplotlib collections, one for each class where labels are classes
    thumbnails_ : list of matplotlib boxes with an image each
    ellipses_ : matplotlib collection of polygons, or None
    prior_circles_ : list of matplotlib lines
    bars_ : matplotlib bars of the counts, or None
    color_bar_ : matplotlib colour bar, or None

    Raises
    ------
    ValueError
        If the parts have not the same number of rows, or cannot be drawn.

    Examples
    --------
    >>> from rosenblatt import Autoencoder
    >>> from rosenblatt.display import LatentDisplay
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> model = Autoencoder(latent_dim=8, learning_rate=0.005, random_state=0).fit(digits.images / 16)
    >>> display = LatentDisplay.from_estimator(model, digits.images / 16, digits.target)
    >>> display.ax_.get_xlabel()[:18]
    'PCA 1 of 8 latents'

    The ellipses of a variational autoencoder, which are large where a code is unsure, and the circles of its prior:

    >>> from rosenblatt import VAE
    >>> model = VAE(latent_dim=2, learning_rate=0.005, max_epochs=30, random_state=0).fit(digits.images / 16)
    >>> display = LatentDisplay.from_estimator(model, digits.images / 16, digits.target, ellipses=50)
    >>> len(display.ellipses_.get_paths())
    50
    """

    def __init__(
        self,
        coordinates: Any,
        labels: Any = None,
        *,
        axis_names: Sequence[str] | None = None,
        variance_shares: Any = None,
        class_names: Sequence[str] | None = None,
        label_name: str = "y",
        images: Any = None,
        covariances: Any = None,
        prior_mean: Any = None,
    ):
        self.coordinates = np.asarray(coordinates, float)
        if self.coordinates.ndim != 2 or self.coordinates.shape[1] not in (1, 2, 3):
            raise ValueError(
                f"coordinates have shape {self.coordinates.shape}; (n_samples, n_axes) with 1, 2 or 3 axes is needed"
            )
        n_rows, n_axes = self.coordinates.shape
        self.labels = None if labels is None else np.asarray(labels)
        self.classes = None if self.labels is None else find_classes(self.labels, n_rows)
        self.class_names = name_classes(self.classes, class_names)
        self.label_name = label_name
        names = latent_names(n_axes) if axis_names is None else axis_names
        self.axis_names = [str(name) for name in names]
        self.variance_shares = None if variance_shares is None else np.asarray(variance_shares, float)
        self.images = None if images is None else check_drawn(images)
        if self.images is not None and (n_axes != 2 or len(self.images) != n_rows):
            raise ValueError(
                f"there are {len(self.images)} images, {n_rows} rows and {n_axes} axes; images are drawn in a plane: "
                "give one for each row, and 2 axes"
            )
        self.covariances = None if covariances is None else np.asarray(covariances, float)
        if self.covariances is not None and self.covariances.shape != (n_rows, 2, 2):
            raise ValueError(
                f"covariances have shape {self.covariances.shape}, and there are {n_rows} rows and {n_axes} axes; "
                f"ellipses are drawn in a plane: give ({n_rows}, 2, 2), and 2 axes"
            )
        self.prior_mean = None if prior_mean is None else np.asarray(prior_mean, float)
        if self.prior_mean is not None and (n_axes != 2 or self.prior_mean.shape != (2,)):
            raise ValueError(
                f"prior_mean has shape {self.prior_mean.shape}, and there are {n_axes} axes; (2,) and 2 axes are needed"
            )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        n_axes: int | None = None,
        class_names: Sequence[str] | None = None,
        thumbnails: bool = False,
        ellipses: bool | int | None = None,
        image_shape: tuple[int, ...] | None = None,
        ax: Axes | None = None,
    ) -> Self:
        """Draws where a fitted transformer puts rows.

        Parameters
        ----------
        estimator : transformer
            Fitted, such as an autoencoder.
        X : array-like (n_samples, n_features), or images
        y : array-like (n_samples,), optional
        n_axes : {1, 2, 3}, optional
            By default as many as there are latents, and 2 where there are more than 3. Where there are more latents
            than axes, these are the latents' principal components, named so, with their share of the variance.
        class_names : sequence of str, optional
            A name for each class, in the order of the sorted labels.
        thumbnails : bool, default=False
            Draws small images in place of points; needs 2 axes.
        ellipses : bool or int, optional
            Of how many rows, evenly spaced in X, the ellipse of one standard deviation of the posterior q(z | x) is
            drawn, with the circles of the prior; True is 50. Needs 2 axes, and an estimator with ``posterior``, where
            it is on by default, except under thumbnails. Where axes are principal components, these are the ellipses
            of the projected covariance C diag(s^2) C', with the components C and the latents' deviations s.
        image_shape : (height, width) or (height, width, channels), optional
            Of the rows of X; by default what the estimator was fitted on, where it was fitted on images.
        ax : matplotlib axes, optional
            For 3 axes made with ``projection="3d"``.

        Returns
        -------
        LatentDisplay

        Raises
        ------
        TypeError
            If the estimator does not transform, or has no posterior where ellipses are asked for.
        ValueError
            If rows, labels, images and axes do not fit.
        """
        from sklearn.utils import check_array

        check_verb(estimator, "transform", "give a fitted transformer, or LatentDisplay the coordinates")
        if ellipses:
            check_verb(estimator, "posterior", "leave ellipses out, or give LatentDisplay the covariances")
        codes = check_array(estimator.transform(X), dtype="float64", input_name="the code")
        projection = project(codes, n_axes)
        is_plane = len(projection.axis_names) == 2
        for name, wanted in (("thumbnails", thumbnails), ("ellipses", ellipses)):
            if wanted and not is_plane:
                raise ValueError(
                    f"{name} are drawn in a plane, and this map has {len(projection.axis_names)} instead of 2 axes: "
                    f"pass n_axes=2 where there are enough latents, or leave {name} out"
                )
        has_prior = is_plane and hasattr(estimator, "posterior") and ellipses is not False
        drawn = has_prior and (not thumbnails if ellipses is None else ellipses)
        covariances = projection.covariances(np.asarray(estimator.posterior(X)[1], float)) if drawn else None
        images = drawn_images(X, estimator, image_shape, "leave thumbnails out") if thumbnails else None
        display = cls(
            projection.coordinates,
            y,
            axis_names=projection.axis_names,
            variance_shares=projection.variance_shares,
            class_names=class_names,
            label_name=str(getattr(y, "name", None) or "y"),
            images=images,
            covariances=covariances,
            prior_mean=projection.origin if has_prior else None,
        )
        return display.plot(ax, n_ellipses=_N_ELLIPSES if drawn is True else int(drawn))

    def plot(self, ax: Axes | None = None, *, n_ellipses: int = _N_ELLIPSES) -> Self:
        """Draws the map.

        Parameters
        ----------
        ax : matplotlib axes, optional
            For 3 axes made with ``projection="3d"``. Without it a figure is made.
        n_ellipses : int, default=50
            Of how many rows, evenly spaced, the ellipse is drawn, where there are covariances.

        Returns
        -------
        LatentDisplay

        Raises
        ------
        ValueError
            If ``ax`` is a plane and the map is in space, or the other way round.
        """
        if n_ellipses < 0:
            raise ValueError(f"n_ellipses={n_ellipses}; 0 or more are needed")
        n_axes = self.coordinates.shape[1]
        if ax is not None and (ax.name == "3d") != (n_axes == 3):
            raise ValueError(
                f"ax has the projection {ax.name!r}, and the map has {n_axes} axes; 3 need axes made with "
                'projection="3d", and 1 or 2 those of a plane'
            )
        self.ax_ = axes_or_new(ax, projection="3d" if n_axes == 3 else None)
        self.figure_ = self.ax_.figure
        self.points_, self.thumbnails_, self.bars_, self.color_bar_ = [], [], None, None
        self.prior_circles_, self.ellipses_ = [], None
        if n_axes == 3:
            _furnish(self.ax_)
        self.ax_.locator_params(nbins=_N_TICKS[n_axes])
        for axis, name in zip("xyz", self.axis_names, strict=False):
            self.ax_.set(**{f"{axis}label": name})
        if n_axes > 1:
            self._draw_map(n_ellipses)
        elif self.labels is None:
            self._draw_counts()
        else:
            self._draw_strips(self.labels)
        return self

    def _draw_map(self, n_ellipses: int) -> None:
        points, alpha = self.coordinates, None if self.images is None else _PALE
        style = point_style(self.ax_, len(points)) | {"alpha": alpha}
        if self.labels is None:
            self.points_ = [self.ax_.scatter(*points.T, color=text_color(), **style)]
        elif self.classes is not None:
            self.points_ = draw_classes(self.ax_, points, self.labels, self.classes, self.class_names, alpha)
            draw_legend(self.ax_)
        else:  # the colormap of the settings may begin with the page's colour
            style["edgecolors"] = [tint(page_color(self.ax_), text_color(), 0.4)]
            self.points_ = [self.ax_.scatter(*points.T, c=self.labels, **style)]
            self._draw_color_bar()
        if self.prior_mean is not None or self.covariances is not None:
            self._draw_gaussians(n_ellipses)
        if self.images is not None:
            palette = Palette(self.ax_)
            pictures = [palette.image(image, self.images) for image in self.images]
            self.thumbnails_ = draw_thumbnails(self.ax_, points, pictures, self._colors())

    def _draw_gaussians(self, n_ellipses: int) -> None:
        """The ellipses of some rows and the circles of the prior, on axes of equal scales, and what they are."""
        texts, projected = [], "" if self.variance_shares is None else ", projected"
        if self.covariances is not None and n_ellipses:
            n_rows = len(self.coordinates)
            rows = np.linspace(0, n_rows - 1, min(n_ellipses, n_rows)).round().astype(int)
            colors = self._colors()
            shown = self.coordinates[rows], self.covariances[rows], [colors[row] for row in rows]
            self.ellipses_ = draw_ellipses(self.ax_, *shown)
            texts.append(f"ellipses: 1 s.d. of q(z | x){projected}")
        if self.prior_mean is not None:
            self.prior_circles_ = draw_prior(self.ax_, self.prior_mean)
            texts.append("dotted: 1 and 2 s.d. of the prior")
        self.ax_.set_title("\n".join(texts), fontsize="small", fontweight="normal")
        self.ax_.set_aspect("equal", adjustable="box")
        self.ax_.autoscale_view()

    def _draw_color_bar(self) -> None:
        from matplotlib.cm import ScalarMappable

        opaque = ScalarMappable(self.points_[0].norm, self.points_[0].get_cmap())
        self.color_bar_ = self.figure_.colorbar(opaque, ax=self.ax_, label=self.label_name)

    def _draw_counts(self) -> None:
        self.bars_ = self.ax_.hist(self.coordinates[:, 0], bins="auto", color=series_colors(1)[0])[2]
        self.ax_.set_ylabel("rows")

    def _draw_strips(self, labels: np.ndarray) -> None:
        codes = self.coordinates[:, 0]
        if self.classes is None:
            style = point_style(self.ax_, len(codes))
            self.points_ = [self.ax_.scatter(codes, labels, color=text_color(), **style)]
            self.ax_.set_ylabel(self.label_name)
            return
        jitter = np.random.default_rng(0).uniform(-_JITTER, _JITTER, len(codes))
        points = np.stack([codes, np.searchsorted(self.classes, labels) + jitter], axis=1)
        self.points_ = draw_classes(self.ax_, points, labels, self.classes, self.class_names)
        self.ax_.set_yticks(range(len(self.classes)), self.class_names)
        self.ax_.set_ylim(len(self.classes) - 0.5, -0.5)  # the first class is on top

    def _colors(self) -> list[Color]:
        """The colour of each row's label."""
        if self.labels is None:
            return [tint(page_color(self.ax_), text_color(), 0.4)] * len(self.coordinates)
        if self.classes is None:
            return [tuple(color) for color in self.points_[0].to_rgba(self.labels)[:, :3]]
        colors = series_colors(len(self.classes))
        return [colors[number] for number in np.searchsorted(self.classes, self.labels)]


def _furnish(ax: Any) -> None:
    """Axes in space with room for their names, and walls nearly as dark as the page, which matplotlib makes light."""
    ax.set_box_aspect(None, zoom=0.8)
    color = tint(page_color(ax), text_color(), 0.05)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color(color)
