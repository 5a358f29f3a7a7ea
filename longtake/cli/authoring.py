"""The commands for whoever writes: ``init``, ``check``, ``plan``. No network, no Prefect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from longtake.cli.console import clock, dollars, to_person
from longtake.errors import OperatorError, StoryboardError

if TYPE_CHECKING:
    from longtake.story import ClipPlan, Plan

Flag = Parameter(negative=())
STARTER_NAME = "storyboard.yaml"


def init(folder: Path = Path(), /) -> int:
    """Write a commented starter storyboard that renders as it is.

    It never replaces a file. Then: `longtake render storyboard.yaml --emulated`.

    Parameters
    ----------
    folder
        Where to put `storyboard.yaml`; made if it is not there.
    """
    from longtake.story.starter import starter_text

    path = folder / STARTER_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(starter_text())
    except FileExistsError:
        raise OperatorError(f"{path} is already there; name another folder") from None
    except OSError as error:
        raise OperatorError(f"cannot write {path}: {error.strerror}") from None
    to_person().print(f"wrote {path}; now: longtake render {path} --emulated")
    return 0


def check(storyboard: Path, /, *, json_: Annotated[bool, Flag, Parameter("--json")] = False) -> int:
    """Find every problem of a storyboard at once, each as `file:line: place: message`.

    Nothing is sent and nothing is rendered. Exit code 2 if there is any problem.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON.
    json_
        Print the problems as a JSON list of `file`, `line`, `place`, `message`.
    """
    from longtake.documents import load_plan

    try:
        _, plan = load_plan(storyboard)
    except StoryboardError as error:
        if not json_:
            raise
        print(json.dumps([vars(problem) for problem in error.problems], indent=2))
        return error.exit_code
    if json_:
        print("[]")
    else:
        to_person().print(f"{storyboard}: no problems; {_in_short(plan)}")
    return 0


def plan(
    storyboard: Path,
    /,
    *,
    profile: str | None = None,
    json_: Annotated[bool, Flag, Parameter("--json")] = False,
) -> int:
    """Show what a render would make, how long it would take and what it would cost.

    Chains run side by side; the critical path is the longest of them. Nothing is sent.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON.
    profile
        Profile whose prices and durations to use: a name in configs/profiles, or a path.
    json_
        Print the whole plan as JSON: every clip with its model, parameters, frames and seams.
    """
    from longtake.documents import load_plan

    rates = None
    if profile is not None:
        from longtake.settings import load_settings

        rates = load_settings(profile).rates
    _, planned = load_plan(storyboard, rates=rates)
    if json_:
        print(planned.model_dump_json(indent=2))
    else:
        _print_plan(planned)
    return 0


def _print_plan(plan: Plan) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("chain", "clip", "model", "begins"):
        table.add_column(heading)
    for heading in ("frames", "kept", "seconds", "USD"):
        table.add_column(heading, justify="right")
    for chain in plan.chains:
        for clip in chain.clips:
            first = clip is chain.clips[0]
            table.add_row(
                str(chain.number) if first else "",
                clip.id,
                "t2v" if "t2v" in clip.model else "i2v",
                _beginning(clip),
                str(clip.frame_count),
                str(clip.kept_frame_count),
                f"{clip.expected_seconds:.0f}",
                f"{clip.usd:.2f}",
            )
    console.print(f"[bold]{plan.title}[/]")
    console.print(table)
    cuts = sum(seam.kind == "cut" for seam in plan.seams)
    console.print(f"seams: {len(plan.seams) - cuts} continuous, {cuts} cut")
    console.print(_in_short(plan))


def _beginning(clip: ClipPlan) -> str:
    match clip.start.kind:
        case "handover":
            return f"frame {clip.start.frame_index} of {clip.start.clip_id}"
        case "still":
            uri = clip.start.uri
            return uri if len(uri) <= 40 else f"{uri[:37]}…"
        case _:
            return "text"


def _in_short(plan: Plan) -> str:
    return (
        f"{len(plan.clips)} clips in {len(plan.chains)} chains, film {plan.width}x{plan.height}, "
        f"{plan.frame_count} frames at {plan.fps} fps ({plan.seconds:.2f} s), "
        f"about {clock(plan.critical_path_seconds)} and {dollars(plan.usd)}"
    )
