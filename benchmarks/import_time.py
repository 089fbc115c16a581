"""Wall time of ``import rosenblatt`` and of the command line's help, as medians of fresh processes.

Run it with the Python of the environment that holds the ``rosenblatt`` command.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from report import spread

COMMAND = str(Path(sys.executable).with_name("rosenblatt"))
MEASURED = {
    "python -c pass": ([sys.executable, "-c", "pass"], None),
    "import rosenblatt": ([sys.executable, "-c", "import rosenblatt"], 0.1),
    "rosenblatt --help": ([COMMAND, "--help"], 0.5),
    "rosenblatt fit --help": ([COMMAND, "fit", "--help"], 0.5),
    "rosenblatt fit mlp --help": ([COMMAND, "fit", "mlp", "--help"], 4.0),
}


def wall_seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def row(name: str, n_runs: int) -> str:
    """One line of the table; the first run, which fills the disk cache, is not counted."""
    command, target = MEASURED[name]
    told = "" if target is None else f"{target:g}"
    try:
        wall_seconds(command)
        seconds = [wall_seconds(command) for _ in range(n_runs)]
    except FileNotFoundError:
        return f"| `{name}` | {told} | not run: no {Path(command[0]).name} command beside this Python |"
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.decode().strip().splitlines() or [f"exit code {error.returncode}"])[-1]
        return f"| `{name}` | {told} | failed: {reason} |"
    return f"| `{name}` | {told} | {spread(seconds, digits=3)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=11, help="fresh processes of each")
    arguments = parser.parse_args()
    print("| seconds | target | median (least-greatest) |\n| --- | --- | --- |")
    for name in MEASURED:
        print(row(name, arguments.runs), flush=True)


if __name__ == "__main__":
    main()
