"""Variational autoencoders: their verbs, penalties, schedules, errors."""

from functools import partial

import jax
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits

from rosenblatt import VAE, Autoencoder, Checkpoint, FactorVAE, NonFiniteRiskError, describe, fine_tune, load, save
from rosenblatt.training.epoch import run_steps

small = partial(VAE, latent_dim=3, hidden_layer_sizes=(8,), max_epochs=3, random_state=0)
convolutional = partial(
    VAE, architecture="conv", latent_dim=3, channels=(4, 6), hidden_layer_sizes=(), max_epochs=3, random_state=0
)
factor = partial(
    FactorVAE,
    latent_dim=3,
    hidden_layer_sizes=(8,),
    discriminator_hidden_layer_sizes=(8,),
    max_epochs=3,
    random_state=0,
)


@pytest.fixture(scope="module")
def digits():
    """300 digits (300, 64), numbers from 0 to 1."""
    return (load_digits().data[:300] / 16).astype(np.float32)


@pytest.fixture(scope="module")
def images(digits):
    return digits.reshape(-1, 8, 8)


@pytest.fixture(scope="module")
def dense_fit(digits):
    return small().fit(digits)


@pytest.fixture(scope="module")
def bernoulli_fit(digits):
    return small(loss="bernoulli").fit(digits)


@pytest.fixture(scope="module")
def conv_fit(images):
    return convolutional(variance="learned").fit(images)


def test_verbs_of_rows(dense_fit, digits):
    codes = dense_fit.transform(digits)
    mean, deviation = dense_fit.posterior(digits)
    np.testing.assert_array_equal(codes, mean)
    assert deviation.shape == (300, 3)
    assert (deviation > 0).all()
    np.testing.assert_array_equal(dense_fit.inverse_transform(codes), dense_fit.reconstruct(digits))
    assert list(dense_fit.get_feature_names_out()) == ["vae0", "vae1", "vae2"]
    assert dense_fit.transform(digits.astype(np.float64)).dtype == np.float64


def test_verbs_of_images(conv_fit, images):
    assert conv_fit.sample(5, random_state=0).shape == (5, 8, 8)
    assert conv_fit.reconstruct(images).shape == images.shape
    assert conv_fit.interpolate(images[:2], images[2:4], 5, kind="spherical").shape == (2, 5, 8, 8)
    assert conv_fit.posterior(images)[0].shape == (300, 3)


def test_samples_are_decoded_normal_codes(dense_fit):
    codes = np.random.RandomState(3).standard_normal((7, 3))
    np.testing.assert_array_equal(
        dense_fit.sample(7, random_state=3), dense_fit.inverse_transform(codes.astype(np.float32))
    )


def test_codes_of_the_posterior_have_its_mean_and_deviation(dense_fit, digits):
    X = np.repeat(digits[:1], 4000, axis=0)
    drawn = dense_fit.sample_posterior(X, random_state=0)
    mean, deviation = (part[0] for part in dense_fit.posterior(digits[:1]))
    np.testing.assert_allclose(drawn.mean(0), mean, atol=6 * deviation.max() / np.sqrt(4000))
    np.testing.assert_allclose(drawn.std(0), deviation, rtol=6 / np.sqrt(2 * 4000))


def test_a_row_has_the_same_bound_whatever_the_company(dense_fit, conv_fit, digits, images):
    order = np.random.default_rng(0).permutation(300)
    for model, X in ((dense_fit, digits), (conv_fit, images)):
        whole = model.score_samples(X)
        np.testing.assert_array_equal(model.score_samples(X[order]), whole[order])
        np.testing.assert_array_equal(model.score_samples(X[:7]), whole[:7])
        assert model.score(X) == pytest.approx(whole.mean(), rel=1e-6)


def test_history_has_all_terms_in_nats(bernoulli_fit, digits):
    history = bernoulli_fit.history_
    np.testing.assert_allclose(history["train_elbo"], -(history["train_reconstruction"] + history["train_kl"]))
    np.testing.assert_allclose(history["train_risk"], -history["train_elbo"], rtol=1e-6)
    assert (history["train_beta"] == 1).all()
    model = small(loss="bernoulli", total_correlation=2.0).fit(digits)
    parts = ("train_mutual_information", "train_total_correlation", "train_dimension_wise_kl")
    assert set(parts) <= set(model.history_)


def test_a_calibrated_variance_is_the_mean_squared_error(dense_fit, digits):
    """Of decoded codes that are drawn, hence a little more than that of reconstructions."""
    variance = float(np.exp(dense_fit.networks_["model"].log_variance))
    assert variance == pytest.approx(dense_fit.history_["train_variance"][-1], rel=1e-6)
    drawn = dense_fit.inverse_transform(dense_fit.sample_posterior(digits, random_state=0))
    assert variance == pytest.approx(((digits - drawn) ** 2).mean(), rel=0.15)  # the last epoch's steps, before each


def test_a_given_variance_stays(digits):
    model = small(variance=0.3).fit(digits)
    assert np.exp(model.networks_["model"].log_variance) == pytest.approx(0.3, rel=1e-6)
    assert model.kl_weight_.beside_squared_error == pytest.approx(0.6, rel=1e-6)


def test_the_weight_of_the_kl_in_other_units(bernoulli_fit):
    weight = bernoulli_fit.kl_weight_
    assert weight == (1.0, 1 / 64, 3 / 64, None)
    assert "beta = 1 in nats a row; 0.0156 beside a reconstruction that is a mean" in weight.sentence()


def test_capacity_holds_the_kl_there(digits):
    model = small(capacity=2.0, beta=50.0, max_epochs=60, learning_rate=0.01, schedule="linear").fit(digits)
    assert model.history_["train_kl"][-1] == pytest.approx(2.0, abs=0.15)  # measured: 2.0 +- 0.03 over 5 seeds
    np.testing.assert_allclose(model.history_["train_capacity"][[0, 9, 10]], [0.08, 1.88, 2.0], atol=0.08)


def test_free_bits_keep_latents_from_falling_silent(digits):
    """With beta = 20 all latents fall silent; with half a nat each they use what is free."""
    silent = small(beta=20.0, loss="bernoulli", max_epochs=40, learning_rate=0.01).fit(digits)
    free = clone(silent).set_params(free_bits=0.5).fit(digits)
    assert silent.elbo_terms(digits)[1].mean(0).max() < 0.1
    assert free.elbo_terms(digits)[1].mean(0).min() > 0.2  # measured: 0.25 to 0.40


def test_more_beta_less_kl(digits):
    kl = [small(beta=beta, max_epochs=20).fit(digits).history_["train_kl"][-1] for beta in (0.0, 1.0, 8.0)]
    assert kl[0] > kl[1] > kl[2]


def test_a_schedule_is_in_the_history_and_partial_fit_goes_on_with_it(digits):
    model = small(schedule="linear", schedule_epochs=2, max_epochs=4, batch_size=60)
    # 5 steps an epoch: the mean of 0, 0.1, ... 0.4 is 0.2
    np.testing.assert_allclose(model.fit(digits).history_["train_beta"], [0.2, 0.7, 1, 1], rtol=1e-6)
    assert model.beta_ == 1
    again = clone(model)
    for _ in range(4):
        again.partial_fit(digits)
    np.testing.assert_allclose(again.history_["train_beta"], [0.2, 0.7, 1, 1], rtol=1e-6)
    function = clone(model).set_params(schedule="constant", beta=lambda step: 0.1 * step).fit(digits)
    np.testing.assert_allclose(function.history_["train_beta"], [0.2, 0.7, 1.2, 1.7], rtol=1e-6)
    assert function.beta_ == pytest.approx(1.9)


def test_a_grid_over_beta_and_its_schedules_compiles_once(digits):
    small(beta=2.0).fit(digits)
    before = run_steps.n_compilations
    fits = [small(beta=b, schedule=s).fit(digits) for b, s in ((0.5, "linear"), (4.0, "cyclic"), (4.0, "sigmoid"))]
    assert run_steps.n_compilations == before
    assert len({fit.score(digits) for fit in fits}) == 3


def test_the_risk_of_validation_rows_has_the_betas_target(digits):
    model = small(beta=3.0, schedule="linear", schedule_epochs=50, variance=0.1).fit(
        digits, validation_data=digits[:90]
    )
    history = model.history_
    expected = history["validation_reconstruction"] + 3 * history["validation_kl"]
    np.testing.assert_allclose(history["validation_risk"], expected, rtol=1e-5)
    # Both estimate the same bound, with other codes: 90 rows of 64 numbers and variance 0.1.
    assert history["validation_elbo"][-1] == pytest.approx(model.score(digits[:90]), abs=1.0)


@pytest.mark.parametrize(
    "model",
    [small(), small(loss="bernoulli"), convolutional(), factor()],
    ids=["gaussian", "bernoulli", "conv", "factor"],
)
def test_saved_and_loaded_it_gives_the_same_bits(model, images, tmp_path):
    model = clone(model).fit(images)
    twin = load(save(model, tmp_path / "model.zip"))
    for verb in ("transform", "score_samples", "reconstruct"):
        np.testing.assert_array_equal(getattr(twin, verb)(images), getattr(model, verb)(images))
    np.testing.assert_array_equal(twin.sample(3, random_state=0), model.sample(3, random_state=0))
    assert twin.kl_weight_ == model.kl_weight_
    twin.partial_fit(images)


@pytest.mark.parametrize("kind", [small, factor])
def test_a_killed_fit_ends_with_the_same_bits(kind, digits, tmp_path):
    model = kind(schedule="linear", max_epochs=4)
    whole = clone(model).fit(digits)
    stop = clone(model).set_params(callbacks=[Checkpoint(tmp_path / "c.safetensors"), lambda epoch, logs: epoch == 2])
    stop.fit(digits)
    assert stop.n_epochs_ == 2
    resumed = clone(model).set_params(callbacks=[Checkpoint(tmp_path / "c.safetensors")]).fit(digits)
    for a, b in zip(jax.tree.leaves(resumed.networks_), jax.tree.leaves(whole.networks_), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_discriminator_learns_and_lowers_the_total_correlation():
    """Of two correlated factors: left alone it tells the codes' latents from independent ones; weighed, they become so.

    Measured over the seeds 0 to 4, alone 0.03 to 0.85 and 0.51 to 0.68, weighed 0.07 to 0.27 and 0.69 to 0.71, where
    log 2 = 0.693 is a discriminator that cannot tell; seed 0 is one with correlated codes.
    """
    rng = np.random.default_rng(0)
    factors = rng.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], size=600)
    X = np.hstack([factors, np.tanh(factors)]) + 0.05 * rng.normal(size=(600, 4))
    correlations, risks = [], []
    for weight in (0.0, 20.0):
        model = FactorVAE(
            latent_dim=2,
            hidden_layer_sizes=(16,),
            discriminator_hidden_layer_sizes=(32,),
            discriminator_learning_rate=0.002,
            beta=0.2,
            total_correlation=weight,
            learning_rate=0.005,
            max_epochs=60,
            variance=0.05,
            random_state=0,
        ).fit(X)
        correlations.append(abs(np.corrcoef(model.sample_posterior(X, random_state=0).T)[0, 1]))
        risks.append(model.history_["train_discriminator_risk"][-1])
    assert correlations[0] > 0.5
    assert correlations[1] < 0.3
    assert risks[0] < np.log(2) - 0.05
    assert risks[1] == pytest.approx(np.log(2), abs=0.04)


def test_all_players_have_their_columns_and_networks(digits):
    model = factor().fit(digits)
    assert set(model.networks_) == {"model", "discriminator"}
    columns = {"train_risk", "train_kl", "train_total_correlation", "train_discriminator_risk"}
    assert columns | {"train_discriminator_accuracy"} <= set(model.history_)
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(model.networks_))


def test_it_starts_as_the_autoencoder_of_the_same_fields_and_seed(digits):
    fields = {"latent_dim": 3, "hidden_layer_sizes": (8,), "random_state": 0, "max_epochs": 1, "learning_rate": 1e-12}
    with pytest.warns(match="reconstructs worse than PCA"):
        plain = Autoencoder(**fields).fit(digits)
    np.testing.assert_allclose(VAE(**fields).fit(digits).transform(digits), plain.transform(digits), atol=1e-6)


def test_a_head_is_tuned_on_the_means(dense_fit, conv_fit, digits, images):
    labels = load_digits().target[:300]
    for encoder, X in ((dense_fit, digits), (conv_fit, images)):
        model = fine_tune(encoder, X, labels, freeze_epochs=1, max_epochs=2, random_state=0)
        assert model.predict(X).shape == (300,)


def test_a_batch_is_cut_up_unless_its_risk_couples_the_rows(conv_fit, images):
    network = conv_fit.networks_["model"]
    assert conv_fit._micro_batch({"model": network}, 300) <= 32
    for fields in ({"variance": "calibrated"}, {"capacity": 1.0}, {"free_bits": 1.0}, {"total_correlation": 1.0}):
        assert clone(conv_fit).set_params(**fields)._micro_batch({"model": network}, 300) is None
    assert factor(architecture="conv", variance=1.0)._micro_batch({"model": network}, 300) is None


def test_pandas_in_and_out(digits):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(digits, columns=[f"p{i}" for i in range(64)])
    codes = small().set_output(transform="pandas").fit_transform(frame)
    assert list(codes.columns) == ["vae0", "vae1", "vae2"]


def test_description_counts_both_heads(digits):
    described = describe(small(), digits)
    assert described.parameters.weights == 64 * 8 + 8 * 6 + 3 * 8 + 8 * 64
    assert "8 x 6 + 6, mean and log-variance" in str(described)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"beta": -1.0}, r"beta=-1.0: it should be greater than or equal to 0"),
        ({"variance": 0.0}, r"variance=0.0: it should be"),
        ({"loss": "square"}, r"loss='square': it should be 'bernoulli' or 'gaussian'"),
        ({"posterior_samples": 0}, "posterior_samples=0"),
        ({"capacity": 1.0, "free_bits": 0.5}, "capacity=1.0 and free_bits=0.5 each say what is made of the KL"),
        ({"total_correlation": 1.0, "capacity": 0.0}, "capacity=0.0 and total_correlation=1.0"),
        ({"beta": np.ones_like, "schedule": "linear"}, "schedule='linear' leads to a number, but beta is a function"),
        ({"beta": np.zeros_like}, r"beta never starts: in max_epochs=3 epochs its schedule reaches 0\."),
        ({"schedule": "linear", "schedule_epochs": 1000}, "beta never starts: in max_epochs=3 epochs its schedule re"),
        ({"capacity": 5.0, "schedule": "linear", "schedule_epochs": 1000}, "capacity never starts"),
        ({"beta": lambda step: -1.0}, r"beta gave -1\.0 at step 0; it must be a number >= 0"),
        ({"beta": lambda step: step * np.nan}, "beta gave nan at step 0"),
    ],
)
def test_wrong_fields_say_what_is_needed(fields, message, digits):
    with pytest.raises(ValueError, match=message):
        small(**fields).fit(digits)


def test_wrong_data_say_what_is_needed(dense_fit, digits):
    with pytest.raises(ValueError, match=r"X holds 0 to 16: scale it.* or take loss='gaussian'"):
        small(loss="bernoulli").fit(digits * 16)
    with pytest.raises(ValueError, match="n_samples=0; it must be a whole number of at least 1"):
        dense_fit.sample(0)
    with pytest.raises(ValueError, match="n_samples=1.5; it must be a whole number"):
        dense_fit.log_likelihood(digits[:2], n_samples=1.5)
    with pytest.raises(ValueError, match="kind='round'; it must be 'linear' or 'spherical'"):
        dense_fit.interpolate(digits[:1], digits[1:2], kind="round")


def test_parameters_that_are_not_finite_are_named(digits):
    model = small().fit(digits)
    model.networks_["model"].encoder.layers[-1].bias[4] = np.nan
    with pytest.raises(ValueError, match=r"the posterior of row 0 \(and 1 others\) is not finite: its log-variance is"):
        model.posterior(digits[:2])


def test_a_fit_that_diverges_says_so(digits):
    with pytest.raises(NonFiniteRiskError, match="Try a smaller learning_rate"):
        small(optimizer="sgd", learning_rate=1e6, variance="learned", max_epochs=20).fit(digits)
