"""The convolutional estimators: shapes of images, bytes, augmentation, the two parts, and what is refused.

Most fits are of the same few images with the same layers, so that they share their compiled programs.
"""

import equinox as eqx
import jax
import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.svm import LinearSVC

from rosenblatt import ConvClassifier, ConvRegressor, describe, load, save
from rosenblatt.nn.describe import bytes_of_layers
from rosenblatt.training.epoch import run_steps


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    return data.images / 16, data.target


@pytest.fixture(scope="module")
def few(digits):
    X, y = digits
    return X[:200], y[:200]


def small(**fields):
    defaults = {"channels": (4,), "hidden_layer_sizes": (16,), "max_epochs": 2, "random_state": 0}
    return ConvClassifier(**defaults | fields)


@pytest.fixture(scope="module")
def fitted(few):
    return small().fit(*few)


@pytest.fixture(scope="module")
def reader(digits):
    """A network of two convolutions that has learned four digits of five."""
    X, y = digits
    train = np.arange(len(X)) % 5 > 0
    model = ConvClassifier(channels=(8, 16), hidden_layer_sizes=(32,), learning_rate=0.005, max_epochs=15)
    return model.set_params(random_state=0).fit(X[train], y[train])


def as_bytes(X):
    return (X * 255).round().astype(np.uint8)


class Own(eqx.Module):
    """A linear network of the user's own."""

    layer: eqx.nn.Linear

    def __call__(self, x, *, dropout=None, key=None):
        return self.layer(x)


def own(image_shape, n_outputs, *, key):
    return Own(eqx.nn.Linear(int(np.prod(image_shape)), n_outputs, key=key))


def test_learns_digits(reader, digits):
    X, y = digits
    assert reader.score(X[::5], y[::5]) > 0.95  # chance is 0.1


def test_images_and_their_rows_are_the_same(fitted, few):
    X, y = few
    from_rows = small(image_shape=(8, 8)).fit(X.reshape(-1, 64), y)
    with_channels = small(image_shape=(8, 8, 1)).fit(X[..., None], y)
    assert fitted.image_shape_ == from_rows.image_shape_ == with_channels.image_shape_ == (8, 8, 1)
    expected = fitted.predict_proba(X[:9])
    np.testing.assert_array_equal(from_rows.predict_proba(X[:9].reshape(-1, 64)), expected)
    np.testing.assert_array_equal(with_channels.predict_proba(X[:9, ..., None]), expected)
    np.testing.assert_array_equal(from_rows.predict_proba(X[:9]), expected)
    np.testing.assert_array_equal(fitted.predict_proba(X[:9].reshape(-1, 64)), expected)


def test_a_list_of_images_is_as_good_as_an_array(fitted, few):
    X, y = few
    from_list = small().fit(list(X), y)
    np.testing.assert_array_equal(from_list.predict_proba(list(X[:9])), fitted.predict_proba(X[:9]))


def test_rows_of_a_table_are_signals(few):
    X, y = few
    model = small(kernel_size=5, stride=2, augmentation=("noise",)).fit(X.reshape(-1, 64), y)
    assert model.image_shape_ == (64, 1)
    assert model.transform(X[:3].reshape(-1, 64)).shape == (3, 16 * 4)  # 64 / stride 2 / pooling 2, 4 channels


def test_bytes_are_scaled_to_one(few):
    X, y = few
    images = as_bytes(X)
    model = small().fit(images, y)
    same = small().fit(images / 255, y)
    np.testing.assert_allclose(model.predict_proba(images), same.predict_proba(images / 255), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(images / 255), model.predict_proba(images), rtol=1e-5)
    assert (model.pixel_maximum_, same.pixel_maximum_) == (255, None)


@pytest.mark.parametrize("kind", [float, int, np.float32])
def test_numbers_up_to_255_after_bytes_are_refused(kind, few):
    X, y = few
    model = small(max_epochs=1).fit(as_bytes(X), y)
    with pytest.raises(ValueError, match=r"images of bytes \(uint8\).*up to 255: pass uint8, or divide X by 255"):
        model.predict(as_bytes(X).astype(kind))


def test_bytes_after_numbers_are_refused(fitted, few):
    X, y = few
    text = r"fitted on images of numbers, not of bytes; X now holds bytes \(uint8\), .*such as X / 255 or X.astype"
    with pytest.raises(ValueError, match=text):
        fitted.predict(as_bytes(X))
    with pytest.raises(ValueError, match=text):
        small().fit(X, y, validation_data=(as_bytes(X), y))


def test_both_parts_can_be_reached(reader, few):
    (X, y), model = few, reader
    features = model.transform(X)
    assert features.shape == (len(X), 2 * 2 * 16) == (len(X), len(model.get_feature_names_out()))
    np.testing.assert_allclose(features[0], eqx.filter_jit(model.features_)(X[0].astype(np.float32)), rtol=1e-5)
    hidden, output = model.task_learner_.layers
    active = np.maximum(features[:5] @ hidden.weight + hidden.bias, 0)
    logits = active @ output.weight + output.bias
    np.testing.assert_allclose(logits, model.decision_function(X[:5]), rtol=1e-4, atol=1e-5)
    assert LinearSVC().fit(features, y).score(features, y) > 0.8
    assert model.n_parameters_ == (9 * 8 + 9 * 8 * 16 + 64 * 32 + 32 * 10, 8 + 16 + 32 + 10)


@pytest.mark.parametrize(("pooling", "normalization"), [(None, "group"), ("max", "layer"), ("average", None)])
def test_saved_models_predict_the_same(normalization, pooling, few, tmp_path):
    X, y = few
    model = small(normalization=normalization, pooling=pooling, padding="valid", max_epochs=1).fit(X, y)
    save(model, tmp_path / "model.zip")
    np.testing.assert_array_equal(load(tmp_path / "model.zip").predict_proba(X[:5]), model.predict_proba(X[:5]))


@pytest.mark.parametrize("changes", [("shift", "flip"), ("rotate", "crop", "noise")])
def test_augmentation_is_drawn_inside_the_epoch_and_not_when_predicting(changes, fitted, few):
    X, y = few
    changed = small(augmentation=changes).fit(X, y)
    assert changed.history_["train_risk"][0] != fitted.history_["train_risk"][0]
    predicted = changed.predict_proba(X[:5])
    np.testing.assert_array_equal(changed.predict_proba(X[:5]), predicted)
    # What predicts is the network alone, which another estimator without augmentation has, too.
    fitted_copy = small().fit(X, y)
    fitted_copy.networks_ = changed.networks_
    np.testing.assert_array_equal(fitted_copy.predict_proba(X[:5]), predicted)
    again = small(augmentation=changes).fit(X, y)
    np.testing.assert_array_equal(again.predict_proba(X[:5]), predicted)
    longer = small(augmentation=changes, learning_rate=0.01, max_epochs=40).fit(X, y)
    assert longer.score(X, y) > 0.6  # chance is 0.1


def test_validation_images_are_not_changed(few):
    """With a step too small to move anything, the training risk varies from epoch to epoch and this one does not."""
    X, y = few
    model = small(augmentation=("shift", "flip"), learning_rate=1e-30, max_epochs=3)
    history = model.fit(X, y, validation_data=(X, y)).history_
    assert len(set(history["train_risk"])) == 3
    assert len(set(history["validation_risk"])) == 1


def test_the_same_structure_compiles_once(fitted, few):
    before = run_steps.n_compilations
    small(learning_rate=0.01, l2=0.1, dropout=0.3, max_epochs=1).fit(*few)
    assert run_steps.n_compilations == before


def test_numbers_are_predicted_from_images(digits):
    X, _ = digits
    left = X[:, :, :4].mean((1, 2)) - X[:, :, 4:].mean((1, 2))
    both = np.stack([left, -left], axis=1)
    model = ConvRegressor(channels=(4,), hidden_layer_sizes=(16,), pooling=None, learning_rate=0.01, max_epochs=20)
    model.set_params(random_state=0).fit(X[:600], both[:600])
    assert model.score(X[600:1000], both[600:1000]) > 0.9
    assert model.predict(X[:4]).shape == (4, 2)


def test_a_network_of_your_own(digits):
    def build(image_shape, n_outputs, *, key):
        assert image_shape == (8, 8, 1)
        return own(image_shape, n_outputs, key=key)

    X, y = digits[0][:600], digits[1][:600]
    model = ConvClassifier(network=build, max_epochs=25, learning_rate=0.01, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.9
    layer = model.networks_["model"].layer
    np.testing.assert_allclose(model.decision_function(X), X.reshape(-1, 64) @ layer.weight.T + layer.bias, atol=1e-4)
    np.testing.assert_array_equal(model.transform(X), model.decision_function(X))
    assert len(model.get_feature_names_out()) == 10
    with pytest.raises(AttributeError, match=r"has a network of your own \(Own\), whose parts are not known here"):
        _ = model.features_


def test_a_network_of_your_own_gets_rows_from_zero_to_one(few):
    """Where X is bytes, too; and also rows where they are changed as images."""
    X, y = few
    images = as_bytes(X)
    of_bytes, of_floats = (
        ConvClassifier(network=own, max_epochs=2, random_state=0).fit(given, y) for given in (images, images / 255)
    )
    layer = of_bytes.networks_["model"].layer
    np.testing.assert_allclose(layer.weight, of_floats.networks_["model"].layer.weight, rtol=1e-4, atol=1e-6)
    logits = (images.reshape(-1, 64) / 255) @ layer.weight.T + layer.bias
    np.testing.assert_allclose(of_bytes.decision_function(images), logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(of_bytes.decision_function(images / 255), logits, rtol=1e-4, atol=1e-5)
    changed = ConvClassifier(network=own, augmentation=("shift", "noise"), max_epochs=2, random_state=0).fit(images, y)
    assert not np.allclose(changed.networks_["model"].layer.weight, layer.weight)
    assert changed.history_["train_risk"][1] < changed.history_["train_risk"][0] < 5  # bytes as they are: some hundred


class TestMistakes:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            (
                {"kernel_size": 9, "padding": "valid"},
                r"layer 1: an image of 8 x 8 pixels is too small for the window: O = \(W - K \+ 2P\) / S \+ 1 = "
                r"\(8 - 9 \+ 0\) / 1 \+ 1 = 0 on axis 0, where W = 8, K = 9; take larger images",
            ),
            (
                {"channels": (4, 4, 4), "padding": "valid", "kernel_size": 4},
                r"convolution layer 2: an image of 2 x 2 pixels is too small.*= \(2 - 4 \+ 0\) / 1 \+ 1 = -1",
            ),
            ({"image_shape": (8, 9)}, "image_shape=.8, 9. is 8 x 9 x 1 = 72 numbers, but a row of X has 64"),
            ({"image_shape": (8, 8, 1, 1)}, r"image_shape=\(8, 8, 1, 1\): it should be at most 3 of them"),
            ({"image_shape": (8, 0)}, r"image_shape=\(8, 0\): it should be greater than or equal to 1"),
            ({"image_shape": 64}, "image_shape=64: it should be a sequence"),
            ({"image_shape": "8x8"}, "image_shape='8x8': it should be a sequence such as .value, value., not a text"),
            ({"activation": ["relu"]}, "activation has 1 functions for 2 hidden layers; give one, or one for each"),
            ({"activation": ["relu"] * 3}, "activation has 3 functions for 2 hidden layers"),
            ({"activation": "rellu"}, "activation='rellu': it should be 'elu', 'gelu', .*'tanh' or callable"),
            ({"channels": 0}, "channels=0: it should be greater than or equal to 1"),
            ({"channels": (0,)}, "channels=.0,.: it should be .*greater than or equal to 1"),
            ({"channels": ()}, r"channels=\(\): it should be .*at least 1 of them"),
            ({"kernel_size": 0}, "kernel_size=0: it should be greater than or equal to 1"),
            ({"kernel_size": 2.5}, "kernel_size=2.5: it should be a valid integer"),
            ({"kernel_size": (3, 3, 3)}, r"kernel_size=\(3, 3, 3\) must be an integer >= 1, or 2 of them"),
            ({"stride": 0}, "stride=0: it should be greater than or equal to 1"),
            ({"dilation": 0}, "dilation=0: it should be greater than or equal to 1"),
            ({"padding": -1}, "padding=-1: it should be 'same' or 'valid' or greater than or equal to 0"),
            ({"padding": "full"}, "padding='full': it should be 'same' or 'valid' or a valid integer"),
            ({"pool_size": 0}, "pool_size=0: it should be greater than or equal to 1"),
            ({"pooling": "mean"}, "pooling='mean': it should be 'average' or 'max'"),
            ({"normalization": "batch"}, "normalization='batch': it should be 'group' or 'layer'"),
            ({"augmentation": ("mirror",)}, "augmentation=.*'crop', 'flip', 'noise', 'rotate' or 'shift'"),
            ({"augmentation": "flip"}, "augmentation='flip': it should be a sequence such as .*not a text"),
        ],
    )
    def test_what_cannot_be_built_is_told(self, fields, words, few):
        X, y = few
        with pytest.raises(ValueError, match=words):
            small(**fields).fit(X.reshape(-1, 64), y) if "image_shape" in fields else small(**fields).fit(X, y)

    def test_numbers_are_checked_as_classes_are(self, few):
        with pytest.raises(ValueError, match=r"ConvRegressor cannot be fitted with stride=0"):
            ConvRegressor(stride=0).fit(*few)
        with pytest.raises(ValueError, match=r"\(8 - 9 \+ 0\) / 1 \+ 1 = 0"):
            ConvRegressor(kernel_size=9, padding="valid").fit(*few)

    def test_a_window_that_is_larger_than_the_image_pools_all_of_it(self, few):
        described = describe(small(pool_size=100), *few)
        assert [layer.output_shape for layer in described.layers] == [(8, 8, 4), (1, 1, 4), (4,), (16,), (10,)]

    @pytest.mark.parametrize("name", ["crop", "flip", "rotate", "shift"])
    def test_signals_are_not_turned(self, name, few):
        X, y = few
        text = rf"augmentation=\('{name}',\) changes images, and a row of X is a signal of 64 numbers: give images or "
        with pytest.raises(ValueError, match=text + r"image_shape=.*, or only augmentation=\('noise',\)"):
            small(augmentation=(name,)).fit(X.reshape(-1, 64), y)

    @pytest.mark.parametrize(
        ("shape", "words"),
        [
            ((-1, 7, 7), r"X has shape \(200, 7, 7\); this ConvClassifier was fitted on images of 8 x 8 x 1 .height"),
            ((-1, 4, 16), r"X has shape \(200, 4, 16\); .*needs \(n_images, 8, 8, 1\): give images of that shape"),
            ((-1, 8, 8, 3), r"X has shape \(200, 8, 8, 3\); .*fitted on images of 8 x 8 x 1"),
            ((8, 8), r"X has shape \(8, 8\); .*: X is one image: give X\[None\]"),
            ((8, 8, 1), r"X has shape \(8, 8, 1\); .*: X is one image: give X\[None\]"),
            ((-1, 49), "X has 49 features, but ConvClassifier is expecting 64 features"),
            ((-1, 8, 8, 1, 1), r"X has shape \(200, 8, 8, 1, 1\), 5 axes; give rows"),
        ],
    )
    def test_other_images_are_refused(self, shape, words, fitted, few):
        X, y = few
        images = np.resize(X, [200 if width == -1 else width for width in shape])
        with pytest.raises(ValueError, match=words):
            fitted.predict(images)
        if len(images) == 200:
            with pytest.raises(ValueError, match=words):
                small().fit(X, y, validation_data=(images, y))

    def test_channels_that_come_first_are_refused(self, few):
        """They are as many numbers, and would be read as another image."""
        X, y = few
        model = ConvClassifier(network=own, max_epochs=1).fit(np.stack([X, X, X], -1), y)
        for images, shape in ((np.stack([X, X, X], 1), "200, 3, 8, 8"), (X, "200, 8, 8")):
            with pytest.raises(ValueError, match=rf"X has shape \({shape}\); .*fitted on images of 8 x 8 x 3"):
                model.predict(images)

    def test_image_shape_is_that_of_the_images(self, few):
        text = r"image_shape=\(4, 16\), but X holds images of 8 x 8 x 1: leave image_shape out, which is for rows"
        with pytest.raises(ValueError, match=text):
            small(image_shape=(4, 16)).fit(*few)

    def test_pixels_that_are_not_numbers_are_refused(self, fitted, few):
        X, y = few
        for value, words in ((np.nan, "Input X contains NaN"), (np.inf, "Input X contains infinity")):
            images = X.copy()
            images[3, 2, 2] = value
            for attempt in (lambda bad=images: small().fit(bad, y), lambda bad=images: fitted.predict(bad)):
                with pytest.raises(ValueError, match=words):
                    attempt()

    def test_images_of_several_shapes_are_refused(self, fitted, few):
        X, y = few
        images = [X[0], X[1, :7], X[2]]
        for attempt in (lambda: small().fit(images, y[:3]), lambda: fitted.predict(images)):
            with pytest.raises(
                ValueError, match=r"X holds images of 2 shapes: \(8, 8\) \(2 of them\), \(7, 8\) \(1 of"
            ):
                attempt()

    def test_no_images_are_refused(self, fitted, few):
        X, y = few
        for attempt in (lambda: small().fit(X[:0], y[:0]), lambda: fitted.predict(X[:0])):
            with pytest.raises(ValueError, match=r"0 sample\(s\) \(shape=\(0, 64\)\) while a minimum of 1 is required"):
                attempt()

    def test_a_network_of_your_own_must_fit(self, few):
        def one_more(image_shape, n_outputs, *, key):
            return own(image_shape, n_outputs + 1, key=key)

        def fewer_inputs(image_shape, n_outputs, *, key):
            return own((63,), n_outputs, key=key)

        text = r"returned maps a row of 64 numbers to \(11,\); an output of shape \(10,\) is needed"
        with pytest.raises(ValueError, match=text):
            ConvClassifier(network=one_more).fit(*few)
        with pytest.raises(
            TypeError, match="network= returned NoneType; an Equinox module is needed that maps a row of 64"
        ):
            ConvClassifier(network=lambda image_shape, n_outputs, *, key: None).fit(*few)
        with pytest.raises(TypeError, match=r"dot_general.*\(63,\) and \(64,\)") as raised:
            ConvClassifier(network=fewer_inputs).fit(*few)
        assert raised.value.__notes__[-1].startswith("Raised by the network that network= returned, for a row of 64")

    def test_a_network_of_your_own_takes_dropout_and_key(self, few):
        def linear(image_shape, n_outputs, *, key):
            return eqx.nn.Linear(64, n_outputs, key=key)

        with pytest.raises(TypeError, match="unexpected keyword argument 'dropout'") as raised:
            ConvClassifier(network=linear).fit(*few)
        assert "keyword arguments dropout and key, which it has to take" in raised.value.__notes__[-1]


@pytest.mark.parametrize(("batch_size", "width"), [(1, 8), (10, 8), (128, 28), ("full", 28), (64, 200)])
def test_micro_batches_cut_a_batch_evenly_and_fit_into_memory_near_a_core(batch_size, width):
    model = ConvClassifier(channels=(32, 64), hidden_layer_sizes=(), batch_size=batch_size)
    X = np.random.default_rng(0).integers(0, 256, (20, width, width), dtype=np.uint8)
    model._examples(X, np.arange(20) % 2, None, reset=True)
    network = model._new_network(np.random.default_rng(0))
    micro_batch = model._micro_batch({"model": network}, len(X))
    share = -(-(512 if batch_size == "full" else batch_size) // len(jax.devices()))  # 20 rows are padded to 512
    n_parts = -(-share // micro_batch)
    assert 1 <= micro_batch <= share
    assert n_parts * micro_batch - share < n_parts
    assert micro_batch == 1 or micro_batch * bytes_of_layers(network, width**2) <= 2**22
