"""Clips that were healed: what was decided of them, kept in the ledger by what a clip asks for.

A heal belongs to the clip as it would be made without it: the same words from the same start
image. After an edit of either, the clip is another one, and not healed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from longtake.ledger import Ledger, Slate, TakeState
from longtake.rendering.known_takes import CHOICES
from longtake.rendering.measure_cache import film_heals_of, heal_of, recalled
from longtake.rendering.takes import Images, take_name
from longtake.story import ClipPlan, Pin, family_of, seed_of


class Heal(BaseModel):
    """A clip that moves towards the picture ``sha256``, from which the clip after it was started.

    ``ignored``: the service did not move there, so the film is as it was before; ``cascades``: the
    healed clip is in the film all the same, and what follows it is made again.
    """

    sha256: str
    ignored: bool = False
    cascades: bool = False

    @property
    def pin(self) -> Pin | None:
        """What holds in the film; None where the clip is as if it had not been healed."""
        if self.ignored and not self.cascades:
            return None
        return Pin(self.sha256, holds=not self.cascades)


async def has_heals(ledger: Ledger, storyboard: str) -> bool:
    """Whether any clip of the film with that title was ever healed."""
    return await ledger.measure(film_heals_of(storyboard)) is not None


async def recalled_heal(ledger: Ledger, clip: ClipPlan, images: Images) -> Heal | None:
    """What was decided of the clip that starts from this image, if it was healed."""
    return await recalled(ledger, _subject(clip, images), Heal)


async def remember_heal(
    ledger: Ledger, storyboard: str, clip: ClipPlan, images: Images, heal: Heal
) -> None:
    """Write down what was decided; what was decided before is forgotten."""
    await ledger.keep_measure(_subject(clip, images), heal.model_dump_json())
    await ledger.keep_measure(film_heals_of(storyboard), "{}")


async def stored_takes(ledger: Ledger, storyboard: str) -> list[Slate]:
    """The takes of the film with that title that are there, the latest first."""
    return await ledger.slates(storyboard=storyboard, state=TakeState.STORED)


def made_before(
    stored: Sequence[Slate], clip: ClipPlan, fingerprint: str | None = None
) -> Slate | None:
    """Which of the takes that are there is one of the clip, whatever image it was started from.

    The one of that fingerprint if it is one of the clip's; else the first. None where none is: the
    clip was edited, or never made.
    """
    seeds = {seed_of(clip, number) for number in range(1, CHOICES + 1)}
    seed = family_of(clip.model).fields["seed"]
    asked = _but(seed, clip.parameters)
    takes = [
        slate
        for slate in stored
        if slate.model == clip.model and slate.seed in seeds and slate.start_sha256
        if _but(seed, slate.parameters) == asked
    ]
    named = (slate for slate in takes if slate.fingerprint == fingerprint)
    return next(named, takes[0] if takes else None)


def _subject(clip: ClipPlan, images: Images) -> str:
    plain = clip.model_copy(update={"end": None})
    return heal_of(take_name(plain, 1, Images(images.start)))


def _but(seed: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name != seed}
