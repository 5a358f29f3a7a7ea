"""From a planned storyboard to the plan as data."""

from __future__ import annotations

from longtake.rendering.plan_basis import basis_of
from longtake.rendering.plan_document import PlanDocument, PlannedChain, PlannedClip, PlanNotice
from longtake.rendering.planning import PlannedStoryboard
from longtake.rendering.storyboard_input import folder_for
from longtake.settings import load_settings
from longtake.story.schedule import deepest_hop, seconds_to_wait


def document_of(found: PlannedStoryboard) -> PlanDocument:
    """The plan with its decisions and all that it rests on."""
    plan, foreseen, wanted = found.plan, found.foreseen, found.wanted
    outlook = {name: str(what) for name, what in foreseen.clips.items()} if foreseen else {}
    chains = tuple(
        PlannedChain(
            number=chain.number,
            name=chain.name,
            expected_seconds=chain.expected_seconds,
            clips=tuple(
                PlannedClip(**dict(clip), outlook=outlook.get(clip.id, "new"))
                for clip in chain.clips
            ),
        )
        for chain in plan.chains
    )
    least, most = found.to_pay
    there = {name for name, what in outlook.items() if what in ("there", "own")}
    return PlanDocument(
        **dict(plan) | {"chains": chains},
        decisions=dict(found.decisions),
        drift=dict(foreseen.drift) if foreseen else {},
        ways=tuple(found.ways),
        ignored=dict(foreseen.ignored) if foreseen else {},
        repairs=foreseen.repairs if foreseen else (),
        basis=basis_of(
            plan,
            found.path,
            wanted.out or folder_for(found.path),
            load_settings(wanted.profile),
            wanted,
        ),
        concurrency=found.allowance.concurrency,
        requests_per_minute=found.allowance.requests_per_minute,
        wall_seconds=seconds_to_wait(plan, there, found.allowance),
        wall_seconds_between=foreseen.seconds if foreseen else None,
        deepest_hop=deepest_hop(plan),
        notices=tuple(PlanNotice(**vars(notice)) for notice in found.notices),
        usd_to_pay=least,
        usd_to_pay_at_most=most,
    )
