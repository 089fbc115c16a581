"""A game of one dimension in its five phases, beside the best discriminator; writes the picture of the README.

The picture goes to the path given, by default game.png.
"""

import sys

import numpy as np

from rosenblatt import GAN
from rosenblatt.data import MixtureDensity
from rosenblatt.display import GameDisplay
from rosenblatt.models import GameRecorder

two_hills = MixtureDensity(np.array([0.0, 2.5]), np.array([0.5, 0.8]), np.array([0.6, 0.4]))
recorder = GameRecorder()
rates = {"learning_rate": 5e-4, "discriminator_learning_rate": 3e-3}  # so that D can follow
layers = {"latent_dim": 4, "hidden_layer_sizes": (64, 64)}
game = GAN(**layers, **rates, r1=0.02, batch_size=500, max_epochs=300, random_state=1, callbacks=[recorder])
game.fit(two_hills.sample(2000, random_state=0))
X = two_hills.sample(1000, random_state=1)
display = GameDisplay.of_game(game, X, recorder=recorder, density=two_hills, n_points=80)
print(display.phases)
print(game.diagnose(X).verdict)
figure = display.plot_phases().figure_
figure.set_size_inches(9.0, 3.0)
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "game.png", dpi=110)
