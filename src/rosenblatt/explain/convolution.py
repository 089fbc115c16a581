"""The convolution bench: every place of the window, every product and every sum, forward and backward.

Forward, with stride S and dilation D, on the padded image (counted from 0):

    Y(i, j) = sum_mn X(S i + D m, S j + D n) W(m, n).

This is cross-correlation, which networks compute; true convolution slides the flipped kernel. (The lecture notes have
the two formulas' names swapped.) Both gradients are windows that slide, too:

    dL/dW(m, n) = sum_ij X(S i + D m, S j + D n) dL/dY(i, j)

slides dL/dY over the image, with S as its dilation and D as its stride; and

    dL/dX(p, q) = sum of W(m, n) dL/dY(i, j) over all S i + D m = p, S j + D n = q

slides the flipped kernel over dL/dY, with S - 1 zeros between its cells and D (k - 1) around, and cuts the padding off.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np

from rosenblatt.explain.sliding import Cells, Pair, Products, Slide, cell_names, check_grid, check_slope
from rosenblatt.nn.windows import Padding, Sizes, Window


@dataclass(frozen=True, eq=False)
class ConvolutionBench:
    """A convolution of one image with one kernel, to be watched; ``convolution_bench`` makes it.

    Attributes
    ----------
    image, kernel : ndarray (rows, columns), float64
        X and W.
    slope : ndarray (rows, columns), float64
        dL/dY: that of a loss with respect to each output.
    window : Window
    flipped : bool
        Whether it is true convolution.
    """

    image: np.ndarray
    kernel: np.ndarray
    slope: np.ndarray
    window: Window
    flipped: bool

    @cached_property
    def forward(self) -> Slide:
        """The kernel slides over the image: a ``Step`` for each output."""
        kernel = self._slid("W")
        names = cell_names("Y", self.window.output_shape(self.image.shape))
        labels = ("X", "W flipped" if self.flipped else "W", "Y")
        return self._slide(self._padded, kernel, self._stride, self._dilation, names, labels)

    @cached_property
    def backward_kernel(self) -> Slide:
        """dL/dY slides over the image: a ``Step`` for each entry of the kernel, as the kernel lies in ``forward``."""
        names, labels = self._slid("dL/dW").names, ("X", "dL/dY", "dL/dW flipped" if self.flipped else "dL/dW")
        return self._slide(self._padded, self._slope, self._dilation, self._stride, names, labels)

    @cached_property
    def backward_image(self) -> Slide:
        """The turned kernel slides over dL/dY with zeros around and between: a ``Step`` for each padded pixel."""
        slope = self._slope.spread(self._stride)
        around = [d * (k - 1) for d, k in zip(self._dilation, self.kernel.shape, strict=True)]
        padded, kernel = self._padded.names, self._slid("W").flipped()
        # Pixels at the end that no place of a window with a stride covers have slope 0.
        sizes = zip(padded.shape, slope.values.shape, around, strict=True)
        rims = [(rim, max(width - inner, rim)) for width, inner, rim in sizes]
        names = Cells.of(self.image, "dL/dX").bordered(self._pads).names
        labels = ("dL/dY", "W" if self.flipped else "W flipped", "dL/dX")
        return self._slide(slope.bordered(rims), kernel, (1, 1), self._dilation, names, labels)

    @property
    def output(self) -> np.ndarray:
        """Y."""
        return self.forward.output.values

    @property
    def kernel_slope(self) -> np.ndarray:
        """dL/dW: the slope of the loss with respect to each entry of the kernel."""
        slopes = self.backward_kernel.output
        return (slopes.flipped() if self.flipped else slopes).values

    @property
    def image_slope(self) -> np.ndarray:
        """dL/dX: the slope of the loss with respect to each pixel, without the padding."""
        (top, _), (left, _) = self._pads
        return self.backward_image.output.values[top : top + self.image.shape[0], left : left + self.image.shape[1]]

    def _slid(self, name: str) -> Cells:
        """The kernel as it slides forward, its entries called by that name."""
        kernel = Cells.of(self.kernel, name)
        return kernel.flipped() if self.flipped else kernel

    @property
    def _padded(self) -> Cells:
        return Cells.of(self.image, "X").bordered(self._pads)

    @property
    def _slope(self) -> Cells:
        return Cells.of(self.slope, "dL/dY")

    @property
    def _pads(self) -> tuple[Pair, ...]:
        return self.window.pads(self.image.shape)

    @property
    def _stride(self) -> Pair:
        return cast("Pair", self.window.stride)

    @property
    def _dilation(self) -> Pair:
        return cast("Pair", self.window.dilation)

    @staticmethod
    def _slide(
        image: Cells, kernel: Cells, stride: Pair, dilation: Pair, names: np.ndarray, labels: tuple[str, str, str]
    ) -> Slide:
        size = cast("Pair", kernel.values.shape)
        return Slide(image, Products(kernel), size, stride, dilation, names, labels)


def convolution_bench(
    image: Any,
    kernel: Any,
    stride: Sizes = 1,
    padding: Padding = "valid",
    dilation: Sizes = 1,
    *,
    flipped: bool = False,
    slope: Any = None,
) -> ConvolutionBench:
    """Takes a convolution apart, forward and backward, into the places of windows that slide.

    Parameters
    ----------
    image : array-like (height, width)
        One channel. A convolution of several adds up the outputs of each channel with its own kernel.
    kernel : array-like (height, width)
    stride : int or (int, int), default=1
    padding : "same", "valid", int, or for each axis an int or (before, after), default="valid"
    dilation : int or (int, int), default=1
    flipped : bool, default=False
        True convolution instead of cross-correlation.
    slope : array-like of the output's shape, optional
        dL/dY; ones, where the loss is the sum of the outputs, by default.

    Returns
    -------
    ConvolutionBench

    Raises
    ------
    ValueError
        If image, kernel or slope are no grids of finite numbers, do not fit each other, or an option is out of its
        range.

    Examples
    --------
    The lecture notes' 4 x 4 image and 2 x 2 kernel:

    >>> import numpy as np
    >>> from rosenblatt.explain import convolution_bench
    >>> bench = convolution_bench(np.arange(16).reshape(4, 4), [[1, 2], [3, -4]])
    >>> print(bench.forward[1])
    Y(1,2) = X(1,2)·W(1,1) + X(1,3)·W(1,2) + X(2,2)·W(2,1) + X(2,3)·W(2,2)
    = 1·1 + 2·2 + 5·3 + 6·(-4)
    = -4
    >>> print(bench.backward_image[0])
    dL/dX(1,1) = dL/dY(1,1)·W(1,1)
    = 1·1
    = 1
    """
    X, W = check_grid("image", image), check_grid("kernel", kernel)
    window = Window.of(W.shape, stride, padding, dilation)
    return ConvolutionBench(X, W, check_slope(slope, window.output_shape(X.shape)), window, flipped)
