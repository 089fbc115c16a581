"""A name for the content of arrays: equal arrays have it in common, on every machine and in every year."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = ["fingerprint"]


def fingerprint(*arrays: Any) -> str:
    """Hash the content of arrays: their order, shapes, types and values.

    Parameters
    ----------
    *arrays : array-like, sparse or None
        Numbers, texts, or objects such as labels, dates and None. A sparse array counts by its values, not by how it
        is stored, and differs from a dense one. Texts count the same in an array of texts and in one of objects.

    Returns
    -------
    str
        32 hexadecimal digits (BLAKE2b of 16 bytes).

    Raises
    ------
    TypeError
        If an array of objects has elements that have no value to go by, or are collections.

    Examples
    --------
    >>> fingerprint([[1.0, 2.0]], ["a", "b"])
    '8d36937e243f497f3e8bbaea32472a23'
    """
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        if hasattr(array, "tocsr"):
            _add_sparse(digest, array)
        else:
            _add(digest, array)
    return digest.hexdigest()


def _add_sparse(digest: hashlib.blake2b, array: Any) -> None:
    rows = array.tocsr(copy=True)
    rows.sum_duplicates()
    rows.eliminate_zeros()
    digest.update(f"sparse {rows.shape};".encode())
    for part in (rows.data, rows.indices.astype("int64"), rows.indptr.astype("int64")):
        _add(digest, part)


def _add(digest: hashlib.blake2b, array_like: Any) -> None:
    import numpy as np

    array = np.asarray(array_like)
    if array.dtype.kind in "OSTU":
        digest.update(f"objects {array.shape};".encode())
        digest.update("".join(_element(value, index) for index, value in enumerate(array.ravel().tolist())).encode())
        return
    digest.update(f"{array.dtype.name} {array.shape};".encode())
    digest.update(_bytes(array))


def _bytes(array: np.ndarray) -> Any:
    import numpy as np

    if array.dtype.byteorder == ">":
        array = array.astype(array.dtype.newbyteorder("<"))
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def _element(value: Any, index: int) -> str:
    """Return an element as a text with its length, so that the borders between elements count."""
    import numpy as np

    if isinstance(value, np.generic):
        value = value.item()
    is_text = isinstance(value, (str, bytes))
    if not is_text and (isinstance(value, Iterable) or type(value).__repr__ is object.__repr__):
        raise TypeError(
            f"element {index} of an array of objects is a {type(value).__name__}, which has no value to go by; give "
            "numbers, texts or dates"
        )
    text = f"{type(value).__name__} {value if isinstance(value, str) else repr(value)}"
    return f"{len(text)}:{text}"
