"""Ten lines: train on real handwritten digits, look at what was learned and at the worst mistakes.

Prints what README.md shows, and writes the picture that it shows to the path given (by default mistakes.png).
"""

import sys

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from rosenblatt import MLPClassifier
from rosenblatt.display import MistakesDisplay

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)
model = MLPClassifier(hidden_layer_sizes=(64,), dropout=0.2, early_stopping=True, random_state=0)
model.fit(X_train, y_train)
print(f"accuracy {model.score(X_test, y_test):.3f} on {len(y_test)} digits never seen")
print(f"{model.n_parameters_.weights:,} weights + {model.n_parameters_.biases} biases; best epoch {model.best_epoch_}")
print({name: round(float(model.history_[name].sum()), 2) for name in ("compile_seconds", "step_seconds")})
display = MistakesDisplay.from_estimator(model, X_test, y_test, image_shape=(8, 8), n_images=6, n_columns=6)
display.figure_.savefig(sys.argv[1] if len(sys.argv) > 1 else "mistakes.png", dpi=150, bbox_inches="tight")
