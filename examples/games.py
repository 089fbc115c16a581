"""Games that fail: what the referee says of each, and what becomes of it when its advice is followed.

Prints what docs/gallery/games.md shows, and writes its picture to the path given (by default games.png).
"""

import sys
import warnings

import numpy as np
from matplotlib import pyplot as plt
from sklearn.base import clone
from sklearn.datasets import load_digits

from rosenblatt import GAN, NonFiniteRiskError
from rosenblatt.display import GameHistoryDisplay, SamplesDisplay
from rosenblatt.models import DiagnosisWarning

warnings.simplefilter("ignore", DiagnosisWarning)  # each verdict is printed below

digits = load_digits().images
numbers = np.random.default_rng(0).normal(5, 2, size=(2000, 1))
raw = {"r1": 0, "averaging": 0, "decay": False}
fast = {"discriminator_learning_rate": 0.01}  # fifty times the generator's
end = {"restore_best": False, "random_state": 1}  # what is to be seen is the end of a game, not its best moment
games = {
    "codes of one number": (GAN(latent_dim=1, hidden_layer_sizes=32, **end), digits),
    "five moves to one": (
        GAN(loss="saturating", r1=0, discriminator_steps=5, learning_rate=2e-4, **fast, max_epochs=40, **end),
        digits,
    ),
    "fast and undamped": (
        GAN(hidden_layer_sizes=16, learning_rate=0.03, momentum=0.9, batch_size="full", max_epochs=300, **raw, **end),
        numbers,
    ),
}


def followed(game, X):
    """The game after every change that it was advised, until no alarm is left."""
    found = game.diagnose()
    while found.verdict in ("collapsed", "discriminator has won", "oscillating"):
        print("   ", ", ".join(f"{name}={value!r}" for name, value in found.change.items()))
        game = clone(game).set_params(**found.change).fit(X)
        found = game.diagnose()
    return game


figure, axes = plt.subplots(3, 2, figsize=(7.5, 5.8), height_ratios=(1, 1, 2), layout="constrained")
for (name, (game, X)), (left, right) in zip(games.items(), axes, strict=True):
    found = game.fit(X).diagnose()
    print(f"{name}: {found.verdict}. {found.remedy}")
    healthy = followed(game, X)
    after = healthy.diagnose()
    print(f"    {after.verdict}; discrepancy at the end {found.end:.2f}, and then {max(after.end, 0):.2f}")
    for played, ax in ((game, left), (healthy, right)):
        if X is numbers:
            GameHistoryDisplay.from_estimator(played, ax=ax)
        else:
            SamplesDisplay.from_estimator(played, n_samples=16, random_state=0, n_columns=8, ax=ax)
        ax.set_title(played.diagnose().verdict, fontsize="medium")
try:
    GAN(optimizer="sgd", learning_rate=1e6, max_epochs=5, random_state=0).fit(numbers)
except NonFiniteRiskError as error:
    print(f"a rate of a million: not finite in epoch {error.epoch}, the {error.player} first")
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "games.png", dpi=90)
