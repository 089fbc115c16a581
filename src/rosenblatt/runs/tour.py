"""The tour: the lecture notes, chapter by chapter, on real data and toys, in one report."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.data.wording import listed, suggestion
from rosenblatt.runs.chapters import CHAPTERS
from rosenblatt.runs.folder import RunFolder
from rosenblatt.runs.report import Report
from rosenblatt.runs.run_record import RUN_FILE, read_record
from rosenblatt.training.errors import InterruptedFitWarning

if TYPE_CHECKING:
    from rich.console import Console

    from rosenblatt.runs.tour_guide import Guide

__all__ = ["tour"]

_TITLE = "From one neuron to networks that read"
_SUBTITLE = """
    A tour through the lecture notes. Each network below was trained a moment ago, on this machine, on toys or on the
    1,797 handwritten digits that come with scikit-learn; each number and picture is what came out.
"""


def tour(out: str | os.PathLike[str], chapters: Iterable[str] | None = None, console: Console | None = None) -> Path:
    """Goes through the notes: trains, shows progress, and writes a report that grows with each chapter.

    Parameters
    ----------
    out : str or path
        Folder of the run. It is made, must be empty, or holds an earlier tour, which is replaced.
    chapters : iterable of str, optional
        Names of `rosenblatt.runs.chapters.CHAPTERS`; all by default. They are gone through in the order of the notes.
    console : rich.console.Console, optional
        Where progress and results are shown; standard error by default.

    Returns
    -------
    pathlib.Path
        The report, one HTML file.

    Raises
    ------
    ValueError
        If a chapter does not exist, or none is given.
    FileExistsError
        If the folder holds something else than a tour.
    OSError
        If the folder cannot be written.
    KeyboardInterrupt
        After Ctrl-C; the report then has the chapters before.
    """
    from rich.console import Console

    from rosenblatt.runs.tour_guide import Guide

    names = _in_order(chapters)
    run = _begin(out, names)
    guide = Guide(console or Console(stderr=True), run.explorer)
    report = Report(_TITLE, _SUBTITLE)
    with _recorded(run, guide):
        for number, name in enumerate(names, 1):
            page = report.chapter(CHAPTERS[name], name)
            with guide.chapter(f"{number}  {CHAPTERS[name]}"):
                import_module(f"rosenblatt.runs.chapters.{name}").chapter(page, guide)
            report.write(run.report)
    guide.console.print(guide.table())
    return run.report


def _in_order(chapters: Iterable[str] | None) -> list[str]:
    chosen = list(CHAPTERS) if chapters is None else [chapters] if isinstance(chapters, str) else list(chapters)
    for name in chosen:
        if name not in CHAPTERS:
            raise ValueError(
                f"the tour has no chapter {name!r}.{suggestion(str(name), CHAPTERS)} Its chapters are "
                f"{listed(CHAPTERS, limit=len(CHAPTERS))}"
            )
    if not chosen:
        raise ValueError(f"no chapter was chosen; choose some of {listed(CHAPTERS, limit=len(CHAPTERS))}")
    return [name for name in CHAPTERS if name in chosen]


def _begin(out: str | os.PathLike[str], names: list[str]) -> RunFolder:
    """The folder of the run; an earlier tour in it is replaced, and nothing else."""
    held = read_record(Path(out))["estimator"] if (Path(out) / RUN_FILE).is_file() else None
    if held not in (None, "tour"):
        raise FileExistsError(f"{os.fspath(out)} holds a run of {held}; choose another folder for the tour")
    return RunFolder.create(out, estimator="tour", fields={"chapters": names}, seed=0, overwrite=held == "tour")


@contextmanager
def _recorded(run: RunFolder, guide: Guide) -> Iterator[None]:
    """Notes how the body ended. Ctrl-C ends the whole tour, not only the fit that it meets."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InterruptedFitWarning)
            yield
    except (KeyboardInterrupt, InterruptedFitWarning) as interrupt:
        run.finish("interrupted", _results(guide))
        raise KeyboardInterrupt from interrupt
    except Exception as error:
        run.finish("failed", _results(guide), error)
        raise
    run.finish("finished", _results(guide))


def _results(guide: Guide) -> dict[str, object]:
    return {name: value for visit in guide.visits for name, value in visit.results.items()}
