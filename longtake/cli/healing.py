"""``longtake heal``: one clip in the middle again, its neighbours left as they are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from longtake.blocking import wait_for
from longtake.cli.authoring import Flag, Json
from longtake.cli.console import print_json, to_person
from longtake.cli.review import read_record
from longtake.errors import ServiceError
from longtake.figures import counted, dollars

if TYPE_CHECKING:
    from longtake.rendering.healing import Healed
    from longtake.rendering.outlook import Foreseen


def heal(
    run: Path,
    clip: str,
    /,
    *,
    cascade: Annotated[bool, Flag] = False,
    profile: str | None = None,
    budget: float | None = None,
    pace: float = 60,
    json_: Json = False,
) -> int:
    """Make one clip in the middle of a chain again, and pay for it alone: what follows stays.

    The clip is made as the storyboard has it now. It starts from the frame that the clip before
    hands over and moves towards the frame from which the next one was started. Whether the service
    moved there is measured: where it did not, the film stays as it was, and the price of making all
    following clips again is shown. Run again, it pays nothing.

    Parameters
    ----------
    run
        The render's folder, or its `run.json`.
    clip
        The clip's id, such as `arrival/2.1`: the review names it.
    cascade
        Where the service did not move there, go on from the clip all the same: the next
        `longtake render` makes the following clips again.
    profile
        Profile that the render used: a name in configs/profiles, or a path.
    budget
        Submit nothing that would cost more than this many USD.
    pace
        How many times faster than the real service the emulator works, for an emulated render.
    json_
        Print what became of it as JSON.
    """
    from longtake.api import aheal
    from longtake.surroundings import settle

    folder, _ = read_record(run)
    settle()
    found = wait_for(
        aheal(folder, clip, profile=profile, budget_usd=budget, cascade=cascade, pace=pace)
    )
    if json_:
        print_json(_as_data(found))
    _say(found)
    return 0 if found.honoured or cascade else ServiceError.exit_code


def _as_data(found: Healed) -> dict[str, Any]:
    return {
        "clip": found.clip_id,
        "follower": found.follower_id,
        "honoured": found.honoured,
        "arrival": found.arrival.model_dump(mode="json"),
        "usd": found.usd,
        "findings": [each.model_dump(mode="json") for each in found.findings],
        "film": found.whole,
        "ahead": _outlook(found.ahead),
        "cascade": found.cascade and _outlook(found.cascade),
    }


def _outlook(foreseen: Foreseen) -> dict[str, Any]:
    return {"clips": foreseen.made, "usd": foreseen.usd, "usd_at_most": foreseen.usd_at_most}


def _say(found: Healed) -> None:
    console = to_person()
    arrival = f"likeness {found.arrival.ssim:.2f}, ΔE {found.arrival.colour_step:.1f}"
    if found.honoured:
        console.print(
            f"{found.clip_id} is healed for {dollars(found.usd)}: it ends where "
            f"{found.follower_id} begins ({arrival}), and what follows stays as it is"
        )
    else:
        console.print(
            f"{found.clip_id} was made for {dollars(found.usd)}, but the service did not move "
            f"to where {found.follower_id} begins ({arrival})"
        )
    for finding in found.findings:
        console.print(f"{finding.severity}: {finding.place}: {finding.says}")
    _say_ahead(found)


def _say_ahead(found: Healed) -> None:
    console = to_person()
    if found.cascade is not None:
        console.print(_offer(found.cascade, found.clip_id))
    if found.ahead.made:
        made, price = ", ".join(found.ahead.made), dollars(found.ahead.usd)
        console.print(f"the next render makes {made} for about {price}")
    elif found.whole:
        console.print("the film is joined again")


def _offer(cascade: Foreseen, clip_id: str) -> str:
    again = counted(len(cascade.made), "clip")
    return (
        f"to go on from it, `longtake heal RUN {clip_id} --cascade` and `longtake render`: "
        f"{again} again for about {dollars(cascade.usd)}"
    )
