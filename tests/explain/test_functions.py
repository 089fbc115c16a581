"""Each slope is compared with a central difference of its value, and each value with the engine's own function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rosenblatt.explain import functions
from rosenblatt.losses import classification, regression
from rosenblatt.nn import activations

Z = np.array([-30.0, -2.5, -0.4, 0.3, 1.7, 30.0])
ALL = {**functions.ACTIVATIONS, "leaky_relu": functions.leaky_relu(0.2)}


@pytest.mark.parametrize("name", sorted(ALL))
def test_slope_is_the_derivative_of_the_value(name):
    f = ALL[name]
    expected = (f.value(Z + 1e-5) - f.value(Z - 1e-5)) / 2e-5
    np.testing.assert_allclose(f.slope(Z), expected, rtol=1e-4, atol=1e-9)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", sorted(ALL))
def test_value_is_that_of_the_engine(name):
    z = np.append(Z, 0.0)
    expected = activations.resolve(name, 0.2)(jnp.asarray(z))
    np.testing.assert_allclose(ALL[name].value(z), expected, rtol=1e-12, atol=1e-15)


def test_every_activation_of_the_engine_can_be_written_out():
    assert set(ALL) == set(activations.ACTIVATIONS)


def test_slopes_at_a_kink_are_those_of_the_left_side():
    assert functions.ACTIVATIONS["relu"].slope(np.zeros(1)) == 0
    assert functions.leaky_relu(0.2).slope(np.zeros(1)) == 0.2


def targets_for(name: str, z: np.ndarray) -> np.ndarray:
    if name == "categorical cross-entropy":
        return np.eye(z.shape[1])[np.arange(len(z)) % z.shape[1]]
    if name in ("binary cross-entropy", "perceptron"):
        return (np.arange(z.size).reshape(z.shape) % 2).astype(float)
    return np.abs(z[::-1]) + 0.7  # also counts for "poisson", and errors on both sides of Huber's limit


LOGITS = np.array([[-20.0, 0.5, 2.0], [0.3, -0.2, 0.1], [3.0, 20.0, -1.0], [0.01, 1.3, -4.0]])


@pytest.mark.parametrize("name", sorted(functions.LOSSES))
def test_slope_of_a_loss_is_its_derivative(name):
    loss, z = functions.LOSSES[name], np.clip(LOGITS, -5, 5) if name == "poisson" else LOGITS
    y = targets_for(name, z)
    for column in range(z.shape[1]):
        step = np.zeros_like(z)
        step[:, column] = 1e-5
        expected = (loss.value(z + step, y) - loss.value(z - step, y)) / 2e-5
        np.testing.assert_allclose(loss.slope(z, y)[:, column], expected, rtol=1e-4, atol=1e-9)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", sorted(functions.LOSSES))
def test_value_of_a_loss_is_that_of_the_engine(name):
    y = targets_for(name, LOGITS)
    engine = {
        "binary cross-entropy": lambda z: classification.binary_cross_entropy(z, y, 3),
        "categorical cross-entropy": lambda z: classification.categorical_cross_entropy(z, y.argmax(1), 3),
        "perceptron": lambda z: classification.perceptron(z, 2 * y - 1, 3),
    }
    if name not in engine:
        engine[name] = lambda z: regression.MeanOverOutputs(regression.REGRESSION_LOSSES[name])(z, y, 3)
    expected = jax.jit(engine[name])(LOGITS)
    np.testing.assert_allclose(functions.LOSSES[name].value(LOGITS, y), expected, rtol=1e-12, atol=1e-12)


def test_hand_computed_losses():
    half = np.zeros((1, 1))  # a logit of 0 is a probability of one half
    assert functions.LOSSES["binary cross-entropy"].value(half, np.ones((1, 1)))[0] == pytest.approx(np.log(2))
    four = functions.LOSSES["categorical cross-entropy"].value(np.zeros((1, 4)), np.eye(4)[:1])
    assert four[0] == pytest.approx(np.log(4))
    assert functions.LOSSES["square"].value(np.array([[1.0, 2.0]]), np.array([[3.0, 2.0]]))[0] == 2.0
    assert functions.huber(2.0).value(np.array([[5.0]]), np.array([[0.0]]))[0] == 2.0 * 5.0 - 2.0
