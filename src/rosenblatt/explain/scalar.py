"""A number that remembers what it was computed from, so that the chain rule can be run backwards through it.

Every operation stores its local derivatives beside its value; ``backward`` multiplies and adds them up from the result
to the leaves (reverse-mode automatic differentiation, as small as A. Karpathy's micrograd).
"""

import math
from collections.abc import Sequence
from typing import Self


class Scalar:
    """A node of a graph of numbers.

    Parameters
    ----------
    value : float
    name : str, default=""
        Shown by ``repr``, for example "W(1,2,3)".

    Attributes
    ----------
    value : float
    gradient : float
        The derivative, with respect to this node, of the node that ``backward`` was called on; 0.0 before.
    operation : str
        What made it: "+", "*", "tanh", ...; "" for a leaf.
    inputs : tuple of Scalar
        The nodes that it was computed from.
    slopes : tuple of float
        Its derivative with respect to each of them.

    Examples
    --------
    >>> from rosenblatt.explain import Scalar
    >>> x, w = Scalar(2.0), Scalar(-3.0)
    >>> y = (w * x).tanh() + x**2
    >>> y.backward()
    >>> round(x.gradient, 6)
    3.999926
    """

    __slots__ = ("gradient", "inputs", "name", "operation", "slopes", "value")

    def __init__(self, value: float, name: str = ""):
        self.value = float(value)
        self.name = name
        self.gradient = 0.0
        self.operation = ""
        self.inputs: tuple[Scalar, ...] = ()
        self.slopes: tuple[float, ...] = ()

    def __repr__(self) -> str:
        made = f", by {self.operation}" if self.operation else ""
        return f"Scalar({f'{self.name} = ' if self.name else ''}{self.value:.6g}{made}, gradient {self.gradient:.6g})"

    def __add__(self, other: "Scalar | float") -> "Scalar":
        other = _as_scalar(other)
        return _node("+", self.value + other.value, (self, other), (1.0, 1.0))

    def __mul__(self, other: "Scalar | float") -> "Scalar":
        other = _as_scalar(other)
        return _node("*", self.value * other.value, (self, other), (other.value, self.value))

    def __sub__(self, other: "Scalar | float") -> "Scalar":
        other = _as_scalar(other)
        return _node("-", self.value - other.value, (self, other), (1.0, -1.0))

    def __truediv__(self, other: "Scalar | float") -> "Scalar":
        other = _as_scalar(other)
        ratio = self.value / other.value
        return _node("/", ratio, (self, other), (1.0 / other.value, -ratio / other.value))

    def __pow__(self, exponent: float) -> "Scalar":
        if isinstance(exponent, Scalar):
            raise TypeError("a Scalar can be raised to a plain number only; write a**b as (a.log() * b).exp()")
        slope = exponent * self.value ** (exponent - 1) if exponent else 0.0
        return _node(f"**{exponent:g}", self.value**exponent, (self,), (slope,))

    def __neg__(self) -> "Scalar":
        return _node("neg", -self.value, (self,), (-1.0,))

    def __radd__(self, other: float) -> "Scalar":
        return self + other

    def __rmul__(self, other: float) -> "Scalar":
        return self * other

    def __rsub__(self, other: float) -> "Scalar":
        return _as_scalar(other) - self

    def __rtruediv__(self, other: float) -> "Scalar":
        return _as_scalar(other) / self

    def exp(self) -> "Scalar":
        value = math.exp(self.value)
        return _node("exp", value, (self,), (value,))

    def log(self) -> "Scalar":
        if self.value <= 0:
            raise ValueError(f"log needs a number > 0, got {self.value:g}")
        return _node("log", math.log(self.value), (self,), (1.0 / self.value,))

    def tanh(self) -> "Scalar":
        value = math.tanh(self.value)
        return _node("tanh", value, (self,), (1.0 - value**2,))

    def relu(self) -> "Scalar":
        positive = self.value > 0
        return _node("relu", self.value if positive else 0.0, (self,), (1.0 if positive else 0.0,))

    def sigmoid(self) -> "Scalar":
        tail = math.exp(-abs(self.value))  # never overflows
        value = (1.0 if self.value >= 0 else tail) / (1.0 + tail)
        return _node("sigmoid", value, (self,), (value * (1.0 - value),))

    def erf(self) -> "Scalar":
        slope = 2.0 / math.sqrt(math.pi) * math.exp(-(self.value**2))
        return _node("erf", math.erf(self.value), (self,), (slope,))

    def named(self, name: str) -> Self:
        """Gives the node a name, and returns it."""
        self.name = name
        return self

    def backward(self) -> None:
        """Sets the ``gradient`` of every node that this one was computed from; those of earlier calls are forgotten."""
        order = topological_order(self)
        for node in order:
            node.gradient = 0.0
        self.gradient = 1.0
        for node in reversed(order):
            for source, slope in zip(node.inputs, node.slopes, strict=True):
                source.gradient += slope * node.gradient


def topological_order(result: Scalar) -> list[Scalar]:
    """Every node that ``result`` was computed from, inputs before what is computed from them; ``result`` comes last."""
    order: list[Scalar] = []
    seen: set[int] = set()
    # A stack of its own: sums over many inputs are chains longer than Python's recursion limit.
    waiting: list[tuple[Scalar, bool]] = [(result, False)]
    while waiting:
        node, inputs_done = waiting.pop()
        if inputs_done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            waiting.append((node, True))
            waiting.extend((source, False) for source in node.inputs)
    return order


def total(terms: Sequence[Scalar]) -> Scalar:
    """The sum of at least one term."""
    first, *others = terms
    for term in others:
        first = first + term
    return first


def _node(operation: str, value: float, inputs: tuple[Scalar, ...], slopes: tuple[float, ...]) -> Scalar:
    node = Scalar(value)
    node.operation, node.inputs, node.slopes = operation, inputs, slopes
    return node


def _as_scalar(number: "Scalar | float") -> Scalar:
    return number if isinstance(number, Scalar) else Scalar(number)
