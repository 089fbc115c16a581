"""The convolutional estimators: shapes of images, bytes, augmentation, the two parts, and what is refused."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.svm import LinearSVC

from rosenblatt import ConvClassifier, ConvRegressor, load, save
from rosenblatt.training.epoch import run_steps


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    return data.images / 16, data.target


def small(**fields):
    defaults = {"channels": (4,), "hidden_layer_sizes": (16,), "max_epochs": 2, "random_state": 0}
    return ConvClassifier(**defaults | fields)


def test_learns_digits(digits):
    X, y = digits
    model = ConvClassifier(channels=(8, 16), hidden_layer_sizes=(32,), max_epochs=60, random_state=0)
    train, test = np.arange(len(X)) % 5 > 0, np.arange(len(X)) % 5 == 0
    assert model.fit(X[train], y[train]).score(X[test], y[test]) > 0.95


def test_images_and_their_rows_are_the_same(digits):
    X, y = digits
    from_images = small().fit(X, y)
    from_rows = small(image_shape=(8, 8)).fit(X.reshape(-1, 64), y)
    with_channels = small().fit(X[..., None], y)
    assert from_images.image_shape_ == from_rows.image_shape_ == with_channels.image_shape_ == (8, 8, 1)
    expected = from_images.predict_proba(X[:9])
    np.testing.assert_array_equal(from_rows.predict_proba(X[:9].reshape(-1, 64)), expected)
    np.testing.assert_array_equal(with_channels.predict_proba(X[:9, ..., None]), expected)


def test_rows_of_a_table_are_signals(digits):
    X, y = digits
    model = small(kernel_size=5, stride=2).fit(X.reshape(-1, 64), y)
    assert model.image_shape_ == (64, 1)
    assert model.transform(X[:3].reshape(-1, 64)).shape == (3, 16 * 4)  # 64 / stride 2 / pooling 2, 4 channels


def test_bytes_are_scaled_to_one(digits):
    X, y = digits
    as_bytes = (X * 255).round().astype(np.uint8)
    model = small().fit(as_bytes, y)
    same = small().fit(as_bytes / 255, y)
    np.testing.assert_allclose(model.predict_proba(as_bytes), same.predict_proba(as_bytes / 255), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(model.predict_proba(as_bytes / 255), model.predict_proba(as_bytes), rtol=1e-5)
    with pytest.raises(ValueError, match=r"images of bytes \(uint8\).*up to 255: pass uint8, or divide X by 255"):
        model.predict(as_bytes.astype(float))


def test_both_parts_can_be_reached(digits):
    X, y = digits
    model = small(channels=(4, 6), kernel_size=3, pooling="average").fit(X, y)
    features = model.transform(X)
    assert features.shape == (len(X), 2 * 2 * 6) == (len(X), len(model.get_feature_names_out()))
    np.testing.assert_allclose(features[0], model.features_(X[0].astype(np.float32)), rtol=1e-5)
    logits = np.array([model.task_learner_(row) for row in features[:5]])
    np.testing.assert_allclose(logits, model.decision_function(X[:5]), rtol=1e-4, atol=1e-5)
    assert LinearSVC().fit(features, y).score(features, y) > 0.8
    assert model.n_parameters_ == (9 * 4 + 9 * 4 * 6 + 24 * 16 + 16 * 10, 4 + 6 + 16 + 10)


@pytest.mark.parametrize("normalization", [None, "layer", "group"])
@pytest.mark.parametrize("pooling", [None, "max", "average"])
def test_saved_models_predict_the_same(normalization, pooling, digits, tmp_path):
    X, y = digits
    model = small(normalization=normalization, pooling=pooling, padding="valid").fit(X[:100], y[:100])
    save(model, tmp_path / "model.zip")
    np.testing.assert_array_equal(load(tmp_path / "model.zip").predict_proba(X[:5]), model.predict_proba(X[:5]))


@pytest.mark.parametrize("changes", [("shift",), ("flip", "noise"), ("rotate", "crop")])
def test_augmentation_is_drawn_inside_the_epoch_and_not_when_predicting(changes, digits):
    X, y = digits
    plain, changed = small().fit(X[:200], y[:200]), small(augmentation=changes).fit(X[:200], y[:200])
    assert changed.history_["train_risk"][0] != plain.history_["train_risk"][0]
    np.testing.assert_array_equal(changed.predict_proba(X[:5]), changed.predict_proba(X[:5]))
    again = small(augmentation=changes).fit(X[:200], y[:200])
    np.testing.assert_array_equal(again.predict_proba(X[:5]), changed.predict_proba(X[:5]))


def test_the_same_structure_compiles_once(digits):
    X, y = digits
    small().fit(X, y)
    before = run_steps.n_compilations
    small(learning_rate=0.01, l2=0.1, dropout=0.3, max_epochs=1).fit(X, y)
    assert run_steps.n_compilations == before


def test_numbers_are_predicted_from_images(digits):
    X, _ = digits
    left = X[:, :, :4].mean((1, 2)) - X[:, :, 4:].mean((1, 2))
    model = ConvRegressor(channels=(4,), hidden_layer_sizes=(16,), pooling=None, learning_rate=0.01, max_epochs=30)
    model.set_params(random_state=0).fit(X[:1200], left[:1200])
    assert model.score(X[1200:], left[1200:]) > 0.9
    both = np.stack([left, -left], axis=1)
    assert model.set_params(max_epochs=1).fit(X, both).predict(X[:4]).shape == (4, 2)


def test_a_network_of_your_own(digits):
    import equinox as eqx
    import jax

    class Own(eqx.Module):
        layer: eqx.nn.Linear

        def __call__(self, x, *, dropout=None, key=None):
            return self.layer(x)

    def build(image_shape, n_outputs, *, key):
        assert image_shape == (8, 8, 1)
        return Own(eqx.nn.Linear(64, n_outputs, key=key))

    X, y = digits
    model = ConvClassifier(network=build, max_epochs=20, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.9
    assert jax.tree.leaves(model.networks_)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kernel_size": 9, "padding": "valid"}, r"8 x 8 pixels is too small.*\(8 - 9 \+ 0\) / 1 \+ 1 = 0"),
        ({"channels": (4, 4, 4), "padding": "valid", "kernel_size": 4}, r"2 x 2 pixels is too small"),
        ({"image_shape": (8, 9)}, "image_shape=.8, 9. is 8 x 9 x 1 = 72 numbers, but a row of X has 64"),
        ({"activation": ["relu"]}, "activation has 1 functions for 2 hidden layers"),
        ({"channels": (0,)}, "channels="),
        ({"augmentation": ("mirror",)}, "augmentation=.*'crop', 'flip', 'noise', 'rotate' or 'shift'"),
        ({"kernel_size": (3, 3, 3)}, r"kernel_size=\(3, 3, 3\) must be"),
    ],
)
def test_what_cannot_be_built_is_told(fields, words, digits):
    X, y = digits
    with pytest.raises(ValueError, match=words):
        small(**fields).fit(X.reshape(-1, 64) if "image_shape" in fields else X, y)


def test_other_images_are_refused(digits):
    X, y = digits
    model = small().fit(X, y)
    with pytest.raises(ValueError, match="49 features.*64"):
        model.predict(X[:, :7, :7])
