from functools import partial

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import LinearRegression
from sklearn.metrics import log_loss, r2_score

from rosenblatt.models.autoencoder import Autoencoder
from rosenblatt.models.mlp import MLPClassifier
from rosenblatt.models.perceptron import Perceptron
from rosenblatt.runs.evaluation import evaluate

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
LABELS = np.array(["low", "mid", "high"])[np.digitize(X[:, 0], (-0.4, 0.4))]


@pytest.fixture(scope="module")
def classifier():
    return MLPClassifier(hidden_layer_sizes=4, max_epochs=3, random_state=0).fit(X, LABELS)


def test_classes_are_scored_by_accuracy_cross_entropy_and_counts(classifier):
    scores, labels, confusion = evaluate(classifier, X, LABELS)
    predicted = classifier.predict(X)
    assert scores["accuracy"] == pytest.approx(np.mean(predicted == LABELS), abs=1e-12)
    assert scores["cross_entropy"] == pytest.approx(log_loss(LABELS, classifier.predict_proba(X)), rel=1e-9)
    assert labels == ["high", "low", "mid"]
    for i, true in enumerate(labels):
        for j, taken in enumerate(labels):
            assert confusion[i, j] == np.sum((true == LABELS) & (predicted == taken))


def test_a_class_that_was_not_learned_is_counted_and_leaves_the_cross_entropy_out(classifier):
    y = LABELS.copy()
    y[:5] = "top"
    scores, labels, confusion = evaluate(classifier, X, y)
    assert list(scores) == ["accuracy"]
    assert labels == ["high", "low", "mid", "top"]
    assert confusion[3].sum() == 5
    assert confusion[:, 3].sum() == 0


def test_classes_that_are_all_unknown_are_refused(classifier):
    with pytest.raises(ValueError, match=r"holds 0, 1, the model tells apart high, low, mid"):
        evaluate(classifier, X, np.arange(60) % 2)


def test_sure_and_wrong_costs_as_much_as_the_logit_says():
    """-log p = log(1 + exp(f)) = f, where p itself underflows in float64."""
    model = MLPClassifier(hidden_layer_sizes=(), max_epochs=2, random_state=0).fit(X, X[:, 0] > 0)
    far = 1e6 * X[:1]
    logit = model.decision_function(far)[0]
    assert abs(logit) > 1e4
    scores = evaluate(model, far, np.array([logit < 0])).scores
    assert scores == {"accuracy": 0.0, "cross_entropy": pytest.approx(abs(logit), rel=1e-9)}


def test_a_perceptron_has_no_cross_entropy():
    y = np.where(X[:, 0] > 0, "up", "down")
    model = Perceptron(max_epochs=100, random_state=0).fit(X[np.abs(X[:, 0]) > 0.3], y[np.abs(X[:, 0]) > 0.3])
    assert list(evaluate(model, X, y).scores) == ["accuracy"]


def test_several_labels_a_row():
    y = (X[:, :2] > 0).astype(int)
    model = MLPClassifier(hidden_layer_sizes=4, max_epochs=2, random_state=0).fit(X, y)
    scores, labels, confusion = evaluate(model, X, y)
    predicted = model.predict(X)
    assert scores["accuracy"] == pytest.approx(np.mean((predicted == y).all(axis=1)), abs=1e-12)
    assert scores["hamming_loss"] == pytest.approx(np.mean(predicted != y), abs=1e-12)
    assert labels is confusion is None


def test_numbers_are_scored_by_r2_and_errors():
    y = X @ [1.0, -2.0, 0.5] + RNG.normal(size=60)
    model = LinearRegression().fit(X, y)
    errors = model.predict(X) - y
    scores = evaluate(model, X, y).scores
    assert scores["mean_squared_error"] == pytest.approx(np.mean(errors**2), rel=1e-12)
    assert scores["mean_absolute_error"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-12)
    assert scores["r2"] == pytest.approx(1 - np.mean(errors**2) / y.var(), rel=1e-12)


restorer = partial(Autoencoder, latent_dim=2, hidden_layer_sizes=(4,), max_epochs=30, random_state=0)


@pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")
def test_restored_rows_are_scored_by_their_error_and_the_variance_that_it_leaves():
    model = restorer().fit(X)
    restored = model.reconstruct(X)
    scores, labels, confusion = evaluate(model, X)
    assert list(scores) == ["reconstruction_error", "explained_variance"]
    assert scores["reconstruction_error"] == pytest.approx(np.square(X - restored).sum(1).mean(), rel=1e-5)  # float32
    # No column is constant, so that scikit-learn's weighted mean over columns is the same.
    assert scores["explained_variance"] == pytest.approx(
        r2_score(X, restored, multioutput="variance_weighted"), abs=1e-5
    )
    assert labels is confusion is None


@pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")
def test_bytes_are_scored_as_the_numbers_from_0_to_1_that_they_stand_for():
    images = RNG.integers(0, 256, (30, 3, 3), dtype=np.uint8)
    model = restorer(loss="gaussian").fit(images)
    scores = evaluate(model, images).scores
    numbers, restored = images.reshape(30, 9) / 255, model.reconstruct(images).reshape(30, 9)
    assert scores["explained_variance"] == pytest.approx(
        r2_score(numbers, restored, multioutput="variance_weighted"), abs=1e-5
    )
    variance = np.exp(float(model.networks_["model"].log_variance))
    nats = norm.logpdf(numbers, restored, np.sqrt(variance)).sum(1).mean()
    assert scores["log_likelihood"] == pytest.approx(nats, rel=1e-4)


@pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")
def test_a_single_row_has_no_variance_to_explain():
    assert list(evaluate(restorer().fit(X), X[:1]).scores) == ["reconstruction_error"]
