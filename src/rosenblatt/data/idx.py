"""The IDX format of MNIST: two zero bytes, a type code, the number of axes, each axis as 4 bytes, then the values.

Format: Y. LeCun, C. Cortes and C. Burges, The MNIST database of handwritten digits, section "file formats".
"""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import numpy as np

_GZIP_MAGIC = b"\x1f\x8b"
_UNSIGNED_BYTE = 0x08


def read_idx(path: Path, sha256: str | None = None) -> np.ndarray:
    """Read an IDX file of unsigned bytes, gzipped or not.

    Parameters
    ----------
    path : Path
        The file; whether it is gzipped is read from its first bytes, not from its name.
    sha256 : str or None, default=None
        Hexadecimal SHA-256 that the decompressed content must have. (Packagers recompress, so the hash of a
        ``.gz`` says nothing.)

    Returns
    -------
    ndarray of uint8
        With the shape that the header gives.

    Raises
    ------
    ValueError
        If the file is truncated or damaged, is not IDX, or holds another content than ``sha256`` says.
    """
    content = _decompressed(path)
    values = _parsed(path, content)
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(
            f"{path} is a sound IDX file, but its content is not the published one (SHA-256 of the decompressed "
            f"bytes is {hashlib.sha256(content).hexdigest()}, needed is {sha256}). Put the published file there."
        )
    return values


def _decompressed(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(_GZIP_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(
            f"{path} is truncated or damaged: it cannot be decompressed ({error}). Delete it and get it again."
        ) from error


def _parsed(path: Path, content: bytes) -> np.ndarray:
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTE:
        raise ValueError(
            f"{path} is not an IDX file of unsigned bytes: it begins with {content[:4].hex(' ') or 'nothing'}, "
            "and 00 00 08 and the number of axes are needed. Put the published file there."
        )
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise ValueError(f"{path} is truncated within its header. Delete it and get it again.")
    shape = struct.unpack(f">{content[3]}I", content[4:start])
    if len(content) - start != math.prod(shape):
        raise ValueError(
            f"{path} is truncated or damaged: its header announces {' x '.join(map(str, shape))} = "
            f"{math.prod(shape)} bytes, and {len(content) - start} follow. Delete it and get it again."
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
