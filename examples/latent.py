"""Latent: what a variational autoencoder of digits has in its codes, what it draws, and what its beta buys.

Prints what docs/gallery/latent.md shows, and writes its picture to the path given (by default latent.png).
"""

import sys

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import train_test_split

from rosenblatt import VAE
from rosenblatt.display import LatentDisplay, RateDistortionDisplay, SamplesDisplay, TraversalDisplay
from rosenblatt.studies import beta_sweep

digits = load_digits()
X_train, X_test, _, y_test = train_test_split(digits.data / 16, digits.target, random_state=0)
settings = {"latent_dim": 8, "hidden_layer_sizes": (256,), "output_activation": "sigmoid", "image_shape": (8, 8)}
model = VAE(**settings, learning_rate=0.003, max_epochs=100, diagnosis=False, random_state=0)
sweep = beta_sweep(model, X_train, X_test, betas=(0.25, 0.5, 1, 2, 4, 8, 16, 32))
for beta, rate, distortion, elbo, n in zip(
    sweep.betas, sweep.rates, sweep.distortions, sweep.elbos, sweep.n_active, strict=True
):
    print(f"beta {beta:g}: rate {rate:.1f}, distortion {distortion:.1f}, ELBO {elbo:.1f} nats, {n} latents active")
model = sweep.estimators[sweep.best]

print(f"log p(x) of digits never seen, VAE: {model.log_likelihood(X_test).mean:.1f} nats")
for name, others in {
    "probabilistic PCA, components": {n: PCA(n, random_state=0) for n in (8, 16, 24, 32, 40)},
    "mixture, round Gaussians": {
        n: GaussianMixture(n, covariance_type="spherical", random_state=0) for n in (20, 60, 180)
    },
}.items():
    scores = {n: other.fit(X_train).score(X_test) for n, other in others.items()}
    print(f"{name}:", ", ".join(f"{n}: {score:.1f}" for n, score in scores.items()))


def distance(rows):
    """The median, over rows, of the squared distance to the nearest training digit."""
    return np.median(pairwise_distances(rows, X_train, metric="sqeuclidean").min(axis=1))


print(f"to the nearest training digit, from digits never seen: {distance(X_test):.2f}")
print(f"from samples: {distance(model.sample(450, random_state=0)):.2f}")
print(f"from reconstructions of digits never seen: {distance(model.reconstruct(X_test)):.2f}")

figure, axes = plt.subplots(2, 2, figsize=(11, 8.5), layout="constrained")
LatentDisplay.from_estimator(model, X_test[:200], y_test[:200], ellipses=40, ax=axes[0, 0])
TraversalDisplay.from_estimator(model, X_test, n_latents=5, ax=axes[0, 1])
SamplesDisplay.from_estimator(model, X_train, n_samples=10, random_state=0, ax=axes[1, 0])
RateDistortionDisplay(sweep).plot(axes[1, 1])
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "latent.png", dpi=80)
