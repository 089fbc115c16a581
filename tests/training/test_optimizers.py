"""Each named optimizer against its formula in NumPy and against PyTorch's, and the learning rate of each step."""

import math

import equinox as eqx
import jax
import numpy as np
import optax
import pytest

from rosenblatt.nn.dense import Dense
from rosenblatt.training.epoch import move
from rosenblatt.training.optimizers import OPTIMIZERS, Optimizer, adam, resolve
from rosenblatt.training.players import Player, number
from rosenblatt.training.programs import Skeleton
from rosenblatt.training.schedules import evaluate_schedule

# Numbers that float32 holds exactly, so that float64 formulas can be compared to the last digits.
L1, L2 = 2**-6, 2**-5
RATES = (2**-3, 2**-4, 2**-2)


class Bowl(eqx.Module):
    """The sum of (w - t)^2 over all parameters, whose gradient is 2 (w - t)."""

    centre: Dense

    def __call__(self, networks, batch, key):
        squares = jax.tree.map(lambda w, t: ((w - t) ** 2).sum(), networks["model"], self.centre)
        return squares.weight + squares.bias, {}


def draw(seed):
    rng = np.random.default_rng(seed)
    return Dense(rng.normal(size=(4, 3)), rng.normal(size=3))


@pytest.fixture(scope="module")
def bowl():
    return Bowl(draw(0))


@pytest.fixture(scope="module")
def start():
    return draw(1)


def moves(optimizer, bowl, network, rates=RATES, l1=L1, l2=L2):
    """The parameters after each move of the engine."""
    player = Player("one", ("model",), bowl, optimizer, number(l1), number(l2))
    arrays, skeleton = Skeleton.of({"model": network})
    state = optimizer.transformation.init(arrays)

    @jax.jit
    def step(arrays, state, rate):
        return move(player, skeleton, arrays, state, None, rate, None)[:2]

    path = []
    for rate in rates:
        arrays, state = step(arrays, state, np.float32(rate))
        path.append(arrays["model"])
    return path


def adam_direction(state, g, t):
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * g**2
    return (state["m"] / (1 - 0.9**t)) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)


def momentum_direction(state, g, t):
    state["m"] = 0.9 * state.get("m", 0) + g
    return state["m"]


def nesterov_direction(state, g, t):
    return g + 0.9 * momentum_direction(state, g, t)


def rmsprop_direction(state, g, t):
    state["v"] = 0.9 * state.get("v", 0) + 0.1 * g**2
    return g / np.sqrt(state["v"] + 1e-8)


DIRECTIONS = {
    "adam": adam_direction,
    "adamw": adam_direction,
    "momentum": momentum_direction,
    "nesterov": nesterov_direction,
    "rmsprop": rmsprop_direction,
    "sgd": lambda state, g, t: g,
}


def numpy_path(name, centre, w, penalised):
    """The formula; AdamW's penalty does not pass through the moments (Loshchilov and Hutter 2019)."""
    state, path = {}, []
    for t, rate in enumerate(RATES, start=1):
        g = 2 * (w - centre)
        shrinkage = (L1 * np.sign(w) + 2 * L2 * w) * penalised
        if name == "adamw":
            w = w - rate * (DIRECTIONS[name](state, g, t) + shrinkage)
        else:
            w = w - rate * DIRECTIONS[name](state, g + shrinkage, t)
        path.append(w)
    return path


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_moves_equal_the_formula(name, bowl, start, float64):
    path = moves(OPTIMIZERS[name], bowl, start)
    weights = numpy_path(name, bowl.centre.weight, start.weight, penalised=True)
    biases = numpy_path(name, bowl.centre.bias, start.bias, penalised=False)
    for mine, weight, bias in zip(path, weights, biases, strict=True):
        np.testing.assert_allclose(mine.weight, weight, rtol=1e-10)
        np.testing.assert_allclose(mine.bias, bias, rtol=1e-10)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_adam_of_any_momentum_equals_the_formula(momentum, bowl, start, float64):
    """Also of none: its mean slope then is the slope, and needs no correction."""
    w, m, v = start.weight, 0, 0
    for t, (mine, rate) in enumerate(zip(moves(adam(momentum), bowl, start, l1=0, l2=0), RATES, strict=True), start=1):
        g = 2 * (w - bowl.centre.weight)
        m, v = momentum * m + (1 - momentum) * g, 0.999 * v + 0.001 * g**2
        w = w - rate * m / (1 - momentum**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(mine.weight, w, rtol=1e-10)
    assert adam(momentum) is adam(momentum)  # one object for each, so that programs are shared


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_moves_equal_pytorch(name, bowl, start, float64):
    torch = pytest.importorskip("torch")
    peers = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "momentum": lambda groups, **options: torch.optim.SGD(groups, momentum=0.9, **options),
        "nesterov": lambda groups, **options: torch.optim.SGD(groups, momentum=0.9, nesterov=True, **options),
        "rmsprop": lambda groups, **options: torch.optim.RMSprop(groups, alpha=0.9, **options),
        "sgd": torch.optim.SGD,
    }
    weight, bias = (torch.tensor(a, requires_grad=True) for a in (start.weight, start.bias))
    groups = [{"params": [weight], "weight_decay": 2 * L2}, {"params": [bias], "weight_decay": 0.0}]
    optimizer = peers[name](groups, lr=1.0)
    # PyTorch's RMSprop adds epsilon outside the root, which for gradients of about 1 is a small difference.
    tolerance = 1e-5 if name == "rmsprop" else 1e-10
    for rate, mine in zip(RATES, moves(OPTIMIZERS[name], bowl, start, l1=0.0), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        pairs = (weight, bowl.centre.weight), (bias, bowl.centre.bias)
        sum(((w - torch.tensor(t)) ** 2).sum() for w, t in pairs).backward()
        optimizer.step()
        np.testing.assert_allclose(mine.weight, weight.detach().numpy(), rtol=tolerance)
        np.testing.assert_allclose(mine.bias, bias.detach().numpy(), rtol=tolerance)


@pytest.mark.parametrize(
    ("name", "peer"),
    [("sgd", optax.sgd), ("adam", optax.adam), ("momentum", lambda rate: optax.sgd(rate, momentum=0.9))],
)
def test_an_optax_object_with_its_own_rate_makes_the_same_moves(name, peer, bowl, start, float64):
    theirs, _ = resolve(peer(RATES[0]), None)
    named, own = moves(OPTIMIZERS[name], bowl, start, RATES[:1] * 3), moves(theirs, bowl, start)
    np.testing.assert_allclose(own[-1].weight, named[-1].weight, rtol=1e-10)


def test_an_optax_object_gets_the_parameters(bowl, start, float64):
    """Optax's AdamW needs them to decay them."""
    decaying, _ = resolve(optax.adamw(RATES[0], weight_decay=2 * L2), None)
    decayed = moves(decaying, bowl, start, RATES[:1], l1=0.0, l2=0.0)[0]
    named = moves(OPTIMIZERS["adamw"], bowl, start, RATES[:1], l1=0.0)[0]
    np.testing.assert_allclose(decayed.weight, named.weight, rtol=1e-10)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_starts_at_zero_is_true(name, start):
    assert OPTIMIZERS[name].starts_at_zero
    for leaf in jax.tree.leaves(OPTIMIZERS[name].transformation.init(start)):
        np.testing.assert_array_equal(leaf, np.zeros_like(leaf))


def test_an_optax_object_is_not_taken_to_start_at_zero():
    optimizer, _ = resolve(optax.adam(0.1), None)
    assert not optimizer.starts_at_zero
    assert not optimizer.scaled


@pytest.mark.parametrize(
    ("name", "rate"),
    [("adam", 1e-3), ("adamw", 1e-3), ("rmsprop", 1e-3), ("momentum", 1e-2), ("nesterov", 1e-2), ("sgd", 1e-2)],
)
def test_default_rates(name, rate):
    assert resolve(name, None) == (OPTIMIZERS[name], rate)
    assert resolve(name, 0.5) == (OPTIMIZERS[name], 0.5)


def test_a_mistyped_name_gets_the_known_ones():
    with pytest.raises(ValueError, match=r"optimizer='sdg' is not known; use one of adam, adamw, .*sgd or an Optax"):
        resolve("sdg", None)


def test_a_rate_beside_an_optax_object_is_refused():
    with pytest.raises(ValueError, match=r"learning_rate=0.1 is given beside an Optax object, .*leave learning_rate"):
        resolve(optax.sgd(0.1), 0.1)


def test_equal_optax_objects_are_equal_optimizers():
    """So that the estimators of a grid search, whose parameters are copied, share a program."""
    transformation = optax.sgd(0.1)
    assert Optimizer(transformation, scaled=False) == resolve(transformation, None)[0]


SCHEDULES = {
    "number": 0.3,
    "optax": optax.exponential_decay(0.1, transition_steps=3, decay_rate=0.5),
    "optax with boundaries": optax.piecewise_constant_schedule(0.1, {2: 0.1, 5: 0.5}),
    "optax cosine": optax.cosine_decay_schedule(0.1, 8),
    "array function": lambda step: 0.1 / (1 + step),
    "branch": lambda step: 0.1 if step < 4 else 0.01,
    "branch on two": lambda step: 0.1 if 2 <= step < 4 or step == 6 else 0.01,
    "constant function": lambda step: 0.1,
    "math": lambda step: 0.1 * math.exp(-step),
    "max": lambda step: max(0.01, 0.1 - 0.02 * step),
    "integer power": lambda step: 10 ** (-1 - step // 3),
    "look-up": lambda step: {0: 0.1, 1: 0.2}.get(step, 0.3),
    "list": lambda step: [0.1, 0.2, 0.3][min(step // 3, 2)],
}


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [range(8), range(3, 4), range(5, 7)])
def test_schedules_give_each_step_its_rate(name, steps):
    schedule = SCHEDULES[name]
    rates = evaluate_schedule(schedule, np.arange(steps.start, steps.stop))
    expected = [float(schedule(step)) if callable(schedule) else schedule for step in steps]
    assert rates.dtype == np.float32
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_an_error_in_a_schedule_is_the_users_to_see():
    def broken(step):
        raise KeyError("no such step")

    with pytest.raises(KeyError, match="no such step"):
        evaluate_schedule(broken, np.arange(3))


def test_a_type_error_in_a_schedule_is_the_users_to_see():
    with pytest.raises(TypeError, match="unsupported operand"):
        evaluate_schedule(lambda step: step + "1", np.arange(3))


@pytest.mark.parametrize("rate", [math.nan, math.inf, -0.1, None])
def test_a_schedule_that_gives_no_rate_is_named(rate):
    with pytest.raises(ValueError, match=r"learning_rate gave .* at step 2; it must be a number >= 0"):
        evaluate_schedule(lambda step: rate if step == 2 else 0.1, np.arange(4))
