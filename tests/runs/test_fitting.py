import numpy as np
import pytest

from rosenblatt.data import load
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.models.perceptron import Perceptron
from rosenblatt.runs.fitting import fit
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.rows import Split
from rosenblatt.training.errors import InterruptedFitWarning, NonFiniteRiskError

MOONS = Split.of(load("moons"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr("rosenblatt.runs.fitting.write_report", lambda *arguments: None)
    return RunFolder.create(tmp_path / "run", estimator="MLPClassifier")


def small(**fields) -> MLPClassifier:
    return MLPClassifier(**({"hidden_layer_sizes": 4, "max_epochs": 3, "random_state": 0} | fields))


def test_results_are_those_of_the_estimator():
    model = small()
    results = fit(model, MOONS)
    assert results["train_accuracy"] == pytest.approx(model.score(MOONS.X, MOONS.y), abs=1e-12)
    assert results["test_accuracy"] == pytest.approx(model.score(MOONS.X_test, MOONS.y_test), abs=1e-12)
    assert results["test_risk"] == model.history_["validation_risk"][-1]
    assert results["test_risk"] == pytest.approx(results["test_cross_entropy"], rel=1e-5)
    assert results["parameters"] == 2 * 4 + 4 + 4 + 1
    seconds = [name for name in model.history_ if name.endswith("_seconds")]
    assert results["seconds"] == pytest.approx(sum(model.history_[name].sum() for name in seconds), rel=1e-12)


def test_what_is_watched_and_kept_changes_no_bit(folder):
    alone = small().fit(MOONS.X, MOONS.y)
    kept = small()
    fit(kept, MOONS, folder)
    for weights, expected in zip(kept.coefs_, alone.coefs_, strict=True):
        assert np.array_equal(weights, expected)
    assert kept.callbacks == ()


def test_the_history_is_that_of_the_estimator(folder):
    model = small()
    fit(model, MOONS, folder)
    history = folder.history()
    assert list(history) == list(model.history_)
    for name, column in history.items():
        assert np.array_equal(column, model.history_[name])
    assert folder.status == "finished"


def test_under_early_stopping_the_risks_are_those_of_the_best_epoch():
    model = small(early_stopping=True, patience=2, max_epochs=30, learning_rate=0.3)
    results = fit(model, MOONS)
    assert model.best_epoch_ < model.n_epochs_
    assert results["validation_risk"] == model.history_["validation_risk"].min()
    assert results["train_risk"] == model.history_["train_risk"][model.best_epoch_ - 1]
    assert "test_risk" not in results


def test_nothing_need_be_tested_on():
    results = fit(small(), Split(MOONS.X, MOONS.y))
    assert not [name for name in results if name.startswith("test")]


def test_a_class_that_only_test_rows_have_is_no_error():
    X = np.random.default_rng(0).normal(size=(40, 2))
    results = fit(small(), Split(X, np.arange(40) % 2, X[:4], np.array([0, 1, 2, 0])))
    assert "test_risk" not in results
    assert "test_cross_entropy" not in results
    assert results["test_accuracy"] <= 0.75


def interrupt(epoch: int, logs: dict) -> None:
    if epoch == 2:
        raise KeyboardInterrupt


def test_an_interrupted_fit_keeps_what_was_learned(folder):
    with pytest.warns(InterruptedFitWarning, match="after 2 whole epochs of 3"):
        results = fit(small(callbacks=[interrupt]), MOONS, folder)
    assert (results["epochs"], results["stopped"]) == (2, "interrupted")
    assert folder.status == "interrupted"
    assert folder.record["results"]["epochs"] == 2
    assert folder.model.exists()
    assert folder.checkpoint.exists()


def test_going_on_gives_the_same_bits_however_old_the_checkpoint_is(folder):
    """The history is ahead of the checkpoint after a kill; here by an epoch."""
    with pytest.warns(InterruptedFitWarning):
        fit(small(callbacks=[interrupt]), MOONS, folder)
    assert len(folder.history()["epoch"]) == 1  # the callback that interrupts comes before the one that writes
    folder.append_history({"epoch": 2, "train_risk": 99.0})
    again, whole = small(), small()
    fit(again, MOONS, RunFolder.create(folder.path, estimator="MLPClassifier", resume=True))
    whole.fit(MOONS.X, MOONS.y)
    assert again.history_["epoch"].tolist() == [1, 2, 3]
    assert 99.0 not in folder.history()["train_risk"]
    for weights, expected in zip(again.coefs_, whole.coefs_, strict=True):
        assert np.array_equal(weights, expected)


def test_an_error_is_noted_in_the_run(folder):
    with pytest.raises(NonFiniteRiskError):
        fit(small(optimizer="sgd", learning_rate=1e30), MOONS, folder)
    assert folder.status == "failed"
    assert folder.record["error"].startswith("NonFiniteRiskError: the risk of 'model' became")


def test_an_interruption_before_the_first_step_is_noted_in_the_run(folder, monkeypatch):
    def fail(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(MLPClassifier, "fit", fail)
    with pytest.raises(KeyboardInterrupt):
        fit(small(), MOONS, folder)
    assert folder.status == "interrupted"


def test_a_perceptron_is_fitted_too(folder):
    blobs = Split.of(load("blobs"))
    with pytest.warns(UserWarning, match="epochs still had mistakes"):
        results = fit(Perceptron(max_epochs=2, random_state=0), blobs, folder)
    assert results["test_accuracy"] > 0.9  # chance is 1/3
    assert "train_mistakes" in folder.history()
