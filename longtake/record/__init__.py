"""What happened in a render: the facts behind ``run.json`` and behind the terminal's lines.

A ``RunRecord`` holds one ``ClipRecord`` a clip. Steps report through ``RunRecord.note``; all that
watch (a terminal, Prefect's run page) are told after each report. Nothing here knows how the facts
came about.
"""

from __future__ import annotations

from longtake.record.clips import ClipRecord, ImageRecord, TakeRecord
from longtake.record.run import AskedTake, FilmRecord, Question, RunRecord, read_run
from longtake.record.stage import Stage
from longtake.record.time_left import seconds_left
from longtake.record.watching import Watcher, watching

__all__ = [
    "AskedTake",
    "ClipRecord",
    "FilmRecord",
    "ImageRecord",
    "Question",
    "RunRecord",
    "Stage",
    "TakeRecord",
    "Watcher",
    "read_run",
    "seconds_left",
    "watching",
]
