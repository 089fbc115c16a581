"""A network on a graph of single numbers has the slopes of the written-out formulas, to rounding."""

from itertools import pairwise

import numpy as np
import pytest

from rosenblatt import MLPClassifier
from rosenblatt.explain import backpropagate, functions, scalar_graph
from rosenblatt.explain.formulas import written_out
from rosenblatt.explain.network import DenseNetwork
from rosenblatt.explain.replay import replay


def assert_same_slopes(model, x, y):
    graph, formulas = scalar_graph(model, x, y), backpropagate(model, x[None], np.asarray(y)[None])
    assert graph.loss.value == pytest.approx(formulas.losses[0], rel=1e-12, abs=1e-14)
    for (dW, db), layer in zip(graph.slopes(), formulas.layers, strict=True):
        np.testing.assert_allclose(dW, layer.dW, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(db, layer.db, rtol=1e-12, atol=1e-14)


def dense_network(activations, loss) -> DenseNetwork:
    """Of two outputs, drawn and not fitted."""
    rng, widths = np.random.default_rng(0), [3, *(4 for _ in activations), 2]
    weights = tuple(rng.normal(size=shape) for shape in pairwise(widths))
    biases = tuple(rng.normal(size=width) for width in widths[1:])
    return DenseNetwork(weights, biases, tuple(activations), "identity", loss)


def assert_replays(network, targets):
    for row, (x, target) in enumerate(zip(np.random.default_rng(1).normal(size=(5, 3)), targets, strict=True)):
        graph, formulas = replay(network, x, target), written_out(network, x[None], target[None], np.ones(1))
        assert graph.loss.value == pytest.approx(formulas.risk, rel=1e-12), row
        for (dW, db), layer in zip(graph.slopes(), formulas.layers, strict=True):
            np.testing.assert_allclose(dW, layer.dW, rtol=1e-12, atol=1e-14)
            np.testing.assert_allclose(db, layer.db, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("f", [*functions.ACTIVATIONS.values(), functions.leaky_relu(0.3)], ids=lambda f: f.name)
def test_every_activation(f):
    assert_replays(dense_network([f, f], functions.LOSSES["square"]), np.random.default_rng(2).normal(size=(5, 2)))


@pytest.mark.parametrize("loss", [*functions.LOSSES.values(), functions.huber(0.05)], ids=lambda loss: loss.name)
def test_every_loss(loss):
    one_hot = np.eye(2)[[0, 1, 1, 0, 1]]
    targets = one_hot if "cross-entropy" in loss.name or loss.name == "perceptron" else 3.0 * one_hot
    assert_replays(dense_network([functions.ACTIVATIONS["tanh"]], loss), targets)


def test_classifiers(notes_network, moons, three_classes, and_gate):
    for row in range(4):
        assert_same_slopes(notes_network, moons[0][row], moons[1][row])
        assert_same_slopes(three_classes[0], three_classes[1][row], three_classes[2][row])
    assert_same_slopes(and_gate, np.array([1.0, 0.0]), 1)


def test_several_labels(moons):
    X, y = moons
    labels = np.column_stack([y, 1 - y, X[:, 0] > 0]).astype(int)
    model = MLPClassifier(hidden_layer_sizes=(3,), max_epochs=1, random_state=0).fit(X, labels)
    assert_same_slopes(model, X[0], labels[0])


def test_saturated_logits_stay_finite(three_classes):
    model, X, _ = three_classes
    assert_same_slopes(model, 1e4 * X[0], "ant")
    assert_same_slopes(model, 1e4 * X[0], "cat")


def test_nodes_have_the_names_of_the_notes(notes_network, moons):
    graph = scalar_graph(notes_network, moons[0][0], moons[1][0])
    assert graph.weights[0][1][2].name == "W(1,2,3)"
    assert graph.weights[0][1][2].value == notes_network.coefs_[0][1, 2]
    assert graph.biases[1][0].name == "b(2,1)"
    assert graph.units[0][3].name == "f(1,4)"
    assert graph.sums[2][0].name == "z(3,1)"
    assert graph.inputs[1].name == "x(2)"
    assert graph.nodes[-1] is graph.loss


def test_deltas_are_the_gradients_of_the_sums(notes_network, moons):
    graph = scalar_graph(notes_network, moons[0][0], moons[1][0])
    layers = backpropagate(notes_network, moons[0][:1], moons[1][:1]).layers
    for sums, layer in zip(graph.sums, layers, strict=True):
        np.testing.assert_allclose([z.gradient for z in sums], layer.delta[0], rtol=1e-12, atol=1e-15)


def test_too_large(large_network):
    with pytest.raises(ValueError, match=r"the network has 60,401 parameters; .* at most 50,000\. backpropagate"):
        scalar_graph(large_network, np.eye(300)[0], 0.0)


def test_mistakes(notes_network):
    with pytest.raises(ValueError, match=r"X has 3 features a row; this MLPClassifier was fitted on 2"):
        scalar_graph(notes_network, [1.0, 2.0, 3.0], 0)
    with pytest.raises(ValueError, match=r"y holds classes \[5\] that are not among \[0, 1\]"):
        scalar_graph(notes_network, [1.0, 2.0], 5)
