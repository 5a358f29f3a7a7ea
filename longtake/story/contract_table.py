"""All that was seen of each assumption about the service, model by model. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from longtake.story.contract import (
    ASSUMPTIONS,
    FIRST_FRAME,
    HANDED_FRAME,
    LAST_IMAGE,
    OF_PICTURES,
    SAME_SEED,
    Observation,
    PaidClip,
    observed,
    tags_in_words,
)
from longtake.story.family import Family


class Row(NamedTuple):
    """One assumption about one model: all that was seen of it.

    ``seen`` has the latest clip's words, and ``range`` the least and the most of what was
    measured. ``state`` goes by the latest clip; ``departed_count`` clips departed. ``when`` and
    ``request_id`` are the latest clip's, ``departed_when`` and ``departed_request_id`` those of
    the latest one that departed.
    """

    model: str
    name: str
    assumed: str
    state: Literal["holds", "changed", "never seen"]
    clip_count: int = 0
    departed_count: int = 0
    seen: str = ""
    range: str = ""
    when: datetime | None = None
    request_id: str | None = None
    departed_when: datetime | None = None
    departed_request_id: str | None = None


def table(clips: Iterable[PaidClip], families: Iterable[Family]) -> list[Row]:
    """Every assumption about every model of the families, against the clips there are."""
    found: dict[tuple[str, str], list[tuple[PaidClip, Observation]]] = {}
    for clip in sorted(clips, key=lambda one: one.at):
        for one in observed(clip):
            found.setdefault((clip.model, one.name), []).append((clip, one))
    return [
        _row(model.slug, name, found.get((model.slug, name), []), family)
        for family in families
        for model in family.models
        for name in ASSUMPTIONS
        if model is family.image_to_video or name not in OF_PICTURES
    ]


def _row(
    model: str, name: str, found: Sequence[tuple[PaidClip, Observation]], family: Family
) -> Row:
    if not found:
        return Row(model, name, _in_general(name, family), "never seen")
    clip, latest = found[-1]
    gone = [each for each, one in found if not one.holds]
    amounts = [one.amount for _, one in found if one.amount is not None]
    return Row(
        model,
        name,
        latest.assumed,
        "holds" if latest.holds else "changed",
        len(found),
        len(gone),
        latest.came,
        _range(amounts, latest.unit),
        clip.at,
        clip.request_id,
        gone[-1].at if gone else None,
        gone[-1].request_id if gone else None,
    )


def _range(amounts: Sequence[float], unit: str) -> str:
    if not amounts:
        return ""
    least, most = f"{min(amounts):.3g}", f"{max(amounts):.3g}"
    return f"{least} {unit}" if least == most else f"{least} to {most} {unit}"


def _in_general(name: str, family: Family) -> str:
    """What is assumed where no clip has asked for anything yet."""
    contract = family.contract
    return {
        "first frame": FIRST_FRAME,
        "handed frame": HANDED_FRAME,
        "last image": LAST_IMAGE,
        "codec": contract.codec,
        "pixel format": contract.pixel_format,
        "colour tags": tags_in_words(contract.colour_tags),
        "usable": "a film can be made of it",
        "same seed": SAME_SEED,
        "price": "the price table's",
        "time": "as clips before it took",
        "queue": "shorter than the work itself",
    }.get(name, "as asked for")
