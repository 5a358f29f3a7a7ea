"""A storyboard's plan, and what the ledger knows of it: nothing is sent, nothing is made."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from longtake.blocking import wait_for
from longtake.documents import LoadedStoryboard, load_plan, locate, plan_of
from longtake.errors import Problem
from longtake.files import is_nothing
from longtake.folders import default_ledger, default_store, emulated_ledger
from longtake.story import ClipPlan, Own, PastClip, Plan, Rates, learned
from longtake.story.decisions import ClipDecision
from longtake.story.lint.linter import lint
from longtake.story.notices import shape_notices, skip_notices
from longtake.story.plan import critical_path
from longtake.story.schedule import AT_EASE, Allowance
from longtake.story.selecting import only_shots
from longtake.story.ways import TakeWays, ways_of

if TYPE_CHECKING:
    from longtake.ledger import Ledger
    from longtake.rendering.outlook import Foreseen
    from longtake.settings import Settings


class PlannedStoryboard(NamedTuple):
    """A storyboard with its plan; ``foreseen`` is None where no ledger was looked into.

    ``notices`` say what is allowed but may be a mistake; ``allowance`` is what may be
    asked of the service. ``wanted`` is what was asked for, ``path`` the storyboard's file, ``ways``
    those in which its long takes can be made.
    """

    plan: Plan
    foreseen: Foreseen | None
    notices: list[Problem]
    allowance: Allowance
    path: Path
    wanted: Wanted
    ways: list[TakeWays]

    @property
    def to_pay(self) -> tuple[float, float]:
        """USD that a render would pay at least and, where takes are made one by one, at most."""
        if self.foreseen is None:
            return self.plan.usd, self.plan.usd_at_most
        return self.foreseen.usd, self.foreseen.usd_at_most

    @property
    def decisions(self) -> Mapping[str, ClipDecision]:
        """What a render does with each clip, and why."""
        return decisions_in(self.plan, self.foreseen)


@dataclass(frozen=True)
class Wanted:
    """What a plan is wanted of, besides the storyboard.

    ``fresh``: as if nothing had been made yet. ``emulated``: as a rehearsal would go, by the ledger
    of emulated renders in the render's folder ``out``. ``only`` these shots. ``seed``: the base
    seed where nobody has drawn one yet, so that the plan can be kept.
    """

    profile: str | None = None
    fresh: bool = False
    emulated: bool = False
    out: Path | None = None
    only: tuple[str, ...] = ()
    seed: int | None = None
    max_usd: float | None = None


ALL = Wanted()
"""Of the whole storyboard, by the ledger of the settings."""


def planned(storyboard: Path | str, wanted: Wanted = ALL) -> PlannedStoryboard:
    """Plan the storyboard with a profile's rates and what its ledger knows."""
    settings = _settings(wanted)
    rates = settings.rates if settings else Rates()
    allowance = (
        Allowance(settings.concurrency, settings.requests_per_minute) if settings else AT_EASE
    )
    loaded, plan = load_plan(storyboard, rates=rates)
    notices = notices_of(loaded, plan, rates)
    foreseen = None
    ledger = _ledger(settings, loaded, wanted)
    if settings is not None and ledger is not None and not wanted.fresh:
        if _may_know(ledger):
            plan, foreseen, rates = wait_for(_look_up(settings, loaded, ledger, wanted))
        elif not wanted.emulated:
            wait_for(_refuse_forgotten_ledger(settings))
    if foreseen is None and (wanted.seed is not None or wanted.only):
        plan = selected(plan_of(loaded, base_seed=wanted.seed, rates=rates), wanted.only)
    ways = ways_of(loaded.storyboard, rates, allowance, loaded.attached)
    return PlannedStoryboard(plan, foreseen, notices, allowance, loaded.path, wanted, ways)


def selected(plan: Plan, only: Sequence[str]) -> Plan:
    """The plan of only these shots and what they need; the whole where none is named."""
    return only_shots(plan, only) if only else plan


def decisions_in(plan: Plan, foreseen: Foreseen | None) -> Mapping[str, ClipDecision]:
    """What a render does with each clip; where no ledger is, everything is new."""
    if foreseen is not None:
        return foreseen.decisions
    return {
        clip.id: ClipDecision.own(clip.start.file)
        if isinstance(clip.start, Own)
        else ClipDecision(
            action="render",
            because="new",
            says="new",
            takes=clip.takes.at_least,
            takes_at_most=clip.takes.count,
            usd=clip.usd_at_least,
            usd_at_most=clip.usd_at_most,
        )
        for clip in plan.made
    }


def notices_of(loaded: LoadedStoryboard, plan: Plan, rates: Rates) -> list[Problem]:
    """What is allowed in the storyboard but may be a mistake, in the file's order."""
    found = [*shape_notices(loaded.storyboard, plan, rates), *skip_notices(loaded.storyboard, plan)]
    notices = [*loaded.document.notices, *locate(found, loaded.document)]
    return sorted(notices, key=lambda notice: notice.line or 0)


def advice_on(loaded: LoadedStoryboard, plan: Plan) -> list[Problem]:
    """What chains of clips tend to get wrong (docs/lint.md), each with its line."""
    hazards = lint(loaded.storyboard, plan)
    return locate([Problem(each.place, each.message) for each in hazards], loaded.document)


def examine(still: Path | bytes, name: str) -> str:
    """What is wrong with a picture or a clip of one's own; what opens them takes time to load.

    Only a storyboard with such files calls this.
    """
    from longtake.media.examining import trouble_with

    return trouble_with(still, name)


def _settings(wanted: Wanted) -> Settings | None:
    """The settings, where there is anything but defaults and no ledger: they take time to load."""
    set_by_environment = any(name.upper().startswith("LONGTAKE_") for name in os.environ)
    named = wanted.profile is not None or set_by_environment or wanted.emulated
    if not named and not any(place().exists() for place in (default_ledger, default_store)):
        return None
    from longtake.settings import load_settings

    return load_settings(wanted.profile)


def _ledger(settings: Settings | None, loaded: LoadedStoryboard, wanted: Wanted) -> str | None:
    """Where the ledger is that the render would go by."""
    if settings is None:
        return None
    if not wanted.emulated:
        return settings.keeping.ledger
    from longtake.rendering.storyboard_input import folder_for

    return emulated_ledger(wanted.out or folder_for(loaded.path))


def _may_know(ledger: str) -> bool:
    """Whether there is a ledger to look into: a first plan must not make one."""
    path = ledger.removeprefix("sqlite:///")
    return "://" in path or not is_nothing(Path(path).expanduser())


async def _refuse_forgotten_ledger(settings: Settings) -> None:
    """Raise LedgerForgotten where a store on this machine holds takes, and no ledger is there."""
    from longtake.rendering.forgotten import refuse_full_store
    from longtake.store import Store

    if "://" not in settings.keeping.store:
        await refuse_full_store(Store(settings.keeping.store), settings.keeping)


async def _look_up(
    settings: Settings, loaded: LoadedStoryboard, ledger: str, wanted: Wanted
) -> tuple[Plan, Foreseen, Rates]:
    """The plan with the seed that the ledger keeps for the title, what is there of it, and the
    rates as the ledger's clips have them."""
    from longtake.ledger import Ledger

    async with Ledger.open(ledger) as opened, opened.reading():
        base_seed = await opened.known_base_seed(loaded.storyboard.title)
        base_seed = wanted.seed if base_seed is None else base_seed
        # An emulator's clips came at its own pace: they say nothing of the service's times.
        past = [] if wanted.emulated else await opened.past_clips()
        rates = learned(settings.rates, past)
        plan = selected(plan_of(loaded, base_seed=base_seed, rates=rates), wanted.only)
        foreseen = await foresee_with(opened, plan, loaded.path.parent, settings, past)
    least, most = (
        _critical_path(plan, learned(settings.rates, past, which)) for which in ("least", "most")
    )
    return plan, foreseen._replace(seconds=(least, most)), rates


def _critical_path(plan: Plan, rates: Rates) -> float:
    def seconds(clip: ClipPlan) -> float:
        return rates.expected_seconds[clip.model] if clip.expected_seconds else 0.0  # one's own

    return critical_path(plan.chains, plan.guides, seconds)


async def foresee_with(
    ledger: Ledger, plan: Plan, folder: Path, settings: Settings, past: Sequence[PastClip]
) -> Foreseen:
    """What a render with these settings would do; ``folder`` is the storyboard's."""
    from longtake.rendering.outlook import foresee

    foreseen = await foresee(ledger, plan, folder, settings, past)
    left = settings.keeping.daily_budget_usd
    if left is None:
        return foreseen
    left -= await ledger.spent_today()
    return foreseen._replace(decisions=dict(_within(foreseen.decisions, left)))


def _within(
    decisions: Mapping[str, ClipDecision], left_usd: float
) -> Iterator[tuple[str, ClipDecision]]:
    """The decisions, those marked whose turn comes when the day's budget is used up."""
    for clip_id, decision in decisions.items():
        left_usd -= decision.usd
        if decision.usd and left_usd < 0:
            says = f"{decision.says}; beyond the daily budget"
            marked = {"beyond_budget": True, "says": says}
            yield clip_id, decision.model_copy(update=marked)
        else:
            yield clip_id, decision
