"""``tour``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from rosenblatt.cli.answer import Answer
from rosenblatt.cli.options import AS_TEXT, Output
from rosenblatt.runs.chapters import CHAPTERS

ChapterName = Annotated[str, Parameter(choices=tuple(CHAPTERS))]


def tour(*chapters: ChapterName, out: Path = Path("runs/tour"), output: Output = AS_TEXT) -> Answer:
    """Train networks of each chapter of the lecture notes, and write what they learned into one page.

    Parameters
    ----------
    chapters : str
        Names of chapters; all by default.
    out : path
        Folder of the page and of the run.
    """
    from rosenblatt.runs.folder import RunFolder
    from rosenblatt.runs.tour import tour as lead

    report = lead(out, chapters or None)
    return Answer({"report": report, "results": RunFolder.open(out).record["results"]}, [f"report  {report}"])
