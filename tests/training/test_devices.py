"""The folder of compiled programs stays below its size, and the least recently used files go first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rosenblatt.training.devices import shrink


@pytest.fixture
def folder(tmp_path):
    """Four files of 10 bytes; each was used a day after the one before it, "b" last though it was made first."""
    for day, name in enumerate(["a", "c", "d", "b"]):
        (tmp_path / name).write_bytes(bytes(10))
        made = 0 if name == "b" else day
        os.utime(tmp_path / name, (86_400 * day, 86_400 * made))
    return tmp_path


@pytest.mark.parametrize(("largest", "left"), [(40, "abcd"), (39, "bcd"), (20, "bd"), (19, "b"), (0, "")])
def test_the_least_recently_used_files_go_until_the_rest_fits(folder, largest, left):
    shrink(folder, largest)
    assert sorted(path.name for path in folder.iterdir()) == list(left)


def test_a_folder_that_is_not_there_is_small_enough(tmp_path):
    shrink(tmp_path / "none", 0)
    assert not (tmp_path / "none").exists()


PROGRAM = """
import jax
from rosenblatt.training import devices
{before}
devices._LARGEST_CACHE = 15
devices.prepare()
print(jax.config.jax_compilation_cache_dir, jax.config.jax_compilation_cache_max_size)
"""


@pytest.mark.parametrize(
    ("before", "size", "n_left"),
    [("", -1, 1), ("jax.config.update('jax_compilation_cache_max_size', 10**6)", 10**6, 4)],
    ids=["ours", "the user's"],
)
def test_the_cache_is_cut_to_its_size_when_a_process_begins(tmp_path, before, size, n_left):
    """A size that the user gave is left to JAX, which then keeps to it."""
    environment = os.environ | {"ROSENBLATT_CACHE": str(tmp_path)}

    def run(before):
        command = [sys.executable, "-c", PROGRAM.format(before=before)]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()

    cache = Path(run("")[0])
    cache.mkdir(parents=True, exist_ok=True)
    for name in "abcd":
        (cache / name).write_bytes(bytes(10))
    assert run(before) == [str(cache), str(size)]
    assert len(list(cache.iterdir())) == n_left
