"""How ``plan`` shows a plan: as a table for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from longtake.cli.console import plain_table, results, show_table
from longtake.figures import clock, counted, dollars
from longtake.story import Anchor, ClipPlan, Handover, Own, Plan, Still
from longtake.story.schedule import AT_EASE, Allowance, deepest_hop, seconds_to_wait

if TYPE_CHECKING:
    from longtake.rendering.outlook import Foreseen
    from longtake.rendering.planning import PlannedStoryboard
    from longtake.story.decisions import Repair

_STYLES = {
    "own": "green",
    "reuse": "green",
    "adopt": "cyan",
    "fetch": "cyan",
    "heal": "bold",
    "render": "bold",
    "decide": "bold magenta",
}

FIXES = {
    "lost": "paid for, but the file is gone; `render --retake-lost` pays once more",
    "unusable": "paid for, but no film can be made of it; `render --retake-lost` pays once more",
    "blocked": "the service stopped them because of their content; change the prompt",
}
"""What to do about clips that a render would not make."""


def print_plan(found: PlannedStoryboard) -> None:
    """Show the plan to a person, on standard output."""
    console, plan, foreseen = results(), found.plan, found.foreseen
    console.print(Text(plan.title, style="bold"))
    show_table(console, _clip_table(found))
    console.print(f"seams: {_seams(plan)}")
    if plan.handle_usd:
        console.print(_handles(plan))
    console.print(in_short(plan, foreseen, found.allowance))
    if any(len(take.ways) > 1 for take in found.ways):
        show_table(console, _way_table(found))
    how_long = _how_long(foreseen) if foreseen else ""
    console.print(f"to pay: {_between(*found.to_pay)} USD{how_long}")
    if foreseen:
        for repair in foreseen.repairs:
            console.print(_repair(repair), soft_wrap=True)
        for model, clip_id in foreseen.ignored.items():
            console.print(_not_moved(model, clip_id, found), soft_wrap=True)
        for clip_id, says in foreseen.drift.items():
            console.print(f"{clip_id}: {says}", soft_wrap=True)
        for outlook, fix in FIXES.items():
            if outlook in foreseen.clips.values():
                console.print(f"some are {outlook}: {fix}")


def _repair(repair: Repair) -> str:
    """What can be done about a chain after an edit in its middle, each with its price."""
    which = ", ".join(repair.clips)
    return (
        f"{which}: to cascade, as a render does, {dollars(repair.cascade_usd)}; to heal "
        f"(`longtake heal RUN CLIP`), {dollars(repair.heal_usd)}; to keep what is there, by taking "
        f"the edit back, {dollars(0)}"
    )


def _not_moved(model: str, clip_id: str, found: PlannedStoryboard) -> str:
    """What to do where the service overlooks end images: the chain, with its price."""
    ignores = f"{model} did not move to the last picture that it was sent ({clip_id})"
    if not any(clip.pinned_end for clip in found.plan.clips):
        return f"{ignores}: a shot with an `end_image` would not end there"
    chains = [way for take in found.ways for way in take.ways if way.path == "chain"]
    price = dollars(sum(way.usd for way in chains))
    return (
        f"{ignores}: seams between pictures would jump; with `path: chain` all takes cost {price}"
    )


def _way_table(found: PlannedStoryboard) -> Table:
    """Every way to make each long take; the one that the storyboard goes is marked."""
    numbers = ("requests", "USD", "time", "hop depth", "drift, ΔE")
    table = plain_table("take", "path", *numbers, numbers=numbers)
    for take in found.ways:
        for way in take.ways:
            table.add_row(
                take.take if way is take.ways[0] else "",
                f"{way.path} *" if way.chosen else way.path,
                str(way.requests),
                f"{way.usd:.2f}",
                clock(way.wall_seconds),
                str(way.hop_depth),
                f"{way.drift:.2f}",
            )
    return table


def _how_long(foreseen: Foreseen) -> str:
    """Between what times a render of the whole lies, where the ledger's clips differ."""
    if foreseen.seconds is None:
        return ""
    least, most = map(clock, foreseen.seconds)
    return "" if least == most else f"; the whole takes between {least} and {most}"


def _clip_table(found: PlannedStoryboard) -> Table:
    """A row for each clip; what only some storyboards have is a column only where they do."""
    plan = found.plan
    takes = any(clip.takes.count > 1 for clip in plan.clips)
    numbers = ("frames", "kept", "seconds", *(["takes"] if takes else []), "USD")
    table = plain_table("chain", "clip", "begins from", *numbers, "does", "why", numbers=numbers)
    dissolves = {seam.right for seam in plan.seams if seam.kind == "dissolve"}
    guides = {guide.clip.id for guide in plan.guides}
    begins = {chain.clips[0].id: str(chain.number) for chain in plan.chains}
    decisions = found.decisions
    for clip in plan.made:
        decision = decisions[clip.id]
        table.add_row(
            begins.get(clip.id, ""),
            clip.id,
            _beginning(plan, clip) + (", dissolving" if clip.id in dissolves else ""),
            str(clip.frame_count),
            "none" if clip.id in guides else str(clip.kept_frame_count),
            f"{clip.expected_seconds:.0f}",
            *([_takes(clip)] if takes else []),
            _between(clip.usd_at_least, clip.usd_at_most),
            Text(decision.action, style=_STYLES[decision.action]),
            decision.says,
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
        said += f", {counted(dissolves, 'dissolve')} ({frame_count} frames)"
    return said


def _handles(plan: Plan) -> str:
    """What `handover: best` generates to choose from, and its share of the price."""
    handles = [clip.handle_frame_count for clip in plan.clips if clip.handle_frame_count]
    share = plan.handle_usd / sum(clip.usd for clip in plan.clips)
    return (
        f"handles: up to {handles[0]} frames on either side of {counted(len(handles), 'seam')}, "
        f"{share:.0%} of the price of a take of each clip ({dollars(plan.handle_usd)})"
    )


def _beginning(plan: Plan, clip: ClipPlan) -> str:
    match clip.start:
        case Handover(clip_id=source, frame_index=frame_index):
            about = "about " if _may_move(plan, plan.clip(source)) else ""
            return f"{about}frame {frame_index} of {source}"
        case Anchor(clip_id=source) if any(source == one.clip.id for one in plan.guides):
            return f"an anchor of {source}"
        case Anchor(clip_id=source):
            return f"the first frame of {source}"
        case Own(file=file):
            return f"your own {file}"
        case Still(uri=uri):
            return uri if len(uri) <= 40 else f"{uri[:37]}…"
    return "text"


def _may_move(plan: Plan, clip: ClipPlan) -> bool:
    """Whether the clip's last frame is only known once the seams next to it are."""
    before = plan.clip(clip.start.clip_id) if isinstance(clip.start, Handover) else None
    return bool(clip.handle_frame_count or (before and before.handle_frame_count))


def in_short(plan: Plan, foreseen: Foreseen | None = None, allowance: Allowance = AT_EASE) -> str:
    """What the film is and takes, in a line."""
    there = _there(foreseen)
    wait = seconds_to_wait(plan, there, allowance)
    critical = seconds_to_wait(
        plan, there, Allowance(sum(clip.takes.at_least for clip in plan.made))
    )
    unlimited = seconds_to_wait(plan, there, Allowance(allowance.concurrency))
    asking = f" and {allowance.requests_per_minute} requests a minute" if wait > unlimited else ""
    return (
        f"{counted(len(plan.clips), 'clip')} in {counted(len(plan.chains), 'chain')}, "
        f"film {plan.width}x{plan.height}, "
        f"{plan.frame_count} frames at {plan.fps} fps ({plan.seconds:.2f} s), "
        f"about {clock(wait)} with {allowance.concurrency} jobs at once{asking} "
        f"(critical path {clock(critical)}, deepest hop {deepest_hop(plan)}), "
        f"{_between(plan.usd, plan.usd_at_most)} USD"
    )


def _there(foreseen: Foreseen | None) -> set[str]:
    """The clips that are there already."""
    known = foreseen.clips if foreseen else {}
    return {name for name, outlook in known.items() if outlook in ("there", "own")}


def _between(least: float, most: float) -> str:
    """Two prices in USD, or the one that they are."""
    return f"{least:.2f}" if least == most else f"{least:.2f} to {most:.2f}"
