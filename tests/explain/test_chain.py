"""The notes' examples: the product of the factors is the derivative, by differences and by the scalar graph."""

import math

import numpy as np
import pytest

from rosenblatt.explain import Scalar, sigmoid_neuron, two_weights


def test_example_1_by_hand():
    example = two_weights(x=2.0, y=1.0, w1=0.5, w2=3.0)
    of_w2, of_w1 = example.gradients
    assert example.values["f_w"] == 3.0
    assert example.values["J"] == 4.0
    assert [factor.value for factor in of_w2.factors] == [4.0, 1.0]
    assert [factor.value for factor in of_w1.factors] == [4.0, 3.0, 2.0]
    assert (of_w2.value, of_w1.value) == (4.0, 24.0)


def test_example_1_on_a_scalar_graph():
    x, y, w1, w2 = 1.7, -0.4, 0.3, -2.2
    nodes = Scalar(w1), Scalar(w2)
    ((y - nodes[1] * (nodes[0] * x)) ** 2).backward()
    of_w2, of_w1 = two_weights(x, y, w1, w2).gradients
    assert (of_w1.value, of_w2.value) == pytest.approx([node.gradient for node in nodes], rel=1e-12)


def test_example_2_is_the_notes_result():
    x, y, w = np.array([1.0, -2.0, 0.5]), 1.0, np.array([0.3, 0.8, -1.1])
    s = 1 / (1 + math.exp(-w @ x))
    for k, chain in enumerate(sigmoid_neuron(x, y, w).gradients):
        assert chain.value == pytest.approx(-2 * (y - s) * s * (1 - s) * x[k], rel=1e-12)
        assert [factor.value for factor in chain.factors] == pytest.approx([-2 * (y - s), s * (1 - s), x[k]])


def test_example_2_on_a_scalar_graph():
    x, y, w = [1.0, -2.0], 0.0, [Scalar(0.3), Scalar(0.8)]
    ((y - (w[0] * x[0] + w[1] * x[1]).sigmoid()) ** 2).backward()
    chains = sigmoid_neuron(x, y, [node.value for node in w]).gradients
    assert [chain.value for chain in chains] == pytest.approx([node.gradient for node in w], rel=1e-12)


def test_saturated_neurons_do_not_overflow():
    assert sigmoid_neuron([1.0], 1.0, [-2000.0]).values["s"] == 0.0
    assert sigmoid_neuron([1.0], 1.0, [-2000.0]).gradients[0].value == 0.0


def test_text():
    text = str(sigmoid_neuron(x=[1.0, 2.0], y=1.0, w=[0.0, 0.0]))
    assert text.startswith("wᵀx = 0, s = 0.5, y = 1, J = 0.25\n\n∂J/∂w₁ = ∂J/∂s · ∂s/∂z · ∂z/∂w₁\n")
    assert text.endswith("= [-2(y - s)] · [σ'(z) = s(1 - s)] · [x₂]\n= (-1) · (0.25) · (2)\n= -0.5")


def test_lengths_that_differ():
    with pytest.raises(ValueError, match=r"x has 2 inputs and w has 1 weights; each input needs one weight"):
        sigmoid_neuron([1.0, 2.0], 1.0, [0.5])
