"""What a plan rests on: files and settings that decide what is paid for and what is in the film."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from longtake.files import sha256_of
from longtake.folders import emulated_ledger
from longtake.rendering.plan_document import PlanBasis
from longtake.settings import Settings
from longtake.story import Own, Plan, is_remote

if TYPE_CHECKING:
    from longtake.rendering.planning import Wanted


def basis_of(
    plan: Plan, storyboard: Path, folder: Path, settings: Settings, wanted: Wanted
) -> PlanBasis:
    """The basis of the plan by now; ``folder`` is where the film goes."""
    return PlanBasis(
        storyboard=str(storyboard.resolve()),
        folder=str(folder.resolve()),
        profile=wanted.profile,
        emulated=wanted.emulated,
        only=wanted.only,
        files={name: _hash(storyboard.parent / name) for name in sorted(set(_files(plan)))},
        settings=settings_that_matter(settings, folder, emulated=wanted.emulated),
        max_usd=wanted.max_usd,
    )


def settings_that_matter(
    settings: Settings, folder: Path, *, emulated: bool
) -> dict[str, JsonValue]:
    """The settings that decide what is paid for, and where it would be found."""
    keeping = settings.keeping
    ledger = str(Path(emulated_ledger(folder)).resolve()) if emulated else keeping.ledger
    facts: dict[str, JsonValue] = {
        "keeping.retakes": keeping.retakes,
        "keeping.retake_unusable": keeping.retake_unusable,
        "keeping.ledger": ledger,
        "picture.untagged_matrix": settings.picture.untagged_matrix,
    }
    if not emulated:
        facts |= {
            "keeping.store": keeping.store,
            "keeping.daily_budget_usd": keeping.daily_budget_usd,
            "api_url": settings.api_url,
            "endpoint": settings.endpoint,
        }
    return facts


def _files(plan: Plan) -> Iterator[str]:
    """Every file next to the storyboard that the plan names."""
    for clip in plan.clips:
        if isinstance(clip.start, Own):
            yield clip.start.file
        yield from (uri for uri in clip.stills if not is_remote(uri))
    yield from (cue.file for cue in plan.sound.cues)


def _hash(path: Path) -> str:
    return sha256_of(path) if path.is_file() else ""
