"""Denoising: an autoencoder that has seen noise while it learned, beside one that has not, PCA and ridge regression.

Prints what docs/gallery/denoising.md shows, and writes its picture to the path given (by default denoising.png).
"""

import sys
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split

from rosenblatt import Autoencoder
from rosenblatt.display import ImagesDisplay
from rosenblatt.models import WorseThanPCAWarning

NOISE = 0.5  # standard deviation, where pixels are 0 to 1
warnings.simplefilter("ignore", WorseThanPCAWarning)  # it asks for copies; a denoiser is not there to make them

X_train, X_test = train_test_split(load_digits().data / 16, random_state=0)
rng = np.random.default_rng(0)
noisy = X_test + rng.normal(0, NOISE, X_test.shape)

settings = {"latent_dim": 32, "hidden_layer_sizes": (256,), "output_activation": "sigmoid"}
settings |= {"learning_rate": 0.003, "max_epochs": 300, "random_state": 0}
plain = Autoencoder(**settings).fit(X_train)
denoiser = Autoencoder(noise=NOISE, **settings).fit(X_train)
components = {n: PCA(n, random_state=0).fit(X_train) for n in (2, 4, 6, 8, 12, 16, 32)}
by_pca = {n: pca.inverse_transform(pca.transform(noisy)) for n, pca in components.items()}
clean = np.repeat(X_train, 20, axis=0)
ridge = Ridge().fit(clean + rng.normal(0, NOISE, clean.shape), clean)


def error(restored):
    return np.square(restored - X_test).sum(axis=1).mean()


best = min(by_pca, key=lambda n: error(by_pca[n]))  # by the test digits: PCA at its best
restored = {
    "noisy": noisy,
    "plain autoencoder": plain.reconstruct(noisy),
    f"PCA, {best} components": by_pca[best],
    "ridge": ridge.predict(noisy),
    "denoising": denoiser.reconstruct(noisy),
}
for name, rows in restored.items():
    print(f"{name}: squared error {error(rows):.2f} a digit")
for name, model in {"plain": plain, "denoising": denoiser}.items():
    print(f"without noise in the input, {name}: {error(model.reconstruct(X_test)):.2f}")

shown = {"noisy": noisy, "PCA": by_pca[best], "plain": restored["plain autoencoder"]}
shown |= {"denoising": restored["denoising"], "original": X_test}
images = np.concatenate([rows[:8] for rows in shown.values()]).clip(0, 1)
captions = [text for name in shown for text in (name, *[""] * 7)]
display = ImagesDisplay(images.reshape(-1, 8, 8), captions).plot(n_columns=8)
display.figure_.savefig(sys.argv[1] if len(sys.argv) > 1 else "denoising.png", dpi=110, bbox_inches="tight")
