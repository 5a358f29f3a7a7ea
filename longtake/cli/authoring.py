"""The commands for whoever writes: ``init``, ``check``, ``plan``. No network, no Prefect."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from longtake.cli.console import clock, dollars, to_person
from longtake.errors import OperatorError, StoryboardError
from longtake.folders import default_ledger

if TYPE_CHECKING:
    from longtake.documents import LoadedStoryboard
    from longtake.settings import Settings
    from longtake.story import ClipPlan, Plan
    from tasks.foresight import Foreseen

Flag = Parameter(negative=())
MENDS = {
    "lost": "paid for, but the file is gone; `render --retake-lost` pays once more",
    "blocked": "the service stopped them because of their content; change the prompt",
}
"""What to do about clips that a render would not make."""

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
    fresh: Annotated[bool, Flag] = False,
    json_: Annotated[bool, Flag, Parameter("--json")] = False,
) -> int:
    """Show what a render would make, how long it would take and what it would cost.

    Chains run side by side; the critical path is the longest of them. Clips that the ledger knows
    are not paid for again, so after an edit the plan tells what the edit costs. Nothing is sent.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON.
    profile
        Profile whose prices, durations and ledger to use: a name in configs/profiles, or a path.
    fresh
        Plan as if nothing had been made yet: do not look into the ledger.
    json_
        Print the whole plan as JSON: every clip with its model, parameters, frames and seams.
    """
    from longtake.documents import load_plan

    settings = _settings(profile)
    loaded, planned = load_plan(storyboard, rates=settings.rates if settings else None)
    foreseen = None
    if settings and not fresh and _may_know(settings.keeping.ledger):
        planned, foreseen = asyncio.run(_look_up(settings, loaded))
    if json_:
        print(json.dumps(_as_data(planned, foreseen), indent=2))
    else:
        _print_plan(planned, foreseen)
    return 0


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
    from longtake.documents import plan_of
    from longtake.ledger import Ledger
    from tasks.foresight import foresee

    async with Ledger.open(settings.keeping.ledger) as ledger:
        base_seed = await ledger.known_base_seed(loaded.storyboard.title)
        planned = plan_of(loaded, base_seed=base_seed, rates=settings.rates)
        matrix = settings.picture.untagged_matrix
        return planned, await foresee(ledger, planned, loaded.path.parent, matrix)


def _as_data(plan: Plan, foreseen: Foreseen | None) -> dict[str, Any]:
    """The plan for scripts: each clip with its ``outlook``, the whole with its ``usd_to_pay``."""
    data = plan.model_dump(mode="json")
    data["usd_to_pay"] = foreseen.usd if foreseen else plan.usd
    for chain in data["chains"]:
        for clip in chain["clips"]:
            clip["outlook"] = foreseen.clips[clip["id"]] if foreseen else "new"
    return data


def _print_plan(plan: Plan, foreseen: Foreseen | None) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("chain", "clip", "begins from"):
        table.add_column(heading)
    for heading in ("frames", "kept", "seconds", "USD"):
        table.add_column(heading, justify="right")
    if foreseen:
        table.add_column("ledger")
    for chain in plan.chains:
        for clip in chain.clips:
            first = clip is chain.clips[0]
            table.add_row(
                str(chain.number) if first else "",
                clip.id,
                _beginning(clip),
                str(clip.frame_count),
                str(clip.kept_frame_count),
                f"{clip.expected_seconds:.0f}",
                f"{clip.usd:.2f}",
                *([foreseen.clips[clip.id]] if foreseen else []),
            )
    console.print(f"[bold]{plan.title}[/]")
    console.print(table)
    cuts = sum(seam.kind == "cut" for seam in plan.seams)
    console.print(f"seams: {len(plan.seams) - cuts} continuous, {cuts} cut")
    console.print(_in_short(plan))
    if foreseen:
        console.print(f"to pay: {dollars(foreseen.usd)}")
        for outlook, mend in MENDS.items():
            if outlook in foreseen.clips.values():
                console.print(f"some are {outlook}: {mend}")


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
