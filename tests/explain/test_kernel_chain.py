"""The notes' chain rule of a convolutional network: by hand, by the engine, by differences, by the scalar graph."""

import numpy as np
import pytest

from rosenblatt.explain import Scalar, convolution_bench, convolution_chain
from rosenblatt.explain.scalar import total
from rosenblatt.nn.convolution import Convolution
from rosenblatt.nn.dense import Dense
from rosenblatt.nn.pooling import Pooling
from rosenblatt.nn.windows import Window


def sample(seed=0, shift=0.0):
    """Image, kernel, target and classifier weight; ReLU is active at some places and not at others."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, 4)), rng.normal(size=(3, 3)) + shift, rng.normal(), rng.normal()


def test_by_hand():
    """A kernel that takes the difference along the diagonal; ReLU is off at z₂₁ = 0 - 0."""
    x = [[1, 2, 0], [0, 3, 4], [5, 0, 6]]
    chain = convolution_chain(x, y=1.0, kernel=[[-1, 0], [0, 1]], w=2.0)
    assert chain.z.tolist() == [[2, 2], [0, 3]]
    assert chain.activations.tolist() == [[2, 2], [0, 3]]
    assert (chain.v, chain.prediction, chain.cost) == (1.75, 3.5, 6.25)
    slope = chain.kernel_slopes[0][1]  # its pixels are x₁₂, x₁₃, x₂₂ (where ReLU is off) and x₂₃
    assert [factor.value for factor in slope.shared] == [5.0, 2.0]
    assert [[factor.value for factor in place.factors] for place in slope.places] == [
        [0.25, 1.0, 1.0, 2.0],
        [0.25, 1.0, 1.0, 0.0],
        [0.25, 1.0, 0.0, 3.0],
        [0.25, 1.0, 1.0, 4.0],
    ]
    assert slope.value == 5.0 * 2.0 * 0.25 * (2 + 0 + 4)
    assert chain.classifier_slope.value == 5.0 * 1.75


def test_factors_are_named_as_in_the_notes():
    x, kernel, y, w = sample()
    slope = convolution_chain(x, y, kernel, w).kernel_slopes[1][2]
    assert slope.name == "∂J/∂w₂₃"
    assert [factor.name for factor in slope.shared] == ["∂J/∂ŷ", "∂ŷ/∂v"]
    names = ["∂v/∂v₂₁", "∂v₂₁/∂f(z₂₁)", "∂f(z₂₁)/∂z₂₁", "∂z₂₁/∂w₂₃"]
    assert [factor.name for factor in slope.places[2].factors] == names
    # s + r - 1 = 2 + 2 - 1 and t + c - 1 = 1 + 3 - 1
    assert slope.places[2].factors[3] == ("∂z₂₁/∂w₂₃", "x₃₃", x[2, 2])


def test_text():
    text = str(convolution_chain([[1, 2, 0], [0, 3, 4], [5, 0, 6]], 1.0, [[-1, 0], [0, 1]], 2.0))
    assert text.startswith("z₁₁ = 2, z₁₂ = 2, z₂₁ = 0, z₂₂ = 3\nv₁₁ = 2, v₁₂ = 2, v₂₁ = 0, v₂₂ = 3\n")
    assert "v = 1.75, ŷ = 3.5, J = 6.25\n\n∂J/∂w = ∂J/∂ŷ · ∂ŷ/∂w\n= [2(ŷ - y)] · [v]\n= (5) · (1.75)\n= 8.75" in text
    assert (
        "= [2(ŷ - y)] · [w] · [1/4 · 1 · f'(z₁₁) · x₁₂ + 1/4 · 1 · f'(z₁₂) · x₁₃ + 1/4 · 1 · f'(z₂₁) · x₂₂ + "
        "1/4 · 1 · f'(z₂₂) · x₂₃]\n"
        "= (5) · (2) · [0.25 · 1 · 1 · 2 + 0.25 · 1 · 1 · 0 + 0.25 · 1 · 0 · 3 + 0.25 · 1 · 1 · 4]\n"
        "= (5) · (2) · (1.5)\n= 15"
    ) in text


def test_indices_of_two_digits_are_kept_apart():
    chain = convolution_chain(np.ones((2, 12)), 0.0, np.ones((2, 11)), 1.0)
    assert chain.kernel_slopes[1][10].name == "∂J/∂w_(2,11)"


def engines_gradient(x, y, kernel, w, dtype):
    """jax.grad of the same network, of the package's own layers."""
    import jax
    import jax.numpy as jnp

    def cost(kernel, w, x, y):
        convolution = Convolution(kernel, jnp.zeros(1, dtype), Window.of(3))
        classifier = Dense(w, jnp.zeros(1, dtype))
        v = Pooling(Window.of(2, 2), "average")(jax.nn.relu(convolution(x)))
        return ((classifier(v.reshape(1)) - y) ** 2).sum()

    shapes = [(kernel, (3, 3, 1, 1)), (w, (1, 1)), (x, (4, 4, 1)), (y, (1,))]
    arguments = [np.asarray(value, dtype).reshape(shape) for value, shape in shapes]
    of_kernel, of_w = jax.jit(jax.grad(cost, argnums=(0, 1)))(*arguments)
    assert of_kernel.dtype == dtype
    return np.asarray(of_kernel)[..., 0, 0], float(of_w[0, 0])


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_engines_gradient_in_float64(seed, float64):
    x, kernel, y, w = sample(seed)
    chain = convolution_chain(x, y, kernel, w)
    of_kernel, of_w = engines_gradient(x, y, kernel, w, np.float64)
    np.testing.assert_allclose(chain.gradient, of_kernel, rtol=1e-12)
    assert chain.classifier_slope.value == pytest.approx(of_w, rel=1e-12)


def test_equals_the_engines_gradient_in_float32():
    x, kernel, y, w = sample()
    chain = convolution_chain(x, y, kernel, w)
    assert 0 < np.count_nonzero(chain.activations) < 4
    of_kernel, of_w = engines_gradient(x, y, kernel, w, np.float32)
    np.testing.assert_allclose(chain.gradient, of_kernel, rtol=1e-5)
    assert chain.classifier_slope.value == pytest.approx(of_w, rel=1e-5)


def test_equals_central_differences():
    x, kernel, y, w = sample()
    gradient, step = convolution_chain(x, y, kernel, w).gradient, 1e-5
    for place in np.ndindex(3, 3):
        costs = []
        for sign in (1, -1):
            moved = kernel.copy()
            moved[place] += sign * step
            costs.append(convolution_chain(x, y, moved, w).cost)
        assert gradient[place] == pytest.approx((costs[0] - costs[1]) / (2 * step), rel=1e-6)


def test_equals_the_scalar_graph():
    x, kernel, y, w = sample()
    nodes = [[Scalar(weight) for weight in row] for row in kernel]
    places = [(s, t) for s in range(2) for t in range(2)]
    sums = [total([nodes[r][c] * x[s + r, t + c] for r in range(3) for c in range(3)]) for s, t in places]
    ((total([z.relu() for z in sums]) * 0.25 * w - y) ** 2).backward()
    slopes = [[node.gradient for node in row] for row in nodes]
    np.testing.assert_allclose(convolution_chain(x, y, kernel, w).gradient, slopes, rtol=1e-12)


def test_is_the_benchs_slope_of_the_kernel():
    """The sum over places is the slope of z slid over the image."""
    x, kernel, y, w = sample()
    chain = convolution_chain(x, y, kernel, w)
    slope = 2 * (chain.prediction - y) * w / 4 * (chain.z > 0)
    np.testing.assert_allclose(chain.gradient, convolution_bench(x, kernel, slope=slope).kernel_slope, rtol=1e-12)


def test_no_place_is_active():
    """ReLU at or below 0 lets no slope through, at 0 as in the engine."""
    chain = convolution_chain(np.zeros((4, 4)), 1.0, np.ones((3, 3)), 2.0)
    assert not chain.gradient.any()
    assert not convolution_chain(np.ones((4, 4)), 1.0, -np.ones((3, 3)), 2.0).gradient.any()


def test_mistakes():
    with pytest.raises(ValueError, match=r"x has shape \(16,\); rows and columns of numbers are needed"):
        convolution_chain(np.ones(16), 1.0, np.ones((3, 3)), 1.0)
    with pytest.raises(ValueError, match=r"an image of 2 x 2 pixels is too small for the window: O = "):
        convolution_chain(np.ones((2, 2)), 1.0, np.ones((3, 3)), 1.0)
    with pytest.raises(ValueError, match=r"y=\[1, 2\] must be one finite number"):
        convolution_chain(np.ones((4, 4)), [1, 2], np.ones((3, 3)), 1.0)
    with pytest.raises(ValueError, match=r"w=nan must be one finite number"):
        convolution_chain(np.ones((4, 4)), 1.0, np.ones((3, 3)), float("nan"))
