"""Games on the command line: fitted, scored, sampled by class, and watched."""

import csv
import io
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from rosenblatt.cli import main
from rosenblatt.data import load
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.model_file import load as load_model

FEW = "--latent-dim 3 --hidden-layer-sizes 8 --max-epochs 3 --verbose 0 --random-state 0"


@pytest.fixture(scope="module")
def generating(tmp_path_factory):
    """The folder of a short conditional game on digits, with its report."""
    folder = tmp_path_factory.mktemp("shared") / "digits"
    assert main(f"fit gan digits {FEW} --conditional --out {folder}".split()) == 0
    return folder


@pytest.fixture(scope="module")
def model(generating):
    return load_model(generating / "model")


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A game on a table without classes, which is not where its fit found it."""
    folder = tmp_path_factory.mktemp("plain")
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(300, 2)), columns=["width", "height"])
    table.to_csv(folder / "plain.csv", index=False)
    assert main(f"fit gan {folder / 'plain.csv'} {FEW} --out {folder / 'run'}".split()) == 0
    (folder / "plain.csv").rename(folder / "moved.csv")
    return folder


def rows_of(text):
    return pd.read_csv(io.StringIO(text))


def is_a_picture(path):
    with Image.open(path) as image:
        return len(np.unique(np.asarray(image.convert("L")))) > 10


def test_the_run_has_the_scores_of_its_rows_and_the_verdict(generating, model):
    results = RunFolder.open(generating).record["results"]
    _, X_test, _, y_test = load("digits").split()
    assert results["verdict"] == model.diagnose().verdict
    found = model.diagnose(X_test, y_test.astype(str)).found
    scores = {f"test_{name}": each.estimate for name, each in found.items()}
    assert {name: results[name] for name in scores} == pytest.approx(scores, abs=1e-5)
    assert {name.replace("test", "train") for name in scores} <= results.keys()


def test_the_history_has_the_columns_of_the_referee_from_the_first_epoch(generating, model):
    with (generating / "history.csv").open() as file:
        lines = list(csv.DictReader(file))
    assert [float(line["referee_discrepancy"]) for line in lines] == list(model.history_["referee_discrepancy"])


def test_the_report_shows_the_game(generating):
    pictures = {path.stem for path in (generating / "pictures").iterdir()}
    assert pictures == {"game", "game-history", "samples"}
    report = (generating / "report.html").read_text()
    for title in ("How the game went", "The phases of the game", "What the referee says"):
        assert title in report


def test_samples_may_be_of_one_class(run, generating, model, tmp_path):
    words = ("sample", generating, "--n", 5, "--random-state", 3)
    sevens = rows_of(run(*words, "--label", 7).out).to_numpy(np.float32)
    assert np.array_equal(sevens, model.sample(5, "7", random_state=3).reshape(5, 64))
    assert not np.allclose(rows_of(run(*words).out).to_numpy(np.float32), sevens)
    pictures = []
    for label in (7, 8):
        assert run(*words, "--label", label, "--out", f"{label}.png").out == f"5 generated images in {label}.png\n"
        assert is_a_picture(tmp_path / f"{label}.png")
        pictures.append((tmp_path / f"{label}.png").read_bytes())
    assert pictures[0] != pictures[1]


def test_evaluate_says_how_like_other_rows_samples_are(run, generating):
    scores = run("evaluate", generating, "digits", "--part", "test", "--json").content["scores"]
    results = RunFolder.open(generating).record["results"]
    assert scores == pytest.approx({name: results[f"test_{name}"] for name in scores}, abs=1e-5)


def test_a_game_is_watched_where_it_was_played(run, generating, tmp_path):
    copy = shutil.copytree(generating, tmp_path / "copy")
    ended = run("watch", copy, "--seconds", 0.1)
    assert ended.out == f"4 moments of the game in {copy / 'game.gif'}\n"
    with Image.open(copy / "game.gif") as animation:
        assert (animation.n_frames, animation.info["duration"]) == (4, 100)
    assert run("watch", copy, "--out", "phases.png").out == "phases of the game in phases.png\n"
    assert is_a_picture(tmp_path / "phases.png")
    assert run("runs rm", copy).code == 0
    assert not copy.exists()


def test_rows_of_a_table_are_generated_by_name(run, plain):
    generated = rows_of(run("sample", plain / "run", "--n", 4, "--random-state", 0).out)
    assert list(generated.columns) == ["width", "height"]
    assert len(generated) == 4


def test_data_that_moved_are_named(run, plain):
    ended = run("watch", plain / "run")
    assert ended.code == 1
    assert "There is no file or folder" in ended.err
    assert run("watch", plain / "run", plain / "moved.csv", "--out", "game.html").code == 0


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("sample {model} --label 11", 2, "--label 11: the classes of this model are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9."),
        ("sample {plain} --label 1", 2, "--label 1: the classes of this model are none: it was not fitted with --cond"),
        ("sample {plain} --out s.png", 2, "--out s.png: this model generates no images"),
        ("traverse {model} digits --out t.png", 1, "GAN restores no rows"),
        ("watch {digits}", 1, "MLPClassifier"),
        ("watch {model}/model", 2, "is a saved model; the moments of its game are in the folder of its run."),
        ("watch {model} --out game.txt", 2, "--out game.txt: a game is drawn in a .gif, .html, .mp4 or .png file."),
        ("watch {model} --seconds 0", 2, "Must be > 0"),
        (
            "fit gan digits --conditional --loss wasserstein --label-smoothing 0.1",
            1,
            "label_smoothing=0.1 needs targets",
        ),
        ("fit gan digits --batch-size 5000", 1, "fewer than batch_size=5000"),
    ],
)
def test_mistakes_are_one_line(run, generating, plain, digits_run, command, code, message):
    ended = run(command.format(model=generating, plain=plain / "run", digits=digits_run))
    assert ended.code == code, ended.err
    assert message in " ".join(ended.err.split())
