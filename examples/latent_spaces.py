"""Latent spaces: an autoencoder and a VAE of one network, with 2 and with 8 latents, compared by numbers.

Prints what docs/gallery/latent-spaces.md shows, and writes its picture to the path given (by default
latent_spaces.png).
"""

import sys
import warnings

from sklearn.datasets import load_digits

from rosenblatt import VAE
from rosenblatt.display import LatentComparisonDisplay
from rosenblatt.models import WorseThanPCAWarning
from rosenblatt.studies import compare_latents

warnings.simplefilter("ignore", WorseThanPCAWarning)  # it asks for copies; these shall be ordered

digits = load_digits()
X, X_test = digits.images[:1300] / 16, digits.images[1300:] / 16
y, y_test = digits.target[:1300], digits.target[1300:]
for latent_dim in (2, 8):
    vae = VAE(latent_dim=latent_dim, loss="bernoulli", learning_rate=0.003, max_epochs=100, random_state=0)
    found = compare_latents(None, vae, X, y, X_test, y_test, n_fits=3)
    print(f"{latent_dim} latents, 3 fits: autoencoder, VAE, the better one")
    for name in found.vaes[0].scores:
        autoencoder, variational = found.scores(name).mean(axis=1)
        print(f"{name}: {autoencoder:.3f} {variational:.3f} {found.better(name)}")

display = LatentComparisonDisplay.from_comparison(found)
display.figure_.savefig(sys.argv[1] if len(sys.argv) > 1 else "latent_spaces.png", dpi=80)
