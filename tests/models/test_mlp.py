"""The fields of the multi-layer perceptrons, and the mistakes that users make with them."""

import warnings

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.special import softmax
from sklearn.datasets import make_classification, make_moons, make_regression
from sklearn.metrics import mean_poisson_deviance
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from rosenblatt import MLPClassifier, MLPRegressor
from rosenblatt.losses import Huber
from rosenblatt.nn import ACTIVATIONS


@pytest.fixture(scope="module")
def moons():
    return make_moons(200, noise=0.1, random_state=0)


def classifier(**fields):
    return MLPClassifier(**({"hidden_layer_sizes": (16,), "max_epochs": 3, "random_state": 0} | fields))


class TestLabels:
    @pytest.mark.parametrize("labels", [[-1, 1], ["no", "yes"], [False, True], [3, 8]])
    def test_of_any_kind(self, moons, labels):
        X, y = moons
        named = np.array(labels)[y]
        model = classifier(max_epochs=200, learning_rate=0.02).fit(X, named)
        assert model.classes_.tolist() == sorted(labels)
        assert model.predict(X).dtype == named.dtype
        assert model.score(X, named) > 0.97  # chance 0.5; measured 1.0 with each seed of 0 to 4
        assert model.predict_proba(X).shape == (200, 2)

    def test_object_strings(self, moons):
        X, y = moons
        named = np.array(["left", "right"], dtype=object)[y]
        assert set(classifier().fit(X, named).predict(X)) <= {"left", "right"}

    def test_multilabel(self):
        X = np.random.default_rng(0).normal(size=(300, 4))
        Y = (X[:, :3] > 0).astype(int)
        model = classifier(max_epochs=80, learning_rate=0.02).fit(X, Y, validation_data=(X, Y))
        assert model.predict(X).shape == (300, 3)
        assert (model.predict(X) == Y).mean() > 0.95  # chance 0.5
        np.testing.assert_allclose(model.history_["validation_accuracy"][-1], model.score(X, Y), atol=1e-6)
        logits = model.decision_function(X).astype(float)
        loss = (np.logaddexp(0, logits) - Y * logits).sum(1).mean()
        np.testing.assert_allclose(model.history_["validation_risk"][-1], loss, rtol=1e-5)

    def test_probabilities_are_those_of_the_logits(self):
        X, y = make_classification(100, 6, n_informative=4, n_classes=3, random_state=0)
        model = classifier().fit(X, y)
        logits = model.decision_function(X).astype(float)
        np.testing.assert_allclose(model.predict_proba(X), softmax(logits, axis=1), rtol=1e-12)
        np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), model.predict_proba(X), rtol=1e-9)
        np.testing.assert_array_equal(model.predict(X), logits.argmax(1))


class TestWeights:
    def test_class_weight_equals_sample_weight(self, moons):
        X, y = moons
        by_class = classifier(class_weight={0: 1.0, 1: 5.0}).fit(X, y)
        by_row = classifier().fit(X, y, sample_weight=np.where(y == 1, 5.0, 1.0))
        np.testing.assert_array_equal(by_class.coefs_[0], by_row.coefs_[0])

    def test_balanced_finds_the_rare_class(self):
        X, y = make_classification(400, 4, weights=[0.93], class_sep=0.8, random_state=0)
        plain = classifier(max_epochs=30).fit(X, y)
        balanced = classifier(max_epochs=30, class_weight="balanced").fit(X, y)
        assert balanced.predict(X)[y == 1].mean() > plain.predict(X)[y == 1].mean() + 0.1

    def test_only_ratios_matter(self, moons):
        X, y = moons
        weights = np.random.default_rng(0).random(200)
        one, ten = (classifier().fit(X, y, sample_weight=scale * weights) for scale in (1.0, 16.0))
        np.testing.assert_array_equal(one.coefs_[0], ten.coefs_[0])

    def test_they_count_with_one_row_a_batch_too(self, moons):
        X, y = moons
        model = classifier(batch_size=1, optimizer="sgd", learning_rate=0.05, max_epochs=10)
        heavy = model.fit(X, y, sample_weight=np.where(y == 1, 20.0, 1.0)).predict_proba(X)[:, 1].mean()
        assert heavy > model.fit(X, y).predict_proba(X)[:, 1].mean() + 0.1

    @pytest.mark.parametrize(
        ("weights", "text"),
        [
            (np.ones(3), r"sample_weight has shape \(3,\); it must be \(200,\)"),
            (np.r_[-1.0, np.ones(199)], "sample_weight must be >= 0; the smallest weight is -1"),
            (np.zeros(200), "sample_weight is zero for every row"),
            (np.r_[np.nan, np.ones(199)], "sample_weight contains NaN"),
        ],
    )
    def test_bad_ones(self, moons, weights, text):
        with pytest.raises(ValueError, match=text):
            classifier().fit(*moons, sample_weight=weights)


class TestNetwork:
    @pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
    def test_every_activation_trains(self, moons, activation):
        model = classifier(activation=activation, max_epochs=1).fit(*moons)
        assert np.isfinite(model.predict_proba(moons[0])).all()
        before = classifier(activation=activation, max_epochs=1, learning_rate=1e-30).fit(*moons)
        assert not np.array_equal(model.coefs_[0], before.coefs_[0])

    def test_one_activation_a_layer_and_callables(self, moons):
        model = classifier(hidden_layer_sizes=(6, 5), activation=["tanh", jnp.sin]).fit(*moons)
        hidden = np.tanh(moons[0] @ model.coefs_[0] + model.intercepts_[0])
        hidden = np.sin(hidden @ model.coefs_[1] + model.intercepts_[1])
        np.testing.assert_allclose(model.transform(moons[0]), hidden, rtol=1e-4, atol=1e-6)
        outputs = hidden @ model.coefs_[2] + model.intercepts_[2]
        np.testing.assert_allclose(model.decision_function(moons[0]), outputs[:, 0], rtol=1e-4, atol=1e-6)

    def test_wrong_number_of_activations(self, moons):
        with pytest.raises(ValueError, match="activation has 2 functions for 1 hidden layers"):
            classifier(activation=["tanh", "relu"]).fit(*moons)

    def test_slope_of_leaky_relu(self, moons):
        model = classifier(activation="leaky_relu", negative_slope=0.3).fit(*moons)
        linear = moons[0] @ model.coefs_[0] + model.intercepts_[0]
        expected = np.where(linear > 0, linear, 0.3 * linear)
        np.testing.assert_allclose(model.transform(moons[0]), expected, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("sizes", [7, (7,), [7], np.array([7]), np.int64(7)])
    def test_sizes_of_any_kind(self, moons, sizes):
        assert classifier(hidden_layer_sizes=sizes).fit(*moons).coefs_[0].shape == (2, 7)

    def test_no_hidden_layer_is_logistic_regression(self, moons):
        model = classifier(hidden_layer_sizes=()).fit(*moons)
        assert model.n_parameters_ == (2, 1)
        np.testing.assert_allclose(model.transform(moons[0]), moons[0], rtol=1e-6)

    def test_unit_outputs_are_every_layer(self, moons):
        model = classifier(hidden_layer_sizes=(4, 3)).fit(*moons)
        layers = model.unit_outputs(moons[0])
        assert [layer.shape for layer in layers] == [(200, 4), (200, 3), (200, 1)]
        np.testing.assert_array_equal(layers[1], model.transform(moons[0].astype(np.float32)))
        np.testing.assert_array_equal(layers[2][:, 0], model.decision_function(moons[0]))

    def test_zeros_cannot_train_a_hidden_layer(self, moons):
        model = classifier(initializer="zeros", activation="sigmoid", max_epochs=50, learning_rate=0.05).fit(*moons)
        assert np.ptp(model.coefs_[0], axis=1).max() < 1e-6  # all units stay the same

    def test_dropout_only_in_training(self, moons):
        model = classifier(dropout=0.5).fit(*moons)
        np.testing.assert_array_equal(model.predict_proba(moons[0]), model.predict_proba(moons[0]))
        assert not np.array_equal(model.coefs_[0], classifier().fit(*moons).coefs_[0])

    def test_l1_makes_weights_small_and_l2_smaller_norms(self, moons):
        fields = {"max_epochs": 100, "learning_rate": 0.01}
        plain = classifier(**fields).fit(*moons)
        assert np.abs(classifier(l1=0.01, **fields).fit(*moons).coefs_[0]).mean() < np.abs(plain.coefs_[0]).mean() / 2
        assert np.linalg.norm(classifier(l2=0.05, **fields).fit(*moons).coefs_[0]) < np.linalg.norm(plain.coefs_[0]) / 2

    def test_a_network_of_your_own(self, moons):
        class Skip(eqx.Module):
            inner: eqx.nn.Linear
            outer: eqx.nn.Linear
            drop: eqx.nn.Dropout

            def __init__(self, n_inputs, n_outputs, *, key):
                one, two = jax.random.split(key)
                self.inner = eqx.nn.Linear(n_inputs, 8, key=one)
                self.outer = eqx.nn.Linear(8 + n_inputs, n_outputs, key=two)
                self.drop = eqx.nn.Dropout(0.1)

            def __call__(self, x, *, dropout=None, key=None):
                hidden = self.drop(jnp.tanh(self.inner(x)), key=key, inference=key is None)
                return self.outer(jnp.concatenate([x, hidden]))

        model = classifier(network=Skip, max_epochs=60, learning_rate=0.02).fit(*moons)
        assert model.score(*moons) > 0.85  # chance 0.5; a line reaches 0.88
        assert model.n_parameters_ == (2 * 8 + 10, 8 + 1)

    def test_any_optax_object(self, moons):
        chain = optax.chain(optax.clip_by_global_norm(1.0), optax.lion(1e-3))
        model = classifier(optimizer=chain).fit(*moons)
        assert np.isfinite(model.history_["train_risk"]).all()
        with pytest.raises(ValueError, match="given beside an Optax object"):
            classifier(optimizer=chain, learning_rate=0.1).fit(*moons)

    def test_features_go_into_a_pipeline_with_names(self, moons):
        model = make_pipeline(StandardScaler(), classifier(max_epochs=40), LinearSVC())
        assert model.fit(*moons).score(*moons) > 0.85
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame(moons[0], columns=["a", "b"])
        features = classifier().set_output(transform="pandas").fit(frame, moons[1]).transform(frame)
        assert list(features.columns[:2]) == ["mlpclassifier0", "mlpclassifier1"]


class TestRegression:
    @pytest.mark.parametrize("loss", ["square", "absolute", "huber", "poisson", Huber(0.1), lambda p, t: (p - t) ** 4])
    def test_every_loss_learns(self, loss):
        x = np.linspace(-1, 1, 200).reshape(-1, 1)
        y = np.exp(x[:, 0])
        model = MLPRegressor(loss=loss, hidden_layer_sizes=(16,), max_epochs=150, learning_rate=0.01, random_state=0)
        assert model.fit(x, y).score(x, y) > 0.95  # the mean alone gives 0

    def test_poisson_predicts_rates_and_reports_half_the_deviance(self):
        rng = np.random.default_rng(0)
        x = rng.uniform(-1, 1, (500, 1))
        y = rng.poisson(np.exp(1 + x[:, 0]))
        model = MLPRegressor(loss="poisson", hidden_layer_sizes=(8,), max_epochs=20, random_state=0)
        model.fit(x, y, validation_data=(x, y))
        assert (model.predict(x) > 0).all()
        half_deviance = mean_poisson_deviance(y, model.predict(x)) / 2
        np.testing.assert_allclose(model.history_["validation_risk"][-1], half_deviance, rtol=1e-5)
        with pytest.raises(ValueError, match="needs counts y >= 0; the smallest y is -1"):
            model.fit(x, y - 1)

    def test_several_outputs(self):
        X, Y = make_regression(200, 5, n_informative=5, n_targets=3, random_state=0)
        Y = (Y - Y.mean(0)) / Y.std(0)
        model = MLPRegressor(hidden_layer_sizes=(16,), max_epochs=100, learning_rate=0.01, random_state=0).fit(X, Y)
        assert model.predict(X).shape == (200, 3)
        assert model.score(X, Y) > 0.9
        assert MLPRegressor(max_epochs=1).fit(X, Y[:, 0]).predict(X).shape == (200,)
        assert MLPRegressor(max_epochs=1).fit(X, Y[:, :1]).predict(X).shape == (200, 1)


class TestMistakes:
    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"dropout": 1.5}, r"dropout=1.5: it should be less than 1"),
            ({"dropout": "much"}, "dropout='much': it should be a valid number"),
            ({"max_epochs": 0}, "max_epochs=0: it should be greater than or equal to 1"),
            ({"max_epochs": 2.5}, "max_epochs=2.5: it should be a valid integer"),
            ({"batch_size": "all"}, "batch_size='all'.*'full'"),
            ({"hidden_layer_sizes": (10, -1)}, r"hidden_layer_sizes=\(10, -1\)"),
            ({"activation": "relo"}, "activation='relo'.*'relu'"),
            ({"optimizer": "adamm"}, "optimizer='adamm'.*'adam'"),
            ({"learning_rate": -1.0}, "learning_rate=-1.0: it should be greater than 0"),
            ({"l2": np.nan}, "l2=nan"),
            ({"random_state": -1}, "random_state=-1"),
            ({"early_stopping": "yes"}, "early_stopping='yes': it should be a valid boolean"),
            ({"device": "abacus"}, "device='abacus' is not available; here there is: .*cpu"),
        ],
    )
    def test_fields(self, moons, fields, text):
        with pytest.raises(ValueError, match=text):
            classifier(**fields).fit(*moons)

    def test_all_wrong_fields_are_named_at_once(self, moons):
        with pytest.raises(ValueError, match="MLPClassifier cannot be fitted with dropout=2: .*less than 1; l1=-1: "):
            classifier(dropout=2, l1=-1).fit(*moons)

    def test_numpy_scalars_are_numbers(self, moons):
        model = classifier(dropout=np.float32(0.1), max_epochs=np.int64(2), l2=np.float64(0), batch_size=np.int32(32))
        assert model.fit(*moons).n_epochs_ == 2

    @pytest.mark.parametrize(
        ("X", "y", "text"),
        [
            ([[np.nan, 1.0], [0.0, 1.0]], [0, 1], "Input X contains NaN"),
            ([[np.inf, 1.0], [0.0, 1.0]], [0, 1], "Input X contains infinity"),
            ([[1e39, 1.0], [0.0, 1.0]], [0, 1], "numbers up to 1e\\+39, which float32 cannot hold.*StandardScaler"),
            (np.empty((0, 2)), [], r"Found array with 0 sample\(s\)"),
            (np.empty((3, 0)), [0, 1, 0], r"Found array with 0 feature\(s\)"),
            ([1.0, 2.0], [0, 1], "(?s)Expected 2D array, got 1D array instead.*Reshape your data"),
            (np.zeros((2, 2, 2, 2, 2)), [0, 1], r"X has shape \(.*\), 5 axes; give rows \(n, features\), or images"),
            ([[0.0], [1.0], [2.0]], [0, 1], "inconsistent numbers of samples"),
            ([[0.0], [1.0]], ["a", "a"], "needs at least two classes to tell apart; y holds one class only: .*'a'"),
            ([[5.0, 1.0]] * 4, [0, 1, 0, 1], "every column of X is constant .*4 equal rows of 2 columns"),
            ([["red", "1"], ["blue", "2"]], [0, 1], "could not convert string to float: 'red'"),
            ([[0.0], [1.0]], [0.5, 1.5], "Unknown label type: continuous"),
            ([[0.0], [1.0]], None, "requires y to be passed"),
        ],
    )
    def test_data(self, X, y, text):
        with pytest.raises(ValueError, match=text):
            classifier().fit(X, y)

    def test_constant_columns_among_others_are_fine(self, moons):
        X = np.c_[moons[0], np.full(200, 7.0)]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert classifier(max_epochs=60, learning_rate=0.02).fit(X, moons[1]).score(X, moons[1]) > 0.85

    def test_other_columns_at_prediction(self, moons):
        model = classifier().fit(*moons)
        with pytest.raises(ValueError, match="X has 3 features, but MLPClassifier is expecting 2 features"):
            model.predict(np.zeros((1, 3)))

    def test_validation_data(self, moons):
        X, y = moons
        with pytest.raises(ValueError, match=r"validation_data must be \(X, y\) or \(X, y, sample_weight\)"):
            classifier().fit(X, y, validation_data=X)
        with pytest.raises(ValueError, match=r"classes \[7\] that are not among \[0, 1\]"):
            classifier().fit(X, y, validation_data=(X, np.full(200, 7)))
        with pytest.raises(ValueError, match="features"):
            classifier().fit(X, y, validation_data=(X[:, :1], y))

    def test_regression_targets(self):
        with pytest.raises(ValueError, match="Input y contains NaN"):
            MLPRegressor().fit([[0.0], [1.0]], [np.nan, 1.0])
        with pytest.raises(ValueError, match="y holds texts such as 'low'; regression needs numbers"):
            MLPRegressor().fit([[0.0], [1.0]], ["low", "high"])

    def test_one_label_after_a_fit_on_several(self):
        X = np.random.default_rng(0).normal(size=(30, 4))
        model = classifier().fit(X, (X[:, :3] > 0).astype(int))
        with pytest.raises(ValueError, match="y is one-dimensional; the fit before had a table of 3 labels"):
            model.partial_fit(X, np.arange(30) % 3)

    def test_a_loss_that_takes_the_mean_itself(self):
        with pytest.raises(ValueError, match="returns a loss for each element; this one returned shape"):
            MLPRegressor(loss=lambda p, t: ((p - t) ** 2).mean()).fit([[0.0], [1.0]], [0.0, 1.0])
