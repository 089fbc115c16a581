"""The ways from one code to another."""

from typing import Literal

import numpy as np

_PARALLEL = 1e-4  # the sine below which codes have no arc of their own: a straight line is the same, or as good


def ways(
    starts: np.ndarray, ends: np.ndarray, n_steps: int, kind: Literal["linear", "spherical"] = "linear"
) -> np.ndarray:
    """Codes (n_pairs, n_steps, latent_dim) on the way from each start to its end, both counted.

    A "spherical" way turns steadily from one direction to the other while its length changes steadily; from a code to
    one on the opposite side of 0, where no arc is nearer than another, it is the straight line.

    References
    ----------
    T. White, "Sampling generative networks", arXiv:1609.04468, 2016.
    """
    if kind not in ("linear", "spherical"):
        raise ValueError(f"kind={kind!r}; it must be 'linear' or 'spherical'")
    shares = np.linspace(0, 1, n_steps, dtype=starts.dtype)[:, None]
    starts, ends = starts[:, None], ends[:, None]
    lines = starts * (1 - shares) + ends * shares
    if kind == "linear":
        return lines
    lengths = [np.maximum(np.linalg.norm(codes, axis=-1, keepdims=True), 1e-12) for codes in (starts, ends)]
    first, last = starts / lengths[0], ends / lengths[1]
    angle = np.arccos(np.clip((first * last).sum(-1, keepdims=True), -1, 1))
    sine = np.sin(angle)
    turned = (np.sin((1 - shares) * angle) * first + np.sin(shares * angle) * last) / np.maximum(sine, _PARALLEL)
    return np.where(sine < _PARALLEL, lines, turned * (lengths[0] * (1 - shares) + lengths[1] * shares))
