"""What is learned from: built-in sets, toys, tables, arrays and folders of images, all as one record, `Dataset`."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.data.catalogue import DESCRIPTIONS as DESCRIPTIONS
    from rosenblatt.data.catalogue import names as names
    from rosenblatt.data.dataset import Dataset as Dataset
    from rosenblatt.data.dataset import SkippedDataWarning as SkippedDataWarning
    from rosenblatt.data.loading import load as load
    from rosenblatt.data.toys import blobs as blobs
    from rosenblatt.data.toys import circles as circles
    from rosenblatt.data.toys import moons as moons
    from rosenblatt.data.toys import spirals as spirals
    from rosenblatt.data.toys import xor as xor

_HOMES = {
    "DESCRIPTIONS": "catalogue",
    "Dataset": "dataset",
    "SkippedDataWarning": "dataset",
    "blobs": "toys",
    "circles": "toys",
    "load": "loading",
    "moons": "toys",
    "names": "catalogue",
    "spirals": "toys",
    "xor": "toys",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
