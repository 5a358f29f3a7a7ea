"""What people decide about the anchors of a tree, before its clips are paid for.

A decision is of the very pictures that were shown, and kept in the ledger by them: where the guide
was made again meanwhile, or an anchor has another picture by now, nobody has decided yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from pydantic import BaseModel

from longtake.errors import SettingsError
from longtake.ledger import Ledger, ShownTake, Verdict
from longtake.media.fonts import find_font
from longtake.media.sheet import contact_sheet
from longtake.media.stills import check_still
from longtake.rendering.folder import RenderFolder
from longtake.rendering.images import made_image
from longtake.rendering.known_film import KnownFilm
from longtake.rendering.measure_cache import (
    OwnAnchors,
    approved_anchors_of,
    own_anchors_of,
    recalled,
)
from longtake.rendering.render import Render
from longtake.rendering.stills import remote_still
from longtake.rendering.takes import StoredTake
from longtake.story import Anchor, GuidePlan, Pinned, Plan, Still, is_remote


class AnchorsApproved(BaseModel):
    """A person let the clips of a tree be made between these pictures."""

    note: str = ""


@dataclass(frozen=True)
class ShownAnchors:
    """A guide's take, and by number (from 1) the pictures that clips lie between because of it.

    Where the storyboard has a still of its own, there is no anchor.
    """

    guide: ShownTake
    pictures: Mapping[int, Anchor | Pinned]

    @property
    def about(self) -> str:
        """Names these very pictures: others make another question."""
        pictures = [f"{number} {one.model_dump_json()}" for number, one in self.pictures.items()]
        lines = [self.guide.fingerprint, self.guide.sha256, *pictures]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:24]


def shown_anchors(film: KnownFilm, guide: GuidePlan) -> ShownAnchors:
    """The anchors as they are known once the guide is planted."""
    take, used = film.takes[guide.clip.id], _pictures(film.seams.anchored, guide)
    planted = enumerate(film.seams.plants[guide.clip.id], start=1)
    return ShownAnchors(
        ShownTake(guide.clip.id, take.fingerprint, take.sha256),
        {number: one for number, one in planted if one in used},
    )


def _pictures(plan: Plan, guide: GuidePlan) -> list[object]:
    """What the clips of the guide's take lie between."""
    leaves = [clip for chain in plan.chains if chain.guide == guide.clip.id for clip in chain.clips]
    return [image for leaf in leaves for image in (leaf.start, leaf.end)]


async def are_approved(ledger: Ledger, shown: ShownAnchors) -> bool:
    """Whether a person has approved these very anchors."""
    return await recalled(ledger, approved_anchors_of(shown.about), AnchorsApproved) is not None


async def approve_anchors(ledger: Ledger, guide: ShownTake, about: str, note: str = "") -> None:
    """Let the clips be made between the anchors that ``about`` names.

    Raises StaleDecision where the guide's take is another one by now, or was rejected.
    """
    await ledger.decide_shown([guide], {guide.clip_id: Verdict.APPROVED}, note)
    approved = AnchorsApproved(note=note).model_dump_json()
    await ledger.keep_measure(approved_anchors_of(about), approved)


def wanted_stills(texts: Sequence[str], numbers: Mapping[int, object]) -> dict[int, str]:
    """Of `3=mine.png` the number and the picture; SettingsError where that is no anchor.

    Without a picture (`3=`) the guide's own frame takes the place again.
    """
    found = {}
    for text in texts:
        number, equals, picture = text.partition("=")
        if not equals or not number.strip().isdecimal() or int(number) not in numbers:
            known = ", ".join(map(str, numbers))
            raise SettingsError(
                f"{text!r} replaces no anchor: write NUMBER=PICTURE; there are {known}"
            )
        found[int(number)] = picture.strip()
    return found


async def replace_anchors(
    render: Render, guide: GuidePlan, take: StoredTake, stills: Mapping[int, str]
) -> None:
    """Put pictures of a person's own into the places of anchors, fitted to the clips' shape.

    Raises MediaError for what is no usable picture; then nothing is replaced.
    """
    made = {}
    for number, uri in stills.items():
        if uri:
            path = await _file(render, uri)
            await anyio.to_thread.run_sync(check_still, path, uri)
            end = f"anchor-{number}"
            made[number] = await made_image(render, guide.clip, end, Still(uri=uri), None)
    await remember_own(render.ledger, take.sha256, guide.anchor_count, stills, made)


async def remember_own(
    ledger: Ledger,
    guide_sha256: str,
    count: int,
    stills: Mapping[int, str],
    made: Mapping[int, str],
) -> None:
    """Write down which pictures in the store are in the places of the anchors from now on."""
    subject = own_anchors_of(guide_sha256, count)
    known = await recalled(ledger, subject, OwnAnchors) or OwnAnchors()
    kept = {at: name for at, name in known.pictures.items() if at not in stills}
    await ledger.keep_measure(subject, OwnAnchors(pictures={**kept, **made}).model_dump_json())


async def _file(render: Render, uri: str) -> Path:
    return await remote_still(render, uri) if is_remote(uri) else render.folder.pictures / uri


async def draw_sheet(
    folder: RenderFolder, guide: GuidePlan, shown: ShownAnchors, font: Path | None
) -> Path:
    """The anchors on one picture in the render's folder, each with its number and where from."""
    pictures = [
        (caption(number, one), folder.image(guide.clip, f"anchor-{number}"))
        for number, one in shown.pictures.items()
    ]
    into = folder.image(guide.clip, "anchors").with_suffix(".jpg")
    found = find_font(font)
    return await anyio.to_thread.run_sync(lambda: contact_sheet(pictures, into, font=found))


def caption(number: int, picture: Anchor | Pinned) -> str:
    """An anchor in words."""
    where = f"frame {picture.frame_index}" if isinstance(picture, Anchor) else "your picture"
    return f"{number}: {where}"
