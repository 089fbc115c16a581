"""The verbs of a GAN on rows, images, bytes and frames; labels; files; what cannot be asked for."""

from functools import partial

import jax
import numpy as np
import pytest
from scipy.special import expit
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from rosenblatt import GAN, Callback, describe, load, save

small = partial(
    GAN,
    latent_dim=2,
    hidden_layer_sizes=(8,),
    activation="leaky_relu",
    averaging=0.0,
    decay=False,
    batch_size=4,
    max_epochs=3,
    random_state=0,
)
convolutional = partial(
    GAN,
    architecture="conv",
    latent_dim=3,
    channels=(4,),
    hidden_layer_sizes=(),
    batch_size=16,
    max_epochs=1,
    random_state=0,
)
RNG = np.random.default_rng(0)
X = np.column_stack([RNG.normal(3, 2, 42), RNG.normal(-1, 0.1, 42)]).astype(np.float32)
Y = np.array(["hill", "dale"])[np.arange(42) % 2]
CODES = RNG.normal(size=(6, 2)).astype(np.float32)


@pytest.fixture(scope="module")
def images():
    """60 digits (60, 8, 8), numbers from 0 to 1."""
    return (load_digits().images[:60] / 16).astype(np.float32)


@pytest.fixture(scope="module")
def rows_fit():
    return small().fit(X)


@pytest.fixture(scope="module")
def conv_fit(images):
    return convolutional().fit(images)


@pytest.fixture(scope="module")
def labels_fit():
    """With labels, an average and vectors; the average has not left its start by much."""
    return small(conditional=True, averaging=0.99, spectral_normalization=True).fit(X, Y)


def numpy_layers(network):
    return [(np.float64(layer.weight), layer.bias) for layer in network.layers]


def test_rows_are_those_of_the_generator_in_the_units_of_the_data(rows_fit):
    (W, b), (V, c) = numpy_layers(rows_fit.networks_["generator"].network)
    z = CODES @ W + b
    expected = (np.where(z > 0, z, 0.2 * z) @ V + c) * X.astype(float).std(0) + X.astype(float).mean(0)
    found = rows_fit.generate(CODES)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert found.dtype == np.float32
    drawn = np.random.RandomState(3).standard_normal((7, 2)).astype(np.float32)
    np.testing.assert_array_equal(rows_fit.sample(7, random_state=3), rows_fit.generate(drawn))
    assert rows_fit.sample().shape == (1, 2)


def test_scores_are_the_discriminators_of_scaled_rows(rows_fit):
    (W, b), (V, c) = numpy_layers(rows_fit.networks_["discriminator"].network)
    z = (X - X.astype(float).mean(0)) / X.astype(float).std(0) @ W + b
    expected = (np.where(z > 0, z, 0.2 * z) @ V + c)[:, 0]
    np.testing.assert_allclose(rows_fit.score_samples(X), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(rows_fit.discriminate(X), expit(expected), rtol=1e-4)


def test_a_row_has_the_same_answers_whatever_the_company(rows_fit, conv_fit, images):
    for model, rows in ((rows_fit, X), (conv_fit, images)):
        order = np.random.default_rng(0).permutation(len(rows))
        for verb in (model.score_samples, model.discriminate):
            whole = verb(rows)
            np.testing.assert_array_equal(verb(rows[order]), whole[order])
            np.testing.assert_array_equal(verb(rows[:7]), whole[:7])
    np.testing.assert_array_equal(rows_fit.generate(CODES)[:2], rows_fit.generate(CODES[:2]))


def test_interpolation_leads_from_one_sample_to_the_other(rows_fit, conv_fit):
    for kind in ("linear", "spherical"):
        between = rows_fit.interpolate(CODES[:2], CODES[2:4], 5, kind)
        assert between.shape == (2, 5, 2)
        np.testing.assert_allclose(between[:, 0], rows_fit.generate(CODES[:2]), atol=1e-5)
        np.testing.assert_allclose(between[:, -1], rows_fit.generate(CODES[2:4]), atol=1e-5)
    middle = rows_fit.interpolate(CODES[:2], CODES[2:4], 3, "linear")[:, 1]
    np.testing.assert_allclose(middle, rows_fit.generate((CODES[:2] + CODES[2:4]) / 2), atol=1e-5)
    assert conv_fit.interpolate(np.ones((1, 3)), -np.ones((1, 3)), 4).shape == (1, 4, 8, 8)


def test_images_come_out_as_they_went_in(conv_fit, images):
    found = conv_fit.sample(5, random_state=0)
    assert found.shape == (5, 8, 8)
    assert conv_fit.data_range_ == (0, 1)
    assert 0 <= found.min() < found.max() <= 1
    assert conv_fit.image_shape_ == (8, 8, 1)
    np.testing.assert_array_equal(conv_fit.discriminate(images), conv_fit.discriminate(images[..., None]))
    with pytest.raises(ValueError, match="fitted on images of 8 x 8 x 1"):
        conv_fit.discriminate(np.zeros((2, 9, 9)))


def test_rows_with_an_image_shape_are_the_same_game_and_come_out_as_rows(conv_fit, images):
    model = convolutional(image_shape=(8, 8)).fit(images.reshape(60, 64))
    assert model.sample(2).shape == (2, 64)
    np.testing.assert_array_equal(model.sample(3, random_state=0).reshape(3, 8, 8), conv_fit.sample(3, random_state=0))


def test_bytes_are_the_same_game_as_their_255ths(images):
    pixels = np.round(images * 255).astype(np.uint8)
    model, twin = convolutional().fit(pixels), convolutional().fit(pixels / np.float32(255))
    np.testing.assert_allclose(model.sample(5, random_state=0), twin.sample(5, random_state=0), atol=1e-4)
    np.testing.assert_allclose(model.score_samples(pixels), twin.score_samples(pixels / np.float32(255)), atol=1e-4)
    assert model.sample(5).max() <= 1
    with pytest.raises(ValueError, match="fitted on images of bytes"):
        model.discriminate(pixels.astype(float))
    with pytest.raises(ValueError, match=r"data_range=\(0, 255\) is given for bytes \(uint8\), which are scaled to 0"):
        convolutional(data_range=(0, 255)).fit(pixels)


def test_colour_images_of_odd_sizes_in_a_range_of_their_own():
    colours = np.random.default_rng(0).uniform(-1, 1, size=(20, 7, 11, 3)).astype(np.float32)
    with pytest.raises(ValueError, match=r"X holds images with numbers from -0\.99.* outside the range 0 to 1 that"):
        convolutional(data_range=(0, 1)).fit(colours)
    assert convolutional().fit(colours).data_range_ == (colours.min(), colours.max())
    model = convolutional(data_range=(-1, 1)).fit(colours)
    assert model.sample(3).shape == (3, 7, 11, 3)
    assert np.abs(model.sample(30)).max() <= 1
    with pytest.raises(ValueError, match="outside the range -1 to 1"):
        model.partial_fit(3 * colours)


def test_the_rows_of_a_signal_are_a_table(rows_fit):
    table = np.random.default_rng(0).normal([1, 2, 3, 4, 5, 6], 1, size=(30, 6))
    model = convolutional().fit(table)
    assert model.image_shape_ == (6, 1)
    assert model.data_range_ is None
    assert model.sample(2).shape == (2, 6)
    np.testing.assert_allclose(model.center_, table.mean(0), rtol=1e-5)


def frame_of(kind):
    library = pytest.importorskip(kind)
    count = np.random.default_rng(1).integers(0, 5, 42)
    columns = {"length": X[:, 0].astype(float), "count": count, "small": count.astype(np.uint8), "is_big": count > 2}
    return library.DataFrame(columns)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_a_frame_in_and_a_frame_of_the_same_columns_out(kind, tmp_path):
    frame = frame_of(kind)
    model = small().fit(frame)
    found = model.sample(20, random_state=0)
    assert type(found) is type(frame)
    assert list(found.columns) == list(frame.columns)
    assert list(found.dtypes) == list(frame.dtypes)
    plain = small().fit(np.asarray(frame, np.float32)).sample(20, random_state=0)
    np.testing.assert_allclose(np.asarray(found["length"]), plain[:, 0], rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(found["count"]), np.rint(plain[:, 1]))
    np.testing.assert_array_equal(np.asarray(found["small"]), np.clip(np.rint(plain[:, 2]), 0, 255))
    np.testing.assert_array_equal(np.asarray(found["is_big"]), plain[:, 3] > 0.5)
    assert model.interpolate(CODES[:1], CODES[1:2], 3).dtype == np.float32
    np.testing.assert_array_equal(model.discriminate(frame[:7]), model.discriminate(frame)[:7])
    twin = load(save(model, tmp_path / "m.zip"))
    assert twin.sample(4, random_state=1).equals(model.sample(4, random_state=1))


def test_conditional_samples_are_of_their_class():
    """Of two classes with means -3 and 3 and deviation 0.3: of seeds 0 to 4 all samples lay on their side."""
    rng = np.random.default_rng(0)
    labels = np.repeat(["low", "high"], [60, 140])
    rows = np.where(labels == "low", -3, 3)[:, None] + 0.3 * rng.normal(size=(200, 1))
    model = small(conditional=True, batch_size=20, max_epochs=60, learning_rate=0.01, hidden_layer_sizes=(16,))
    model.fit(rows, labels)
    low, high = model.sample(200, "low", random_state=0), model.sample(200, "high", random_state=0)
    assert (low < 0).mean() > 0.95
    assert (high > 0).mean() > 0.95
    given = model.sample(4, ["low", "high", "low", "high"], random_state=0)[:, 0]
    np.testing.assert_array_equal(given < 0, [True, False, True, False])
    assert list(model.classes_) == ["high", "low"]
    # Without y they are as often as in the rows, 0.7, within 6 standard errors.
    assert (model.sample(2000, random_state=0) > 0).mean() == pytest.approx(0.7, abs=6 * np.sqrt(0.21 / 2000) + 0.05)
    # Of the wrong class a row looks less real: over the seeds by 0.12 to 0.31.
    differs = labels != labels[::-1]
    own, other = (model.discriminate(rows, given)[differs] for given in (labels, labels[::-1]))
    assert own.mean() > other.mean() + 0.05


def test_samples_come_from_the_average(labels_fit):
    """Of the share 0.99 at most, and in the first moves less: (1 + n) / (10 + n) after n of them."""
    networks = dict(labels_fit.networks_)
    plain = labels_fit.with_networks({name: networks[name] for name in networks if name != "average"})
    swapped = labels_fit.with_networks(networks | {"average": networks["generator"]})
    np.testing.assert_array_equal(plain.generate(CODES, "hill"), swapped.generate(CODES, "hill"))
    assert not np.array_equal(plain.generate(CODES, "hill"), labels_fit.generate(CODES, "hill"))


def test_an_earlier_moment_of_the_game_can_be_looked_at():
    class Keep(Callback):
        def on_train_begin(self, training):
            self.training, self.kept = training, []

        def on_epoch_end(self, epoch, logs):
            self.kept.append(self.training.networks())

    keep = Keep()
    model, short = small(callbacks=[keep]).fit(X), small(max_epochs=2).fit(X)
    then = model.with_networks(keep.kept[1])
    np.testing.assert_array_equal(then.sample(5, random_state=0), short.sample(5, random_state=0))
    np.testing.assert_array_equal(then.score_samples(X), short.score_samples(X))
    again = model.with_networks(model.networks_)
    np.testing.assert_array_equal(again.score_samples(X), model.score_samples(X))
    assert not np.array_equal(then.score_samples(X), model.score_samples(X))


@pytest.mark.parametrize("kind", ["rows_fit", "conv_fit", "labels_fit"])
def test_saved_and_loaded_it_gives_the_same_bits(kind, request, images, tmp_path):
    model = request.getfixturevalue(kind)
    twin = load(save(model, tmp_path / "model.zip"))
    rows, labels = {"rows_fit": (X, None), "conv_fit": (images, None), "labels_fit": (X, Y)}[kind]
    np.testing.assert_array_equal(twin.sample(5, random_state=0), model.sample(5, random_state=0))
    np.testing.assert_array_equal(twin.discriminate(rows, labels), model.discriminate(rows, labels))
    assert twin.n_parameters_ == model.n_parameters_
    twin.partial_fit(rows, labels)


def test_a_critic_gives_scores_and_no_probabilities():
    model = small(loss="wasserstein", discriminator_steps=2, instance_noise=0.1).fit(X)
    assert model.score_samples(X).shape == (42,)
    assert "train_discriminator_r1" not in model.history_  # it would pull the slope to 0, and the other to 1
    assert (model.history_["train_discriminator_gradient_penalty"] > 0).all()
    with pytest.raises(ValueError, match=r"gives scores and no probabilities: use score_samples\(X\)"):
        model.discriminate(X)


def test_a_description_has_both_players(rows_fit, labels_fit, images):
    for model in (rows_fit, labels_fit):
        described = describe(model, X)
        assert described.parameters == model.n_parameters_
        assert described.warnings == ()  # scales and numbers of rows are no matter here
    assert [layer.name for layer in described.layers] == [
        *("generator 1", "generator 2", "discriminator 1", "discriminator 2", "discriminator 3")
    ]
    assert [layer.output_shape for layer in describe(GAN(), X).layers] == [(128,)] * 3 + [(2,)] + [(128,)] * 3 + [(1,)]
    assert "flatten" in [layer.name for layer in describe(GAN(architecture="conv"), images).layers][-2]
    text = " ".join(str(describe(convolutional(), images)).split())
    assert "4 x 4 x 4 x 1 + 1, tanh" in text
    assert "O = (8 - 4 + 2) / 2 + 1 = 4" in text
    assert describe(convolutional(), images).memory > describe(small(), X).memory
    assert "gradient" in " ".join(describe(small(initializer="zeros"), X).warnings)
    with pytest.raises(ValueError, match="describe needs X and y"):
        describe(small(conditional=True), X)


def test_the_notebooks_summary_has_both_players(labels_fit):
    shown = labels_fit._repr_html_()
    assert "2 latents + 2 classes &rarr; 8 leakyrelu &rarr; 2 linear" in shown
    assert "2 inputs &rarr; 8 leakyrelu &rarr; 1 linear &rarr; 1 projection on the class" in shown
    assert "train discriminator risk" in shown
    assert shown.count("<polyline") == 2


def test_what_cannot_be_asked_for(rows_fit, labels_fit):
    with pytest.raises(NotFittedError):
        small().sample(2)
    with pytest.raises(ValueError, match="n_samples=0; it must be a whole number of at least 1"):
        rows_fit.sample(0)
    with pytest.raises(ValueError, match="codes have 3 numbers each; this GAN makes rows of codes of latent_dim=2"):
        rows_fit.generate(np.zeros((4, 3)))
    with pytest.raises(ValueError, match="codes contains NaN"):
        rows_fit.generate([[np.nan, 0]])
    with pytest.raises(ValueError, match="n_steps=1; at least 2 are needed"):
        rows_fit.interpolate(CODES[:1], CODES[1:2], n_steps=1)
    with pytest.raises(ValueError, match=r"codes have shape \(2, 2\) and to has \(1, 2\); they are paired"):
        rows_fit.interpolate(CODES[:2], CODES[2:3])
    with pytest.raises(ValueError, match="kind='round'; it must be 'linear' or 'spherical'"):
        rows_fit.interpolate(CODES[:1], CODES[1:2], kind="round")
    with pytest.raises(ValueError, match="not fitted with conditional=True: it knows no classes"):
        rows_fit.sample(2, "hill")
    with pytest.raises(ValueError, match="this model is conditional: give y, the class of each row"):
        labels_fit.score_samples(X)
    for unknown in ("lake", 3):
        with pytest.raises(ValueError, match=r"which no training row had: the classes are \['dale', 'hill'\]"):
            labels_fit.sample(2, unknown)
    with pytest.raises(ValueError, match=r"y has shape \(3,\); it must be one class, or \(2,\), one for each row"):
        labels_fit.sample(2, ["hill"] * 3)
    with pytest.raises(ValueError, match="2 features"):
        rows_fit.discriminate(X[:, :1])


def test_it_learns_the_moments_of_correlated_columns():
    """Over seeds 0 to 4 means came within 0.04 deviations, deviations within 5 %, correlations to 0.61 to 0.64."""
    rng = np.random.default_rng(0)
    rows = rng.multivariate_normal([5, -2], [[4, 1.2], [1.2, 1]], size=600)
    model = GAN(
        latent_dim=4, hidden_layer_sizes=(32,), max_epochs=150, learning_rate=2e-3, averaging=0.99, random_state=0
    ).fit(rows)
    drawn = model.sample(4000, random_state=0)
    np.testing.assert_allclose((drawn.mean(0) - rows.mean(0)) / rows.std(0), 0, atol=0.15)
    np.testing.assert_allclose(drawn.std(0), rows.std(0), rtol=0.15)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(np.corrcoef(rows.T)[0, 1], abs=0.1)
    assert all(isinstance(leaf, np.ndarray) for leaf in jax.tree.leaves(model.networks_))
