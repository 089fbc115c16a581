"""A convolutional network on handwritten digits: how it reads them, in place and out of place, and what it looks at.

Prints what README.md shows, and writes the pictures that it shows to the folder given (by default this one).
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from rosenblatt import ConvClassifier, describe
from rosenblatt.display import ConvolutionDisplay, FeatureMapDisplay, SaliencyDisplay
from rosenblatt.studies import shift_report

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
digits = load_digits()
images = np.pad(digits.images / 16, [(0, 0), (3, 3), (3, 3)])  # 14 x 14 pixels: room to move
X_train, X_test, y_train, y_test = train_test_split(images, digits.target, random_state=0)
model = ConvClassifier(channels=(8, 16), hidden_layer_sizes=(), learning_rate=0.01, max_epochs=30, random_state=0)
model.fit(X_train, y_train)
print(f"accuracy {model.score(X_test, y_test):.3f} on {len(y_test)} digits never seen")
print(f"{model.n_parameters_.total:,} parameters; {describe(model).dense.parameters.total:,} with dense layers as wide")
plain = shift_report(model, X_test, y_test, max_shift=1).scores

model.set_params(augmentation=("shift",)).fit(X_train, y_train)
shown = shift_report(model, X_test, y_test, max_shift=1).scores
print(f"one pixel out of place: {plain[1]:.2f}, and {shown[1]:.2f} after augmentation=('shift',)")

maps = FeatureMapDisplay.from_estimator(model, X_test[0], block=0)
maps.figure_.savefig(folder / "maps.png", dpi=110)
saliency = SaliencyDisplay.from_estimator(model, X_test[[0, 3]])
saliency.figure_.savefig(folder / "saliency.png", dpi=110)
patch, edges = (16 * X_test[0, 5:9, 5:9]).astype(int), [[1, -1], [1, -1]]
ConvolutionDisplay.from_arrays(patch, edges).save(folder / "convolution.gif", dpi=90)
