"""Micro-batches and several devices do what one device does with whole batches."""

import subprocess
import sys
from functools import cache

import jax
import joblib
import numpy as np
import pytest

from rosenblatt.losses.regression import MeanOverOutputs, square
from rosenblatt.models.supervised import SupervisedRisk
from rosenblatt.nn.activations import ACTIVATIONS
from rosenblatt.nn.mlp import MLP
from rosenblatt.training import devices, sharding
from rosenblatt.training.batches import make_rows, pad_batches
from rosenblatt.training.loop import Training
from rosenblatt.training.optimizers import OPTIMIZERS
from rosenblatt.training.players import Player, number
from rosenblatt.training.state import Settings

N_ROWS = 45
SUMS = {"rtol": 2e-5, "atol": 2e-6}  # float32 sums in another order, over some 30 steps


@pytest.fixture(scope="module")
def several():
    """Two devices, which the cores of a CPU are."""
    found = devices.cores("auto")
    if len(found) < 2:
        pytest.skip("this machine has one core, or JAX was started with one device")
    return tuple(found[:2])


def train(placed, micro_batch, batch_size=8, dropout=0.0, epochs=3):
    """Networks and history after a few epochs on weighted rows, the last batch of each a short one."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS, 3)).astype(np.float32)
    y = np.stack([np.sin(X[:, 0]), X[:, 1] * X[:, 2]], axis=1).astype(np.float32)
    weights = rng.uniform(0, 3, N_ROWS)
    network = MLP.initialize([3, 5, 2], [ACTIVATIONS["tanh"]], "glorot", np.random.default_rng(1))
    measures = (("mean", lambda outputs, targets, n_outputs: outputs.mean(-1)),)
    risk = SupervisedRisk(MeanOverOutputs(square), measures, np.asarray(2, np.int32), number(dropout))
    player = Player(
        "model", ("model",), risk, OPTIMIZERS["momentum"], number(0.01), number(0.02), micro_batch=micro_batch
    )
    where = sharding.over(list(placed))
    rows, validation = make_rows(X, y, weights, where), make_rows(X[:11], y[:11], None, where)
    settings = Settings(batch_size, epochs, (0.05,))
    training = Training((player,), {"model": network}, rows, validation, settings, np.random.default_rng(2))
    training.run()
    return training


@cache
def whole_batches(placed, batch_size):
    """What the others are compared with."""
    return train(placed, None, batch_size)


def assert_equal_training(mine, other):
    for ours, theirs in zip(jax.tree.leaves(mine.state.networks), jax.tree.leaves(other.state.networks), strict=True):
        np.testing.assert_allclose(ours, theirs, **SUMS)
    for column in ("train_risk", "validation_risk", "validation_mean"):
        np.testing.assert_allclose(mine.history[column], other.history[column], **SUMS)


@pytest.mark.parametrize("batch_size", [8, 5, "full"])
@pytest.mark.parametrize("micro_batch", [1, 4])
def test_micro_batches_add_up_to_the_batch(batch_size, micro_batch):
    one = tuple(devices.cores("auto")[:1])
    assert_equal_training(train(one, micro_batch, batch_size), whole_batches(one, batch_size))


@pytest.mark.parametrize("batch_size", [8, 5, 3])
@pytest.mark.parametrize("micro_batch", [None, 2])
def test_two_devices_take_the_step_of_one(batch_size, micro_batch, several):
    assert_equal_training(train(several, micro_batch, batch_size), whole_batches(several[:1], batch_size))


def test_every_device_draws_noise_of_its_own_and_the_same_bits_each_time(several):
    first, second = (train(several, 4, dropout=0.5) for _ in range(2))
    for ours, theirs in zip(jax.tree.leaves(first.state.networks), jax.tree.leaves(second.state.networks), strict=True):
        np.testing.assert_array_equal(ours, theirs)

    def drawn(words):
        key = jax.random.fold_in(jax.random.wrap_key_data(words), sharding.device_number())
        return jax.random.uniform(key)[None]

    mesh = sharding.mesh_of(sharding.over(several))
    both = jax.shard_map(drawn, mesh=mesh, in_specs=sharding.WHOLE, out_specs=sharding.split_axis(0), check_vma=False)(
        jax.random.key_data(jax.random.key(0))
    )
    assert both[0] != both[1]


def test_one_device_has_no_mesh():
    (one,) = devices.cores("auto")[:1]
    held = jax.device_put(np.zeros(3), sharding.over([one]))
    assert sharding.mesh_of(held.sharding) is None
    assert sharding.n_devices() == 1
    assert sharding.device_number() == 0
    assert sharding.total(held) is held


@pytest.mark.parametrize(("multiple", "length"), [(1, 5), (4, 8), (5, 5), (6, 6)])
def test_batches_are_padded_with_rows_that_do_not_count(multiple, length):
    indices = np.arange(10).reshape(2, 1, 5)
    padded = pad_batches(indices, multiple, n_rows=10)
    assert padded.shape == (2, 1, length)
    np.testing.assert_array_equal(padded[..., :5], indices)
    assert (padded[..., 5:] == 10).all()


def test_a_network_of_the_user_s_own_trains_on_all_cores():
    """Making it starts JAX, after which the number of devices cannot be set any more."""
    code = (
        "import jax, numpy as np; from rosenblatt import ConvRegressor\n"
        "def linear(image_shape, n_outputs, *, key):\n"
        "    weights = jax.random.normal(key, (16, 1)); return lambda row, **_: row @ weights\n"
        "ConvRegressor(network=linear, max_epochs=1).fit(np.eye(16).reshape(-1, 4, 4), np.arange(16.0))\n"
        "print(jax.device_count())"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(process.stdout) == min(joblib.cpu_count(), 8)
