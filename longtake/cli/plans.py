"""How ``plan`` shows a plan: as a table for a person, as data for a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from longtake.cli.console import clock, dollars, results
from longtake.story import Anchor, ClipPlan, Handover, Plan, Still
from longtake.story.schedule import CONCURRENCY, Work, wall_seconds

if TYPE_CHECKING:
    from longtake.rendering.outlook import Foreseen
    from longtake.rendering.planning import PlannedStoryboard

FIXES = {
    "lost": "paid for, but the file is gone; `render --retake-lost` pays once more",
    "unusable": "paid for, but no film can be made of it; `render --retake-lost` pays once more",
    "blocked": "the service stopped them because of their content; change the prompt",
}
"""What to do about clips that a render would not make."""


def as_data(found: PlannedStoryboard) -> dict[str, Any]:
    """The plan for scripts: each clip with its ``outlook``, the whole with its ``usd_to_pay``.

    ``wall_seconds`` is how long a render would take with ``concurrency`` jobs in flight at most.
    """
    data = found.plan.model_dump(mode="json")
    data["concurrency"] = found.concurrency
    data["wall_seconds"] = seconds_to_wait(found.plan, found.foreseen, found.concurrency)
    data["deepest_hop"] = deepest_hop(found.plan)
    data["notices"] = [vars(notice) for notice in found.notices]
    data["usd_to_pay"], data["usd_to_pay_at_most"] = found.to_pay
    for chain in data["chains"]:
        for clip in chain["clips"]:
            clip["outlook"] = found.foreseen.clips[clip["id"]] if found.foreseen else "new"
    return data


def print_plan(found: PlannedStoryboard) -> None:
    """Show the plan to a person, on standard output."""
    console, plan, foreseen = results(), found.plan, found.foreseen
    console.print(Text(plan.title, style="bold"))
    console.print(_clip_table(plan, foreseen))
    console.print(f"seams: {_seams(plan)}")
    if plan.handle_usd:
        console.print(_handles(plan))
    console.print(in_short(plan, foreseen, found.concurrency))
    if foreseen:
        console.print(f"to pay: {_between(*found.to_pay)} USD{_how_long(foreseen)}")
        for clip_id, says in foreseen.drift.items():
            console.print(f"{clip_id}: {says}", soft_wrap=True)
        for outlook, fix in FIXES.items():
            if outlook in foreseen.clips.values():
                console.print(f"some are {outlook}: {fix}")


def _how_long(foreseen: Foreseen) -> str:
    """Between what times a render of the whole lies, where the ledger's clips differ."""
    if foreseen.seconds is None:
        return ""
    least, most = map(clock, foreseen.seconds)
    return "" if least == most else f"; the whole takes between {least} and {most}"


def _clip_table(plan: Plan, foreseen: Foreseen | None) -> Table:
    """A row for each clip; what only some storyboards have is a column only where they do."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("chain", "clip", "begins from"):
        table.add_column(heading)
    takes = any(clip.takes.count > 1 for clip in plan.clips)
    for heading in ("frames", "kept", "seconds", *(["takes"] if takes else []), "USD"):
        table.add_column(heading, justify="right")
    if foreseen:
        table.add_column("ledger")
    dissolves = {seam.right for seam in plan.seams if seam.kind == "dissolve"}
    for chain in plan.chains:
        for clip in chain.clips:
            table.add_row(
                str(chain.number) if clip is chain.clips[0] else "",
                clip.id,
                _beginning(plan, clip) + (", dissolving" if clip.id in dissolves else ""),
                str(clip.frame_count),
                str(clip.kept_frame_count),
                f"{clip.expected_seconds:.0f}",
                *([_takes(clip)] if takes else []),
                _between(clip.usd_at_least, clip.usd_at_most),
                *([foreseen.clips[clip.id]] if foreseen else []),
            )
    return table


def _takes(clip: ClipPlan) -> str:
    return f"1 to {clip.takes.count}" if clip.takes.adaptive else str(clip.takes.count)


def _seams(plan: Plan) -> str:
    """How many there are of each kind, and how long the dissolves are in all."""
    kinds = [seam.kind for seam in plan.seams]
    said = f"{kinds.count('continuous')} continuous, {kinds.count('cut')} cut"
    if dissolves := kinds.count("dissolve"):
        frame_count = sum(seam.frame_count for seam in plan.seams)
        said += f", {dissolves} dissolve{'s' * (dissolves > 1)} ({frame_count} frames)"
    return said


def _handles(plan: Plan) -> str:
    """What `handover: best` generates to choose from, and its share of the price."""
    handles = [clip.handle_frame_count for clip in plan.clips if clip.handle_frame_count]
    share = plan.handle_usd / sum(clip.usd for clip in plan.clips)
    return (
        f"handles: up to {handles[0]} frames on either side of {len(handles)} "
        f"seam{'s' * (len(handles) > 1)}, {share:.0%} of the price of a take of each clip "
        f"({dollars(plan.handle_usd)})"
    )


def _beginning(plan: Plan, clip: ClipPlan) -> str:
    match clip.start:
        case Handover(clip_id=source, frame_index=frame_index):
            about = "about " if _may_move(plan, plan.clip(source)) else ""
            return f"{about}frame {frame_index} of {source}"
        case Anchor(clip_id=source):
            return f"the first frame of {source}"
        case Still(uri=uri):
            return uri if len(uri) <= 40 else f"{uri[:37]}…"
    return "text"


def _may_move(plan: Plan, clip: ClipPlan) -> bool:
    """Whether the clip's last frame is only known once the seams next to it are."""
    before = plan.clip(clip.start.clip_id) if isinstance(clip.start, Handover) else None
    return bool(clip.handle_frame_count or (before and before.handle_frame_count))


def seconds_to_wait(plan: Plan, foreseen: Foreseen | None, concurrency: int) -> float:
    """How long the clips that are not there yet take, with so many jobs in flight at most."""
    chains = [
        [
            Work(clip.takes.at_least, clip.expected_seconds)
            for clip in chain.clips
            if foreseen is None or foreseen.clips[clip.id] != "there"
        ]
        for chain in plan.chains
    ]
    return wall_seconds(chains, concurrency)


def deepest_hop(plan: Plan) -> int:
    """The most handovers that lie before any clip of the film."""
    return max(len(chain.clips) for chain in plan.chains) - 1


def in_short(plan: Plan, foreseen: Foreseen | None = None, concurrency: int = CONCURRENCY) -> str:
    """What the film is and takes, in a line."""
    wait = seconds_to_wait(plan, foreseen, concurrency)
    return (
        f"{len(plan.clips)} clips in {len(plan.chains)} chains, film {plan.width}x{plan.height}, "
        f"{plan.frame_count} frames at {plan.fps} fps ({plan.seconds:.2f} s), "
        f"about {clock(wait)} with {concurrency} jobs at once, "
        f"{_between(plan.usd, plan.usd_at_most)} USD"
    )


def _between(least: float, most: float) -> str:
    """Two prices in USD, or the one that they are."""
    return f"{least:.2f}" if least == most else f"{least:.2f} to {most:.2f}"
