"""Results that are tables: the same one on a terminal, as text and in a notebook."""

import html

from rich.console import Console


class PrintedTable:
    """Gives an object with ``__rich__`` its text and its HTML; mix in before other classes."""

    def __str__(self) -> str:
        console = Console(width=120, no_color=True, highlight=False)
        with console.capture() as captured:
            console.print(self)
        return captured.get()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
