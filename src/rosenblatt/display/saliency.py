"""Which pixels of an image have to do with what a network says about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from rosenblatt.display.tiles import Palette, Tile, as_plane, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rosenblatt.explain.saliency import Saliency

METHODS = ("gradient", "integrated gradients", "Grad-CAM")


class SaliencyDisplay:
    """Images, a row each, and beside each what the pixels have to do with an output, by one method or several.

    The attributions of gradient and integrated gradients have the first colour of the settings' cycle where they speak
    for the output, the second where they speak against it; those of the channels of an image are summed. Grad-CAM lies
    over the image. Each picture has its own scale, which stands above it.

    Parameters
    ----------
    saliencies : sequence of Saliency
        At least one, all of the same images.

    Attributes
    ----------
    ax_, figure_ : matplotlib axes and figure, after ``plot``
    images_, captions_ : lists of matplotlib images and texts

    Raises
    ------
    ValueError
        If there is none, or they are of different images or targets.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rosenblatt import ConvClassifier
    >>> from rosenblatt.display import SaliencyDisplay
    >>> digits = load_digits()
    >>> model = ConvClassifier(channels=(8,), max_epochs=3, random_state=0).fit(digits.images / 16, digits.target)
    >>> len(SaliencyDisplay.from_estimator(model, digits.images[:3] / 16).images_)
    12
    """

    def __init__(self, saliencies: Sequence[Saliency]):
        self.saliencies = list(saliencies)
        if not self.saliencies:
            raise ValueError("there is nothing to draw: give at least one Saliency, such as input_gradient returns")
        first = self.saliencies[0]
        for other in self.saliencies[1:]:
            same = np.array_equal(first.images, other.images) and np.array_equal(first.targets, other.targets)
            if not same:
                raise ValueError(
                    f"the {other.method} is of other images or targets than the {first.method}; give one image a row"
                )

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        target: Any = None,
        methods: Sequence[str] | None = None,
        block: int = -1,
        baseline: Any = 0.0,
        ax: Axes | None = None,
    ) -> Self:
        """Draws the saliency of images for a fitted network.

        Parameters
        ----------
        estimator : fitted estimator with a network
        X : array-like (n_images, *image_shape), or rows of their numbers, or one of either
        target : label, sequence of one for each image, or None, default=None
            Whose output; None is the predicted class.
        methods : sequence of {"gradient", "integrated gradients", "Grad-CAM"}, optional
            All that the network allows by default: a dense one has no Grad-CAM.
        block : int, default=-1
            The convolution block of Grad-CAM.
        baseline : float or array-like, default=0.0
            Where integrated gradients start.
        ax : matplotlib axes, optional

        Returns
        -------
        SaliencyDisplay

        Raises
        ------
        TypeError
            If the estimator has no network, or Grad-CAM is asked of one without convolutions.
        ValueError
            If the images do not fit, or a method, target or block does not exist.
        """
        from rosenblatt.explain.images import fitted_network, input_shape
        from rosenblatt.explain.saliency import grad_cam, input_gradient, integrated_gradients

        network = fitted_network(estimator)
        if methods is None:
            methods = METHODS if hasattr(network, "features") else METHODS[:2]
        if len(input_shape(estimator)) == 1:
            raise ValueError(
                f"this {type(estimator).__name__} was fitted on rows, so there is no image to draw; fit it on images "
                "(n_images, height, width), or use rosenblatt.explain.input_gradient for the numbers"
            )
        found = {
            "gradient": lambda: input_gradient(estimator, X, target),
            "integrated gradients": lambda: integrated_gradients(estimator, X, target, baseline=baseline),
            "Grad-CAM": lambda: grad_cam(estimator, X, target, block=block),
        }
        unknown = [method for method in methods if method not in found]
        if unknown or isinstance(methods, str):
            raise ValueError(f"methods={methods!r}; give a sequence of {', '.join(map(repr, METHODS))}")
        return cls([found[method]() for method in methods]).plot(ax)

    def plot(self, ax: Axes | None = None) -> Self:
        """Draws a row for each image.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Without it a figure of fitting size is made.

        Returns
        -------
        SaliencyDisplay
        """
        palette, first = Palette(ax), self.saliencies[0]
        tiles = []
        for i, image in enumerate(first.images):
            image = as_plane(image)
            tiles.append(Tile(palette.image(image), f"for {first.targets[i]}\nf(x) = {first.outputs[i]:.3g}"))
            tiles += [_tile(saliency, i, image, palette) for saliency in self.saliencies]
        shape = as_plane(first.images[0]).shape[:2]
        grid = draw_tiles(tiles, shape, 1 + len(self.saliencies), "", ax)
        self.ax_, self.figure_, self.images_, self.captions_ = grid.ax_, grid.figure_, grid.images_, grid.captions_
        return self


def _tile(saliency: Saliency, i: int, image: np.ndarray, palette: Palette) -> Tile:
    values = saliency.attributions[i]
    if values.ndim == saliency.images.ndim - 1:
        plane = as_plane(values).sum(-1)
        limit = float(np.abs(plane).max())
        return Tile(palette.signed(plane, limit), f"{saliency.method}\nup to ±{limit:.2g}")
    plane = values.reshape(image.shape[:2])
    limit = float(plane.max())
    return Tile(palette.heat(image, plane, limit), f"{saliency.method}\nup to {limit:.2g}")
