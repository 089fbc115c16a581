"""Slopes of every operation against central differences; graphs that share nodes or are deep."""

import math

import pytest

from rosenblatt.explain import Scalar, topological_order


def slope_by_difference(function, x: float) -> float:
    return (function(Scalar(x + 1e-6)).value - function(Scalar(x - 1e-6)).value) / 2e-6


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + x * 3.0 + 2.0,
        lambda x: 2.0 + 3.0 * x,
        lambda x: 1.0 - x - x * x,
        lambda x: x / (x + 1.0) + 1.0 / x,
        lambda x: x**3 + x**-0.5,
        lambda x: -x * x,
        lambda x: (x * 0.3).exp() + (x + 2.0).log(),
        lambda x: x.tanh() * x.sigmoid(),
        lambda x: (-x).sigmoid() / x,
        lambda x: x.relu() * (x - 5.0).relu() + (-x).relu(),
        lambda x: x.erf(),
    ],
)
@pytest.mark.parametrize("at", [0.4, 1.3, 7.0])
def test_gradient_is_the_derivative(function, at):
    x = Scalar(at)
    function(x).backward()
    assert x.gradient == pytest.approx(slope_by_difference(function, at), rel=1e-6, abs=1e-8)


def test_values():
    assert (Scalar(3.0) / 4.0).value == 0.75
    assert (2.0 ** Scalar(1.0).value) == 2.0
    assert Scalar(800.0).sigmoid().value == 1.0
    assert Scalar(-800.0).sigmoid().value == pytest.approx(0.0, abs=1e-300)
    assert Scalar(0.0).relu().value == 0.0


def test_the_first_step_of_backpropagation_in_the_notes():
    w1, w2, x = Scalar(0.5), Scalar(3.0), Scalar(2.0)
    ((1.0 - w2 * (w1 * x)) ** 2).backward()
    assert w2.gradient == -2 * (1 - 3.0) * 1.0
    assert w1.gradient == -2 * (1 - 3.0) * 3.0 * 2.0


def test_a_node_that_is_used_twice_adds_its_slopes_up():
    x = Scalar(2.0)
    y = x * x
    (y + y * x).backward()  # x^2 + x^3
    assert x.gradient == 2 * 2.0 + 3 * 4.0
    assert y.gradient == 1 + 2.0


def test_a_second_call_starts_afresh():
    x = Scalar(2.0)
    y = x * 3.0
    y.backward()
    (y * 2.0).backward()
    assert x.gradient == 6.0


def test_the_kink_of_relu_has_slope_zero():
    x = Scalar(0.0)
    x.relu().backward()
    assert x.gradient == 0.0


def test_inputs_come_before_what_is_computed_from_them():
    x, y = Scalar(1.0), Scalar(2.0)
    result = (x * y + x).tanh() * y
    order = topological_order(result)
    assert order[-1] is result
    assert len(order) == len({id(node) for node in order}) == 6
    for place, node in enumerate(order):
        assert all(source in order[:place] for source in node.inputs)


def test_graphs_deeper_than_the_recursion_limit():
    x = y = Scalar(1.0)
    for _ in range(5000):
        y = y + 1.0
    y.backward()
    assert x.gradient == 1.0


def test_repr():
    x = Scalar(2.0, "w")
    (x * 3.0).backward()
    assert repr(x) == "Scalar(w = 2, gradient 3)"
    assert repr(x.tanh()) == f"Scalar({math.tanh(2.0):.6g}, by tanh, gradient 0)"


def test_mistakes():
    with pytest.raises(ValueError, match=r"log needs a number > 0, got -1"):
        Scalar(-1.0).log()
    with pytest.raises(TypeError, match=r"a Scalar can be raised to a plain number only"):
        Scalar(2.0) ** Scalar(3.0)
    with pytest.raises(ZeroDivisionError):
        Scalar(2.0) / 0.0
