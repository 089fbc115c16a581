"""What one latent does at a time: which latents, in which order, and what is decoded where."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from sklearn.decomposition import PCA

from rosenblatt.display import TraversalDisplay
from rosenblatt.models.latent_use import LatentUse, latent_use


class Halfway:
    """A stand-in for a variational autoencoder of 3 numbers: its codes are their halves, and its KL is given."""

    def __init__(self, kl):
        self.kl = np.asarray(kl)

    def get_feature_names_out(self):
        return [f"z{i}" for i in range(len(self.kl))]

    def posterior(self, X):
        return X / 2, np.ones_like(X)

    def transform(self, X):
        return X / 2

    def inverse_transform(self, X):
        return 2 * X

    def elbo_terms(self, X):
        return np.zeros(len(X)), np.tile(self.kl, (len(X), 1))


def labels_of(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


def test_the_latents_in_the_order_of_their_kl(digits_vae):
    model, images, _ = digits_vae
    kl = model.elbo_terms(images)[1].astype(float).mean(0)
    order = np.argsort(-kl)
    display = TraversalDisplay.from_estimator(model, images, n_latents=3, n_steps=5)
    assert labels_of(display) == [f"latent {k + 1}\n{kl[k]:.2f} nats" for k in order[:3]]
    assert display.ax_.get_title() == f"1 more left out, with at most {kl[order[3]]:.2f} nats"
    np.testing.assert_array_equal(display.values, [-3, -1.5, 0, 1.5, 3])
    for row, latent in enumerate(order[:3]):
        code = np.zeros((1, 4), np.float32)
        code[0, latent] = 1.5
        np.testing.assert_allclose(display.decoded[row, 3, ..., 0], model.inverse_transform(code)[0], atol=1e-5)


def test_each_image_is_drawn_in_its_place(own_axes):
    decoded = np.random.default_rng(0).random((2, 3, 4, 10))
    display = TraversalDisplay(decoded, [0, 1, 2], ["a", "b"]).plot(own_axes)
    mosaic = np.asarray(display.mosaic_.get_array())
    assert mosaic.shape == (2 * 6, 3 * 12, 3)  # with a pixel of page around each
    for row in range(2):
        for step in range(3):
            drawn = mosaic[6 * row + 1 : 6 * row + 5, 12 * step + 1 : 12 * step + 11, 0]
            np.testing.assert_allclose(drawn, decoded[row, step], atol=0.005)  # 256 grays
    np.testing.assert_array_equal(mosaic[[0, 5, 6, 11]], 1)
    assert display.ax_.get_ylim() == (2, 0)


def test_from_the_code_of_a_row(digits_vae):
    model, images, _ = digits_vae
    display = TraversalDisplay.from_estimator(model, images, start=images[5], n_steps=2)
    latent = int(np.argmax(model.elbo_terms(images)[1].mean(0)))
    code = model.transform(images[5:6])
    code[0, latent] = 3
    np.testing.assert_allclose(display.decoded[0, 1, ..., 0], model.inverse_transform(code)[0], atol=1e-5)


def test_silent_latents_are_marked_and_grey():
    model, X = Halfway([0.0099, 2.0, 0.01]), np.random.default_rng(0).normal(size=(20, 3))
    display = TraversalDisplay.from_estimator(model, X, start=np.array([2.0, 4.0, 6.0]), n_steps=3)
    assert labels_of(display) == ["latent 2\n2.00 nats", "latent 3\n0.01 nats", "latent 1\nsilent, 0.01 nats"]
    assert display.silent.tolist() == [False, False, True]
    colors = [to_rgb(label.get_color()) for label in display.ax_.get_yticklabels()]
    np.testing.assert_allclose(colors, [[0, 0, 0], [0, 0, 0], [0.5, 0.5, 0.5]])
    np.testing.assert_allclose(display.decoded[0], [[2, -6, 6], [2, 0, 6], [2, 6, 6]])
    np.testing.assert_allclose(display.decoded[2], [[-6, 4, 6], [0, 4, 6], [6, 4, 6]])


def test_rows_of_numbers_are_lines_in_one_scale():
    X = np.random.default_rng(0).normal(size=(20, 3))
    display = TraversalDisplay.from_estimator(Halfway([1.0, 2.0, 3.0]), X, n_steps=3)
    assert display.mosaic_ is None
    assert len(display.lines_) == 3
    low, high = display.decoded.min(), display.decoded.max()
    for row, collection in enumerate(display.lines_):
        np.testing.assert_array_equal(collection.get_array(), [-3, 0, 3])
        for line, numbers in zip(collection.get_segments(), display.decoded[row], strict=True):
            np.testing.assert_array_equal(line[:, 0], [1, 2, 3])
            # The axis points down: the largest number of all is 0.08 below its row's upper border, the smallest above
            # the lower one.
            np.testing.assert_allclose(line[:, 1], row + 0.92 - 0.84 * (numbers - low) / (high - low))
    assert display.color_bar_.ax.get_ylabel() == "latent"


def test_without_a_kl_latents_are_ordered_by_variance():
    X = np.random.default_rng(0).normal(size=(50, 6)) * [5, 1, 1, 2, 1, 1]
    pca = PCA(3).fit(X)
    display = TraversalDisplay.from_estimator(pca, X, n_steps=3, n_latents=2)
    variances = pca.transform(X).var(0)
    assert labels_of(display) == [f"latent {k}\nvariance {variances[k - 1]:.2f}" for k in (1, 2)]
    assert display.title == f"1 more left out, with at most variance {variances[2]:.2f}"
    # Three deviations up from the mean row along the second component.
    np.testing.assert_allclose(display.decoded[1, 2], pca.mean_ + 3 * variances[1] ** 0.5 * pca.components_[1])
    shaped = TraversalDisplay.from_estimator(pca, X, image_shape=(2, 3))
    assert shaped.decoded.shape == (3, 7, 2, 3, 1)


def test_how_much_latents_are_used():
    use = LatentUse(np.array([0.5, 0.0, 2.0]), "variance")
    assert use.order.tolist() == [2, 0, 1]
    assert use.is_silent.tolist() == [False, True, False]
    of_kl = latent_use(Halfway([1.0, 0.0, 0.02]), np.eye(3))
    assert (of_kl.unit, of_kl.amounts.tolist(), of_kl.is_silent.tolist()) == (
        "nats",
        [1, 0, 0.02],
        [False, True, False],
    )
    X = np.random.default_rng(0).normal(size=(9, 4))
    pca = PCA(2).fit(X)
    assert latent_use(pca, X).unit == "variance"
    np.testing.assert_allclose(latent_use(pca, X).amounts, pca.explained_variance_ * 8 / 9)


def test_draws_into_axes_that_are_given(digits_vae, own_axes, assert_readable):
    model, images, _ = digits_vae
    display = TraversalDisplay.from_estimator(model, images, ax=own_axes)
    assert display.ax_ is own_axes
    assert_readable(display.figure_)


def test_mistakes_are_named(digits_vae, digits_reader):
    model, images, _ = digits_vae
    with pytest.raises(TypeError, match="MLPClassifier has no inverse_transform.*give TraversalDisplay what was"):
        TraversalDisplay.from_estimator(digits_reader[0], images)
    with pytest.raises(ValueError, match="n_latents=0 and n_steps=7; at least 1 and 2 are needed"):
        TraversalDisplay.from_estimator(model, images, n_latents=0)
    with pytest.raises(ValueError, match=r"decoded has shape \(2, 3, 4\) and silent \(3,\), for 3 labels and 3 values"):
        TraversalDisplay(np.zeros((2, 3, 4)), range(3), "abc")
