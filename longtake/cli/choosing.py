"""``longtake choose`` and ``longtake lock``: which takes the film has, whatever the readings say.

A choice is a verdict in the ledger. Nothing is sent here; the next render does what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from longtake.blocking import wait_for
from longtake.cli.authoring import Flag, Json, Note
from longtake.cli.console import print_json, to_person
from longtake.cli.review import read_record
from longtake.errors import SettingsError
from longtake.figures import dollars

if TYPE_CHECKING:
    from longtake.ledger import Slate
    from longtake.record import ClipRecord, RunRecord
    from longtake.rendering.deciding import Outcome
    from longtake.rendering.outlook import Foreseen


def choose(
    run: Path,
    clip: str,
    take: int,
    /,
    *,
    note: Note = "",
    profile: str | None = None,
    json_: Json = False,
) -> int:
    """Choose a take of a clip for the film, regardless of the measurements.

    The choice is kept in the ledger, and an earlier one for the clip is taken back. It applies to
    exactly the take that the render shows: one that was made again since is refused (exit code 6).

    The next `longtake render` puts the take into the film. Clips that continue it start from
    another frame then, so they are made again unless they were made from this take before: the cost
    is shown here. `longtake lock RUN --undo CLIP` takes the choice back.

    Parameters
    ----------
    run
        The render's folder, or its `run.json`.
    clip
        The clip's id, such as `arrival/2.1`: the review names it.
    take
        The number of the take, as the review shows it.
    note
        Why; kept next to the choice in the ledger.
    profile
        Profile that the render used: a name in configs/profiles, or a path.
    json_
        Print what was decided, and what the next render would do, as JSON.
    """
    from longtake.rendering.deciding import deciding
    from longtake.settings import load_settings

    folder, record = read_record(run)
    of_clip = _clip_of(record, clip)

    async def work() -> int:
        async with deciding(folder, record, load_settings(profile)) as desk:
            takes = await desk.takes(of_clip)
            wanted = _the_take(of_clip, takes, take)
            before = await desk.chosen(takes)
            await desk.choose(of_clip, wanted, note)
            foreseen = await desk.foresee()
        if json_:
            print_json(_decision(clip, wanted, before) | _outlook(foreseen))
        else:
            _say_chosen(of_clip, wanted, foreseen)
        return 0

    return wait_for(work())


def lock(
    run: Path,
    /,
    *clips: str,
    undo: Annotated[bool, Flag] = False,
    profile: str | None = None,
    json_: Json = False,
) -> int:
    """Lock the takes that are in the film, so that no new take or changed limit replaces them.

    Every clip's take is written into the ledger as chosen. A clip for which a take was chosen by
    hand since the render keeps that choice; clips that are missing are skipped. Where a take
    was made again since, none is locked (exit code 6): look at it first.

    Parameters
    ----------
    run
        The render's folder, or its `run.json`.
    clips
        Only these clips, by their ids; all of them if none is named.
    undo
        Take the choices back instead, those of `longtake choose` too: the measurements decide
        again.
    profile
        Profile that the render used: a name in configs/profiles, or a path.
    json_
        Print what became of each clip as JSON.
    """
    from longtake.rendering.deciding import deciding
    from longtake.settings import load_settings

    folder, record = read_record(run)
    wanted = [_clip_of(record, name) for name in clips] or list(record.clips.values())

    async def work() -> int:
        async with deciding(folder, record, load_settings(profile)) as desk:
            if undo:
                done = {clip.id: await desk.unlock(clip) for clip in wanted}
            else:
                done = await desk.lock(wanted)
        if json_:
            print_json({"clips": {name: vars(outcome) for name, outcome in done.items()}})
        else:
            _say_locked(done)
        return 0

    return wait_for(work())


def _clip_of(record: RunRecord, clip: str) -> ClipRecord:
    from longtake.story.explain import did_you_mean

    if clip not in record.clips:
        raise SettingsError(f"no clip {clip!r} here; {did_you_mean(clip, list(record.clips))}")
    return record.clips[clip]


def _the_take(clip: ClipRecord, takes: Sequence[Slate], number: int) -> Slate:
    wanted = next((each for each in takes if each.take_number == number), None)
    if wanted is not None:
        return wanted
    there = ", ".join(str(each.take_number) for each in takes)
    hint = f"there are takes {there}" if takes else "none of its takes is in the ledger"
    raise SettingsError(f"{clip.id} has no take {number}; {hint}")


# -- what is said -------------------------------------------------------------------------------


def _decision(clip: str, take: Slate, before: Slate | None) -> dict[str, Any]:
    return {
        "clip": clip,
        "take": take.take_number,
        "seed": take.seed,
        "fingerprint": take.fingerprint,
        "chosen_before": before and before.take_number,
    }


def _outlook(foreseen: Foreseen | None) -> dict[str, Any]:
    return {
        "outlook": foreseen and {name: str(what) for name, what in foreseen.clips.items()},
        "usd_to_pay": foreseen and foreseen.usd,
    }


def _say_chosen(clip: ClipRecord, take: Slate, foreseen: Foreseen | None) -> None:
    console = to_person()
    chosen = f"{clip.id}: take {take.take_number} is chosen"
    if clip.fingerprint == take.fingerprint:
        chosen += ", the film has it already"
    console.print(chosen)
    if foreseen is None:
        console.print("the storyboard is not where it was; `longtake plan` says what comes next")
        return
    mine = foreseen.decisions.get(clip.id)
    if mine is None or mine.fingerprint != take.fingerprint:
        console.print(
            f"{clip.id} is another clip in the next render, since it was edited or begins from "
            "another frame by now: the choice waits until it is this one again"
        )
    if foreseen.made:
        made = ", ".join(foreseen.made)
        console.print(f"the next render makes {made} for about {dollars(foreseen.usd)}")
    else:
        console.print("the next render makes no clip and costs nothing")


def _say_locked(done: Mapping[str, Outcome]) -> None:
    console = to_person()
    for name, outcome in done.items():
        which = f", take {outcome.take}" if outcome.take is not None else ""
        console.print(f"{name}: {outcome.what}{which}")
