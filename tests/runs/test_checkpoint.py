"""A fit that is killed and started again ends with the same bits as one that is not."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest
from sklearn.datasets import make_classification

from rosenblatt import Callback, Checkpoint, MLPClassifier
from rosenblatt.training import CheckpointMismatchError


@pytest.fixture(scope="module")
def data():
    return make_classification(120, 6, random_state=0)


def make(**fields):
    defaults = {"hidden_layer_sizes": (8,), "max_epochs": 6, "batch_size": 16, "dropout": 0.3, "random_state": 0}
    return MLPClassifier(**(defaults | fields))


def assert_same(a, b):
    for one, other in zip(a.coefs_ + a.intercepts_, b.coefs_ + b.intercepts_, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(a.history_["train_risk"], b.history_["train_risk"])


class Killed(BaseException):
    """Like a kill: nobody catches it."""


class KillAt(Callback):
    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch_end(self, epoch, logs):
        if epoch == self.epoch:
            raise Killed


@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
@pytest.mark.parametrize("every", [1, 2])
def test_resumed_equals_uninterrupted(data, tmp_path, optimizer, every):
    path = tmp_path / "fit.safetensors"
    with pytest.raises(Killed):
        make(optimizer=optimizer, callbacks=[Checkpoint(path, every=every), KillAt(3)]).fit(*data)
    checkpoint = Checkpoint(path, every=every)
    resumed = make(optimizer=optimizer, callbacks=[checkpoint]).fit(*data)
    assert checkpoint.resumed_epoch == (3 if every == 1 else 2)
    assert_same(resumed, make(optimizer=optimizer).fit(*data))


def test_early_stopping_remembers_the_best_epoch(data, tmp_path):
    X, y = data
    noise = np.random.default_rng(1).permutation(y)
    fields = {"early_stopping": True, "patience": 6, "max_epochs": 60, "learning_rate": 0.05}
    validation = {"validation_data": (X[80:], noise[80:])}
    whole = make(**fields).fit(X[:80], noise[:80], **validation)
    killed = make(**fields, callbacks=[Checkpoint(tmp_path / "c"), KillAt(whole.best_epoch_ + 2)])
    with pytest.raises(Killed):
        killed.fit(X[:80], noise[:80], **validation)
    resumed = make(**fields, callbacks=[Checkpoint(tmp_path / "c")]).fit(X[:80], noise[:80], **validation)
    assert resumed.best_epoch_ == whole.best_epoch_
    assert_same(resumed, whole)


def test_a_finished_fit_trains_no_further_but_can_be_prolonged(data, tmp_path):
    path = tmp_path / "c"
    done = make(callbacks=[Checkpoint(path)]).fit(*data)
    assert_same(make(callbacks=[Checkpoint(path)]).fit(*data), done)
    longer = make(max_epochs=9, callbacks=[Checkpoint(path)]).fit(*data)
    assert_same(longer, make(max_epochs=9).fit(*data))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"l2": 0.1}, r"l2: 0.0 there, 0.1 here"),
        ({"random_state": 1}, "initial weights and seed"),
        ({"optimizer": "adamw"}, "optimizer: 'adam' there, 'adamw' here"),
        ({"hidden_layer_sizes": (9,)}, "hidden_layer_sizes"),
    ],
)
def test_another_fit_is_refused(data, tmp_path, change, text):
    make(max_epochs=1, callbacks=[Checkpoint(tmp_path / "c")]).fit(*data)
    with pytest.raises(CheckpointMismatchError, match=text):
        make(callbacks=[Checkpoint(tmp_path / "c")], **change).fit(*data)


def test_other_data_are_refused(data, tmp_path):
    X, y = data
    make(max_epochs=1, callbacks=[Checkpoint(tmp_path / "c")]).fit(X, y)
    with pytest.raises(CheckpointMismatchError, match="belongs to another fit .*training data"):
        make(callbacks=[Checkpoint(tmp_path / "c")]).fit(X + 1e-3, y)


def test_a_damaged_file_says_what_to_do(data, tmp_path):
    path = tmp_path / "c"
    make(max_epochs=1, callbacks=[Checkpoint(path)]).fit(*data)
    whole = path.read_bytes()
    for content in (whole[:200], whole[:-7], b"", b"x" * 300):
        path.write_bytes(content)
        with pytest.raises(CheckpointMismatchError, match="damaged or not a checkpoint.*remove it to start afresh"):
            make(callbacks=[Checkpoint(path)]).fit(*data)


_PROGRAM = textwrap.dedent("""
    import sys
    import numpy as np
    from sklearn.datasets import make_classification
    from rosenblatt import Checkpoint, MLPClassifier
    X, y = make_classification(3000, 10, random_state=0)
    model = MLPClassifier(hidden_layer_sizes=(32,), max_epochs=60, batch_size=8, dropout=0.2, random_state=3,
                          callbacks=[Checkpoint(sys.argv[1])])
    model.fit(X, y)
    np.savez(sys.argv[2], *model.coefs_, risk=model.history_["train_risk"])
""")


@pytest.mark.slow
def test_kill_9_and_start_again(tmp_path):
    """Killed twice at moments that nobody chose, by the signal that cannot be caught."""

    def start(name):
        arguments = [sys.executable, "-c", _PROGRAM, str(tmp_path / name), str(tmp_path / f"{name}.npz")]
        return subprocess.Popen(arguments)

    assert start("whole").wait(300) == 0
    for _ in range(2):
        process = start("killed")
        seen = (tmp_path / "killed").stat().st_mtime_ns if (tmp_path / "killed").exists() else 0
        deadline = time.monotonic() + 120
        while not (tmp_path / "killed").exists() or (tmp_path / "killed").stat().st_mtime_ns == seen:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(0.03)
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert start("killed").wait(300) == 0
    whole, killed = np.load(tmp_path / "whole.npz"), np.load(tmp_path / "killed.npz")
    assert sorted(whole) == sorted(killed)
    for name in whole:
        np.testing.assert_array_equal(whole[name], killed[name])
