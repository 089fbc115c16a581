"""Settings that are global to JAX, made as a guest: at the first fit, and only where the user has made none.

``ROSENBLATT_CACHE`` names the folder of the persistent compilation cache; ``off`` leaves JAX's settings alone.
"""

import hashlib
import os
import platform
from functools import cache
from pathlib import Path

import jax

from rosenblatt.types import Device


@cache
def prepare() -> None:
    """Turns the persistent compilation cache on, once a process, unless it is configured already or switched off."""
    folder = os.environ.get("ROSENBLATT_CACHE", "")
    if folder.lower() == "off" or jax.config.values["jax_compilation_cache_dir"] is not None:
        return
    jax.config.update("jax_compilation_cache_dir", str(compilation_cache(folder)))
    # By default JAX keeps only what took over a second to compile, which is almost nothing here.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    if jax.config.values["jax_compilation_cache_max_size"] == -1:
        jax.config.update("jax_compilation_cache_max_size", 512 * 2**20)


def compilation_cache(folder: str = "") -> Path:
    """The cache's folder: one for each processor type, since compiled code is for one processor."""
    from platformdirs import user_cache_dir

    root = Path(folder) if folder else Path(user_cache_dir("rosenblatt"))
    return root / "xla" / hashlib.blake2b(_processor().encode(), digest_size=6).hexdigest()


def _processor() -> str:
    """A text that differs between processors that cannot run each other's code."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine() + platform.processor()
    return "\n".join(dict.fromkeys(line for line in lines if line.startswith(("model name", "flags", "Features"))))


def select(device: str) -> Device:
    """The JAX device for a name: ``"auto"`` is JAX's default, otherwise a platform such as ``"cpu"`` or ``"gpu"``.

    Raises
    ------
    ValueError
        If there is no such device here.
    """
    prepare()
    if device == "auto":
        return jax.devices()[0]
    try:
        return jax.devices(device)[0]
    except RuntimeError as error:
        here = ", ".join(sorted({d.platform for d in jax.devices()}))
        raise ValueError(f"device={device!r} is not available; here there is: {here}, or 'auto'") from error
