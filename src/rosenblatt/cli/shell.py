"""The way of a command: its words are parsed, it is called, and its answer or its error is written.

Standard output has the answer and nothing else; progress, warnings and errors go to standard error.
"""

import os
import shlex
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from cyclopts import CycloptsError
from cyclopts.exceptions import UnknownCommandError, UnusedCliTokensError, ValidationError

from rosenblatt.cli.answer import CALLED_WRONGLY, FAILED, INTERRUPTED, Answer, note
from rosenblatt.cli.options import AS_TEXT, TYPED, Output
from rosenblatt.data.wording import listed, suggestion

_EXPECTED = (ValueError, OSError, ImportError, ArithmeticError, RuntimeError, MemoryError)


def run(arguments: Sequence[str] | None) -> int:
    """Run a command and return its exit code; `rosenblatt.cli.main` says more."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    TYPED.set(shlex.join(["rosenblatt", *words]))
    try:
        with _plain_warnings():
            return _run(words)
    except KeyboardInterrupt:
        note("interrupted")
        return INTERRUPTED


def _run(words: Sequence[str]) -> int:
    from rosenblatt.cli.app import app

    try:
        command, bound, _ = app.parse_args(words, print_error=False, exit_on_error=False)
    except CycloptsError as error:
        return _called_wrongly(error, words)
    return _call(partial(command, *bound.args, **bound.kwargs), bound.arguments.get("output", AS_TEXT), words)


def _call(command: Callable[[], Any], output: Output, words: Sequence[str]) -> int:
    try:
        answer = command()
        if isinstance(answer, Answer):
            answer.write(as_json=output.json)
        sys.stdout.flush()
    except BrokenPipeError:
        return _unread()
    except CycloptsError as error:
        return _called_wrongly(error, words)
    except Exception as error:
        return _failed(error, output)
    return answer.exit_code if isinstance(answer, Answer) else 0


def _called_wrongly(error: CycloptsError, words: Sequence[str]) -> int:
    from rosenblatt.cli.app import app

    commands, _, _ = app.parse_commands(words)
    note(f"error: {_message(error)}")
    note(f"{' '.join(['rosenblatt', *commands, '--help'])} says more.")
    return CALLED_WRONGLY


def _message(error: CycloptsError) -> str:
    if isinstance(error, UnknownCommandError) and error.unused_tokens and error.app is not None:
        # cyclopts would import every model to suggest one.
        names = [name for name in error.app if not name.startswith("-")]
        word = error.unused_tokens[0]
        return f"there is no {word!r}.{suggestion(word, names)} There are {listed(names, limit=len(names))}."
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return f"there is nothing to do with {shlex.join(error.unused_tokens)}."
    cause: Any = error.__cause__
    if isinstance(error, ValidationError) and hasattr(cause, "errors"):
        error.exception_message = f"{cause.errors()[0]['msg']}."  # pydantic's own text has addresses of web pages
    return str(error)


def _failed(error: Exception, output: Output) -> int:
    if output.traceback:
        note("".join(traceback.format_exception(error)).rstrip())
        return FAILED
    text = str(error).strip() or type(error).__name__
    first_line = text.splitlines()[0]
    if isinstance(error, _EXPECTED):
        note(f"error: {first_line}")
    else:
        note(f"error: {type(error).__name__}: {first_line} (unexpected: --traceback shows where it happened)")
    return FAILED


def _unread() -> int:
    """Whoever read standard output is gone, as ``head`` goes."""
    # Python flushes standard output once more when it ends, which must not fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Warnings for the user are written as one line each."""

    def show(message: Warning | str, *details: Any, **more: Any) -> None:
        note(f"warning: {message}")

    with warnings.catch_warnings():
        warnings.filterwarnings("always", category=UserWarning)
        warnings.showwarning = show
        yield
