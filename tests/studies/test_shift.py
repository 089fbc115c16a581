"""What shifts change, against layers whose answers to them are known."""

import numpy as np
import pytest

from rosenblatt import ConvClassifier, ConvRegressor, MLPClassifier
from rosenblatt.data import load
from rosenblatt.studies import shift_report
from rosenblatt.studies.shift import shift_images


@pytest.fixture(scope="module")
def digits():
    """Digits of 8 x 8 pixels inside an empty border of 6."""
    data = load("digits")
    return np.pad(data.X[:200].reshape(-1, 8, 8), ((0, 0), (6, 6), (6, 6))), data.y[:200]


@pytest.fixture(scope="module")
def reader(digits):
    model = ConvClassifier(channels=(6, 8), hidden_layer_sizes=(16,), max_epochs=15, random_state=0)
    return model.fit(*digits)


def test_edges_are_repeated():
    image = np.arange(12).reshape(1, 3, 4, 1)
    np.testing.assert_array_equal(shift_images(image, 2, 1)[0, 0, :, 0], [0, 0, 0, 1])
    np.testing.assert_array_equal(shift_images(image, -1, 0)[0, :, 1, 0], [5, 9, 9])


def test_layers_are_equivariant_to_multiples_of_their_stride_and_to_no_others(reader, digits):
    report = shift_report(reader, *digits, max_shift=4)
    errors = dict(zip(report.layers, report.equivariance_errors, strict=True))
    np.testing.assert_allclose(errors["convolution 1"], 0, atol=1e-5)
    np.testing.assert_allclose(errors["pooling 1"][[0, 2, 4]], 0, atol=1e-5)
    np.testing.assert_allclose(errors["convolution 2"][[0, 2, 4]], 0, atol=1e-5)
    np.testing.assert_allclose(errors["pooling 2"][[0, 4]], 0, atol=1e-5)
    assert errors["pooling 1"][1] > 0.02
    assert errors["pooling 2"][2] > 0.02
    assert report.strides == ((1, 1), (1, 1), (2, 2), (2, 2), (4, 4))


def test_pooling_adds_invariance(reader, digits):
    report = shift_report(reader, *digits, max_shift=2)
    changes = dict(zip(report.layers, report.changes[:, 1], strict=True))
    assert changes["pooling 1"] < changes["convolution 1"]
    assert changes["pooling 2"] < changes["convolution 2"]
    np.testing.assert_array_equal(report.changes[:, 0], 0)
    X, _ = digits
    moved = [np.linalg.norm(shift_images(X[..., None], s, a)[..., 0] - X) for s in (1, -1) for a in (0, 1)]
    np.testing.assert_allclose(changes["image"], np.mean(moved) / np.linalg.norm(X), rtol=1e-4)


def test_predictions_are_those_of_the_shifted_images(reader, digits):
    X, y = digits
    report = shift_report(reader, X, y, max_shift=1)
    shifted = [np.roll(X, s, a) for s in (1, -1) for a in (1, 2)]  # around the border, which is empty
    np.testing.assert_allclose(report.scores, [reader.score(X, y), np.mean([reader.score(Z, y) for Z in shifted])])
    same = [np.mean(reader.predict(Z) == reader.predict(X)) for Z in shifted]
    np.testing.assert_allclose(report.unchanged, [1, np.mean(same)])


def test_many_images_are_gone_through_in_parts(reader, digits):
    X, y = np.tile(digits[0], (2, 1, 1)), np.tile(digits[1], 2)
    once, twice = shift_report(reader, *digits, 1), shift_report(reader, X, y, 1)
    np.testing.assert_allclose(once.changes, twice.changes, rtol=1e-5)
    assert twice.n_images == 400


def test_layers_that_see_only_border_have_no_equivariance():
    data = load("digits")
    images = data.X[:60].reshape(-1, 8, 8)
    model = ConvClassifier(channels=(2, 2), hidden_layer_sizes=(), max_epochs=1, random_state=0)
    report = shift_report(model.fit(images, data.y[:60]), images)
    assert np.isnan(report.equivariance_errors[-1]).all()
    assert report.scores is None
    assert "-" in str(report)


def test_signals_and_regressors():
    signals = np.random.default_rng(0).random((50, 30)).astype(np.float32)
    model = ConvRegressor(channels=(3,), max_epochs=2, random_state=0).fit(signals, signals.mean(1))
    report = shift_report(model, signals, signals.mean(1), max_shift=2)
    assert report.unchanged is None
    assert report.scores.shape == (3,)
    np.testing.assert_allclose(report.equivariance_errors[1], 0, atol=1e-5)
    assert "prediction unchanged" not in str(report)


def test_the_table_says_how_images_are_shifted(reader, digits):
    report = shift_report(reader, *digits, max_shift=2)
    text = str(report)
    assert "200 images shifted by whole pixels, edges repeated" in text
    assert "pooling 2 (stride 4 x 4)" in text
    assert "prediction unchanged" in text
    assert "<pre>" in report._repr_html_()


def test_mistakes_are_named(reader, digits):
    X, y = digits
    with pytest.raises(ValueError, match="max_shift=20; a whole number from 1 to 19 is needed"):
        shift_report(reader, X, y, max_shift=20)
    with pytest.raises(ValueError, match=r"X has shape \(200, 8, 8\); .* fitted on images of shape \(20, 20\)"):
        shift_report(reader, X[:, 6:14, 6:14], y)
    dense = MLPClassifier(max_epochs=1).fit(X, y)
    with pytest.raises(TypeError, match="this MLPClassifier has a network of class MLP, without convolution blocks"):
        shift_report(dense, X, y)
