"""The perceptron's rule, and what it says of data that no plane separates."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from rosenblatt import Callback, Perceptron
from rosenblatt.models.perceptron import separable

GATES = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])


def rosenblatts_rule(X, signs, orders, eta):
    """The rule as the lecture writes it, one row after another, in float64."""
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, 0
    for order in orders:
        for i in order:
            if signs[i] * (X[i] @ w + b) <= 0:
                w, b, mistakes = w + eta * signs[i] * X[i], b + eta * signs[i], mistakes + 1
    return w, b, mistakes


class Orders(Callback):
    """Remembers the order of the rows of each epoch, by repeating the engine's draws from the same seed."""

    def on_train_begin(self, training):
        self.rng = np.random.default_rng()
        self.rng.bit_generator.state = training.rng.bit_generator.state
        self.n_rows, self.n_padded, self.orders = training.n_rows, 512, []

    def on_epoch_end(self, epoch, logs):
        self.orders.append(self.rng.permutation(self.n_rows))
        self.rng.integers(0, 2**32, (self.n_padded, 2), dtype=np.uint32)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("eta", [1.0, 0.5])
@pytest.mark.parametrize("spread", [0.5, 4.0])  # separable, and not
def test_weights_and_mistakes_equal_the_rule_row_by_row(eta, spread):
    X, y = make_blobs(80, centers=[[-2, -2], [2, 2]], cluster_std=spread, random_state=0)
    X = np.round(X * 8) / 8  # short binary fractions: all sums are exact in float32
    orders = Orders()
    model = Perceptron(learning_rate=eta, max_epochs=15, random_state=0, callbacks=[orders]).fit(X, y)
    w, b, mistakes = rosenblatts_rule(X, 2 * y - 1, orders.orders, eta)
    np.testing.assert_array_equal(model.coef_[0], w)
    np.testing.assert_array_equal(model.intercept_[0], b)
    assert model.n_mistakes_ == mistakes


def test_mistakes_stay_below_novikoffs_bound():
    X, y = make_blobs(200, centers=[[-3, 0], [3, 0]], cluster_std=0.6, random_state=1)
    model = Perceptron(random_state=0).fit(X, y)
    assert model.separable_
    assert model.history_["train_mistakes"][-1] == 0
    assert model.score(X, y) == 1.0
    wide = np.hstack([X, np.ones((len(X), 1))])  # the bias is a weight of a constant input
    plane = LinearSVC(C=1e6, fit_intercept=False, max_iter=100_000).fit(wide, y).coef_[0]
    margin = ((2 * y - 1) * (wide @ plane)).min() / np.linalg.norm(plane)
    assert 0 < model.n_mistakes_ <= (np.linalg.norm(wide, axis=1).max() / margin) ** 2


def test_learning_rate_scales_weights_and_changes_no_prediction():
    X, y = make_blobs(60, centers=3, cluster_std=0.3, random_state=0)
    one, ten = (Perceptron(learning_rate=eta, random_state=0).fit(X, y) for eta in (1.0, 8.0))
    np.testing.assert_array_equal(8 * one.coef_, ten.coef_)
    np.testing.assert_array_equal(one.predict(X), ten.predict(X))


def test_xor_is_not_separable_and_it_says_so():
    with pytest.warns(ConvergenceWarning, match="no plane separates the classes .*never settles.*MLPClassifier"):
        model = Perceptron(max_epochs=10, random_state=0).fit(GATES, XOR)
    assert model.separable_ is False
    assert model.n_epochs_ == 10


def test_separable_but_out_of_epochs_says_to_go_on():
    X = np.array([[0.0], [0.001], [1.0]])
    with pytest.warns(ConvergenceWarning, match=r"planes that separate the classes exist: raise max_epochs \(now 2\)"):
        model = Perceptron(max_epochs=2, random_state=0).fit(X, [0, 1, 1])
    assert model.separable_ is True


def test_several_classes_are_a_unit_each():
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    with pytest.warns(ConvergenceWarning, match="no plane separates"):  # versicolor from the rest
        model = Perceptron(max_epochs=50, random_state=0).fit(X, names)
    assert model.coef_.shape == (3, 4)
    assert model.decision_function(X).shape == (150, 3)
    assert model.score(X, names) > 0.66  # 1/3 is chance; setosa alone and a guess give 2/3


def test_partial_fit_adds_mistakes_up():
    X, y = make_blobs(60, centers=2, cluster_std=3.0, random_state=3)
    model = Perceptron(random_state=0)
    for _ in range(3):
        model.partial_fit(X, y, classes=[0, 1])
    assert model.n_mistakes_ == round(model.history_["train_mistakes"].sum() * 60)


@pytest.mark.parametrize(
    ("signs", "answer"),
    [([-1, -1, -1, 1], True), ([-1, 1, 1, 1], True), ([-1, 1, 1, -1], False), ([1, 1, 1, 1], True)],
)
def test_separability_of_the_gates(signs, answer):
    assert separable(GATES, np.array(signs, float)[:, None]) is answer


def test_a_linear_program_that_takes_too_long_is_no_answer(monkeypatch):
    monkeypatch.setattr("rosenblatt.models.perceptron._SECONDS_FOR_PROOF", 0.0)
    with pytest.warns(ConvergenceWarning, match="was not found out in time"):
        model = Perceptron(max_epochs=2, random_state=0).fit(
            *make_blobs(400, 30, centers=2, cluster_std=30, random_state=0)
        )
    assert model.separable_ is None
