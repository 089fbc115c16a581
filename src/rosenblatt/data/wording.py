"""Pieces of error texts, and the error of a library that is not installed."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType


def listed(items: Iterable[object], limit: int = 10) -> str:
    """Join the first ``limit`` items by commas and count the rest."""
    texts = [str(item) for item in items]
    rest = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {rest} more" if rest > 0 else "")


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the candidate nearest to ``name``, or nothing where none is near."""
    plain = {candidate.casefold().replace("_", "-"): candidate for candidate in candidates}
    near = get_close_matches(name.casefold().replace("_", "-"), plain, n=1)
    return f" Did you mean {plain[near[0]]!r}?" if near else ""


def require(library: str, purpose: str) -> ModuleType:
    """Import a library of the extra ``data``, or say which purpose needs it and how to install it."""
    try:
        return import_module(library)
    except ImportError as error:
        raise ImportError(
            f"{purpose} needs {library}, which is not installed: pip install 'rosenblatt[data]'", name=library
        ) from error
