"""How numbers and code are written in the text of a chapter."""

from textwrap import dedent
from typing import Any


def percent(share: float) -> str:
    """A share as a text that is not broken between lines, such as "97.3 %"."""
    return f"{100 * share:.1f}\N{NO-BREAK SPACE}%"


def decimals(value: float, n_decimals: int = 3) -> str:
    """A number with as many decimals as the others of its column, and a true minus sign."""
    return f"{value:.{n_decimals}f}".replace("-", "\N{MINUS SIGN}")


def unbroken(text: str) -> str:
    """The text with spaces and hyphens where no line ends, for the cells of a table that may be wider than a phone."""
    return text.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "\N{NON-BREAKING HYPHEN}")


def transcript(source: str, **names: Any) -> str:
    """Runs lines of Python and returns them with their output, as an interpreter shows it: what is printed was run.

    Parameters
    ----------
    source : str
        A statement or an expression on each line; common indentation is removed.
    **names
        What the lines may use.

    Returns
    -------
    str
        Each line after ``>>>``, and below an expression its value unless that is None.
    """
    shown = []
    for line in dedent(source).strip().splitlines():
        shown.append(f">>> {line}")
        try:
            code = compile(line, "<transcript>", "eval")
        except SyntaxError:
            exec(line, names)
        else:
            value = eval(code, names)
            shown += [] if value is None else [repr(value)]
    return "\n".join(shown)
