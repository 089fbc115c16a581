"""What a command returns: content for ``--json``, and the same for people."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

FAILED, CALLED_WRONGLY, INTERRUPTED = 1, 2, 130  # exit codes
_WIDTH_OF_FILES = 140  # rich would wrap what is piped at 80


@dataclass(frozen=True)
class Answer:
    """The result of a command.

    Parameters
    ----------
    content : object
        What ``--json`` writes: numbers, texts, lists and mappings, also NumPy's.
    shown : sequence of str and rich renderables
        What is shown otherwise, one below the other; texts as they are, however wide the terminal is.
    exit_code : int, default=0
        Of the process.
    """

    content: Any
    shown: Sequence[Any]
    exit_code: int = 0

    def write(self, *, as_json: bool) -> None:
        """Write the answer to standard output."""
        console = output_console()
        for part in [_json(self.content)] if as_json else self.shown:
            if isinstance(part, str):
                sys.stdout.write(f"{part}\n")
            else:
                console.print(part)


def output_console(*, stderr: bool = False) -> "Console":
    """Return a console on standard output or standard error, as wide as the terminal."""
    from rich.console import Console

    console = Console(stderr=stderr, markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_FILES
    return console


def note(text: str) -> None:
    """Write a line that is no part of the answer to standard error."""
    output_console(stderr=True).print(text, soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> "Table":
    """Make a table; columns whose cells are all numbers are aligned on the right."""
    from rich import box
    from rich.table import Table

    cells = [[shown(value) for value in row] for row in rows]
    numeric = [bool(cells) and all(_is_number(row[index]) for row in cells) for index in range(len(columns))]
    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for name, is_numeric in zip(columns, numeric, strict=True):
        made.add_column(name, justify="right" if is_numeric else "left", overflow="fold")
    for row in cells:
        made.add_row(*row)
    return made


def pairs(title: str, values: Mapping[str, object]) -> "Table":
    """Make a table of names and values."""
    from rich import box
    from rich.table import Table

    made = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE, show_header=False)
    made.add_column(overflow="fold", style="dim")
    made.add_column(overflow="fold")
    for name, value in values.items():
        made.add_row(name.replace("_", " "), shown(value))
    return made


def shown(value: object) -> str:
    """Write a value for people: a float with four significant digits, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        given = {name: entry for name, entry in value.items() if entry is not None and entry is not False}
        return ", ".join(f"{name} {shown(entry)}" for name, entry in given.items())
    if isinstance(value, (list, tuple)):
        return " ".join(map(shown, value)) or "none"
    return str(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return text == "–"
    return True


def _json(content: Any) -> str:
    import json

    from rosenblatt.runs.run_record import plain

    return json.dumps(plain(content), indent=2, ensure_ascii=False, allow_nan=False)
