"""The helpers of the tour's chapter on autoencoders."""

import numpy as np
import pytest

from rosenblatt.runs.chapters.autoencoders import autoencoder, linear, noisy_digits
from rosenblatt.runs.chapters.digits_rows import digits_rows


def test_noise_is_the_same_each_time_and_has_its_size():
    X = digits_rows().X_test
    added = noisy_digits(X) - X
    np.testing.assert_array_equal(noisy_digits(X) - X, added)
    assert added.std() == pytest.approx(0.4, rel=6 / np.sqrt(2 * X.size))
    assert abs(added.mean()) < 6 * 0.4 / np.sqrt(X.size)


def test_penalised_or_not_a_linear_autoencoder_has_no_layer_that_bends():
    X = digits_rows(200).X
    with pytest.warns(UserWarning, match="worse than PCA with 3 components"):
        model = linear(0.1).set_params(max_epochs=2).fit(X)
    assert model.compare_pca().angles is not None
    assert model.l2 == 0.1


def test_the_network_of_the_chapter_is_what_its_text_says():
    with pytest.warns(UserWarning, match="worse than PCA"):
        model = autoencoder(8).set_params(max_epochs=1).fit(digits_rows(200).X)
    assert [layer.weight.shape for layer in model.encoder_.layers] == [(64, 128), (128, 8)]
