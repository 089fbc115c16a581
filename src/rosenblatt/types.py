"""Types that several packages name."""

from typing import Any

import jax
import numpy as np

# What a network's parameters are: on the host NumPy's, inside a compiled program JAX's.
AnyArray = jax.Array | np.ndarray
Device = Any  # a jax.Device; type checkers take that name for a variable
