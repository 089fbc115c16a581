"""Maps of codes: places, labels, principal components and small images."""

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from rosenblatt.display import LatentDisplay
from rosenblatt.display.projection import project
from rosenblatt.display.thumbnails import apart
from rosenblatt.runs.report_figures import DARK, LIGHT, house_style


@pytest.fixture
def codes():
    return np.random.default_rng(0).normal(size=(60, 3))


def test_more_latents_are_drawn_by_their_principal_components(digits_autoencoder):
    model, images, labels = digits_autoencoder
    display = LatentDisplay.from_estimator(model, images, labels)
    codes = model.transform(images).astype(float)
    left, singular, _ = np.linalg.svd(codes - codes.mean(0), full_matrices=False)
    expected = (left * singular)[:, :2]
    signs = np.sign((display.coordinates * expected).sum(0))
    np.testing.assert_allclose(display.coordinates, expected * signs, atol=1e-9)
    shares = singular[:2] ** 2 / (singular**2).sum()
    np.testing.assert_allclose(display.variance_shares, shares, rtol=1e-9)
    assert display.ax_.get_xlabel() == f"PCA 1 of 4 latents ({shares[0]:.0%})"
    assert display.ax_.get_ylabel() == f"PCA 2 of 4 latents ({shares[1]:.0%})"
    in_space = LatentDisplay.from_estimator(model, images, n_axes=3)
    np.testing.assert_allclose(in_space.coordinates[:, :2], display.coordinates, atol=1e-9)


def test_each_class_is_at_its_codes(codes):
    labels = np.arange(60) % 3
    display = LatentDisplay(codes[:, :2], labels, class_names=["a", "b", "c"]).plot()
    for label, group in enumerate(display.points_):
        np.testing.assert_array_equal(group.get_offsets(), codes[labels == label, :2])
        assert group.get_label() == "abc"[label]
        assert to_hex(group.get_facecolor()[0]) == to_hex(f"C{label}")
    assert [text.get_text() for text in display.ax_.get_legend().get_texts()] == ["a", "b", "c"]
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("latent 1", "latent 2")


def test_any_transformer_has_a_map():
    X = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 5)), columns=list("abcde"))
    pipeline = make_pipeline(StandardScaler(), PCA(2)).set_output(transform="pandas").fit(X)
    display = LatentDisplay.from_estimator(pipeline, X)
    np.testing.assert_allclose(display.coordinates, pipeline.transform(X))
    assert display.variance_shares is None


def test_many_numbers_have_a_colour_bar(codes):
    y = pd.Series(np.linspace(2, 5, 60), name="width")
    display = LatentDisplay.from_estimator(FunctionTransformer(), codes[:, :2], y)
    assert display.classes is None
    assert display.color_bar_.ax.get_ylabel() == "width"
    assert display.points_[0].get_clim() == (2, 5)
    np.testing.assert_array_equal(display.points_[0].get_array(), y)


@pytest.mark.parametrize(
    ("labels", "n_classes"),
    [
        (np.arange(60) % 20, 20),
        (np.arange(60) % 21, None),
        (np.arange(60) % 2 == 0, 2),
        (np.arange(60.0) % 3, 3),
        (np.arange(60) / 2 % 3, None),
        (np.array(["a", "b"] * 30), 2),
        (["x"] * 60, 1),
    ],
)
def test_labels_are_classes_or_numbers(codes, labels, n_classes):
    display = LatentDisplay(codes[:, :2], labels).plot()
    assert (None if display.classes is None else len(display.classes)) == n_classes
    assert (display.color_bar_ is None) == (n_classes is not None)
    assert len(display.points_) == (n_classes or 1)


def test_twenty_classes_look_different(codes):
    for theme in (LIGHT, DARK):
        with house_style(theme):
            groups = LatentDisplay(codes[:, :2], np.arange(60) % 20).plot().points_
        looks = {(to_hex(group.get_facecolor()[0]), group.get_paths()[0].vertices.tobytes()) for group in groups}
        assert len(looks) == 20


def test_one_latent_has_a_strip_for_each_class(codes):
    labels = np.array(["p", "q", "r"] * 20)
    display = LatentDisplay(codes[:, :1], labels).plot()
    assert [text.get_text() for text in display.ax_.get_yticklabels()] == ["p", "q", "r"]
    for number, group in enumerate(display.points_):
        across, along = np.asarray(group.get_offsets()).T
        np.testing.assert_array_equal(across, codes[number::3, 0])
        assert 0.1 < np.abs(along - number).max() < 0.5  # spread, without reaching the next strip
    bottom, top = display.ax_.get_ylim()
    assert bottom > top


def test_one_latent_without_labels_is_counted_and_has_numbers_on_the_other_axis(codes):
    counted = LatentDisplay(codes[:, :1]).plot()
    assert sum(bar.get_height() for bar in counted.bars_) == 60
    assert counted.ax_.get_ylabel() == "rows"
    display = LatentDisplay(codes[:, :1], codes[:, 1], label_name="height").plot()
    np.testing.assert_array_equal(display.points_[0].get_offsets(), codes[:, :2])
    assert display.ax_.get_ylabel() == "height"


def test_three_latents_are_in_space(codes):
    from matplotlib.figure import Figure
    from mpl_toolkits.mplot3d.proj3d import proj_transform

    display = LatentDisplay(codes, np.arange(60) % 2).plot()
    assert display.ax_.name == "3d"
    assert display.ax_.get_zlabel() == "latent 3"
    (ax,) = Figure().subplots(1, 1, squeeze=False, subplot_kw={"projection": "3d"})[0]
    own = LatentDisplay(codes).plot(ax)
    assert own.ax_ is ax
    ax.figure.draw_without_rendering()
    projected = np.stack(proj_transform(*codes.T, ax.get_proj())[:2], axis=1)
    # The nearest are drawn last.
    np.testing.assert_allclose(np.sort(own.points_[0].get_offsets(), axis=0), np.sort(projected, axis=0), atol=1e-12)


def test_walls_in_space_are_nearly_as_dark_as_the_page(codes):
    for theme in (LIGHT, DARK):
        with house_style(theme):
            ax = LatentDisplay(codes).plot().ax_
            difference = np.subtract(ax.xaxis.pane.get_facecolor()[:3], to_rgb(theme.page))
            assert 0.01 < np.abs(difference).max() < 0.06  # 5 % of the way to the text's colour


def test_places_that_are_apart():
    places = np.random.default_rng(0).random((150, 2))
    chosen = apart(places, 0.1, 0.2)
    assert 0 in chosen

    def overlap(i, j):
        across, along = np.abs(places[i] - places[j])
        return across < 0.1 and along < 0.2

    assert not any(overlap(i, j) for i, j in itertools.combinations(chosen, 2))
    left_out = set(range(150)) - set(chosen.tolist())
    assert left_out
    assert all(any(overlap(i, j) for j in chosen if j < i) for i in left_out)


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3), (4, 12), (1, 20)])
def test_images_do_not_overlap_and_have_the_colour_of_their_class(codes, shape):
    labels = np.arange(60) % 2
    images = np.random.default_rng(0).random((60, *shape))
    display = LatentDisplay(codes[:, :2], labels, images=images).plot()
    display.figure_.canvas.draw()
    assert 10 < len(display.thumbnails_) < 60
    boxes = [box.patch.get_window_extent() for box in display.thumbnails_]
    for one, other in itertools.combinations(boxes, 2):
        assert min(one.x1, other.x1) - max(one.x0, other.x0) < 1 or min(one.y1, other.y1) - max(one.y0, other.y0) < 1
    for box in display.thumbnails_:
        (row,) = np.flatnonzero((codes[:, :2] == box.xy).all(1))
        assert to_hex(box.patch.get_facecolor()) == to_hex(f"C{labels[row]}")


def test_images_of_numbers_and_without_labels(digits_autoencoder):
    model, images, _ = digits_autoencoder
    unlabelled = LatentDisplay.from_estimator(model, images, thumbnails=True)
    first = unlabelled.thumbnails_[0].offsetbox.get_data()
    np.testing.assert_allclose(np.asarray(first)[..., 0], images[0], atol=0.005)  # gray, of 256 steps
    y = np.linspace(0, 1, len(images))
    display = LatentDisplay.from_estimator(model, images.reshape(-1, 64), y, thumbnails=True)
    assert len(display.thumbnails_) > 10
    frame = display.thumbnails_[0].patch.get_facecolor()[:3]
    np.testing.assert_allclose(frame, display.points_[0].get_cmap()(0.0)[:3])
    assert display.color_bar_.alpha is None  # the points are pale, the key is not


def test_an_ellipse_is_one_standard_deviation_of_the_posterior(digits_vae):
    model, images, labels = digits_vae
    display = LatentDisplay.from_estimator(model, images, labels, ellipses=20)
    means, deviations = (each.astype(float) for each in model.posterior(images))
    axes = np.linalg.svd(means - means.mean(0), full_matrices=False)[2][:2]
    axes *= np.sign((axes @ (means - means.mean(0)).T * display.coordinates.T).sum(1))[:, None]
    rows = np.linspace(0, 199, 20).round().astype(int)
    outlines = [path.vertices[:-1] for path in display.ellipses_.get_paths()]
    assert len(outlines) == 20
    colors = display.ellipses_.get_edgecolor()
    for row, outline, color in zip(rows, outlines, colors, strict=True):
        covariance = axes @ np.diag(deviations[row] ** 2) @ axes.T
        offsets = outline - axes @ (means[row] - means.mean(0))
        squares = np.einsum("ni,ij,nj->n", offsets, np.linalg.inv(covariance), offsets)
        np.testing.assert_allclose(squares, 1, rtol=1e-6)  # each corner is one Mahalanobis distance away
        np.testing.assert_allclose(np.cov(offsets.T, ddof=0), covariance / 2, rtol=1e-6, atol=1e-12)
        assert to_hex(color) == to_hex(f"C{labels[row]}")
    for radius, circle in zip((1, 2), display.prior_circles_, strict=True):
        distances = np.linalg.norm(circle.get_xydata() + axes @ means.mean(0), axis=1)
        np.testing.assert_allclose(distances, radius, rtol=1e-6)
    assert display.ax_.get_aspect() == 1
    assert display.ax_.get_title() == "ellipses: 1 s.d. of q(z | x), projected\ndotted: 1 and 2 s.d. of the prior"


def test_a_projected_deviation_is_that_of_projected_draws(digits_vae):
    model, images, _ = digits_vae
    means, deviations = model.posterior(images)
    projection = project(means, 2)
    draws = means[7] + deviations[7] * np.random.default_rng(0).normal(size=(20_000, 4))
    drawn = np.cov((projection.origin + draws @ projection.directions.T).T)
    largest = np.linalg.eigvalsh(drawn).max()
    # An entry of a sample covariance of n draws has a standard error of at most sqrt(2 / n) times the largest variance.
    atol = 6 * largest * np.sqrt(2 / 20_000)
    np.testing.assert_allclose(projection.covariances(deviations)[7], drawn, atol=atol, rtol=0)
    np.testing.assert_allclose(projection.origin + means @ projection.directions.T, projection.coordinates, atol=1e-5)


def test_when_ellipses_are_drawn(digits_vae, digits_autoencoder, own_axes):
    model, images, labels = digits_vae

    def drawn(*args, **settings):
        display = LatentDisplay.from_estimator(*args, **settings)
        n_ellipses = 0 if display.ellipses_ is None else len(display.ellipses_.get_paths())
        return n_ellipses, len(display.prior_circles_)

    assert drawn(model, images, labels) == (50, 2)
    assert drawn(model, images[:30], ellipses=True) == (30, 2)
    assert drawn(model, images, ellipses=7, ax=own_axes) == (7, 2)
    assert drawn(model, images, ellipses=False) == (0, 0)
    assert drawn(model, images, thumbnails=True) == (0, 2)
    assert drawn(model, images, thumbnails=True, ellipses=5) == (5, 2)
    assert drawn(model, images, n_axes=3) == drawn(model, images, n_axes=1) == (0, 0)
    assert drawn(*digits_autoencoder) == (0, 0)


def test_latents_that_are_shown_themselves_need_no_projection():
    means, deviations = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[0.5, 0.1], [1.0, 0.0]])
    covariances = np.stack([np.diag(row**2) for row in deviations])
    display = LatentDisplay(means, covariances=covariances, prior_mean=[0, 0]).plot()
    for path, mean, deviation in zip(display.ellipses_.get_paths(), means, deviations, strict=True):
        np.testing.assert_allclose(np.ptp(path.vertices, axis=0), 2 * deviation, rtol=0.01, atol=1e-12)  # 60 corners
        np.testing.assert_allclose(path.vertices[:-1].mean(0), mean, atol=1e-12)
    low, high = display.ax_.get_xlim()
    assert low < -2 < 2 < high
    assert display.plot(n_ellipses=0).ellipses_ is None


def test_codes_that_do_not_vary_have_no_share_of_the_variance():
    collapsed = FunctionTransformer(np.zeros_like)
    display = LatentDisplay.from_estimator(collapsed, np.ones((5, 4)))
    assert display.variance_shares.tolist() == [0, 0]
    assert display.ax_.get_xlabel() == "PCA 1 of 4 latents (0%)"


def test_mistakes_are_named(codes, digits_autoencoder, digits_vae, own_axes):
    model, images, _ = digits_autoencoder
    plain = FunctionTransformer()
    with pytest.raises(ValueError, match=r"coordinates have shape \(60,\).*1, 2 or 3 axes"):
        LatentDisplay(codes[:, 0])
    with pytest.raises(ValueError, match=r"labels have shape \(59,\) and there are 60 rows; give one label for each"):
        LatentDisplay(codes, np.zeros(59))
    with pytest.raises(ValueError, match="there are 60 different labels.*at most 20 apart: join some, or leave"):
        LatentDisplay(codes, list(map(str, range(60))))
    with pytest.raises(ValueError, match=r"there are 3 class names and 2 classes \(\[0, 1\]\); give one for each"):
        LatentDisplay(codes, np.arange(60) % 2, class_names=["a", "b", "c"])
    with pytest.raises(ValueError, match="there are 1 class names and no classes"):
        LatentDisplay(codes, np.arange(60), class_names=["a"])
    with pytest.raises(ValueError, match="there are 60 images, 60 rows and 3 axes; images are drawn in a plane"):
        LatentDisplay(codes, images=np.zeros((60, 2, 2)))
    with pytest.raises(ValueError, match="ax has the projection 'rectilinear', and the map has 3 axes"):
        LatentDisplay(codes).plot(own_axes)
    with pytest.raises(ValueError, match="n_axes=4; codes of 4 numbers can be drawn on 1 to 3 axes"):
        LatentDisplay.from_estimator(model, images, n_axes=4)
    with pytest.raises(ValueError, match="this map has 3 instead of 2 axes: pass n_axes=2"):
        LatentDisplay.from_estimator(plain, codes, thumbnails=True)
    with pytest.raises(TypeError, match="Autoencoder has no posterior.*leave ellipses out"):
        LatentDisplay.from_estimator(model, images, ellipses=True)
    with pytest.raises(ValueError, match="ellipses are drawn in a plane, and this map has 3 instead of 2 axes"):
        LatentDisplay.from_estimator(digits_vae[0], images, n_axes=3, ellipses=5)
    with pytest.raises(ValueError, match="n_ellipses=-1; 0 or more are needed"):
        LatentDisplay.from_estimator(digits_vae[0], images, ellipses=-1)
    with pytest.raises(ValueError, match=r"covariances have shape \(60, 3, 3\), and there are 60 rows and 3 axes"):
        LatentDisplay(codes, covariances=np.zeros((60, 3, 3)))
    with pytest.raises(ValueError, match=r"prior_mean has shape \(3,\), and there are 3 axes"):
        LatentDisplay(codes, prior_mean=np.zeros(3))
    with pytest.raises(ValueError, match="holds rows of 3 numbers, so there is no image to draw.*leave thumbnails out"):
        LatentDisplay.from_estimator(plain, codes, n_axes=2, thumbnails=True)
    with pytest.raises(ValueError, match="X has 1 row; a map of 2 principal components needs at least 2 rows"):
        LatentDisplay.from_estimator(plain, np.ones((1, 4)))
    with pytest.raises(TypeError, match="type has no transform.*give a fitted transformer"):
        LatentDisplay.from_estimator(int, codes)
