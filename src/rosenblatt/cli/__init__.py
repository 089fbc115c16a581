"""The command line: thin commands that parse, call the library and show what it returns."""

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``rosenblatt``; those that the process was started with by default.

    Returns
    -------
    int
        The exit code: 0, 1 (it failed), 2 (called wrongly) or 130 (interrupted by Ctrl-C).
    """
    from rosenblatt.cli.shell import run

    return run(arguments)
