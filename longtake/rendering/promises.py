"""What a render was told to hold to, before anything is sent: a plan that was kept, and a price."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from longtake.ledger import Ledger
from longtake.rendering.documenting import document_of
from longtake.rendering.kept_plan import refuse_stale
from longtake.rendering.plan_basis import basis_of
from longtake.rendering.plan_document import PlanDocument
from longtake.rendering.planning import Wanted, foresee_with, planned
from longtake.rendering.preflight import Preflight
from longtake.rendering.price_limit import least_of, refuse_over
from longtake.settings import Settings
from longtake.story import PastClip, Plan


def refuse_early(
    storyboard: Path, wanted: Wanted, kept: PlanDocument | None, max_usd: float | None
) -> None:
    """Look at it before anything is started; raises StalePlan or OverMaxUsd."""
    if kept is not None:
        max_usd = least_of(max_usd, kept.basis.max_usd)
        wanted = replace(wanted, seed=kept.base_seed)
    if kept is None and max_usd is None:
        return
    found = planned(storyboard, wanted)
    if kept is not None:
        refuse_stale(kept, found.plan, document_of(found).basis, found.decisions)
    refuse_over(found.plan, found.decisions, max_usd)


async def refuse_late(
    ready: Preflight,
    plan: Plan,
    ledger: Ledger,
    settings: Settings,
    past: list[PastClip],
    wanted: Wanted,
    kept: PlanDocument | None,
) -> None:
    """Look once more by the ledger that the render goes by: nobody has changed it in between."""
    if kept is None and wanted.max_usd is None:
        return
    foreseen = await foresee_with(ledger, plan, ready.path.parent, settings, past)
    if kept is not None:
        basis = basis_of(plan, ready.path, ready.folder, ready.settings, wanted)
        refuse_stale(kept, plan, basis, foreseen.decisions)
    refuse_over(plan, foreseen.decisions, wanted.max_usd)
