"""The McCulloch-Pitts neuron: gates by counting, and nothing else."""

import itertools

import numpy as np
import pytest

from rosenblatt import McCullochPittsNeuron


@pytest.mark.parametrize("n_inputs", [1, 2, 3, 5])
def test_gates_equal_logic_on_every_input(n_inputs):
    X = np.array(list(itertools.product([0, 1], repeat=n_inputs)))
    np.testing.assert_array_equal(McCullochPittsNeuron.and_gate(n_inputs).predict(X), X.all(axis=1))
    np.testing.assert_array_equal(McCullochPittsNeuron.or_gate(n_inputs).predict(X), X.any(axis=1))


def test_majority_is_a_threshold_too():
    X = np.array(list(itertools.product([0, 1], repeat=3)))
    np.testing.assert_array_equal(McCullochPittsNeuron(threshold=1).predict(X), X.sum(axis=1) >= 2)


def test_no_threshold_computes_xor():
    X = np.array(list(itertools.product([0, 1], repeat=2)))
    xor = X[:, 0] ^ X[:, 1]
    scores = [McCullochPittsNeuron(threshold=t).score(X, xor) for t in np.arange(0, 3, 0.25)]
    assert max(scores) == 0.75


def test_booleans_are_inputs():
    assert McCullochPittsNeuron.and_gate(2).predict(np.array([[True, True], [True, False]])).tolist() == [1, 0]


def test_other_inputs_are_refused():
    with pytest.raises(ValueError, match=r"inputs 0 and 1 only, got \[0.5, 2.0\].*use Perceptron"):
        McCullochPittsNeuron().predict([[0.5, 2.0], [0.0, 1.0]])


def test_a_negative_threshold_is_refused():
    with pytest.raises(ValueError, match=r"threshold=-1: it should be greater than or equal to 0"):
        McCullochPittsNeuron(threshold=-1).predict([[0, 1]])


def test_a_gate_needs_an_input():
    with pytest.raises(ValueError, match="at least one input, got n_inputs=0"):
        McCullochPittsNeuron.and_gate(0)
