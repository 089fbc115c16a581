"""What was done: run folders, saved models, checkpoints, reports."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.runs.checkpoint import Checkpoint as Checkpoint
    from rosenblatt.runs.explorer import export_explorer as export_explorer
    from rosenblatt.runs.folder import RunFolder as RunFolder
    from rosenblatt.runs.folder import diff_runs as diff_runs
    from rosenblatt.runs.folder import fingerprint as fingerprint
    from rosenblatt.runs.folder import list_runs as list_runs
    from rosenblatt.runs.folder import remove_run as remove_run
    from rosenblatt.runs.model_file import ModelFileError as ModelFileError
    from rosenblatt.runs.model_file import load as load
    from rosenblatt.runs.model_file import save as save
    from rosenblatt.runs.report import Report as Report

_HOMES = {
    "Checkpoint": "checkpoint",
    "ModelFileError": "model_file",
    "Report": "report",
    "RunFolder": "folder",
    "diff_runs": "folder",
    "export_explorer": "explorer",
    "fingerprint": "folder",
    "list_runs": "folder",
    "load": "model_file",
    "remove_run": "folder",
    "save": "model_file",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
