"""Fresh processes with a clean environment: nothing that one run leaves behind reaches the next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

WORKER = Path(__file__).with_name("worker.py")
PREFIXES = ("BLIS_", "GOMP_", "GOTO_", "JAX_", "KMP_", "MKL_", "OMP_", "OPENBLAS_", "ROSENBLATT_CACHE", "TORCH", "XLA_")


class WorkerError(RuntimeError):
    """A worker process that ended with an error; the text is the last line that it wrote."""


def clean_environment() -> dict[str, str]:
    """The environment without what sets threads, compilers or caches, for every contestant alike."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
    return kept | {"KERAS_BACKEND": "jax"}


def run_worker(task: str, environment: dict[str, str] | None = None, **arguments: Any) -> dict[str, Any]:
    """Do one of ``worker.py``'s tasks in a process of its own and return what it found."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.json"
        order = json.dumps({"task": task, "out": str(out), **arguments})
        command = [sys.executable, "-W", "ignore", str(WORKER), order]
        process = subprocess.run(
            command, env=clean_environment() | (environment or {}), capture_output=True, text=True, check=False
        )
        if process.returncode != 0:
            raise WorkerError((process.stderr.strip().splitlines() or [f"exit code {process.returncode}"])[-1])
        return json.loads(out.read_text())
