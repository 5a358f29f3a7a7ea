"""A storyboard's plan, and what the ledger knows of it: nothing is sent, nothing is made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from longtake.blocking import wait_for
from longtake.documents import LoadedStoryboard, load_plan, locate, plan_of
from longtake.errors import Problem
from longtake.folders import default_ledger
from longtake.story import Plan, Rates, learned
from longtake.story.lint.linter import lint
from longtake.story.notices import shape_notices
from longtake.story.schedule import CONCURRENCY

if TYPE_CHECKING:
    from longtake.rendering.outlook import Foreseen
    from longtake.settings import Settings


class PlannedStoryboard(NamedTuple):
    """A storyboard with its plan; ``foreseen`` is None where no ledger was looked into.

    ``notices`` say what is allowed and may not be meant; a render has at most ``concurrency`` jobs
    in flight.
    """

    plan: Plan
    foreseen: Foreseen | None
    notices: list[Problem]
    concurrency: int

    @property
    def to_pay(self) -> tuple[float, float]:
        """USD that a render would pay at least and, where takes are made one by one, at most."""
        if self.foreseen is None:
            return self.plan.usd, self.plan.usd_at_most
        return self.foreseen.usd, self.foreseen.usd_at_most


def planned(
    storyboard: Path | str, *, profile: str | None = None, fresh: bool = False
) -> PlannedStoryboard:
    """Plan the storyboard with a profile's rates and, unless ``fresh``, what its ledger knows."""
    settings = _settings(profile)
    rates = settings.rates if settings else Rates()
    concurrency = settings.concurrency if settings else CONCURRENCY
    loaded, plan = load_plan(storyboard, rates=rates)
    notices = notices_of(loaded, plan, rates)
    if settings is None or fresh or not _may_know(settings.keeping.ledger):
        return PlannedStoryboard(plan, None, notices, concurrency)
    return PlannedStoryboard(*wait_for(_look_up(settings, loaded)), notices, concurrency)


def notices_of(loaded: LoadedStoryboard, plan: Plan, rates: Rates) -> list[Problem]:
    """What is allowed in the storyboard and may not be meant, in the file's order."""
    shapes = locate(shape_notices(loaded.storyboard, plan, rates), loaded.document)
    return sorted([*loaded.document.notices, *shapes], key=lambda notice: notice.line or 0)


def advice_on(loaded: LoadedStoryboard, plan: Plan) -> list[Problem]:
    """What a chain of clips may make a mess of (docs/lint.md), each at its line."""
    hazards = lint(loaded.storyboard, plan)
    return locate([Problem(each.place, each.message) for each in hazards], loaded.document)


def examine(still: Path | bytes, name: str) -> str:
    """What is wrong with a picture; what opens it takes time to load, and few storyboards need it.

    Only a storyboard with pictures calls this.
    """
    from longtake.media.stills import trouble_with

    return trouble_with(still, name)


def _settings(profile: str | None) -> Settings | None:
    """The settings, where there is anything but defaults and no ledger: they take time to load."""
    set_by_environment = any(name.upper().startswith("LONGTAKE_") for name in os.environ)
    if profile is None and not set_by_environment and not default_ledger().is_file():
        return None
    from longtake.settings import load_settings

    return load_settings(profile)


def _may_know(ledger: str) -> bool:
    """Whether there is a ledger to look into: a first plan must not make one."""
    path = ledger.removeprefix("sqlite:///")
    return "://" in path or Path(path).expanduser().is_file()


async def _look_up(settings: Settings, loaded: LoadedStoryboard) -> tuple[Plan, Foreseen]:
    """The plan with the seed that the ledger keeps for the title, and what is there of it."""
    from longtake.ledger import Ledger
    from longtake.rendering.outlook import foresee

    async with Ledger.open(settings.keeping.ledger) as ledger:
        base_seed = await ledger.known_base_seed(loaded.storyboard.title)
        past = await ledger.past_clips()
        plan = plan_of(loaded, base_seed=base_seed, rates=learned(settings.rates, past))
        foreseen = await foresee(
            ledger,
            plan,
            loaded.path.parent,
            settings.picture.untagged_matrix,
            settings.keeping.retakes,
            retake_unusable=settings.keeping.retake_unusable,
            past=past,
        )
    least, most = (
        plan_of(loaded, base_seed=base_seed, rates=learned(settings.rates, past, which))
        for which in ("least", "most")
    )
    seconds = (least.critical_path_seconds, most.critical_path_seconds)
    return plan, foreseen._replace(seconds=seconds)
