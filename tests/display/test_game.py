"""A game as it is drawn: what its networks say, the arrows along D's slope, the best D, the phases, the animation."""

import jax
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.stats import norm

from rosenblatt import GAN, MLPClassifier
from rosenblatt.display import GameDisplay
from rosenblatt.display.game_moments import GameMoment, Watched
from rosenblatt.models import GameCourse, GameRecorder, find_phases


@pytest.fixture(scope="module")
def line(line_game):
    game, recorder, X = line_game
    return GameDisplay.from_estimator(game, X, recorder=recorder, n_points=100)


@pytest.fixture(scope="module")
def plane(plane_game):
    game, recorder, X = plane_game
    return GameDisplay.from_estimator(game, X, recorder=recorder, n_points=80)


@pytest.mark.parametrize("name", ["line", "plane"])
def test_a_moment_is_what_the_networks_of_then_say(name, request):
    display, (game, recorder, _) = request.getfixturevalue(name), request.getfixturevalue(f"{name}_game")
    assert [moment.epoch for moment in display.moments] == recorder.epochs
    moment, then = display.moments[1], recorder.at(game, 1)
    np.testing.assert_allclose(moment.fake, then.sample(len(display.real), random_state=0), rtol=1e-6)
    np.testing.assert_allclose(moment.of_real, then.discriminate(display.real), rtol=1e-6)
    np.testing.assert_allclose(moment.of_fake, then.discriminate(moment.fake), rtol=1e-4)
    for place in ([3], [40]) if name == "line" else ([3, 70], [40, 5]):
        row = [[axis[i] for axis, i in zip(display.grid, place, strict=True)]]
        assert moment.confidence[tuple(place[::-1])] == pytest.approx(then.discriminate(row)[0], rel=1e-5)


@pytest.mark.parametrize("name", ["line", "plane"])
def test_slopes_are_the_gradient_of_the_output(name, request):
    display, (game, recorder, _) = request.getfixturevalue(name), request.getfixturevalue(f"{name}_game")
    moment, game = display.moments[-1], recorder.at(game, 30)
    seen = (moment.fake - game.center_) / game.scale_
    gradients = jax.vmap(jax.grad(game.networks_["discriminator"]))(seen.astype(np.float32)) / game.scale_
    expected = np.asarray(gradients) * display.real.std(axis=0) ** 2
    close = np.isclose(moment.slopes, expected, rtol=0.02, atol=0.02 * abs(expected).max()).all(axis=1)
    assert close.mean() > 0.9  # all but those that have a kink of the network within a hundredth of a deviation


def test_bars_rise_from_the_middle(line):
    display = line.plot(epoch=1)
    heights = np.array([bar.get_height() for bar in display.artists_["bars"]])
    np.testing.assert_allclose(heights, line.moments[1].confidence - 0.5, atol=1e-12)
    assert {bar.get_y() for bar in display.artists_["bars"]} == {0.5}
    for part, rows in (("real", line.real), ("fake", line.moments[1].fake)):
        np.testing.assert_allclose(display.artists_[part].get_offsets()[:, 0], rows[:, 0])
    title = f"epoch 1: D(x) {line.moments[1].of_real.mean():.2f}, D(G(z)) {line.moments[1].of_fake.mean():.2f}"
    assert display.ax_.get_title() == title


@pytest.mark.parametrize("name", ["line", "plane"])
def test_along_an_arrow_samples_look_more_real(name, request):
    display, (game, recorder, _) = request.getfixturevalue(name), request.getfixturevalue(f"{name}_game")
    arrows, game = display.plot().artists_["arrows"], recorder.at(game, 30)
    n_axes = len(display.grid)
    moves = np.column_stack([arrows.U, arrows.V])[:, :n_axes]
    starts = np.column_stack([arrows.X, arrows.Y])[:, :n_axes]
    gains = game.score_samples(starts + 0.02 * moves) - game.score_samples(starts)
    assert (gains[np.linalg.norm(moves, axis=1) > 1e-3] > 0).mean() > 0.9


def test_the_surface_is_the_grid(plane):
    display = plane.plot(epoch=4)
    moment = display._moment(4)
    image = display.artists_["surface"]
    np.testing.assert_array_equal(np.asarray(image.get_array()), moment.confidence)
    x1, x2 = display.grid
    assert image.get_extent() == [x1[0], x1[-1], x2[0], x2[-1]]
    np.testing.assert_allclose(display.artists_["fake"].get_offsets(), moment.fake)


class Known:
    """A game at rest, whose samples are normal around 1 and whose data around -1."""

    def sample(self, n_samples, random_state):
        return np.random.default_rng(random_state).normal(1.0, 1.0, (n_samples, 1))

    def discriminate(self, X, y=None):
        return np.full(len(X), 0.5)

    def score_samples(self, X, y=None):
        return np.zeros(len(X))

    def log_density(self, X):
        return norm.logpdf(X[:, 0], -1.0)


def test_the_best_discriminator_is_that_of_both_densities():
    X = np.random.default_rng(1).normal(-1.0, 1.0, (300, 1))
    (grid,), (moment,) = Watched(Known(), X, None, None, Known(), 0).moments([0])
    expected = 1 / (1 + np.exp(norm.logpdf(grid, 1.0) - norm.logpdf(grid, -1.0)))
    frequent = norm.pdf(grid, 1.0) + norm.pdf(grid, -1.0) > 0.1
    np.testing.assert_allclose(moment.optimal[frequent], expected[frequent], atol=0.1)  # 0.05, of 600 samples
    assert np.isnan(moment.optimal[norm.pdf(grid, 1.0) + norm.pdf(grid, -1.0) < 1e-3]).all()
    assert (moment.slopes == 0).all()


def test_phases_stand_in_a_row(line):
    display = line.plot_phases()
    titles = [ax.get_title() for ax in display.axes_[0]]
    assert titles[0] == "1. start\nepoch 0"
    assert len(titles) == 5
    reached = [epoch for epoch in line.phases.epochs.values() if epoch is not None]
    assert len(display.artists_) == len(reached)
    missing = [ax for ax in display.axes_[0] if any("not reached" in text.get_text() for text in ax.texts)]
    assert len(missing) == 5 - len(reached)


def test_a_game_that_was_won_has_phases_that_were_not_reached(line):
    course = GameCourse(*np.array([[0, 1], [0.5, 0.9], [0.5, 0.1], [0.6, 0.6], [0.005, 0.005]]))
    display = GameDisplay(line.real, line.moments, grid=line.grid, phases=find_phases(course)).plot_phases()
    texts = [[text.get_text() for text in ax.texts] for ax in display.axes_[0]]
    assert [("not reached" in each) for each in texts] == [False, False, True, True, True]


def test_an_animation_has_all_moments(line, tmp_path):
    line.save_animation(tmp_path / "game.gif", seconds=0.2, dpi=40)
    with Image.open(tmp_path / "game.gif") as gif:
        assert gif.n_frames == len(line.moments)
        assert gif.info["duration"] == 200
    line.save_animation(tmp_path / "game.html", dpi=40)
    page = (tmp_path / "game.html").read_text()
    assert page.count("<img") == len(line.moments)
    assert "epoch 0: D(x)" in page


def test_images_and_long_rows_stand_above_a_histogram(digits_game, table_game):
    for (game, recorder, X), kind in ((digits_game, "images"), (table_game, "rows")):
        display = GameDisplay.from_estimator(game, X, recorder=recorder, epochs=[0], n_points=50)
        assert display.kind == kind
        for part, values in zip(display.artists_["histograms"], display.moments[-1][2:4], strict=True):
            expected = np.histogram(values, np.linspace(0, 1, 21))[0] / 50
            np.testing.assert_allclose(part.get_data().values, expected)
        assert ("images" in display.artists_) == (kind == "images")


def test_epochs_are_those_that_were_asked_for_and_the_phases(line_game):
    game, recorder, X = line_game
    display = GameDisplay.from_estimator(game, X, recorder=recorder, epochs=[29], n_points=20)
    reached = {epoch for epoch in display.phases.epochs.values() if epoch is not None}
    assert {moment.epoch for moment in display.moments} == reached | {recorder.snapshot(29).epoch}


def test_without_a_recorder_it_is_the_model_as_it_is(line_game):
    game, recorder, X = line_game
    (kept,) = GameDisplay.from_estimator(game, X, n_points=20).moments
    assert kept.epoch == game.best_epoch_
    last = GAN(**game.get_params() | {"restore_best": False, "callbacks": ()}).fit(X)
    (end,) = GameDisplay.from_estimator(last, X, n_points=20).moments
    assert end.epoch == 30
    np.testing.assert_array_equal(end.of_fake, recorder.at(game, 30).discriminate(end.fake.astype(np.float32)))


@pytest.mark.parametrize("fields", [{"conditional": True}, {"loss": "wasserstein"}, {}])
def test_other_games_are_drawn_too(fields):
    """Of a conditional one D is the mean over the classes."""
    rng, recorder = np.random.default_rng(0), GameRecorder(n_snapshots=3)
    X, y = pd.DataFrame(rng.normal(size=(100, 2)), columns=["left", "up"]), np.repeat(["a", "b"], [25, 75])
    game = GAN(latent_dim=2, hidden_layer_sizes=(8,), batch_size=32, max_epochs=2, callbacks=[recorder], **fields)
    display = GameDisplay.from_estimator(game.fit(X, y), X, y, recorder=recorder, n_points=40)
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("left", "up")
    place = pd.DataFrame([[display.grid[0][7], display.grid[1][9]]], columns=X.columns)
    found = display.moments[-1].confidence[9, 7]
    assert 0 < found < 1
    if "conditional" in fields:
        share = (np.asarray(y)[np.linspace(0, 99, 40).round().astype(int)] == "a").mean()
        expected = share * game.discriminate(place, "a") + (1 - share) * game.discriminate(place, "b")
        assert found == pytest.approx(expected[0], rel=1e-5)


def test_draws_into_axes_that_are_given(line, plane, own_axes, assert_readable):
    for display in (line, plane):
        figure = own_axes.figure
        figure.clear()
        ax = figure.subplots()
        assert display.plot(ax).ax_ is ax
        figure.draw_without_rendering()
        assert_readable(figure)


def test_mistakes(line, line_game, tmp_path):
    game, _, X = line_game
    with pytest.raises(TypeError, match="MLPClassifier has no sample, which a GAN of rosenblatt has"):
        GameDisplay.from_estimator(MLPClassifier(), X)
    with pytest.raises(ValueError, match=r"epochs=\[3\], but only the end of the game is known; fit with callbacks"):
        GameDisplay.from_estimator(game, X, epochs=[3])
    with pytest.raises(ValueError, match="n_points=1 must be at least 2"):
        GameDisplay.from_estimator(game, X, n_points=1)
    with pytest.raises(ValueError, match=r"epoch=-1 is before all moments, which are of the epochs \[0, 1, "):
        line.plot(epoch=-1)
    with pytest.raises(ValueError, match="the phases are not known: fit with callbacks"):
        GameDisplay.from_estimator(game, X, n_points=20).plot_phases()
    with pytest.raises(ValueError, match="seconds=0 must be positive"):
        line.save_animation(tmp_path / "game.gif", seconds=0)
    with pytest.raises(ValueError, match=r"real has shape \(100, 1\), the samples of 0 moments are rows of shape \[\]"):
        GameDisplay(line.real, [])
    with pytest.raises(ValueError, match="and the grid has 2 axes"):
        GameDisplay(line.real, [GameMoment(0, line.real, np.ones(100), np.ones(100))], grid=(np.ones(2), np.ones(2)))
