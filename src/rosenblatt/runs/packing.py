"""Arrays and values as text that a page's script holds."""

import base64
import json
from typing import Any

import numpy as np


def packed(array: np.ndarray) -> str:
    """The bytes of an array, little-endian, in base 64: those of bytes as they are, all others as float32."""
    kind = np.uint8 if array.dtype == np.uint8 else np.dtype("<f4")
    return base64.b64encode(np.ascontiguousarray(array, kind).tobytes()).decode("ascii")


def script_json(value: Any) -> str:
    """JSON that may stand in a ``script`` element: no label in it can end the element or start another."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
