"""Names for what a film and each of its pieces are made of: equal names are equal pictures.

Pure. What is heard and read, and the texts in the film's metadata, are no part of its picture: to
change them is to join the same pieces again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from longtake.media.fonts import Font
from longtake.media.lettering import Lettering
from longtake.profile_parts import Picture
from longtake.rendering.takes import StoredTake
from longtake.story import Plan, ShownWords
from longtake.story.plan import SegmentPlan

ASSEMBLY = "film-3"
"""The version of everything that makes a film from its clips."""


def piece_recipe(
    part: SegmentPlan,
    takes: Sequence[StoredTake],
    plan: Plan,
    picture: Picture,
    lettering: Lettering | None,
) -> str:
    """Names a piece's picture: the frames of which takes, what is undone in them, what is drawn."""
    ingredients = [
        [
            take.sha256,
            source.skip_frames,
            take.treatment.model_dump_json(exclude={"pair"}) if take.treatment else "",
        ]
        for source, take in zip(part.sources, takes, strict=True)
    ]
    return digest(
        {
            "assembly": ASSEMBLY,
            "frames": part.frame_count,
            "ingredients": ingredients,
            "shape": [plan.width, plan.height, plan.fps],
            "picture": picture.model_dump(),
            "words": lettering.as_recipe() if lettering else [],
        }
    )


def draws_words(plan: Plan) -> bool:
    """Whether words are drawn into the film's picture: then a font is needed."""
    return bool(plan.titles or (plan.captions.burn and plan.captions.lines))


def lettering_of(part: SegmentPlan, plan: Plan, font: Font) -> Lettering | None:
    """The words that are drawn into a piece, with its own times; None where there are none."""
    begin = part.first_frame_index / plan.fps
    end = begin + part.frame_count / plan.fps
    lines = tuple(
        ShownWords(
            begin_seconds=round(max(0.0, line.begin_seconds - begin), 3),
            end_seconds=round(min(end, line.end_seconds) - begin, 3),
            text=line.text,
        )
        for line in (plan.captions.lines if plan.captions.burn else ())
        if line.begin_seconds < end and line.end_seconds > begin
    )
    titles = tuple(
        title.model_copy(
            update={
                "begin_seconds": round(title.begin_seconds - begin, 6),
                "end_seconds": round(title.end_seconds - begin, 6),
            }
        )
        for title in plan.titles
        if title.begin_seconds < end and title.end_seconds > begin
    )
    return Lettering(lines, plan.width, plan.height, font, titles) if lines or titles else None


def digest(parts: Any) -> str:
    """SHA-256 over JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
