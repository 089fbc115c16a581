"""The moments of a game on disk, and what a report shows of games of different kinds."""

import jax
import numpy as np
import pandas as pd
import pytest

from rosenblatt import GAN, Checkpoint
from rosenblatt.runs.game_file import GameWriter, read_game
from rosenblatt.runs.game_report import add_game, game_pictures
from rosenblatt.runs.report import Report
from rosenblatt.runs.rows import Split

X = np.random.default_rng(0).normal([3, 1], [1, 2], size=(300, 2)).astype(np.float32)


def small(**fields):
    return GAN(**({"latent_dim": 2, "hidden_layer_sizes": (8,), "max_epochs": 6, "random_state": 0} | fields))


def recorded(game, folder, *callbacks):
    """The game after its fit, whose moments are in the folder."""
    writer = GameWriter(folder, game)
    game.callbacks = (*callbacks, writer)
    return game.fit(X), writer


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("game")
    return *recorded(small(), folder), folder


def assert_same_moments(a, b):
    assert [each[:2] for each in a.snapshots] == [each[:2] for each in b.snapshots]
    for first, second in zip(a.snapshots, b.snapshots, strict=True):
        for x, y in zip(jax.tree.leaves(first.networks), jax.tree.leaves(second.networks), strict=True):
            np.testing.assert_array_equal(x, y)


def test_what_is_read_plays_as_what_was_recorded(played):
    game, writer, folder = played
    read = read_game(folder, game)
    assert read.epochs == writer.epochs == [0, 1, 2, 3, 4, 5, 6]
    for epoch in read.epochs:
        np.testing.assert_array_equal(read.at(game, epoch).discriminate(X), writer.at(game, epoch).discriminate(X))
        np.testing.assert_array_equal(read.at(game, epoch).generate(X[:9]), writer.at(game, epoch).generate(X[:9]))


def test_a_new_game_takes_the_place_of_the_old_one(tmp_path):
    recorded(small(), tmp_path)
    game, _ = recorded(small(max_epochs=2), tmp_path)
    assert read_game(tmp_path, game).epochs == [0, 1, 2]


def test_a_game_that_goes_on_after_a_kill_keeps_its_moments(tmp_path, played):
    class KilledError(Exception):
        pass

    def kill(epoch, logs):
        if epoch == 4:
            raise KilledError

    checkpoint = tmp_path / "checkpoint.safetensors"
    with pytest.raises(KilledError):
        recorded(small(), tmp_path / "game", Checkpoint(checkpoint), kill)
    game, writer = recorded(small(), tmp_path / "game", Checkpoint(checkpoint))
    assert writer.epochs[0] >= 3  # it was not there before
    whole, _, folder = played
    assert_same_moments(read_game(tmp_path / "game", game), read_game(folder, whole))


def test_files_that_are_damaged_or_of_another_game_are_named(tmp_path, played):
    game, _, folder = played
    with pytest.raises(FileNotFoundError, match="there are no moments of a game in .*: a fit of a GAN with --out"):
        read_game(tmp_path, game)
    wider = small(hidden_layer_sizes=(9,), max_epochs=1).fit(X)
    with pytest.raises(ValueError, match=r"epoch-000000.safetensors is damaged, or of another game"):
        read_game(folder, wider)
    whole = (folder / "epoch-000003.safetensors").read_bytes()
    for content in (b"", whole[:100], whole[:-4]):
        (tmp_path / "epoch-000003.safetensors").write_bytes(content)
        with pytest.raises(ValueError, match=r"epoch-000003.safetensors is damaged, .*; remove it"):
            read_game(tmp_path, game)


def test_the_pictures_suit_the_rows():
    frame = pd.DataFrame(np.hstack([X, X]), columns=list("abcd"))
    images = np.random.default_rng(0).random((120, 5, 4))
    labels = np.arange(120) % 3
    cases = {
        "points": (small(max_epochs=1).fit(X), X, None, ["game-history", "game"]),
        "table": (small(max_epochs=1).fit(frame), frame, None, ["game-history", "game"]),
        "images": (
            small(max_epochs=1, conditional=True).fit(images, labels),
            images,
            labels,
            ["game-history", "samples", "game"],
        ),
    }
    for game, rows, y, names in cases.values():
        pictures = game_pictures(game, rows, y, "test")
        assert [picture.name for picture in pictures] == names
        assert all(picture.png().startswith(b"\x89PNG") for picture in pictures)


def test_the_chapters_are_those_of_which_something_is_known(played):
    game, writer, _ = played
    unrefereed = small(max_epochs=1, referee=False).fit(X)
    for estimator, recorder, titles in [
        (game, writer, {"The phases of the game", "What the referee says"}),
        (unrefereed, None, set()),
    ]:
        report = Report("A game", "")
        add_game(report, estimator, Split(X), recorder)
        html = report.html()
        assert {title for title in ("The phases of the game", "What the referee says") if title in html} == titles
        assert (game.diagnosis_["verdict"] in html) == bool(titles)
