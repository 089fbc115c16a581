"""Few labels: an autoencoder sees 1,300 digits without labels, then few labels are enough; and where they are not.

Prints what docs/gallery/few-labels.md shows, and writes its picture to the path given (by default few_labels.png).
"""

import sys
import warnings

from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from rosenblatt import Autoencoder, fine_tune
from rosenblatt.display import LabelCurveDisplay
from rosenblatt.models import WorseThanPCAWarning
from rosenblatt.studies import fine_tuning_report, representation_report

warnings.simplefilter("ignore", WorseThanPCAWarning)  # it asks for copies; this one shall have good codes

digits = load_digits()
X, X_test = digits.data[:1300] / 16, digits.data[1300:] / 16
y, y_test = digits.target[:1300], digits.target[1300:]
encoder = Autoencoder(
    architecture="conv",
    image_shape=(8, 8),
    channels=(16, 32),
    hidden_layer_sizes=(),
    latent_dim=32,
    noise=0.3,
    learning_rate=0.003,
    max_epochs=150,
    random_state=0,
).fit(X)

tuning = {"freeze_epochs": 50, "max_epochs": 100, "batch_size": 16, "learning_rate": 0.003}
study = {"n_labels": (1, 3, 10, 30), "n_seeds": 5, "random_state": 100}
codes = representation_report(encoder, X, y, X_test, y_test, **study)
networks = fine_tuning_report(encoder, X, y, X_test, y_test, **study, **tuning)
curves = {f"logistic regression on {name}": curve for name, curve in codes.curves().items()}
curves |= {f"network, {name}": curve for name, curve in networks.curves().items()}
print("test accuracy by labels a class:", *study["n_labels"])
for name, curve in curves.items():
    print(f"{name}:", *(f"{mean:.3f}" for mean in curve.mean(axis=1)))

raw, _, coded = codes.curves().values()
tuned, _, scratch = networks.accuracies
for name, gains in {"codes less raw rows": coded - raw, "fine-tuned less from scratch": tuned - scratch}.items():
    print(f"{name}:", *(f"{mean:+.3f}" for mean in gains.mean(axis=1)))
X_few, _, y_few, _ = train_test_split(X, y, train_size=100, stratify=y, random_state=0)
classifier = fine_tune(encoder, X_few, y_few, **tuning, random_state=0)
print(f"one classifier fine-tuned with {len(y_few)} labels: {classifier.score(X_test, y_test):.3f}")

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
LabelCurveDisplay.from_report(codes, ax=axes[0])
LabelCurveDisplay.from_report(networks, ax=axes[1]).ax_.set(title="the same network", ylabel="")
figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "few_labels.png", dpi=100)
