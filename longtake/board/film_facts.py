"""What a film's page is filled with, next to what the review says of it. Reads files; blocking."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from longtake.board.cards import FilmCard
from longtake.board.catalog import LOG
from longtake.board.files import file_inside
from longtake.documents import read
from longtake.documents.editing import text_fields
from longtake.errors import StoryboardError
from longtake.files import read_regular
from longtake.record import RunRecord
from longtake.rendering.kept_material import recall_material
from longtake.rendering.review import absent_files
from longtake.review import review_facts
from longtake.review.wording import address

LOG_CHARACTERS = 8_000
"""How many characters of the end of a render's log are shown."""

MAX_LOG_BYTES = 64 * 2**20


def film_facts(card: FilmCard, record: RunRecord) -> dict[str, Any]:
    """All that the page says of the record but for what is in the ledger."""
    absent = absent_files(card.folder, record)
    facts = review_facts(record, recall_material(card.folder, record, absent))
    takes = [
        (clip.id, take) for shot in facts["shots"] for clip in shot.clips for take in clip.takes
    ]
    return (
        facts
        | _storyboard(record)
        | {
            "reviewed": [_with_frames(seam, record, absent) for seam in facts["reviewed"]],
            "question": _question(record, card) if card.question else None,
            "film_takes": {clip: take for clip, take in takes if take.chosen and take.sha256},
            "healable": healable(record),
            "log": log_of(card.folder),
        }
    )


def healable(record: RunRecord) -> set[str]:
    """Clips in the middle of a chain: one goes on from them, and they do not begin from text."""
    return {clip.id for chain in record.chains for clip in chain[:-1] if clip.start != "cut"}


def log_of(folder: Path) -> str:
    """The end of the log of a render that the board has started; empty where there is none."""
    try:
        log = file_inside(folder, LOG)
        said = read_regular(log, MAX_LOG_BYTES) if log else b""
    except OSError as error:
        return f"{LOG}: {error.strerror}"
    return said.decode("utf-8", "replace")[-LOG_CHARACTERS:]


def _storyboard(record: RunRecord) -> dict[str, Any]:
    """The storyboard's texts, where it is a file that can be read."""
    try:
        document = read(Path(record.storyboard))
    except StoryboardError:
        return {"fields": [], "fields_sha256": ""}
    return {"fields": text_fields(document), "fields_sha256": document.sha256}


def _question(record: RunRecord, card: FilmCard) -> Mapping[str, Any] | None:
    """What is asked, each take with its video and its facts."""
    question = record.question
    if question is None:
        return None
    numbers = {clip_id: number for number, clip_id in enumerate(record.clips, 1)}
    takes = []
    for asked in question.takes:
        clip = record.clips.get(asked.clip) or record.guides.get(asked.clip)
        if clip is None:
            continue
        known = (take for take in clip.takes if take.fingerprint == asked.fingerprint)
        take = next(known, None)
        number, file = (take.number, take.file) if take else (clip.take, clip.file)
        place = f"posters/{numbers.get(clip.id, 0)}-{number}.jpg?v={asked.fingerprint[:12]}"
        takes.append(
            {
                "clip": clip.id,
                "number": number,
                "seed": take.seed if take else clip.seed,
                "usd": take.usd if take else clip.usd,
                "prompt": clip.prompt,
                "file": address(file) if file else "",
                "poster": place,
                "shown": {
                    "clip": clip.id,
                    "number": number,
                    "fingerprint": asked.fingerprint,
                    "sha256": asked.sha256,
                },
            }
        )
    sheet = f"anchors.jpg?v={question.about}" if question.anchors else ""
    return {"about": question.about, "unit": question.unit, "takes": takes, "sheet": sheet}


def _with_frames(seam: Any, record: RunRecord, absent: frozenset[str]) -> Any:
    """The seam with the addresses of its two frames, where both clips are there."""
    clips = [record.clips[seam.left], record.clips[seam.right]]
    if not all(clip.stage.ended_well and clip.file not in absent for clip in clips):
        return seam
    version = "".join(re.sub(r"\W", "", clip.sha256 or "")[:8] for clip in clips)
    left, right = (f"seams/{seam.number}-{side}.jpg?v={version}" for side in ("left", "right"))
    return replace(seam, left_jpeg=left, right_jpeg=right)
