"""One question asked of a trained network, or of many fits, and answered by numbers."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import attach

if TYPE_CHECKING:
    from rosenblatt.studies.shift import ShiftReport as ShiftReport
    from rosenblatt.studies.shift import shift_report as shift_report

_HOMES = {
    "ShiftReport": "shift",
    "shift_report": "shift",
}

__all__ = sorted(_HOMES)
__getattr__, __dir__ = attach(__name__, _HOMES)
