"""Compression: 64 pixels of a digit as 8 numbers, and patches of a photograph beside JPEG, which wins.

Prints what docs/gallery/compression.md shows, and writes its picture to the path given (by default compression.png).
"""

import io
import sys

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits, load_sample_images
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from rosenblatt import Autoencoder
from rosenblatt.display import ReconstructionDisplay


def through_bytes(coder, X_train, X):
    """X as its codes tell it, one byte for each of their numbers."""
    low, high = np.quantile(coder.transform(X_train), [0, 1], axis=0)
    levels = np.round(255 * (coder.transform(X) - low) / (high - low)).clip(0, 255)
    return coder.inverse_transform(low + levels / 255 * (high - low))


def patches(photograph):
    """Its squares of 8 x 8 pixels, as rows of 192 numbers from 0 to 1."""
    return photograph[:424].reshape(53, 8, 80, 8, 3).swapaxes(1, 2).reshape(-1, 192) / 255


def decibels(X, restored):
    """The peak signal-to-noise ratio: 10 more are a tenth of the mean squared error."""
    return -10 * np.log10(np.square(X - restored).mean())


X_train, X_test = train_test_split(load_digits().data / 16, random_state=0)
settings = {"hidden_layer_sizes": (256,), "output_activation": "sigmoid", "learning_rate": 0.003, "max_epochs": 300}
model = Autoencoder(latent_dim=8, **settings, random_state=0).fit(X_train)
print(f"digits never seen: 64 pixels as 8 numbers, {decibels(X_test, model.reconstruct(X_test)):.1f} dB")
print(f"each number as one byte: {decibels(X_test, through_bytes(model, X_train, X_test)):.1f} dB")
for n in (8, 12, 16):
    pca = PCA(n, random_state=0).fit(X_train)
    print(f"PCA, {n} numbers: {decibels(X_test, pca.inverse_transform(pca.transform(X_test))):.1f} dB")

china, flower = load_sample_images().images
X_train, X_new = patches(china), patches(flower)
photo_model = Autoencoder(latent_dim=8, hidden_layer_sizes=(256,), max_epochs=60, random_state=0).fit(X_train)
for name, coder in {"autoencoder": photo_model, "PCA": PCA(8, random_state=0).fit(X_train)}.items():
    known, new = (decibels(X, through_bytes(coder, X_train, X)) for X in (X_train, X_new))
    print(f"photographs, 8 bytes a patch, {name}: {known:.1f} dB where it learned, {new:.1f} dB on another")
for name, photograph in {"the first": china[:424], "the other": flower[:424]}.items():
    for quality in range(95, 0, -1):
        Image.fromarray(photograph).save(file := io.BytesIO(), "jpeg", quality=quality)
        if file.tell() <= 8 * len(X_new):
            break
    restored = decibels(photograph / 255, np.asarray(Image.open(file)) / 255)
    print(f"JPEG, {name}: {file.tell() / len(X_new):.1f} bytes a patch, {restored:.1f} dB")

display = ReconstructionDisplay.from_estimator(model, X_test, image_shape=(8, 8))
display.figure_.savefig(sys.argv[1] if len(sys.argv) > 1 else "compression.png", dpi=110, bbox_inches="tight")
