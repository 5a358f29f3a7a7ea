"""Export: a film as a timeline of OpenTimelineIO, in the formats that it can write."""

from __future__ import annotations

from longtake.export.cut import cut_of
from longtake.export.writing import Exported, Form, write_export

__all__ = ["Exported", "Form", "cut_of", "write_export"]
