"""Anomalies: an autoencoder learns what benign tumours measure, and malignant ones are what it restores badly.

Prints what docs/gallery/anomalies.md shows, and writes its picture to the path given (by default anomalies.png).
"""

import sys
import warnings

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from rosenblatt import Autoencoder
from rosenblatt.models import WorseThanPCAWarning

warnings.simplefilter("ignore", WorseThanPCAWarning)  # it asks for copies; these are denoisers

data = load_breast_cancer()
malignant, benign = (data.data[data.target == kind] for kind in (0, 1))
settings = {"latent_dim": 8, "hidden_layer_sizes": (64,), "activation": "tanh", "noise": 1.0, "learning_rate": 0.003}
areas, alarms = [], []
for seed in range(10, 15):  # settings were chosen by seeds 0 to 2
    learned, held_out = train_test_split(benign, test_size=0.5, random_state=seed)
    scaler = StandardScaler().fit(learned)
    X, normal, strange = (scaler.transform(rows) for rows in (learned, held_out, malignant))
    X_threshold, normal = train_test_split(normal, test_size=0.5, random_state=seed)
    X_test, is_strange = np.concatenate([normal, strange]), np.repeat([0, 1], [len(normal), len(strange)])
    model = Autoencoder(**settings, batch_size=32, max_epochs=200, random_state=seed).fit(X)
    pca = PCA(settings["latent_dim"], random_state=seed).fit(X)
    forest = IsolationForest(random_state=seed).fit(X)
    scores = {
        "autoencoder": -model.score_samples(X_test),
        "PCA": np.square(X_test - pca.inverse_transform(pca.transform(X_test))).sum(axis=1),
        "isolation forest": -forest.score_samples(X_test),
        "distance from the mean row": np.square(X_test).sum(axis=1),
    }
    areas.append([roc_auc_score(is_strange, score) for score in scores.values()])
    threshold = np.quantile(model.reconstruction_error(X_threshold), 0.95)
    alarms.append([(model.reconstruction_error(rows) > threshold).mean() for rows in (normal, strange)])

for name, area in zip(scores, np.transpose(areas), strict=True):
    print(f"{name}: ROC AUC {area.mean():.3f}, from {area.min():.3f} to {area.max():.3f}")
print("above the threshold: {:.3f} of benign rows, {:.3f} of malignant ones".format(*np.mean(alarms, axis=0)))
errors = np.square(strange - model.reconstruct(strange))
row = errors[errors.sum(axis=1).argmax()]
print(f"the strangest row: {row.max() / row.sum():.2f} of its error is its {data.feature_names[row.argmax()]}")

figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
places = np.geomspace(scores["autoencoder"].min(), scores["autoencoder"].max(), 40)
for name, rows in {"benign": normal, "malignant": strange}.items():
    ax.hist(model.reconstruction_error(rows), places, alpha=0.6, label=name)
ax.axvline(threshold, color="black", linestyle="--", label="threshold")
ax.set(xscale="log", xlabel="squared error of a row", ylabel="rows")
ax.legend()
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "anomalies.png", dpi=110)
