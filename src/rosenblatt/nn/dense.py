"""The fully connected layer."""

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from rosenblatt.nn.initializers import Initializer
from rosenblatt.nn.product import product
from rosenblatt.types import AnyArray


class Dense(eqx.Module):
    """y = x W + b for one sample x; ``weight[i, j]`` leads from input i to unit j, the notes' W(layer, in, out)."""

    weight: Float[AnyArray, "inputs units"]
    bias: Float[AnyArray, " units"]

    def __call__(self, x: Float[Array, " inputs"]) -> Float[Array, " units"]:
        return product(x, self.weight) + self.bias

    @classmethod
    def initialize(cls, n_inputs: int, n_units: int, initializer: Initializer, rng: np.random.Generator) -> "Dense":
        """Weights by the initialiser, biases 0, both float32 NumPy arrays."""
        weight = initializer((n_inputs, n_units), n_inputs, n_units, rng)
        return cls(weight.astype(np.float32), np.zeros(n_units, np.float32))

    def padded(self, n_inputs: int, n_units: int) -> "Dense":
        """The same function with further inputs and units that all weights 0 disconnect."""
        rows, columns = self.weight.shape
        weight = np.pad(np.asarray(self.weight), ((0, n_inputs - rows), (0, n_units - columns)))
        return Dense(weight, np.pad(np.asarray(self.bias), (0, n_units - columns)))

    def trimmed(self, n_inputs: int, n_units: int) -> "Dense":
        """Undoes ``padded``."""
        weight, bias = np.asarray(self.weight), np.asarray(self.bias)
        return Dense(weight[:n_inputs, :n_units].copy(), bias[:n_units].copy())
