"""The commands for authors: ``init``, ``check``, ``plan``. No network, no Prefect."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from longtake.cli.console import print_json, say_notices, to_person
from longtake.errors import OperatorError, StoryboardError
from longtake.starter import ExampleName


def _file_or_minus(kind: Any, value: Path) -> None:
    if str(value).startswith("-") and str(value) != "-":
        raise ValueError(f"unknown option {value}")


Flag = Parameter(negative=(), show_default=False)
Shots = Annotated[
    tuple[str, ...], Parameter(negative=(), show_default=False, consume_multiple=True)
]
"""Ids of shots, one after the other."""

Json = Annotated[bool, Flag, Parameter("--json")]
Note = Annotated[str, Parameter(show_default=False)]
"""Why a person decided so."""

StoryboardPath = Annotated[Path, Parameter(allow_leading_hyphen=True, validator=_file_or_minus)]
"""A storyboard's file, or ``-``."""


def init(folder: Path = Path(), /, *, example: ExampleName | None = None) -> int:
    """Write a commented starter storyboard, or an example, that renders as it is.

    It never replaces a file. Then: `longtake render storyboard.yaml --emulated`.

    Parameters
    ----------
    folder
        Where to put `storyboard.yaml` and the pictures it names; made if it is not there.
    example
        A storyboard to begin from instead of the starter, with what it needs.
    """
    from longtake.starter import STORYBOARD, starter_files

    path = folder / STORYBOARD
    new = {folder / name: content for name, content in starter_files(example).items()}
    there = next((one for one in new if one.exists()), None)
    if there:
        raise OperatorError(f"{there} is already there; name another folder")
    try:
        for place, content in new.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.write(content)
    except FileExistsError as error:
        raise OperatorError(f"{error.filename} is already there; name another folder") from None
    except OSError as error:
        raise OperatorError(f"cannot write {path}: {error.strerror}") from None
    to_person().print(f"wrote {path}; now: longtake render {path} --emulated")
    return 0


def check(
    storyboard: StoryboardPath,
    /,
    *,
    lint: Annotated[bool, Flag] = False,
    json_: Json = False,
) -> int:
    """Find every problem of a storyboard at once, each as `file:line: place: message`.

    Nothing is sent and nothing is rendered. Exit code 2 if there is any problem. What is allowed
    but may be a mistake is printed as a note.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON; `-` reads YAML from standard input.
    lint
        Also give advice on what chains of clips tend to get wrong: relative words, two actions in
        one clip, subjects that leave before a handover, words for a cut. The exit code stays 0.
    json_
        Print the problems (with `--lint`, the advice) as a JSON list of `file`, `line`, `place`,
        `message`.
    """
    from longtake.cli.plans import in_short
    from longtake.documents import load_plan
    from longtake.rendering.planning import advice_on, examine, notices_of
    from longtake.story import Rates

    try:
        loaded, plan = load_plan(storyboard, examine=examine)
    except StoryboardError as error:
        if not json_:
            raise
        print_json([vars(problem) for problem in error.problems])
        return error.exit_code
    advice = advice_on(loaded, plan) if lint else []
    if json_:
        print_json([vars(each) for each in advice])
        return 0
    to_person().print(f"{storyboard}: no problems; {in_short(plan)}")
    say_notices([*notices_of(loaded, plan, Rates()), *advice])
    return 0


def plan(
    storyboard: StoryboardPath,
    /,
    *,
    profile: str | None = None,
    fresh: Annotated[bool, Flag] = False,
    emulated: Annotated[bool, Flag] = False,
    folder: Path | None = None,
    only: Shots = (),
    max_usd: float | None = None,
    out: Path | None = None,
    json_: Json = False,
) -> int:
    """Show what a render would do with each clip and why, how long it takes and what it costs.

    Chains run in parallel, up to the profile's `concurrency`. Clips that the ledger
    knows are not paid for again, so after an edit the plan shows what the edit costs: each clip is
    reused, adopted (its job is under way), fetched or rendered, or waits for a person to decide.
    Nothing is sent.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON; `-` reads YAML from standard input.
    profile
        Profile whose prices, durations and ledger to use: a name in configs/profiles, or a path.
    fresh
        Plan as if nothing had been made yet: do not look into the ledger.
    emulated
        Plan by what was rendered with `--emulated`: rehearse an edit without a key.
    folder
        The render's folder, its `--out`, if it is not `renders/<storyboard's name>`.
    only
        Only these shots (`arrival/2`), and the shots that they continue.
    max_usd
        Refuse (exit code 3) if the least possible cost is more than this. Saved with `--out`.
    out
        Save the plan to this file: `longtake render --plan FILE` does exactly that, or refuses.
    json_
        Print the whole plan as JSON (docs/plan.md); with it, a refusal is JSON, too.
    """
    from longtake.cli.plans import print_plan
    from longtake.cli.refusing import refusing
    from longtake.rendering.planning import Wanted, planned
    from longtake.rendering.price_limit import refuse_over

    if out is not None and str(storyboard) == "-":
        raise OperatorError("a plan is kept of a file: standard input cannot be read again")
    seed = secrets.randbelow(2**31) if out is not None else None
    found = planned(
        storyboard, Wanted(profile, fresh, emulated, folder, tuple(only), seed, max_usd)
    )
    with refusing(json_):
        refuse_over(found.plan, found.decisions, max_usd)
    if not json_:
        print_plan(found)
        say_notices(found.notices)
    if json_ or out is not None:  # what a plan rests on takes settings and files to be read
        from longtake.rendering.documenting import document_of
        from longtake.rendering.kept_plan import keep_plan

        document = document_of(found)
        if json_:
            print(document.model_dump_json(indent=2))
        if out is not None:
            keep_plan(document, out)
            to_person().print(f"kept in {out}; now: longtake render --plan {out}")
    return 0
