"""The helpers of the tour's chapters on convolution: the notes' examples by hand, by SciPy and by counting."""

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from rosenblatt import ConvClassifier
from rosenblatt.explain import convolution_bench, convolution_chain, pooling_bench
from rosenblatt.runs.chapters.convolution import CHAIN, IMAGE, KERNEL, POOLED, output_size, slope_of_sums
from rosenblatt.runs.chapters.digits_rows import digits_rows
from rosenblatt.runs.chapters.images import framed_digits, shifted_scores
from rosenblatt.runs.chapters.kernel_slope import engines_slope, moved_slope
from rosenblatt.studies import shift_report


def test_the_notes_window_by_scipy():
    """What networks slide is what SciPy calls correlation; its convolution turns the kernel."""
    bench = convolution_bench(IMAGE, KERNEL)
    np.testing.assert_array_equal(bench.output, correlate2d(IMAGE, KERNEL, "valid"))
    flipped = convolution_bench(IMAGE, KERNEL, flipped=True)
    np.testing.assert_array_equal(flipped.output, convolve2d(IMAGE, KERNEL, "valid"))


def test_the_notes_pooling_by_hand():
    blocks = np.array(POOLED).reshape(2, 3, 2, 3).swapaxes(1, 2).reshape(4, 9)
    assert pooling_bench(POOLED, 3).output.ravel().tolist() == blocks.max(1).tolist() == [8, 5, 6, 3]
    means = pooling_bench(POOLED, 3, kind="average").output.ravel()
    np.testing.assert_allclose(means, blocks.sum(1) / 9, rtol=1e-12)
    assert (9 * means).round(9).tolist() == [34, 21, 28, 11]


@pytest.mark.parametrize("sizes", [(4, 2, 0, 1), (14, 3, 1, 1), (7, 2, 0, 2), (9, 4, 2, 3)])
def test_output_sizes_by_counting(sizes):
    width, size, padding, stride = sizes
    assert output_size(*sizes) == len(range(0, width + 2 * padding - size + 1, stride))


@pytest.mark.parametrize("seed", [None, 0, 1])
def test_the_slope_of_a_kernel_in_three_ways(seed):
    rng = np.random.default_rng(seed)
    chosen = {"x": rng.normal(size=(4, 4)), "y": 1.0, "kernel": rng.normal(size=(3, 3)), "w": -0.7}
    sample = {"x": IMAGE, **CHAIN} if seed is None else chosen
    chain = convolution_chain(**sample)
    np.testing.assert_allclose(engines_slope(**sample), chain.gradient, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(moved_slope(**sample), chain.gradient, rtol=1e-6, atol=1e-8)
    window = convolution_bench(sample["x"], sample["kernel"], slope=slope_of_sums(chain))
    np.testing.assert_allclose(window.kernel_slope, chain.gradient, rtol=1e-12)


def test_the_notes_chain_has_a_place_where_relu_is_off():
    chain = convolution_chain(IMAGE, **CHAIN)
    assert chain.z.tolist() == [[1, 5], [-4, 2]]
    assert (chain.v, chain.prediction, chain.cost) == (2.0, 1.0, 4.0)


def test_digits_in_a_frame_are_the_digits():
    framed, rows = framed_digits(), digits_rows()
    assert framed.X.shape == (1077, 14, 14)
    np.testing.assert_array_equal(framed.X_test[:, 3:-3, 3:-3].reshape(450, 64), rows.X_test)
    assert framed.X_test.sum() == pytest.approx(rows.X_test.sum())


def test_shifted_scores_are_those_of_the_shift_report():
    framed = framed_digits()
    model = ConvClassifier(channels=(2,), hidden_layer_sizes=(), max_epochs=2, random_state=0)
    model.fit(framed.X, framed.y)
    report = shift_report(model, framed.X_test, framed.y_test, max_shift=2)
    np.testing.assert_allclose(shifted_scores(model, framed.X_test, framed.y_test), report.scores)
