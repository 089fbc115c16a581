"""One question asked of a trained network, or of many fits, and answered by numbers."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.studies.fine_tuning import FineTuningReport as FineTuningReport
    from rosenblatt.studies.fine_tuning import fine_tuning_report as fine_tuning_report
    from rosenblatt.studies.representation import RepresentationReport as RepresentationReport
    from rosenblatt.studies.representation import representation_report as representation_report
    from rosenblatt.studies.shift import ShiftReport as ShiftReport
    from rosenblatt.studies.shift import shift_report as shift_report

_HOMES = {
    "FineTuningReport": "fine_tuning",
    "RepresentationReport": "representation",
    "ShiftReport": "shift",
    "fine_tuning_report": "fine_tuning",
    "representation_report": "representation",
    "shift_report": "shift",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
