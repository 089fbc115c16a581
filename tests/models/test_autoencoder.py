"""Autoencoders: their verbs, penalties, noise and errors; the risk against NumPy, PCA as the yardstick elsewhere."""

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit, rel_entr
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from rosenblatt import Autoencoder, describe, load, save
from rosenblatt.models.pca_yardstick import WorseThanPCAWarning
from rosenblatt.training.epoch import run_steps
from rosenblatt.training.players import Batch
from rosenblatt.training.randomness import wrap_key

pytestmark = pytest.mark.filterwarnings("ignore::rosenblatt.models.pca_yardstick.WorseThanPCAWarning")

small = partial(Autoencoder, latent_dim=3, hidden_layer_sizes=(8,), max_epochs=3, random_state=0)
convolutional = partial(
    Autoencoder, architecture="conv", latent_dim=4, channels=(4, 6), hidden_layer_sizes=(), max_epochs=3, random_state=0
)


@pytest.fixture(scope="module")
def digits():
    """300 digits (300, 64), numbers from 0 to 1."""
    return (load_digits().data[:300] / 16).astype(np.float32)


@pytest.fixture(scope="module")
def dense_fit(digits):
    return small().fit(digits)


@pytest.fixture(scope="module")
def conv_fit(digits):
    return convolutional().fit(digits.reshape(-1, 8, 8))


def test_verbs_of_rows(dense_fit, digits):
    codes = dense_fit.transform(digits)
    assert codes.shape == (300, 3)
    np.testing.assert_array_equal(dense_fit.inverse_transform(codes), dense_fit.reconstruct(digits))
    assert list(dense_fit.get_feature_names_out()) == ["autoencoder0", "autoencoder1", "autoencoder2"]
    error = ((digits - dense_fit.reconstruct(digits)) ** 2).sum(1)
    np.testing.assert_allclose(dense_fit.reconstruction_error(digits), error, rtol=1e-5)
    np.testing.assert_allclose(dense_fit.score_samples(digits), -error, rtol=1e-5)
    assert dense_fit.score(digits) == pytest.approx(-error.mean(), rel=1e-5)


def test_verbs_of_images(conv_fit, digits):
    images = digits.reshape(-1, 8, 8)
    codes = conv_fit.transform(images)
    assert codes.shape == (300, 4)
    restored = conv_fit.reconstruct(images)
    assert restored.shape == images.shape
    np.testing.assert_array_equal(conv_fit.inverse_transform(codes), restored)
    np.testing.assert_array_equal(conv_fit.transform(images[..., None]), codes)
    assert conv_fit.reconstruct(images[..., None]).shape == (300, 8, 8, 1)
    np.testing.assert_array_equal(conv_fit.reconstruct(digits), restored.reshape(300, 64))  # rows are as good


def test_networks_are_what_the_verbs_compute(dense_fit, digits):
    x = digits[0]
    np.testing.assert_allclose(dense_fit.encoder_(x), dense_fit.transform(digits[:1])[0], rtol=1e-5, atol=1e-6)
    decoded = dense_fit.decoder_(dense_fit.transform(digits[:1])[0])
    np.testing.assert_allclose(decoded, dense_fit.reconstruct(digits[:1])[0], rtol=1e-5, atol=1e-6)


def test_interpolation_is_a_straight_line_of_codes_decoded(dense_fit, digits):
    lines = dense_fit.interpolate(digits[:2], digits[2:4], n_steps=5)
    assert lines.shape == (2, 5, 64)
    a, b = dense_fit.transform(digits[:1]), dense_fit.transform(digits[2:3])
    np.testing.assert_allclose(lines[0, 1], dense_fit.inverse_transform(0.75 * a + 0.25 * b)[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(lines[:, 0], dense_fit.reconstruct(digits[:2]), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(lines[:, -1], dense_fit.reconstruct(digits[2:4]), rtol=1e-4, atol=1e-6)


def test_the_same_bits_whatever_the_company(dense_fit, conv_fit, digits):
    for model, X in ((dense_fit, digits), (conv_fit, digits.reshape(-1, 8, 8))):
        for verb in (model.transform, model.reconstruct, model.score_samples):
            np.testing.assert_array_equal(verb(X)[7:9], verb(X[7:9]))


def test_pandas_and_float64(dense_fit, digits):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(digits[:20], columns=[f"p{i}" for i in range(64)])
    model = clone(dense_fit).set_output(transform="pandas").fit(frame)
    codes = model.transform(frame)
    assert list(codes.columns) == ["autoencoder0", "autoencoder1", "autoencoder2"]
    assert model.transform(frame.astype(np.float64)).dtypes.iloc[0] == np.float32  # frames have no one dtype
    assert dense_fit.transform(digits.astype(np.float64)).dtype == np.float64
    assert dense_fit.inverse_transform(codes.to_numpy()).dtype == np.float32


def test_in_a_pipeline_before_a_classifier():
    X, y = load_digits(return_X_y=True)
    encoder = Autoencoder(latent_dim=24, hidden_layer_sizes=(64,), max_epochs=20, random_state=0)
    model = make_pipeline(MinMaxScaler(), encoder, LogisticRegression(max_iter=1000)).fit(X[:1200], y[:1200])
    # Chance is 0.10; seeds 0 to 3 gave 0.87 to 0.89.
    assert model.score(X[1200:], y[1200:]) > 0.8


def test_bytes_are_scaled_and_restored_from_0_to_1(digits):
    pixels = np.round(digits * 255).astype(np.uint8)
    model = small(output_activation="sigmoid").fit(pixels)
    assert model.pixel_maximum_ == 255
    twin = small(output_activation="sigmoid").fit(pixels / np.float32(255))
    np.testing.assert_allclose(model.reconstruct(pixels), twin.reconstruct(pixels / np.float32(255)), atol=1e-4)
    assert model.reconstruct(pixels).max() <= 1
    with pytest.raises(ValueError, match="fitted on images of bytes"):
        model.transform(pixels.astype(float))


def numpy_risk(net, x, loss="square"):
    """The loss of each row by the definition, from NumPy arrays of a dense network with one hidden layer of ReLU."""
    (W1, b1), (W2, b2) = ((np.float64(e.weight), np.float64(e.bias)) for e in net.encoder.layers)
    (V1, c1), (V2, c2) = ((np.float64(e.weight), np.float64(e.bias)) for e in net.decoder.layers)
    h = np.maximum(x @ W1 + b1, 0) @ W2 + b2
    return h, np.maximum(h @ V1 + c1, 0) @ V2 + c2


@pytest.mark.parametrize("loss", ["square", "bernoulli", "gaussian"])
def test_history_has_the_loss_and_the_scores_have_it_too(digits, loss):
    # A learning rate of nearly 0: the risk of the epoch is that of the network at its end.
    model = small(loss=loss, batch_size="full", max_epochs=1, learning_rate=1e-12).fit(digits)
    _, linear = numpy_risk(model.networks_["model"], digits.astype(float))
    expected = {
        "square": lambda: ((digits - linear) ** 2).sum(1),
        "bernoulli": lambda: (np.logaddexp(0, linear) - digits * linear).sum(1),
        "gaussian": lambda: 0.5 * ((digits - linear) ** 2).sum(1) + 32 * np.log(2 * np.pi),  # the variance starts at 1
    }[loss]()
    np.testing.assert_allclose(model.score_samples(digits), -expected, rtol=1e-4)
    assert model.history_["train_reconstruction"][0] == pytest.approx(expected.mean(), rel=1e-4)
    assert model.history_["train_risk"][0] == pytest.approx(expected.mean(), rel=1e-4)
    if loss == "bernoulli":
        np.testing.assert_allclose(model.reconstruct(digits), expit(linear), atol=1e-5)


def test_gaussian_learns_the_variance_of_the_errors(digits):
    model = small(loss="gaussian", max_epochs=300, learning_rate=0.01).fit(digits)
    errors = (digits - model.reconstruct(digits)) ** 2
    # The mean square makes the likelihood largest; seeds 0 to 2 end 0.1 to 1 % above it.
    assert np.exp(model.networks_["model"].log_variance) == pytest.approx(errors.mean(), rel=0.05)


def risk(model, digits):
    """The objective of an estimator's player on rows without padding."""
    return _risk(model._learner().objective, model.networks_["model"], digits)


@eqx.filter_jit  # which is quicker than the compilation of each operation by itself
def _risk(objective, net, digits):
    ones = jnp.ones(len(digits))
    return objective({"model": net}, Batch(digits, None, ones, ones), None)


def test_sparsity_adds_the_sum_of_absolute_codes(digits):
    model = small(sparsity=0.3).fit(digits)
    value, terms = risk(model, digits)
    h, linear = numpy_risk(model.networks_["model"], digits.astype(float))
    np.testing.assert_allclose(terms["sparsity"], np.abs(h).sum(1).mean(), rtol=1e-5)
    np.testing.assert_allclose(value, ((digits - linear) ** 2).sum(1).mean() + 0.3 * np.abs(h).sum(1).mean(), rtol=1e-5)


def test_sparsity_makes_codes_small(digits):
    loose, sparse = (small(sparsity=s, max_epochs=30).fit(digits).transform(digits) for s in (0.0, 1.0))
    assert np.abs(sparse).mean() < 0.6 * np.abs(loose).mean()  # seeds 0 to 2: 0.35 to 0.48 times


def test_a_target_rate_adds_the_divergence_of_the_batchs_means(digits):
    model = small(sparsity=2.0, sparsity_target=0.1, code_activation="sigmoid").fit(digits)
    value, terms = risk(model, digits)
    rates = model.transform(digits).astype(float).mean(0)
    expected = (rel_entr(0.1, rates) + rel_entr(0.9, 1 - rates)).sum()
    np.testing.assert_allclose(terms["sparsity"], expected, rtol=1e-4)
    np.testing.assert_allclose(value, terms["reconstruction"] + 2 * expected, rtol=1e-4)


def test_a_target_rate_is_approached(digits):
    model = small(sparsity=20.0, sparsity_target=0.2, code_activation="sigmoid", max_epochs=60, learning_rate=0.01)
    rates = model.fit(digits).transform(digits).mean(0)
    np.testing.assert_allclose(rates, 0.2, atol=0.05)  # without the penalty: 0.44 to 0.68


@pytest.mark.parametrize("method", ["exact", "projection"])
def test_smoothness_adds_the_squared_jacobian(digits, method):
    model = small(smoothness=0.5, smoothness_method=method, activation="tanh").fit(digits)
    assert model.smoothness_method_ == method
    value, terms = risk(model, digits)
    (W1, b1), (W2, _) = ((np.float64(e.weight), np.float64(e.bias)) for e in model.encoder_.layers)
    bent = 1 - np.tanh(digits.astype(float) @ W1 + b1) ** 2
    jacobians = (W1 * bent[:, None, :]) @ W2
    expected = (jacobians**2).sum((1, 2)).mean()
    # The projection of 300 rows: each row's estimate has a standard deviation below its value.
    tolerance = 1e-5 if method == "exact" else 6 / np.sqrt(300)
    np.testing.assert_allclose(terms["smoothness"], expected, rtol=tolerance)
    np.testing.assert_allclose(value, terms["reconstruction"] + 0.5 * terms["smoothness"], rtol=1e-6)


def test_smoothness_is_exact_for_small_inputs_and_projected_for_large_ones(dense_fit, digits):
    assert small(smoothness=0.1, activation="tanh").fit(digits).smoothness_method_ == "exact"
    wide = np.tile(digits, (1, 100))  # 3 x 6,400 numbers of a Jacobian
    assert small(smoothness=0.1, max_epochs=1).fit(wide).smoothness_method_ == "projection"
    assert dense_fit.smoothness_method_ is None


def test_smoothness_makes_codes_change_less(digits):
    rough, smooth = (small(smoothness=s, activation="tanh", max_epochs=30).fit(digits) for s in (0.0, 3.0))
    moved = digits + np.random.default_rng(0).normal(scale=0.1, size=digits.shape).astype(np.float32)
    change = [np.square(model.transform(moved) - model.transform(digits)).sum() for model in (rough, smooth)]
    assert change[1] < 0.3 * change[0]  # seeds 0 to 3: 0.04 to 0.10 times


def seen(model, digits):
    """What the encoder is shown of each row while learning."""

    @eqx.filter_jit
    def corrupted(objective, digits):
        keys = jax.random.split(wrap_key(np.uint32([1, 2])), len(digits))
        return jax.vmap(objective._corrupted)(digits, keys)

    return np.asarray(corrupted(model._learner().objective, digits))


def test_gaussian_noise_has_its_standard_deviation_and_leaves_padding_alone(digits):
    model = small(noise=0.3).fit(digits)
    added = seen(model, np.pad(digits, [(0, 0), (0, 8)])) - np.pad(digits, [(0, 0), (0, 8)])
    np.testing.assert_array_equal(added[:, 64:], 0)
    n = 300 * 64
    assert abs(added[:, :64].mean()) < 6 * 0.3 / np.sqrt(n)
    assert added[:, :64].std() == pytest.approx(0.3, rel=6 / np.sqrt(2 * n))


def test_masking_noise_sets_its_share_to_0(digits):
    model = small(noise=0.25, noise_kind="masking").fit(digits)
    ones = np.ones((300, 64), np.float32)
    masked = seen(model, ones)
    assert set(np.unique(masked)) == {0.0, 1.0}
    assert (masked == 0).mean() == pytest.approx(0.25, abs=6 * np.sqrt(0.25 * 0.75 / masked.size))


def test_a_denoising_autoencoder_removes_noise_better_than_a_plain_one():
    X = (load_digits().data / 16).astype(np.float32)
    rng = np.random.default_rng(0)
    noisy = X + rng.normal(scale=0.4, size=X.shape).astype(np.float32)
    kind = partial(Autoencoder, latent_dim=24, hidden_layer_sizes=(64,), max_epochs=60, learning_rate=3e-3)
    plain, denoising = (kind(noise=noise, random_state=0).fit(X[:1300]) for noise in (0.0, 0.4))
    left = [np.square(model.reconstruct(noisy[1300:]) - X[1300:]).sum(1).mean() for model in (plain, denoising)]
    # Seeds 0 to 2: the plain one leaves 5.2 to 5.6, the denoising one 2.0 to 2.1; the noise itself is 10.3.
    assert left[1] < 0.7 * left[0]


def test_noise_and_dropout_are_off_when_transforming(digits):
    model = small(noise=0.5, dropout=0.5).fit(digits)
    np.testing.assert_array_equal(model.transform(digits), model.transform(digits))


def test_tied_weights(digits):
    model = small(tied=True).fit(digits)
    encoder, decoder = model.encoder_.layers, model.decoder_.layers
    for a, b in zip(encoder, reversed(decoder), strict=True):
        np.testing.assert_array_equal(a.weight, b.weight.T)
    assert model.n_parameters_.weights == 64 * 8 + 8 * 3
    assert model.n_parameters_.biases == 8 + 3 + 8 + 64


@pytest.mark.parametrize(
    "model",
    [small(), small(tied=True), small(loss="gaussian"), convolutional()],
    ids=["square", "tied", "gaussian", "conv"],
)
def test_saved_and_loaded_it_gives_the_same_bits(digits, model, tmp_path):
    model = clone(model).fit(digits.reshape(-1, 8, 8))
    twin = load(save(model, tmp_path / "model.zip"))
    np.testing.assert_array_equal(
        twin.reconstruct(digits.reshape(-1, 8, 8)), model.reconstruct(digits.reshape(-1, 8, 8))
    )
    assert twin.compare_pca() == model.compare_pca()
    twin.partial_fit(digits.reshape(-1, 8, 8))


def test_early_stopping_keeps_the_best(digits):
    model = small(early_stopping=True, patience=2, max_epochs=40, learning_rate=0.05).fit(digits)
    risks = model.history_["validation_risk"]
    assert model.best_epoch_ == np.argmin(risks) + 1


@pytest.mark.parametrize("form", ["rows", "pair", "weighted"])
def test_validation_data_are_rows_with_or_without_a_target(digits, form):
    X = digits[:50]
    given = {"rows": X, "pair": (X, np.zeros(50)), "weighted": (X, None, np.ones(50))}[form]
    model = small().fit(digits, validation_data=given)
    assert model.history_["validation_risk"][-1] == pytest.approx(-model.score(X), rel=1e-5)


def test_sample_weights_equal_repeated_rows(digits):
    weights = np.random.default_rng(0).integers(0, 3, 300)
    model = small(max_epochs=20, batch_size="full")
    weighted = clone(model).fit(digits, sample_weight=weights)
    repeated = clone(model).fit(np.repeat(digits, weights, axis=0))
    for a, b in zip(jax.tree.leaves(weighted.networks_), jax.tree.leaves(repeated.networks_), strict=True):
        # Sums of float32 in another order: 20 steps of Adam, each relative to the size of its gradient.
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_partial_fit_goes_on(digits):
    model = small()
    for n in range(1, 4):
        model.partial_fit(digits)
        assert model.n_epochs_ == n
    with pytest.raises(ValueError, match="partial_fit does not keep its rows to compare on: pass X"):
        model.compare_pca()
    assert model.compare_pca(digits).n_rows == 300


def test_a_batch_is_cut_up_unless_its_risk_couples_the_rows(conv_fit):
    """The divergence of rates couples the rows of a batch, which then stay on one core; all else is cut up."""
    network = conv_fit.networks_["model"]
    coupled = clone(conv_fit).set_params(sparsity=1.0, sparsity_target=0.1, code_activation="sigmoid")
    assert coupled._micro_batch({"model": network}, 300) is None
    assert conv_fit._micro_batch({"model": network}, 300) <= 32


def test_wrong_fields_say_what_is_needed(digits):
    with pytest.raises(ValueError, match="sparsity_target=0.1 is a mean activity between 0 and 1; it needs code_activ"):
        small(sparsity=1.0, sparsity_target=0.1).fit(digits)
    with pytest.raises(ValueError, match="masking needs a probability below 1"):
        small(noise=1.5, noise_kind="masking").fit(digits)
    with pytest.raises(ValueError, match=r"loss='bernoulli' needs numbers from 0 to 1; X holds 0 to 16"):
        small(loss="bernoulli").fit(digits * 16)
    with pytest.raises(ValueError, match="latent_dim=0"):
        small(latent_dim=0).fit(digits)
    with pytest.raises(ValueError, match="activation has 1 functions for 2 hidden layers"):
        small(hidden_layer_sizes=(8, 8), activation=("relu",)).fit(digits)


def test_wrong_data_say_what_is_needed(dense_fit, conv_fit, digits):
    with pytest.raises(NotFittedError):
        small().transform(digits)
    with pytest.raises(NotFittedError):
        small().score_samples(digits)
    with pytest.raises(ValueError, match=r"codes of 5 numbers; this Autoencoder has codes of latent_dim=3"):
        dense_fit.inverse_transform(np.zeros((2, 5)))
    with pytest.raises(ValueError, match="n_steps=1; at least 2 are needed"):
        dense_fit.interpolate(digits[:1], digits[1:2], n_steps=1)
    with pytest.raises(ValueError, match="X has 2 rows and to has 1; they are paired"):
        dense_fit.interpolate(digits[:2], digits[1:2])
    with pytest.raises(ValueError, match="fitted on images of 8 x 8 x 1"):
        conv_fit.transform(np.zeros((2, 9, 9)))
    with pytest.raises(ValueError, match="every column of X is constant"):
        small().fit(np.ones((5, 3)))


def test_description_warns_of_a_code_that_can_copy(digits):
    description = describe(small(latent_dim=64), digits)
    assert any("latent_dim=64 is not fewer than the 64 numbers of a row" in text for text in description.warnings)
    assert not any("latent_dim" in text for text in describe(small(latent_dim=64, sparsity=0.1), digits).warnings)
    assert "code" in str(description)


def test_colour_images_of_odd_sizes():
    images = np.random.default_rng(0).uniform(size=(20, 7, 11, 3)).astype(np.float32)
    model = convolutional(channels=(4,), max_epochs=1).fit(images)
    assert model.reconstruct(images).shape == images.shape
    assert model.image_shape_ == (7, 11, 3)


def test_worse_than_pca_is_a_warning():
    X = PCA(5, random_state=0).fit_transform(load_digits().data)
    with pytest.warns(WorseThanPCAWarning, match="reconstructs worse than PCA with 2 components"):
        small(latent_dim=2, max_epochs=1).fit(X)


def test_a_grid_over_penalties_and_noise_compiles_once(digits):
    small(sparsity=0.1, smoothness=0.1, noise=0.1).fit(digits)
    before = run_steps.n_compilations
    fits = [
        small(sparsity=v, smoothness=v, noise=v, dropout=v, l2=v, learning_rate=v / 100).fit(digits) for v in (0.2, 0.4)
    ]
    assert run_steps.n_compilations == before
    assert fits[0].score(digits) != fits[1].score(digits)  # the numbers did reach the program
