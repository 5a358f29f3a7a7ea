"""The form that shows takes to a person: in words, in frames, and with what may be answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from prefect.input import RunInput
from pydantic import Field, create_model

from longtake.errors import DamagedClip
from longtake.media.thumbnails import thumbnail
from longtake.record import ClipRecord
from longtake.rendering.render import Render
from longtake.segmind import data_uri
from longtake.story import ClipPlan

PICTURE_WIDTH = 180
"""Pixels: one of Prefect's UIs cuts off what is wide, the other what is high: so small, one below
another, and a clip's three frames are whole in both, at one glance where it is the only clip."""

PICTURES_BYTES = 300_000
"""Of one form, which lies in Prefect's database: some ten clips; the others have words only."""


class Approval(RunInput):
    """The form's fields that are the same for every shot."""

    decision: Literal["approve", "retake", "stop"] = Field(
        "approve", description="Go on, take clips again with other seeds, or stop."
    )
    note: str = Field("", description="Kept in the ledger next to the decision.")
    retake: list[str] = Field([], description="With retake: these clips; all if none is named.")


def form_for(clip_ids: Sequence[str]) -> type[Approval]:
    """The form: what to do, which of these clips to take again, and a note for the ledger."""
    clip: Any = Literal[tuple(clip_ids)]
    retake: Any = (
        list[clip],
        Field([], description="With retake: these clips; all of them if none is named."),
    )
    return create_model("Approval", __base__=Approval, retake=retake)


async def description(render: Render, unit: str, clips: Sequence[ClipPlan]) -> str:
    """Markdown: each clip in words, and in three of its frames as far as there is room."""
    usd = render.report.record.totals.usd
    there = f"**{render.plan.title}: {unit}** is there. {usd:.2f} USD so far."
    parts = [f"{there} First, middle and last frame:"]
    room = PICTURES_BYTES
    for clip in clips:
        record = render.report.record.clips[clip.id]
        parts.append(
            f"**{clip.id}**, take {record.take}, seed {record.seed}, "
            f"{record.usd or record.expected_usd:.2f} USD: {clip.prompt}"
        )
        file = render.folder.clip(render.film.takes[clip.id])
        frames = await asyncio.to_thread(_frames, file, record)
        if len(frames) <= room:
            room -= len(frames)
            parts.append(frames)
    return "\n\n".join(part for part in parts if part)


def _frames(path: Path, record: ClipRecord) -> str:
    """A clip's first, middle and last kept frame; empty where none can be had."""
    first, count = record.skip_frames, record.kept_frame_count
    named = {"first": first, "middle": first + count // 2, "last": first + count - 1}
    try:
        pictures = {
            name: thumbnail(path, frame_index, width=PICTURE_WIDTH)
            for name, frame_index in named.items()
        }
    except DamagedClip:
        return ""
    shown = (
        f"![{name} frame]({data_uri(picture, 'image/jpeg')})" for name, picture in pictures.items()
    )
    return " ".join(shown)
