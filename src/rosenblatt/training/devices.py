"""Settings that are global to JAX, made as a guest: at the first fit, and only where the user has made none.

``ROSENBLATT_CACHE`` names the folder of the persistent compilation cache; ``off`` leaves JAX's settings alone.
"""

import hashlib
import os
import platform
from contextlib import suppress
from functools import cache
from pathlib import Path

import jax
import joblib

from rosenblatt.types import Device

_MOST_CORES = 8  # each holds a copy of the training rows
_LARGEST_CACHE = 512 * 2**20  # bytes


@cache
def prepare() -> None:
    """Turns the persistent compilation cache on and makes a device of each core, once a process.

    What is configured already stays as it is; with the switch off everything does.
    """
    folder = os.environ.get("ROSENBLATT_CACHE", "")
    if folder.lower() == "off":
        return
    _count_cores()
    if jax.config.values["jax_compilation_cache_dir"] is not None:
        return
    cache = compilation_cache(folder)
    # JAX would look at every entry each time that it adds one, which costs 0.1 s for 5,000 of them.
    if jax.config.values["jax_compilation_cache_max_size"] == -1:
        shrink(cache, _LARGEST_CACHE)
    jax.config.update("jax_compilation_cache_dir", str(cache))
    # By default JAX keeps only what took over a second to compile, which is almost nothing here.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def _count_cores() -> None:
    """Makes a JAX device of each processor core, unless their number is set already or JAX has started."""
    if jax.config.values["jax_num_cpu_devices"] == -1:
        with suppress(RuntimeError):  # JAX has started: everything then works on the one device that it has
            jax.config.update("jax_num_cpu_devices", min(joblib.cpu_count(), _MOST_CORES))


def compilation_cache(folder: str = "") -> Path:
    """The cache's folder: one for each processor type, since compiled code is for one processor."""
    from platformdirs import user_cache_dir

    root = Path(folder) if folder else Path(user_cache_dir("rosenblatt"))
    return root / "xla" / hashlib.blake2b(_processor().encode(), digest_size=6).hexdigest()


def shrink(folder: Path, largest: int) -> None:
    """Deletes the files of a folder that were not used for the longest time, where all are more than so many bytes.

    File systems may note reading once a day only, or never; then the oldest go.
    """
    found = []
    with suppress(OSError):  # there is no such folder yet
        for entry in folder.iterdir():
            with suppress(OSError):  # another process deleted it
                status = entry.stat()
                found.append((max(status.st_atime, status.st_mtime), status.st_size, entry))
    size = sum(n_bytes for _, n_bytes, _ in found)
    for _, n_bytes, entry in sorted(found):
        if size <= largest:
            return
        with suppress(OSError):
            entry.unlink()
        size -= n_bytes


def _processor() -> str:
    """A text that differs between processors that cannot run each other's code."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine() + platform.processor()
    return "\n".join(dict.fromkeys(line for line in lines if line.startswith(("model name", "flags", "Features"))))


def cores(device: str) -> list[Device]:
    """The devices that share the work of a large step: all cores of a CPU, or the one accelerator."""
    first = select(device)
    return jax.devices("cpu") if first.platform == "cpu" else [first]


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
