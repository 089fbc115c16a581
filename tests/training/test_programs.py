"""Programs are compiled once for each structure and shape; numbers, folds, clones and second fits compile nothing."""

import gc
import threading
import time

import equinox as eqx
import jax
import jax.monitoring
import numpy as np
import optax
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from rosenblatt import MLPClassifier, MLPRegressor
from rosenblatt.nn.activations import LeakyReLU
from rosenblatt.nn.mlp import MLP
from rosenblatt.training import programs
from rosenblatt.training.epoch import evaluate, run_steps
from rosenblatt.training.programs import Program, Skeleton

COMPILATION = "/jax/core/compile/backend_compile_duration"


def network(activation=np.tanh, width=5, seed=0):
    return MLP.initialize([3, width, 2], [activation], "glorot", np.random.default_rng(seed))


def double(code, x):
    """Traced once for each compilation, with ``code`` as a Python value."""
    return 2 * x + code


class TestSkeleton:
    def test_arrays_are_parted_from_code_and_put_back(self):
        arrays, skeleton = Skeleton.of({"model": network()})
        assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(arrays))
        assert eqx.tree_equal(skeleton.dress(arrays), {"model": network()})

    def test_networks_of_one_structure_share_a_skeleton_whatever_their_numbers_and_widths(self):
        _, skeleton = Skeleton.of(network())
        for other in (network(seed=1), network(width=7)):
            assert Skeleton.of(other)[1] == skeleton
            assert hash(Skeleton.of(other)[1]) == hash(skeleton)

    def test_another_activation_is_another_skeleton(self):
        skeletons = [Skeleton.of(network(f))[1] for f in (np.tanh, np.sin, LeakyReLU(0.1), LeakyReLU(0.2))]
        assert len(set(skeletons)) == 4
        assert Skeleton.of(network(LeakyReLU(0.1)))[1] == skeletons[2]


class TestProgram:
    def test_it_compiles_once_for_each_shape_dtype_and_code(self):
        program = Program(double)
        x = np.arange(3, dtype=np.float32)
        np.testing.assert_array_equal(program(1, x), [1, 3, 5])
        np.testing.assert_array_equal(program(1, x + 1), [3, 5, 7])
        assert program.n_compilations == 1
        np.testing.assert_array_equal(program(2, x), [2, 4, 6])
        np.testing.assert_array_equal(program(1, x[:2]), [1, 3])
        np.testing.assert_array_equal(program(1, x.astype(np.int32)), [1, 3, 5])
        assert program.n_compilations == 4

    def test_arrays_on_the_device_and_on_the_host_get_the_right_program(self, device):
        program = Program(double)
        x = np.arange(3, dtype=np.float32)
        for argument in (x, jax.device_put(x, device), x):
            np.testing.assert_array_equal(program(1, argument), [1, 3, 5])

    def test_it_tells_the_seconds_of_compilation(self):
        program = Program(double)
        x = np.zeros(4, np.float32)
        began = time.perf_counter()
        compiled, seconds = program.compiled(1, x)
        assert 0 < seconds <= time.perf_counter() - began
        again, none = program.compiled(1, x)
        assert again is compiled
        assert none == 0

    def test_the_least_recently_used_program_goes_first(self, monkeypatch):
        monkeypatch.setattr(programs, "_CAPACITY", 2)
        program = Program(double)
        first, second, third = (np.zeros(size, np.float32) for size in (1, 2, 3))
        for argument in (first, second, first, third):
            program(0, argument)
        assert program.n_compilations == 3
        program(0, first)
        assert program.n_compilations == 3
        program(0, second)
        assert program.n_compilations == 4

    def test_a_program_that_went_leaves_no_memory_behind(self, monkeypatch, device):
        """JAX would keep each one as long as its function, until the process runs out of memory maps and crashes."""
        monkeypatch.setattr(programs, "_CAPACITY", 2)
        program = Program(double)

        def n_alive():
            gc.collect()
            return len(device.client.live_executables())

        before = n_alive()
        for size in range(1, 8):
            program(0, np.zeros(size, np.float32))
        assert program.n_compilations == 7
        assert n_alive() == before + 2

    def test_threads_compile_it_once(self):
        program, x = Program(double), np.zeros(5, np.float32)
        threads = [threading.Thread(target=program, args=(0, x)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert program.n_compilations == 1

    def test_an_error_in_the_function_leaves_no_program_behind(self):
        def fails(code, x):
            raise RuntimeError("not today")

        program = Program(fails)
        for _ in range(2):
            with pytest.raises(RuntimeError, match="not today"):
                program(0, np.zeros(1))
        assert program.n_compilations == 0


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3)).astype(np.float32)
    return X, X.argmax(axis=1)


class Counter:
    """How often the steps, and the risk on a validation set, were compiled since the last reading."""

    def __init__(self):
        self.steps, self.evaluations = run_steps.n_compilations, evaluate.n_compilations

    def __call__(self):
        before, self.steps, self.evaluations = (
            (self.steps, self.evaluations),
            run_steps.n_compilations,
            evaluate.n_compilations,
        )
        return self.steps - before[0], self.evaluations - before[1]


@pytest.fixture
def compilations():
    return Counter()


@pytest.fixture(scope="module")
def heard():
    """The names of everything that JAX compiles, eager operations included."""
    names = []
    jax.monitoring.register_event_duration_secs_listener(lambda name, seconds, **_: names.append(name))
    return names


NUMBERS = {
    "learning_rate": [
        1e-2,
        1e-4,
        np.float64(1e-3),
        optax.exponential_decay(0.1, 10, 0.5),
        lambda step: 0.1 / (1 + step),
    ],
    "l1": [0.0, 1e-3],
    "l2": [0.0, 1e-3],
    "dropout": [0.0, 0.5, np.float32(0.1)],
    "max_epochs": [1, 3],
    "random_state": [0, 1],
    "class_weight": [None, "balanced", {0: 1.0, 1: 2.0, 2: 3.0}],
    "callbacks": [(), [lambda epoch, logs: False]],
}


def test_numbers_are_data(data, compilations):
    """Nothing of a grid over numbers is compiled twice, across estimators and their clones."""
    model = MLPClassifier(hidden_layer_sizes=(11,), max_epochs=2, batch_size=32).fit(*data)
    assert compilations() == (1, 0)
    for name, values in NUMBERS.items():
        for value in values:
            MLPClassifier(hidden_layer_sizes=(11,), batch_size=32, **{"max_epochs": 2, name: value}).fit(*data)
            clone(model).set_params(**{name: value}).fit(*data)
    assert compilations() == (0, 0)


def test_a_grid_search_compiles_once(data, compilations):
    """100 rows in 3 folds: training sets of 66 and 67 rows."""
    grid = {"learning_rate": [1e-3, 1e-2], "l2": [0.0, 1e-3], "dropout": [0.0, 0.3]}
    search = GridSearchCV(MLPClassifier(hidden_layer_sizes=(12,), max_epochs=2, batch_size=32), grid, cv=3).fit(*data)
    assert len(search.cv_results_["params"]) == 8
    assert compilations() == (1, 0)


def test_an_optax_object_in_a_grid_search_compiles_once(data, compilations):
    model = MLPClassifier(hidden_layer_sizes=(12,), max_epochs=2, batch_size=32, optimizer=optax.sgd(0.1))
    GridSearchCV(model, {"l2": [0.0, 1e-3]}, cv=3).fit(*data)
    assert compilations() == (1, 0)


def test_tables_of_similar_size_share_programs(data, compilations):
    """Up to 4 columns, up to 4 classes and the same bucket of rows are the same shapes."""
    X, y = data
    for rows, columns in ((100, 3), (99, 3), (60, 2), (100, 1)):
        MLPClassifier(hidden_layer_sizes=(14,), max_epochs=1, batch_size=32).fit(X[:rows, :columns], y[:rows])
    assert compilations() == (1, 0)


@pytest.mark.parametrize("estimator", [MLPClassifier, MLPRegressor])
def test_the_second_fit_compiles_nothing_at_all(estimator, data, compilations, heard):
    X, y = data
    model = estimator(hidden_layer_sizes=(13,), max_epochs=2, early_stopping=True, optimizer="nesterov", dropout=0.1)
    model.fit(X, y).predict(X)
    assert compilations() == (1, 1)
    heard.clear()
    model.fit(X, y).predict(X[:10])
    again = clone(model).set_params(random_state=1, learning_rate=0.003).fit(X[1:], y[1:])
    again.predict(X)
    again.transform(X)
    again.score(X, y)
    again.partial_fit(X, y)
    assert compilations() == (0, 0)
    assert heard.count(COMPILATION) == 0


def test_structure_is_code(data, compilations):
    """What changes the computation does compile: the count above is not blind."""
    X, y = data
    model = MLPClassifier(hidden_layer_sizes=(15,), max_epochs=1, batch_size=32).fit(X, y)
    assert compilations() == (1, 0)
    for change in ({"activation": "tanh"}, {"batch_size": 16}):
        clone(model).set_params(**change).fit(X, y)
        assert compilations() == (1, 0)


def test_the_listener_hears_compilations(heard):
    heard.clear()
    jax.jit(lambda x: x * 3 + 1)(np.zeros(17, np.float32))
    assert heard.count(COMPILATION) == 1
