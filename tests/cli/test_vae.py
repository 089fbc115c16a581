"""Variational autoencoders on the command line: fitted, scored in nats, sampled, traversed and explored."""

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

FEW = "--latent-dim 3 --hidden-layer-sizes 8 --loss bernoulli --max-epochs 2 --verbose 0 --random-state 0"


def table_of(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text))


@pytest.fixture(scope="module")
def generating(tmp_path_factory):
    """The folder of a short fit on digits, with its report."""
    folder = tmp_path_factory.mktemp("shared") / "digits"
    assert main(f"fit vae digits {FEW} --out {folder}".split()) == 0
    return folder


@pytest.fixture(scope="module")
def model(generating):
    return load_model(generating / "model")


@pytest.fixture
def plain(run, tmp_path, without_report):
    """A run on a table without images."""
    rng = np.random.default_rng(0)
    pd.DataFrame(rng.normal(size=(60, 4)), columns=list("abcd")).to_csv(tmp_path / "plain.csv", index=False)
    assert run(f"fit vae plain.csv {FEW.replace('--loss bernoulli', '')} --out plain").code == 0
    return tmp_path / "plain"


def test_the_scores_are_in_nats(generating, model):
    results = RunFolder.open(generating).record["results"]
    _, X_test, _, _ = load("digits").split()
    assert results["test_elbo"] == pytest.approx(model.score(X_test), rel=1e-5)
    assert results["test_kl"] == pytest.approx(model.elbo_terms(X_test)[1].sum(axis=1).mean(), rel=1e-5)
    assert "test_log_likelihood" not in results


def test_the_report_shows_what_it_generates(generating):
    pictures = {path.stem for path in (generating / "pictures").iterdir()}
    assert {"risk", "reconstructions", "latent-map", "samples", "traversals"} <= pictures
    report = (generating / "report.html").read_text()
    assert "Diagnosis" in report
    assert "principal component analysis" not in report


def test_samples_are_rows_or_pictures(run, generating, model, tmp_path):
    words = ("sample", generating, "--n", 5, "--random-state", 3)
    expected = model.sample(5, random_state=3)
    assert np.array_equal(table_of(run(*words).out).to_numpy(np.float32), expected.reshape(5, 64))
    assert run(*words, "--out", "s.npy").out == "5 generated rows in s.npy\n"
    assert np.array_equal(np.load(tmp_path / "s.npy"), expected)
    assert run(*words, "--out", "s.png").out == "5 generated images in s.png\n"
    with Image.open(tmp_path / "s.png") as image:
        assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_traversals_are_a_picture(run, generating, tmp_path):
    assert run("traverse", generating, "digits", "--out", "t.png", "--row", 4).out == "traversals in t.png\n"
    with Image.open(tmp_path / "t.png") as image:
        assert len(np.unique(np.asarray(image.convert("L")))) > 10


def test_an_explorer_is_one_file(run, generating, tmp_path):
    assert "explorer in e.html" in run("explore", generating, "digits", "--part", "test", "--out", "e.html").out
    assert "explorer in explorer.html" in run("explore", generating / "model").out
    for name in ("e.html", "explorer.html"):
        assert "<html" in (tmp_path / name).read_text()
    assert (tmp_path / "e.html").stat().st_size > (tmp_path / "explorer.html").stat().st_size


def test_an_explorer_of_a_run_belongs_to_it(run, generating, tmp_path):
    copy = shutil.copytree(generating, tmp_path / "copy")
    assert run("explore", copy).code == 0
    assert (copy / "explorer.html").exists()
    assert run("runs rm", copy).code == 0
    assert not copy.exists()


def test_a_line_may_be_an_arc(run, generating, model):
    X = load("digits").X
    words = ("interpolate", generating, "digits", "--from-row", 0, "--to-row", 1, "--kind", "spherical")
    expected = model.interpolate(X[:1], X[1:2], 8, kind="spherical").reshape(8, 64)
    assert np.array_equal(table_of(run(*words).out).to_numpy(np.float32), expected)


def test_rows_of_a_table_are_generated_by_name(run, plain):
    generated = table_of(run("sample", plain, "--n", 3, "--random-state", 0).out)
    assert list(generated.columns) == list("abcd")
    assert len(generated) == 3
    ended = run("sample", plain, "--out", "s.png")
    assert ended.code == 2
    assert "--out s.png: this model generates no images; write a .csv, .npy or .parquet file." in ended.err


def test_a_factorvae_is_fitted(run, without_report, tmp_path):
    few = FEW.replace("--loss bernoulli", "--discriminator-hidden-layer-sizes 8")
    assert run(f"fit factorvae digits {few} --out f").code == 0
    assert set(load_model(tmp_path / "f" / "model").networks_) == {"model", "discriminator"}


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("sample {digits}", 1, "MLPClassifier generates no rows, as a variational autoencoder or a GAN does ("),
        ("sample {model} --n 0", 2, "Must be >= 1"),
        ("sample {model} --out s.txt", 2, "generated rows are written to a .csv, .npy, .parquet or .png file."),
        ("traverse {model} digits --out t.csv", 2, "--out t.csv: traversals are drawn in a .png file."),
        ("traverse {model} digits --out t.png --row 1797", 2, "--row 1797: there are 1,797 rows"),
        ("explore {model} --out e.pdf", 2, "--out e.pdf: the explorer is an .html file."),
        ("explore {digits}", 1, "MLPClassifier restores no rows"),
        ("explore {model} digitz", 2, "digitz"),
    ],
)
def test_mistakes_are_one_line(run, generating, digits_run, command, code, message):
    ended = run(command.format(model=generating, digits=digits_run))
    assert ended.code == code
    assert message in " ".join(ended.err.split())
