"""What is learned from: built-in sets, toys, tables, arrays and folders of images, all as one record, `Dataset`."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.data.catalogue import DESCRIPTIONS as DESCRIPTIONS
    from rosenblatt.data.catalogue import names as names
    from rosenblatt.data.dataset import Dataset as Dataset
    from rosenblatt.data.dataset import SkippedDataWarning as SkippedDataWarning
    from rosenblatt.data.densities import MixtureDensity as MixtureDensity
    from rosenblatt.data.densities import SpiralDensity as SpiralDensity
    from rosenblatt.data.densities import density as density
    from rosenblatt.data.loading import load as load
    from rosenblatt.data.mixtures import gaussian_mixture as gaussian_mixture
    from rosenblatt.data.mixtures import grid as grid
    from rosenblatt.data.mixtures import ring as ring
    from rosenblatt.data.toys import blobs as blobs
    from rosenblatt.data.toys import circles as circles
    from rosenblatt.data.toys import moons as moons
    from rosenblatt.data.toys import spirals as spirals
    from rosenblatt.data.toys import xor as xor

_HOMES = {
    "DESCRIPTIONS": "catalogue",
    "Dataset": "dataset",
    "MixtureDensity": "densities",
    "SkippedDataWarning": "dataset",
    "SpiralDensity": "densities",
    "blobs": "toys",
    "circles": "toys",
    "density": "densities",
    "gaussian_mixture": "mixtures",
    "grid": "mixtures",
    "load": "loading",
    "moons": "toys",
    "names": "catalogue",
    "ring": "mixtures",
    "spirals": "toys",
    "xor": "toys",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
