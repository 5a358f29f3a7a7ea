"""Out to the editor: a film as a timeline of OpenTimelineIO, and of whatever it can write."""

from __future__ import annotations

from longtake.export.cut import Join, TimelineClip, cut_of
from longtake.export.timeline import timeline_of
from longtake.export.writing import FORMS, Exported, Form, write_export

__all__ = [
    "FORMS",
    "Exported",
    "Form",
    "Join",
    "TimelineClip",
    "cut_of",
    "timeline_of",
    "write_export",
]
