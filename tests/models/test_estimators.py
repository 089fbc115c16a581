"""The contract that every public estimator keeps: scikit-learn's checks, and ours."""

import copy
import pickle

import jax
import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.datasets import load_digits, make_classification
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import rosenblatt
from rosenblatt import (
    GAN,
    VAE,
    Autoencoder,
    ConvClassifier,
    ConvRegressor,
    FactorVAE,
    McCullochPittsNeuron,
    MLPClassifier,
    MLPRegressor,
    Perceptron,
)
from rosenblatt.training.epoch import run_steps

# A mini-batch fit in float32 cannot meet a tolerance of 1e-7 when rows are repeated instead of weighted: the batches
# are others. test_sample_weights_equal_repeated_rows asks 1e-5 of a full-batch fit instead.
_EXCUSED = {
    "check_sample_weight_equivalence_on_dense_data": "mini-batches in float32; see the test below",
    "check_sample_weight_equivalence_on_sparse_data": "mini-batches in float32; see the test below",
}
_SHORT = "ignore:.*reconstructs worse than PCA"  # after three epochs, or on noise
# Of the shapes that the tests of each estimator use, so that on digits they share the compiled programs.
_TRAINED = [
    Autoencoder(latent_dim=3, hidden_layer_sizes=(8,), max_epochs=3, random_state=0),
    ConvClassifier(channels=(4,), hidden_layer_sizes=(16,), max_epochs=3, random_state=0),
    ConvRegressor(channels=(4,), hidden_layer_sizes=(8,), max_epochs=3, random_state=0),
    FactorVAE(
        latent_dim=3,
        hidden_layer_sizes=(8,),
        discriminator_hidden_layer_sizes=(8,),
        max_epochs=3,
        random_state=0,
    ),
    GAN(batch_size=4, latent_dim=2, hidden_layer_sizes=(8,), max_epochs=3, random_state=0),
    MLPClassifier(hidden_layer_sizes=(8,), max_epochs=3, random_state=0),
    MLPRegressor(hidden_layer_sizes=(8,), max_epochs=3, random_state=0),
    VAE(latent_dim=3, hidden_layer_sizes=(8,), max_epochs=3, random_state=0),
    Perceptron(max_epochs=3, random_state=0),
]
_ids = [type(estimator).__name__ for estimator in _TRAINED]
trained = pytest.mark.parametrize("estimator", _TRAINED, ids=_ids)


@pytest.fixture(scope="module")
def data():
    """60 separable rows of 6 columns in 3 classes."""
    return make_classification(60, 6, n_informative=4, n_classes=3, class_sep=3.0, random_state=0)


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::sklearn.exceptions.SkipTestWarning", _SHORT
)
@pytest.mark.filterwarnings("ignore:.*was set.*:FutureWarning", "ignore::sklearn.exceptions.DataConversionWarning")
@parametrize_with_checks(
    [
        Autoencoder(latent_dim=2),
        GAN(batch_size=4, latent_dim=2, hidden_layer_sizes=(8,), max_epochs=3),
        MLPClassifier(),
        MLPRegressor(),
        Perceptron(),
        VAE(latent_dim=2),
    ],
    expected_failed_checks=lambda estimator: _EXCUSED,
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::sklearn.exceptions.SkipTestWarning", _SHORT
)
@pytest.mark.filterwarnings("ignore:.*was set.*:FutureWarning", "ignore::sklearn.exceptions.DataConversionWarning")
@parametrize_with_checks(
    [
        Autoencoder(architecture="conv", latent_dim=2, channels=(4, 6)),
        ConvClassifier(),
        ConvRegressor(),
        FactorVAE(latent_dim=2),
        GAN(architecture="conv", batch_size=4, latent_dim=2, channels=(4,), hidden_layer_sizes=(), max_epochs=3),
        VAE(architecture="conv", latent_dim=2, channels=(4, 6), variance="learned"),
    ],
    expected_failed_checks=lambda estimator: _EXCUSED,
)
def test_scikit_learns_checks_that_take_longer(estimator, check):
    check(estimator)


def test_every_public_estimator_is_checked():
    checked = {type(estimator).__name__ for estimator in _TRAINED} | {"McCullochPittsNeuron"}
    assert set(rosenblatt.estimators()) == checked


def answers(estimator, X):
    """What a fitted estimator says of rows: its predictions, their codes, or scores."""
    verb = next(name for name in ("predict", "transform", "score_samples") if hasattr(estimator, name))
    return getattr(estimator, verb)(X)


def parameters(estimator):
    return [leaf for leaf in jax.tree.leaves(estimator.networks_) if isinstance(leaf, np.ndarray)]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", _SHORT)
@trained
def test_same_seed_same_bits(estimator, data):
    first, second = (clone(estimator).fit(*data) for _ in range(2))
    for a, b in zip(parameters(first), parameters(second), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings(_SHORT)
@pytest.mark.parametrize("estimator", _TRAINED[:-1], ids=_ids[:-1])
def test_another_seed_other_bits(estimator, data):
    first, second = clone(estimator).fit(*data), clone(estimator).set_params(random_state=1).fit(*data)
    assert not np.array_equal(parameters(first)[0], parameters(second)[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", _SHORT)
@trained
def test_bits_do_not_depend_on_who_listens(estimator, data, capsys):
    silent = clone(estimator).fit(*data)
    heard = clone(estimator).set_params(verbose=2, callbacks=[lambda epoch, logs: None]).fit(*data)
    np.testing.assert_array_equal(parameters(silent)[0], parameters(heard)[0])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("epoch") == heard.n_epochs_


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", _SHORT)
@trained
def test_a_second_fit_compiles_nothing(estimator, data):
    clone(estimator).fit(*data)
    before = run_steps.n_compilations
    clone(estimator).fit(data[0][:50], data[1][:50])
    assert run_steps.n_compilations == before


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", _SHORT)
@trained
def test_history_has_a_row_an_epoch_and_adds_up(estimator, data):
    history = clone(estimator).fit(*data).history_
    assert list(history["epoch"]) == list(range(1, len(history["epoch"]) + 1))
    assert {"data_seconds", "compile_seconds", "step_seconds", "evaluation_seconds"} <= set(history)
    assert (history["step_seconds"] > 0).all()
    of_players = {"train_discriminator_risk", "train_generator_risk"}
    risks = of_players if isinstance(estimator, GAN) else {"train_risk"}
    assert all(np.isfinite(history[name]).all() for name in risks)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", _SHORT)
@trained
def test_pickle_and_copy_predict_the_same_bits(estimator, data):
    fitted = clone(estimator).fit(*data)
    for twin in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        np.testing.assert_array_equal(answers(twin, data[0]), answers(fitted, data[0]))
        twin.partial_fit(*data)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", _SHORT)
@trained
@pytest.mark.parametrize("kind", ["list", "pandas", "polars", "sparse", "float64", "integers"])
def test_inputs_of_any_kind(estimator, data, kind):
    X, y = np.round(data[0]), data[1]
    expected = answers(clone(estimator).fit(X.astype(np.float32), y), X.astype(np.float32))
    given = {
        "list": lambda: X.tolist(),
        "pandas": lambda: pytest.importorskip("pandas").DataFrame(X, columns=list("abcdef")),
        "polars": lambda: pytest.importorskip("polars").DataFrame(X, schema=list("abcdef")),
        "sparse": lambda: scipy.sparse.csr_array(X),
        "float64": lambda: X,
        "integers": lambda: X.astype(int),
    }[kind]()
    fitted = clone(estimator).fit(given, y)
    np.testing.assert_array_equal(answers(fitted, given), expected)
    if kind in ("pandas", "polars"):
        assert list(fitted.feature_names_in_) == list("abcdef")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", _SHORT)
@trained
def test_images_are_flattened(estimator):
    images, labels = load_digits(return_X_y=True)
    images, labels = images[:60].reshape(-1, 8, 8) / 16, labels[:60]
    fitted = clone(estimator).fit(images, labels)
    assert fitted.image_shape_ == (8, 8, 1)
    assert fitted.n_features_in_ == 64
    np.testing.assert_array_equal(answers(fitted, images), answers(fitted, images[..., None]))


@trained
def test_html_shows_the_network(estimator, data):
    unfitted = clone(estimator)._repr_mimebundle_()["text/html"]
    assert "weights" not in unfitted.split("</style>")[-1].split("sk-top-container")[-1][-500:]
    fitted = clone(estimator).set_params(max_epochs=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *args, **kwargs: None)
        shown = fitted.fit(*data)._repr_mimebundle_()["text/html"]
    assert f"{fitted.n_parameters_.weights:,} weights + {fitted.n_parameters_.biases} biases; 2 epochs" in shown
    assert "6 inputs &rarr;" in shown
    assert "<svg" in shown


@trained
def test_predicting_before_fitting_says_so(estimator):
    with pytest.raises(NotFittedError, match="not fitted yet"):
        answers(clone(estimator), [[0.0] * 6])


def test_a_grid_of_numbers_in_a_pipeline_compiles_once(data):
    model = MLPClassifier(hidden_layer_sizes=(7,), max_epochs=2, batch_size=8, random_state=0)
    grid = {
        "mlpclassifier__learning_rate": [1e-3, 1e-2],
        "mlpclassifier__l2": [0.0, 1e-2],
        "mlpclassifier__dropout": [0.0, 0.5],
    }
    before = run_steps.n_compilations
    search = GridSearchCV(make_pipeline(StandardScaler(), model), grid, cv=3).fit(*data)
    assert run_steps.n_compilations == before + 1
    assert len(search.cv_results_["params"]) == 8
    assert np.ptp(search.cv_results_["mean_test_score"]) > 0  # the numbers did reach the program


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_sample_weights_equal_repeated_rows(kind, data):
    X, y = data
    weights = np.random.default_rng(0).integers(0, 3, len(X))
    model = kind(hidden_layer_sizes=(8,), max_epochs=30, batch_size="full", random_state=0)
    weighted = clone(model).fit(X, y, sample_weight=weights)
    repeated = clone(model).fit(np.repeat(X, weights, axis=0), np.repeat(y, weights))
    for a, b in zip(weighted.coefs_, repeated.coefs_, strict=True):
        # Sums of float32 in another order: 30 steps of Adam, each relative to the size of its gradient.
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_neuron_passes_what_applies_to_it():
    gate = McCullochPittsNeuron(threshold=1.0)
    assert repr(gate) == "McCullochPittsNeuron(threshold=1.0)"
    assert clone(gate).threshold == 1.0
    assert gate.score([[1, 1], [0, 1]], [1, 0]) == 1.0
