"""The host loop: how fits end, what they keep, and what they report."""

import os
import signal
import threading
import time

import numpy as np
import optax
import pytest
from sklearn.datasets import make_classification

from rosenblatt import Callback, MLPClassifier, MLPRegressor, NonFiniteRiskError
from rosenblatt.training import InterruptedFitWarning


@pytest.fixture(scope="module")
def data():
    return make_classification(200, 8, n_informative=5, random_state=0)


def make(**fields):
    return MLPClassifier(**({"hidden_layer_sizes": (16,), "max_epochs": 5, "random_state": 0} | fields))


class TestEarlyStopping:
    def test_stops_after_patience_and_restores_the_lowest_validation_risk(self, data):
        X, y = data
        noise = np.random.default_rng(0).permutation(y)  # nothing to learn: the validation risk soon rises
        model = make(max_epochs=200, learning_rate=0.02, early_stopping=True, patience=4)
        model.fit(X[:120], noise[:120], validation_data=(X[120:], noise[120:]))
        risks = model.history_["validation_risk"]
        assert model.stopped_ == "early_stopping"
        assert model.best_epoch_ == risks.argmin() + 1
        assert model.n_epochs_ == model.best_epoch_ + 4 == len(risks)
        probability = model.predict_proba(X[120:])[np.arange(80), noise[120:]]
        np.testing.assert_allclose(-np.log(probability).mean(), risks.min(), rtol=1e-5)  # float32 sums

    def test_without_it_the_last_parameters_are_kept(self, data):
        X, y = data
        model = make(max_epochs=30, learning_rate=0.05).fit(X[:100], y[:100], validation_data=(X[100:], y[100:]))
        assert model.n_epochs_ == 30
        probability = model.predict_proba(X[100:])[np.arange(100), y[100:]]
        np.testing.assert_allclose(-np.log(probability).mean(), model.history_["validation_risk"][-1], rtol=1e-5)

    def test_sets_a_stratified_part_aside(self, data):
        X, _ = data
        rare = np.where(np.arange(200) < 20, 1, 0)
        model = make(early_stopping=True, validation_fraction=0.2).fit(X, rare)
        assert "validation_accuracy" in model.history_
        accuracies = model.history_["validation_accuracy"] * 40  # of 40 rows, 4 of them rare
        np.testing.assert_allclose(accuracies, accuracies.round(), atol=1e-4)

    def test_penalty_is_in_both_risks(self, data):
        X, y = data
        model = make(l2=0.1, l1=0.01, learning_rate=1e-30).fit(X, y, validation_data=(X, y))
        weights = [w.astype(float) for w in model.coefs_]
        penalty = sum(0.1 * (w**2).sum() + 0.01 * np.abs(w).sum() for w in weights)
        loss = -np.log(model.predict_proba(X)[np.arange(200), y]).mean()
        np.testing.assert_allclose(model.history_["train_risk"][-1], loss + penalty, rtol=1e-5)
        np.testing.assert_allclose(model.history_["validation_risk"][-1], loss + penalty, rtol=1e-5)

    def test_too_few_rows_say_what_to_do(self):
        with pytest.raises(ValueError, match=r"10% of 6 rows cannot be set aside.*Pass validation_data"):
            make(early_stopping=True).fit(np.arange(6.0).reshape(-1, 1), [0, 0, 0, 1, 1, 1])

    def test_validation_weights_count(self, data):
        X, y = data
        weights = np.r_[np.ones(100), np.zeros(100)]
        weighted = make().fit(X, y, validation_data=(X, y, weights))
        half = make().fit(X, y, validation_data=(X[:100], y[:100]))
        np.testing.assert_allclose(weighted.history_["validation_risk"], half.history_["validation_risk"], rtol=1e-5)


class TestNonFiniteRisk:
    def test_keeps_the_last_good_parameters_and_says_what_to_try(self, data):
        X, y = data[0], data[0][:, 0] * 10
        model = MLPRegressor(hidden_layer_sizes=(16,), optimizer="sgd", learning_rate=3.0, random_state=0)
        with pytest.raises(
            NonFiniteRiskError, match=r"'model' became .* at epoch \d+, step \d+.*learning_rate"
        ) as info:
            model.fit(X, y)
        assert info.value.player == "model"
        assert info.value.epoch == model.n_epochs_ + 1
        assert 1 <= info.value.step <= 4
        assert all(np.isfinite(w).all() for w in model.coefs_)
        assert np.isfinite(model.predict(X)).all()

    def test_the_same_epochs_alone_end_with_the_kept_parameters(self, data):
        X, y = data[0], data[0][:, 0] * 10
        fields = {"hidden_layer_sizes": (16,), "optimizer": "sgd", "learning_rate": 0.3, "random_state": 0}
        diverged = MLPRegressor(**fields, max_epochs=1000)
        with pytest.raises(NonFiniteRiskError):
            diverged.fit(X, 1e4 * y)
        if diverged.n_epochs_:
            stopped = MLPRegressor(**fields, max_epochs=diverged.n_epochs_).fit(X, 1e4 * y)
            np.testing.assert_array_equal(stopped.coefs_[0], diverged.coefs_[0])

    def test_infinite_parameters_after_the_last_step_count_too(self, data):
        rates = optax.piecewise_constant_schedule(0.01, {3: 1e38})
        model = MLPRegressor(
            hidden_layer_sizes=(16,), optimizer="sgd", learning_rate=rates, max_epochs=1, random_state=0
        )
        with pytest.raises(NonFiniteRiskError, match="epoch 1, step 4"):
            model.fit(data[0], 1e3 * data[1])


class TestInterruption:
    def test_ctrl_c_keeps_what_was_learned(self, data):
        class Impatient(Callback):
            def on_epoch_end(self, epoch, logs):
                if epoch == 3:
                    raise KeyboardInterrupt

        with pytest.warns(InterruptedFitWarning, match="after 3 whole epochs of 50"):
            model = make(max_epochs=50, callbacks=[Impatient()]).fit(*data)
        assert (model.stopped_, model.n_epochs_) == ("interrupted", 3)
        np.testing.assert_array_equal(model.coefs_[0], make(max_epochs=3).fit(*data).coefs_[0])

    def test_a_real_signal_within_a_long_epoch(self):
        X = np.random.default_rng(0).normal(size=(200_000, 8)).astype(np.float32)
        model = make(batch_size=1, max_epochs=3)
        told = threading.Event()

        class Watch(Callback):
            def on_steps(self, training, step, n_steps):
                told.set()

        def press():
            told.wait(60)
            time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=press)
        thread.start()
        with pytest.warns(InterruptedFitWarning, match="after 0 whole epochs"):
            model.set_params(callbacks=[Watch()]).fit(X, (X[:, 0] > 0).astype(int))
        thread.join()
        assert model.n_epochs_ == 0
        assert model.score(X[:1000], (X[:1000, 0] > 0)) > 0.8  # 0.5 is chance, after thousands of steps it is over 0.95

    def test_before_anything_was_learned_it_is_an_interrupt(self, data):
        class AtOnce(Callback):
            def on_train_begin(self, training):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            make(callbacks=[AtOnce()]).fit(*data)


class TestContinuing:
    def test_partial_fit_is_fit_cut_into_epochs(self, data):
        whole = make(max_epochs=4).fit(*data)
        parts = make()
        for _ in range(4):
            parts.partial_fit(*data)
        np.testing.assert_array_equal(whole.coefs_[0], parts.coefs_[0])
        assert list(parts.history_["epoch"]) == [1, 2, 3, 4]
        assert parts.n_epochs_ == 4

    def test_partial_fit_needs_all_classes_first(self, data):
        X, y = data
        model = make().partial_fit(X[y == 0][:10], y[y == 0][:10], classes=[0, 1])
        model.partial_fit(X, y)
        with pytest.raises(ValueError, match=r"classes \[2\] that are not among \[0, 1\]"):
            model.partial_fit(X, np.full(len(X), 2))
        with pytest.raises(ValueError, match="differ from those of the first call"):
            model.partial_fit(X, y, classes=[0, 1, 2])

    def test_warm_start_goes_on_from_the_parameters(self, data):
        cold = make(max_epochs=20).fit(*data)
        warm = make(max_epochs=20, warm_start=True).fit(*data).fit(*data)
        assert warm.history_["train_risk"][0] < cold.history_["train_risk"][0] / 1.2
        with pytest.raises(ValueError, match="features"):
            warm.fit(data[0][:, :3], data[1])


class TestNotesGradientDescents:
    """GD, SGD and mini-batch are the same code: only the number of updates an epoch differs."""

    @pytest.mark.parametrize(("batch_size", "steps"), [("full", 1), (1, 200), (64, 4), (200, 1), (1000, 1)])
    def test_updates_of_an_epoch(self, data, batch_size, steps):
        class Count(Callback):
            def on_train_begin(self, training):
                self.n_steps = training.n_steps

        count = Count()
        make(batch_size=batch_size, max_epochs=1, callbacks=[count]).fit(*data)
        assert count.n_steps == steps

    def test_full_batch_descends_at_every_epoch(self, data):
        model = make(batch_size="full", optimizer="sgd", learning_rate=0.05, max_epochs=40).fit(*data)
        assert (np.diff(model.history_["train_risk"]) < 0).all()
