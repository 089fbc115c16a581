"""The tour's machinery with chapters made for the test, the helpers of its chapters, and once the whole tour."""

import io
import json
import math
import pkgutil
import re
import sys
import types
import warnings
from importlib import import_module

import numpy as np
import pytest
from rich.console import Console
from sklearn.svm import LinearSVC

from rosenblatt import GAN, Perceptron
from rosenblatt.data import xor
from rosenblatt.runs import RunFolder, chapters
from rosenblatt.runs.chapters import CHAPTERS, writing
from rosenblatt.runs.chapters.digits_rows import digits_rows
from rosenblatt.runs.chapters.gates import GATES, binary_inputs
from rosenblatt.runs.chapters.network import notes_network
from rosenblatt.runs.chapters.novikoff import novikoff
from rosenblatt.runs.chapters.overfitting import wrong_labels
from rosenblatt.runs.chapters.perceptron import square_points
from rosenblatt.runs.tour import tour
from rosenblatt.runs.tour_guide import Guide
from rosenblatt.training.errors import InterruptedFitWarning

# Written a second time, in Python's own words.
GATES_IN_PYTHON = {
    "never": lambda a, b: False,
    "x₁ and x₂": lambda a, b: a and b,
    "x₁, not x₂": lambda a, b: a and not b,
    "x₁": lambda a, b: a,
    "x₂, not x₁": lambda a, b: b and not a,
    "x₂": lambda a, b: b,
    "XOR": lambda a, b: a != b,
    "x₁ or x₂": lambda a, b: a or b,
    "neither": lambda a, b: not (a or b),
    "same": lambda a, b: a == b,
    "not x₂": lambda a, b: not b,
    "x₁ or not x₂": lambda a, b: a or not b,
    "not x₁": lambda a, b: not a,
    "x₂ or not x₁": lambda a, b: b or not a,
    "not both": lambda a, b: not (a and b),
    "always": lambda a, b: True,
}


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=100)


@pytest.fixture
def add_chapter(monkeypatch):
    """Adds a chapter of that name to the tour, for the length of the test."""

    def add(name, function):
        module = types.ModuleType(f"rosenblatt.runs.chapters.{name}")
        module.__dict__["chapter"] = function
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(CHAPTERS, name, f"The chapter {name}")

    return add


def text_of(console):
    return console.file.getvalue()


def told(page, guide):
    page.text("What was told.")
    guide.result("a number", 0.123456)
    guide.result("a text", "3 of 4")


def test_a_tour_writes_its_report_tells_its_results_and_notes_the_run(tmp_path, console, add_chapter):
    add_chapter("told", told)
    report = tour(tmp_path / "tour", ["told"], console)
    assert report == tmp_path / "tour" / "report.html"
    assert "What was told." in report.read_text()
    assert re.search(r"1  The chapter told +\d+\.\d s", text_of(console))
    assert re.search(r"a number +0\.1235", text_of(console))
    run = RunFolder.open(tmp_path / "tour")
    assert (run.status, run.record["estimator"], run.record["seed"]) == ("finished", "tour", 0)
    assert run.record["fields"] == {"chapters": ["told"]}
    assert run.record["results"] == {"a number": 0.123456, "a text": "3 of 4"}


def test_chapters_come_in_the_order_of_the_notes_and_once(tmp_path, console, add_chapter):
    add_chapter("first", told)
    add_chapter("second", told)
    html = tour(tmp_path, ["second", "first", "second"], console).read_text()
    assert re.findall(r'<section id="(\w+)"', html) == ["first", "second"]


def test_a_chapter_may_be_given_as_a_text(tmp_path, console, add_chapter):
    add_chapter("told", told)
    assert 'id="told"' in tour(tmp_path, "told", console).read_text()


def test_an_earlier_tour_is_replaced(tmp_path, console, add_chapter):
    add_chapter("told", told)
    add_chapter("other", lambda page, guide: page.text("Something else."))
    tour(tmp_path / "tour", ["told"], console)
    html = tour(tmp_path / "tour", ["other"], console).read_text()
    assert "Something else." in html
    assert "What was told." not in html
    assert RunFolder.open(tmp_path / "tour").record["results"] == {}


def test_another_run_is_not_touched(tmp_path, console):
    RunFolder.create(tmp_path / "run", estimator="MLPClassifier").finish("finished")
    before = (tmp_path / "run" / "run.json").read_bytes()
    with pytest.raises(FileExistsError, match="run holds a run of MLPClassifier; choose another folder for the tour"):
        tour(tmp_path / "run", None, console)
    assert (tmp_path / "run" / "run.json").read_bytes() == before


def test_a_folder_with_other_files_is_not_touched(tmp_path, console):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"not empty and holds no run.*choose a new or an empty folder"):
        tour(tmp_path, None, console)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (["gate"], r"no chapter 'gate'\. Did you mean 'gates'\? Its chapters are gates, perceptron, network"),
        (["gates", "gan"], r"no chapter 'gan'"),
        ([], "no chapter was chosen; choose some of gates, perceptron, network"),
    ],
)
def test_chapters_that_do_not_exist_are_refused_before_anything_is_written(tmp_path, console, chosen, message):
    with pytest.raises(ValueError, match=message):
        tour(tmp_path / "tour", chosen, console)
    assert not (tmp_path / "tour").exists()


def fail(page, guide):
    raise RuntimeError("out of ink")


def interrupt(page, guide):
    raise KeyboardInterrupt


def interrupt_a_fit(page, guide):
    warnings.warn("the fit was interrupted", InterruptedFitWarning, stacklevel=1)


@pytest.mark.parametrize(
    ("ending", "raised", "status"),
    [
        (fail, RuntimeError, "failed"),
        (interrupt, KeyboardInterrupt, "interrupted"),
        (interrupt_a_fit, KeyboardInterrupt, "interrupted"),
    ],
)
def test_what_was_done_before_the_tour_ended_early_is_kept(tmp_path, console, add_chapter, ending, raised, status):
    add_chapter("told", told)
    add_chapter("ending", ending)
    with pytest.raises(raised):
        tour(tmp_path, ["told", "ending"], console)
    assert "What was told." in (tmp_path / "report.html").read_text()
    run = RunFolder.open(tmp_path)
    assert run.status == status
    assert run.record["results"]["a text"] == "3 of 4"


def test_every_chapter_is_listed_and_every_listed_chapter_exists():
    names = [module.name for module in pkgutil.iter_modules(chapters.__path__)]
    modules = {name: import_module(f"rosenblatt.runs.chapters.{name}") for name in names}
    assert {name for name, module in modules.items() if hasattr(module, "chapter")} == set(CHAPTERS)


def test_a_bar_is_full_at_the_end_of_a_fit_that_ended_early(console):
    guide = Guide(console)
    model = Perceptron(max_epochs=50, random_state=0)
    with guide.chapter("A chapter"):
        assert guide.fit("a gate", model, binary_inputs(2), [0, 0, 0, 1]) is model
    assert model.n_epochs_ < 50
    assert re.search(rf"a gate +━+ {model.n_epochs_}/{model.n_epochs_} +risk 0\.0000", text_of(console))
    assert list(model.callbacks) == []


def test_the_bar_of_a_game_shows_what_its_discriminator_says(console):
    guide = Guide(console)
    model = GAN(hidden_layer_sizes=4, batch_size=20, max_epochs=2, random_state=0)
    with guide.chapter("A chapter"):
        guide.fit("a game", model, np.random.default_rng(0).normal(size=(40, 1)), None)
    real, fake = (model.history_[f"train_discriminator_{name}"][-1] for name in ("real", "fake"))
    assert re.search(rf"a game +━+ 2/2 +D\(x\) {real:.2f}, D\(G\(z\)\) {fake:.2f}", text_of(console))


def test_many_quick_fits_share_a_bar(console):
    guide = Guide(console)
    with guide.chapter("A chapter"):
        assert list(guide.track("letters", "abc")) == ["a", "b", "c"]
    assert re.search(r"letters +━+ 3/3", text_of(console))


def test_a_fit_outside_of_a_chapter_is_refused(console):
    guide = Guide(console)
    with guide.chapter("A chapter"):
        pass
    with pytest.raises(RuntimeError, match=r"no chapter has begun.*with guide\.chapter\(title\)"):
        guide.fit("a gate", Perceptron(), binary_inputs(2), [0, 0, 0, 1])


def test_binary_inputs_are_the_binary_numbers_in_order():
    assert binary_inputs(3).tolist() == [[int(bit) for bit in f"{number:03b}"] for number in range(8)]


def test_the_sixteen_gates_are_what_their_names_say():
    written = {tuple(int(f(bool(a), bool(b))) for a, b in binary_inputs(2)): n for n, f in GATES_IN_PYTHON.items()}
    assert written == GATES


@pytest.mark.parametrize(
    ("x", "radius", "margin", "plane", "bound"),
    [
        # Rows [1, 1] and -[1, -1]: the plane (0, 1) is 1 away from both, and both have length √2.
        ((1.0, -1.0), math.sqrt(2), 1.0, (0.0, 1.0), 2.0),
        # Rows [1, 2] and -[1, 0]: the widest margin is half-way between b + 2w and -b, at w = -b.
        ((2.0, 0.0), math.sqrt(5), 1 / math.sqrt(2), (-1 / math.sqrt(2), 1 / math.sqrt(2)), 10.0),
    ],
)
def test_novikoffs_bound_by_hand(x, radius, margin, plane, bound):
    theorem = novikoff(np.array(x)[:, None], np.array([1, -1]))
    assert theorem.radius == pytest.approx(radius, rel=1e-12)
    assert theorem.margin == pytest.approx(margin, rel=1e-12)
    assert theorem.plane == pytest.approx(plane, abs=1e-12)
    assert theorem.bound == pytest.approx(bound, rel=1e-12)


def test_there_is_no_bound_where_no_plane_separates():
    theorem = novikoff(binary_inputs(2), np.array([-1, 1, 1, -1]))
    assert (theorem.margin, theorem.bound, theorem.plane.tolist()) == (0.0, math.inf, [0.0, 0.0, 0.0])


def test_the_widest_margin_is_that_of_a_hard_support_vector_machine():
    X, y = square_points(60, gap=0.1, noise=0.0)
    theorem = novikoff(X, 2 * y - 1)
    # liblinear's hinge loss penalises the bias like a weight, so its plane is the best one for rows [1, x].
    machine = LinearSVC(loss="hinge", C=1e4, tol=1e-10, max_iter=2_000_000, random_state=0).fit(X, y)
    v = np.append(machine.intercept_, machine.coef_)
    assert theorem.margin == pytest.approx(1 / np.linalg.norm(v), rel=1e-3)
    assert theorem.plane == pytest.approx(v / np.linalg.norm(v), abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_a_perceptron_makes_no_more_mistakes_than_novikoff_allows(seed):
    X, y = square_points(100, gap=0.1, noise=0.0)
    model = Perceptron(max_epochs=1000, random_state=seed).fit(X, y)
    assert 0 < model.n_mistakes_ <= novikoff(X, 2 * y - 1).bound


def test_points_of_the_square_keep_their_distance():
    X, y = square_points(200, gap=0.08, noise=0.0)
    distance = X @ [0.6, 0.8] - 0.2
    assert X.shape == (200, 2)
    assert np.abs(distance).min() > 0.08
    assert ((distance > 0) == y).all()
    assert np.abs(X).max() <= 1


def test_noise_makes_the_points_overlap():
    X, y = square_points(200, gap=0.0, noise=0.2)
    assert novikoff(X, 2 * y - 1).bound == math.inf


def test_the_network_of_the_notes_has_23_weights_and_8_biases():
    data = xor(40)
    model = notes_network(max_epochs=1).fit(data.X, data.y)
    assert tuple(model.n_parameters_) == (2 * 4 + 4 * 3 + 3 * 1, 4 + 3 + 1) == (23, 8)
    assert [W.shape for W in model.coefs_] == [(2, 4), (4, 3), (3, 1)]


def test_units_that_start_equal_stay_equal():
    data = xor(40)
    model = notes_network(max_epochs=5, initializer="zeros").fit(data.X, data.y)
    for weights in model.coefs_:
        assert (weights == weights[:, :1]).all()


def test_the_digits_are_split_into_parts_that_share_no_row():
    rows = digits_rows()
    assert [len(rows.X), len(rows.X_validation), len(rows.X_test)] == [1077, 270, 450]
    whole = np.vstack([rows.X, rows.X_validation, rows.X_test])
    assert len(np.unique(whole, axis=0)) == len(whole)
    few = digits_rows(150)
    assert len(few.X) == 150
    assert np.bincount(few.y).tolist() == pytest.approx([15] * 10, abs=1)
    assert (few.X_test == rows.X_test).all()


def test_as_many_labels_are_wrong_as_asked_for():
    y = np.arange(200) % 10
    labels, n_wrong = wrong_labels(y, 0.15)
    assert n_wrong == 30 == (labels != y).sum()
    assert set(labels) <= set(range(10))


def test_a_transcript_shows_what_was_run():
    shown = writing.transcript(
        """
        y = x + 1
        y
        print and None
        [y, x]
        """,
        x=1,
    )
    assert shown == ">>> y = x + 1\n>>> y\n2\n>>> print and None\n>>> [y, x]\n[2, 1]"


def test_numbers_in_the_text_are_not_broken_between_lines():
    assert writing.percent(0.97349) == "97.3\N{NO-BREAK SPACE}%"
    assert writing.decimals(-1.23456) == "\N{MINUS SIGN}1.235"
    assert writing.decimals(12.345, 1) == "12.3"
    assert writing.unbroken("mini-batch GD") == "mini\N{NON-BREAKING HYPHEN}batch\N{NO-BREAK SPACE}GD"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_whole_tour(tmp_path, console):
    report = tour(tmp_path / "tour", console=console)
    html = report.read_text()
    assert re.findall(r'<section id="(\w+)"', html) == list(CHAPTERS)

    pictures = re.findall(r"<picture>.*?</picture>", html)
    assert len(pictures) >= 30
    moving = [picture for picture in pictures if "data:image/gif;" in picture]
    assert len(moving) == 2
    for picture in pictures:
        sources = re.findall(r'(?:src|srcset)="([^"]*)"', picture)
        assert len(sources) == (4 if picture in moving else 2)
        assert all(re.match(r"data:image/(svg\+xml|png|gif);base64,[\w+/]{1000}", source) for source in sources)
    page = re.sub(r'"data:[^"]*"', '""', html)
    assert not re.search(r"https?://|//\w+\.\w+/|<script|@import|url\(", page)
    assert set(re.findall(r'href="([^"]*)"', page)) == {"#", "explorer.html", *(f"#{name}" for name in CHAPTERS)}
    assert "<html" in (report.parent / "explorer.html").read_text()
    assert not re.search(r"\b(nan|inf)\b|<td[^>]*></td>", page)

    record = json.loads((tmp_path / "tour" / "run.json").read_text())
    results = record["results"]
    assert record["status"] == "finished"
    assert results["gates of two inputs, with weights and a bias"] == "14 of 16"
    assert results["digits that a plane separates from the others"] == "9 of 10"
    assert results["2-4-3-1 network: weights + biases"] == "23 + 8"
    assert results["gradient by formulas, JAX, differences, graph"] == "the same"
    # Guessing reads 10 % of the digits; 97.3 % was measured.
    assert results["test accuracy on digits"] > 0.94
    # 1.6 without and 0.7 with early stopping were measured.
    assert results["test risk with early stopping"] < 0.8 * results["test risk with no remedy"]
    # Of nine sums the largest and the mean: 34, 21, 28 and 11 ninths.
    assert results["the notes' pooling, maximum"] == "8, 5, 6, 3"
    assert results["the notes' pooling, mean"] == "3.78, 2.33, 3.11, 1.22"
    assert results["a kernel's slope by factors, layers, differences"] == "the same"
    # 98.0 % was measured; of the digits one pixel off 71 %, and 45 % by the dense network.
    assert results["convolutional network: test accuracy"] > 0.94
    assert results["accuracy one pixel off: convolutional"] > results["accuracy one pixel off: dense"] + 0.1
    # 1.0000 and 0.41 were measured; 1 is the least that a linear one can reach.
    assert 0.9999 < results["linear autoencoder: error in parts of PCA's"] < 1.01
    assert results["autoencoder, 8 numbers: error in parts of PCA's"] < 0.8
    # Effective weights of 0.001, 1 and 4: far from the bound, at it, and beyond what codes are worth.
    verdicts = [results[f"8 latents, β = {beta}: verdict"] for beta in ("0.001", "1", "4")]
    assert verdicts == ["under-regularised", "healthy", "over-regularised"]
    # All five over five seeds; -1.396 to -1.380, and 0.001 to 0.009, were measured there.
    assert results["phases of the game that were found"] == "5 of 5"
    assert results["game on a line: V(D, G), -1.386 at the equilibrium"] == pytest.approx(-math.log(4), abs=0.03)
    assert results["game on a line: divergence, nats"] < 0.02
    assert results["game on a line: verdict"] == "at equilibrium"
    # 52 was measured; 1 is a loss without saturation.
    assert results["slope of -log D by that of log(1 - D), last epoch"] > 10
    # 0.29 was measured; 0.5 are samples as far from the training digits as others are, 1 are copies.
    assert results["GAN: a sample nearer to training digits than a test digit"] < 0.5
    for name in results:
        assert name in text_of(console)
