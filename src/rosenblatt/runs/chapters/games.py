"""Games of two networks: one on a line, where the best play is known, and one that makes handwritten digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.display import GameDisplay, GeneratorLossDisplay, ImagesDisplay, SamplesDisplay
from rosenblatt.metrics import known_game, nearest_training_rows
from rosenblatt.runs.chapters.digits_rows import DigitsRows, digits_rows, images
from rosenblatt.runs.chapters.games_played import (
    EQUILIBRIUM,
    LINE,
    N_SAMPLES,
    Phase,
    digits_game,
    line_game,
    phase_of,
    seen_through,
    standing,
)
from rosenblatt.runs.chapters.writing import decimals, percent, unbroken
from rosenblatt.studies import GeneratorLossComparison, compare_generator_losses

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rosenblatt.models.game_phases import GamePhases
    from rosenblatt.models.gan import GAN
    from rosenblatt.runs.report import Chapter
    from rosenblatt.runs.tour_guide import Guide

_WIDTH, _WIDEST = 5.2, 9.0  # inches of a picture


def chapter(page: Chapter, guide: Guide) -> None:
    """A game on a line, one with both losses of the generator, and one on the digits."""
    _rules(page)
    _line(page, guide)
    digits = digits_rows()
    _slopes(page, guide, digits)
    _digits(page, guide, digits)


def _rules(page: Chapter) -> None:
    page.text("""
        Now two networks play against each other. The *generator* G makes rows of noise, x = G(z) with z ~ N(0, I), and
        never sees the data. The *discriminator* D sees rows of both kinds and says how likely each is to be a real one.
        D wants to be right, and G wants D to be wrong: all that G learns of the data is where D changes its mind.
    """)
    page.formula("min  max  V(D, G) = E[ log D(x) ] + E[ log(1 − D(G(z))) ]\n G    D")
    page.text("""
        As risks that each player descends: D has −V, the cross-entropy of a classifier with two classes, and G, for a
        reason that is measured below, the negative logarithm of what D says of its samples.
    """)
    page.formula("""
        J_D = −E[ log D(x) ] − E[ log(1 − D(G(z))) ]
        J_G = −E[ log D(G(z)) ]
    """)
    page.text(f"""
        Let the data have the density p and the samples q. The best discriminator then is p / (p + q), and its V is
        2 JS(p, q) − log 4, where JS is the Jensen-Shannon divergence: 0 where both are the same, and log 2 where they
        have nothing in common. So the best generator has q = p. There D = ½ everywhere, V = −log 4 =
        {decimals(EQUILIBRIUM.value)}, J_D = 2 log 2 = {decimals(EQUILIBRIUM.of_discriminator)} and J_G = log 2 =
        {decimals(EQUILIBRIUM.of_generator)}: the *equilibrium*, which neither player can leave to its advantage.
    """)


def _line(page: Chapter, guide: Guide) -> None:
    X, X_test, game = LINE.sample(2000, 0), LINE.sample(1000, 1), line_game()
    (recorder,) = game.callbacks
    guide.fit("GAN, a number", game, X, None)
    display = GameDisplay.of_game(game, X_test, recorder=recorder, density=LINE, epochs=(), n_points=80)
    assert display.phases is not None
    epochs = display.phases.epochs
    reached = {name: epoch for name, epoch in epochs.items() if epoch is not None}
    page.text(f"""
        The smallest game has rows of one number. {len(X):,} of them are drawn from two normal distributions, so that p
        is known; G makes them of {game.latent_dim} numbers of noise. The notes tell such a game in five phases. Here
        the phases are found by what was measured on other rows: how far samples are from them, whether a test can tell
        them apart at all, and by how much more D believes the rows.
    """)
    page.figure(
        lambda: _draw_phases(display),
        alt="Five panels with bars of the discriminator's confidence along a line, real points and samples below; "
        "the samples move to where the real points are, and the bars vanish",
        caption="Bars: D, up from ½ where it expects data, and down where it expects samples. Dashed: the best "
        "discriminator. Arrows: where the slope of D draws samples to.",
        wide=True,
    )
    page.table(
        ["phase", "epoch", "D(x)", "D(G(z))", "off the best D", "JS", "distance"],
        [_phase(name, display.phases, phase_of(recorder.at(game, epoch), X_test)) for name, epoch in reached.items()],
        "Means of D on rows and on samples, its mean distance from p / (p + q), the divergence of data and samples in "
        "nats, and the distance of the test (0 to 1).",
    )
    _equilibrium(page, guide, game, X_test)
    guide.result("phases of the game that were found", f"{len(reached)} of {len(epochs)}")


def _phase(name: str, phases: GamePhases, measured: Phase) -> list[str]:
    distance = float(phases.course.distance[phases.places[name]])
    return [unbroken(name), str(phases.epochs[name]), *(decimals(value) for value in (*measured, distance))]


def _equilibrium(page: Chapter, guide: Guide, game: GAN, X_test: np.ndarray) -> None:
    found, of_data = standing(game, X_test), known_game(LINE, LINE.sample(N_SAMPLES, 2)).divergence
    divergence, verdict = phase_of(game, X_test).divergence, game.diagnose(X_test).verdict
    page.text("""
        The distance, by which the phases are told, falls as soon as samples are where the data are, and as widely
        spread; that there are two hills, and not one, comes later, and the JS divergence sees it. D is never as sharp
        as the best one: as soon as it has a slope, G moves along it, and the best one is another. The end of the game,
        on rows that nobody has learned from, beside what the theory asks for:
    """)
    labels = ("V(D, G)", "risk of D", "risk of G", "share that D tells rightly")
    shown = [
        [unbroken(name), decimals(each), decimals(goal)]
        for name, each, goal in zip(labels, found, EQUILIBRIUM, strict=True)
    ]
    shown.append([unbroken("JS of data and samples"), decimals(divergence, 4), decimals(0.0, 4)])
    page.table(["", "measured", "equilibrium"], shown, f"The game after {game.n_epochs_} epochs.")
    page.text(f"""
        The divergence is estimated from {N_SAMPLES:,} samples; as many rows of the data themselves get
        {decimals(of_data, 4)}. A referee that looks at every game on held-out rows has the verdict: **{verdict}**.
        That D is undecided would not be proof enough, as it may have learned nothing; that is why it measures the
        samples, too.
    """)
    guide.result("game on a line: V(D, G), -1.386 at the equilibrium", found.value)
    guide.result("game on a line: divergence, nats", divergence)
    guide.result("game on a line: verdict", verdict)


def _slopes(page: Chapter, guide: Guide, digits: DigitsRows) -> None:
    page.text("""
        Why does G not simply descend V? In V it has log(1 − D(G(z))), the *saturating* loss. D is the logistic function
        of a logit, and what reaches G is the slope in that logit:
    """)
    page.formula("""
        log(1 − D) has the slope −D
        −log D has the slope −(1 − D)
    """)
    page.text("""
        While samples are bad, D sees through them: D(G(z)) is near 0, and the first slope with it, which is called
        saturation. (The notes show the curve of log(1 − D) and read from it a strong gradient near D = 0 and a
        vanishing one near 1; as a function of what G moves, the logit, it is the other way round.) The second loss has
        the same equilibrium, and its slope is largest where there is most to learn. Both games from one seed, on the
        digits, with plain gradient descent and a discriminator that learns ten times as fast:
    """)
    found = compare_generator_losses(seen_through(), images(digits.X), n_snapshots=3, n_rows=300)
    page.figure(
        lambda: _draw_slopes(found),
        alt="The length of the generator's slope over D(G(z)) for both losses: points of the saturating one lie at the "
        "lower left, those of the other far above",
        caption="|∇G| in each epoch, measured. The lines are D and 1 − D, times one factor for both.",
    )
    page.table(
        ["loss of G", "D(G(z))", "|∇G|", "distance at first", "distance at the end"],
        [[unbroken(name), *_end_of(found, name)] for name in found.games],
        f"The last of {len(found.saturating.confidence)} epochs, and how far samples are from the digits (0 to 1).",
    )
    ratio = found.non_saturating.gradient_norm[-1] / found.saturating.gradient_norm[-1]
    page.text(f"""
        In the last epoch the slope of −log D is {ratio:.0f} times as long, and the other generator hardly moves. (Adam,
        with which the other games here are played, divides slopes by their usual size, and so hides most of this.)
    """)
    guide.result("slope of -log D by that of log(1 - D), last epoch", float(ratio))


def _end_of(found: GeneratorLossComparison, loss: str) -> list[str]:
    game = found.games[loss]
    first, last = game.course.distance[[0, -1]]
    return [decimals(float(value)) for value in (game.confidence[-1], game.gradient_norm[-1], first, last)]


def _digits(page: Chapter, guide: Guide, digits: DigitsRows) -> None:
    game, held_out = digits_game(), images(digits.X_validation)
    guide.fit("GAN, 8×8 digits", game, images(digits.X), None, validation_data=held_out)
    samples = game.sample(len(digits.X_test), random_state=0)
    nearest = nearest_training_rows(samples.reshape(len(samples), -1), digits.X, digits.X_test)
    page.text(f"""
        The same on images. G makes 64 pixels of 64 numbers of noise through three layers of 128, D has the same
        backwards, {len(digits.X):,} digits are learned from, and in {game.n_epochs_} epochs come out:
    """)
    page.figure(
        lambda: _draw_samples(digits, game),
        alt="Rows of generated digits, and below each the training digit that is nearest to it",
        caption="Samples, below each the nearest training digit. No label was used, and no pixel was ever compared.",
    )
    page.text(f"""
        Most can be read, and a few are no digit at all. Are they copies? A sample is nearer to the training digits than
        a test digit is with a probability of {percent(nearest.probability)}; for copies it would be {percent(1.0)}, for
        new digits {percent(0.5)}.
    """)
    _opinions(page, guide, digits, game, samples)
    page.figure(
        lambda: _draw_ways(game),
        alt="Three rows of generated digits, each changing step by step from one into another",
        caption="Ways between two codes, on the arc on which codes keep their length.",
    )
    page.text("""
        There is no encoder: which code a given image has, a GAN does not say, and neither how likely an image is. Its
        samples are what it has, with `sample`, `interpolate` between them, and `discriminate` to ask D.
    """)
    guide.result("GAN: a sample nearer to training digits than a test digit", nearest.probability)


def _opinions(page: Chapter, guide: Guide, digits: DigitsRows, game: GAN, samples: np.ndarray) -> None:
    kinds = {"digits learned from": images(digits.X), "test digits": images(digits.X_test), "samples": samples}
    opinions = {name: game.discriminate(rows) for name, rows in kinds.items()}
    page.table(
        ["", "mean D", "called real"],
        [
            [unbroken(name), decimals(float(D.mean()), 2), percent(float((D > 0.5).mean()))]
            for name, D in opinions.items()
        ],
        "What the discriminator says of rows and samples.",
    )
    page.figure(
        lambda: _draw_opinions(kinds, opinions),
        alt="A row of test digits and a row of samples, each from the least to the most real for the discriminator",
        caption="From the least to the most real for D, whose opinion stands above: test digits, and samples.",
    )
    learned, unseen = (float(opinions[name].mean()) for name in list(kinds)[:2])
    found = game.diagnose(images(digits.X_test))
    precision, recall = found.found["precision"], found.found["recall"]
    page.text(f"""
        D is not undecided: it believes the digits that it was shown ({decimals(learned, 2)}) more than others
        of the same kind ({decimals(unseen, 2)}): with so few it begins to know them by heart, like any classifier, and
        its lead is partly that. So the game is judged on rows that it does not know. The referee's verdict:
        **{found.verdict}**{_to_try(found.remedy)} {percent(precision.estimate)} of the samples lie among the test
        digits (of real digits {percent(precision.ideal or 0.0)} do), and {percent(recall.estimate)} of the test digits
        among the samples ({percent(recall.ideal or 0.0)}).
    """)
    guide.result("GAN on the digits: verdict", found.verdict)
    guide.result("GAN on the digits: precision, recall", f"{precision.estimate:.2f}, {recall.estimate:.2f}")


def _to_try(remedy: str) -> str:
    return f" ({remedy[0].lower()}{remedy[1:]})." if remedy else "."


def _draw_phases(display: GameDisplay) -> Figure:
    from matplotlib.figure import Figure

    figure = display.plot_phases().figure_
    assert isinstance(figure, Figure)
    figure.set_size_inches(_WIDEST, 3.0)
    return figure


def _draw_slopes(found: GeneratorLossComparison) -> Figure:
    figure = _figure(3.7)
    GeneratorLossDisplay(found).plot(figure.subplots())
    return figure


def _draw_samples(digits: DigitsRows, game: GAN) -> Figure:
    figure = _figure(3.2)
    SamplesDisplay.from_estimator(game, images(digits.X), n_samples=16, random_state=0, ax=figure.subplots())
    return figure


def _draw_opinions(kinds: dict[str, np.ndarray], opinions: dict[str, np.ndarray]) -> Figure:
    figure, shown, captions = _figure(1.6), [], []
    for name in ("test digits", "samples"):
        chosen = np.argsort(opinions[name])[np.linspace(0, len(kinds[name]) - 1, 8).round().astype(int)]
        shown.append(kinds[name][chosen])
        captions += [decimals(float(value), 2) for value in opinions[name][chosen]]
    ImagesDisplay(np.concatenate(shown), captions).plot(figure.subplots(), n_columns=8)
    return figure


def _draw_ways(game: GAN) -> Figure:
    figure = _figure(2.0)
    codes, to = np.random.default_rng(2).standard_normal((2, 3, game.networks_["generator"].latent_dim))
    ways = game.interpolate(codes, to, n_steps=8)
    ImagesDisplay(ways.reshape(-1, 8, 8)).plot(figure.subplots(), n_columns=8)
    return figure


def _figure(height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(_WIDTH, height))
