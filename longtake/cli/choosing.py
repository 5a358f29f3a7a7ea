"""``longtake choose`` and ``longtake lock``: which takes the film has, whatever the readings say.

A choice is a verdict in the ledger. Nothing is sent here; the next render does what was decided.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from longtake.cli.authoring import Flag
from longtake.cli.console import dollars, to_person
from longtake.cli.review import read_record
from longtake.errors import LongtakeError, OperatorError, SettingsError

if TYPE_CHECKING:
    from longtake.ledger import Ledger, Slate, Verdict
    from longtake.record import ClipRecord, RunRecord
    from longtake.rendering.outlook import Foreseen
    from longtake.settings import Settings

Json = Annotated[bool, Flag, Parameter("--json")]


def choose(
    run: Path,
    clip: str,
    take: int,
    /,
    *,
    note: str = "",
    profile: str | None = None,
    json_: Json = False,
) -> int:
    """Choose a take of a clip for the film, whatever the readings say.

    The choice is kept in the ledger, and an earlier one for the clip is taken back. It is of the
    very take that the render shows: one that was made again since is refused (exit code 6).

    The next `longtake render` puts the take into the film. Clips that continue it start from
    another frame then, so they are made anew unless they were made from this take before: what that
    costs is said here. `longtake lock RUN --undo CLIP` takes the choice back.

    Parameters
    ----------
    run
        The render's folder, or its `run.json`.
    clip
        The clip's id, such as `arrival/2.1`: the review names it.
    take
        The number of the take, as the review has it.
    note
        Why; kept next to the choice in the ledger.
    profile
        Profile that the render used: a name in configs/profiles, or a path.
    json_
        Print what was decided, and what the next render would do, as JSON.
    """
    folder, record = read_record(run)
    of_clip = _clip_of(record, clip)

    async def work() -> int:
        async with _opened(folder, record, profile) as desk:
            takes = await desk.takes(of_clip)
            wanted = _the_take(of_clip, takes, take)
            before = await desk.chosen(takes)
            await desk.choose(of_clip, wanted, note)
            foreseen = await desk.foresee()
        if json_:
            _print_json(_decision(clip, wanted, before) | _outlook(foreseen))
        else:
            _say_chosen(of_clip, wanted, foreseen)
        return 0

    return asyncio.run(work())


def lock(
    run: Path,
    /,
    *clips: str,
    undo: Annotated[bool, Flag] = False,
    profile: str | None = None,
    json_: Json = False,
) -> int:
    """Keep the takes that are in the film: no new take, and no other limit, can replace them.

    Every clip's take is written into the ledger as chosen. A clip for which a take was chosen by
    hand since the render keeps that choice; clips that are missing are passed over. Where a take
    was made again since, none is locked (exit code 6): look at it first.

    Parameters
    ----------
    run
        The render's folder, or its `run.json`.
    clips
        Only these clips, by their ids; all of them if none is named.
    undo
        Take the choices back instead, those of `longtake choose` too: the readings decide again.
    profile
        Profile that the render used: a name in configs/profiles, or a path.
    json_
        Print what became of each clip as JSON.
    """
    folder, record = read_record(run)
    wanted = [_clip_of(record, name) for name in clips] or list(record.clips.values())

    async def work() -> int:
        async with _opened(folder, record, profile) as desk:
            if undo:
                done = {clip.id: await desk.unlock(clip) for clip in wanted}
            else:
                done = await desk.lock(wanted)
        if json_:
            _print_json({"clips": {name: vars(outcome) for name, outcome in done.items()}})
        else:
            _say_locked(done)
        return 0

    return asyncio.run(work())


# -- the work -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What became of a clip's choice; ``take`` is the number that is (or was) chosen."""

    what: str
    take: int | None = None


@dataclass(frozen=True)
class _Desk:
    """A render's record next to the ledger that its takes are in."""

    record: RunRecord
    ledger: Ledger
    settings: Settings

    async def takes(self, clip: ClipRecord) -> list[Slate]:
        """The clip's takes that are there, by number: those that ask for the same but the seed."""
        from longtake.ledger import TakeState

        mine = await self.ledger.find(clip.fingerprint) if clip.fingerprint else None
        if mine is None:
            return []
        known = await self.ledger.slates(storyboard=mine.storyboard, state=TakeState.STORED)
        takes = [slate for slate in known if slate.asks_for == mine.asks_for]
        return sorted(takes, key=lambda slate: slate.take_number)

    async def chosen(self, takes: Sequence[Slate]) -> Slate | None:
        """The one of them that is chosen."""
        from longtake.ledger import Verdict

        verdicts = await self._verdicts(takes)
        chosen = (each for each in takes if verdicts.get(each.fingerprint) is Verdict.CHOSEN)
        return next(chosen, None)

    async def choose(self, clip: ClipRecord, take: Slate, note: str) -> None:
        """Choose a take of the clip, if it is the one that the record shows under its number."""
        from longtake.ledger import ShownTake, Verdict

        told = (each for each in clip.takes if each.number == take.take_number and each.sha256)
        mine = next(told, None)
        name, sha256 = (mine.fingerprint, mine.sha256) if mine else (take.fingerprint, None)
        shown = ShownTake(clip.id, name, sha256 or str(take.clip_sha256))
        await self.ledger.decide_shown([shown], {clip.id: Verdict.CHOSEN}, note)

    async def lock(self, clips: Sequence[ClipRecord]) -> dict[str, Outcome]:
        """Choose the takes that the film has, but where another one was chosen."""
        from longtake.ledger import ShownTake, Verdict

        done, shown = {}, []
        for clip in clips:
            takes = await self.takes(clip)
            chosen = await self.chosen(takes)
            mine = clip.fingerprint and await self.ledger.find(clip.fingerprint)
            if chosen is not None:
                same = chosen.fingerprint == clip.fingerprint
                what = "locked already" if same else "kept as chosen"
                done[clip.id] = Outcome(what, chosen.take_number)
            elif not mine or not clip.stage.ended_well:
                done[clip.id] = Outcome("missing")
            else:
                done[clip.id] = Outcome("locked", mine.take_number)
                sha256 = clip.sha256 or str(mine.clip_sha256)
                shown.append(ShownTake(clip.id, mine.fingerprint, sha256))
        await self.ledger.decide_shown(
            shown, {take.clip_id: Verdict.CHOSEN for take in shown}, "locked"
        )
        return done

    async def unlock(self, clip: ClipRecord) -> Outcome:
        """Take the clip's choice back, if there is one."""
        chosen = await self.chosen(await self.takes(clip))
        if chosen is None:
            return Outcome("not locked")
        await self.ledger.decide(chosen.fingerprint, None)
        return Outcome("unlocked", chosen.take_number)

    async def foresee(self) -> Foreseen | None:
        """What the next render would do; None where the storyboard cannot be read any more."""
        from longtake.documents import load_plan, plan_of
        from longtake.rendering.outlook import foresee
        from longtake.story import learned

        try:
            loaded, _ = await asyncio.to_thread(load_plan, Path(self.record.storyboard))
        except (LongtakeError, OSError):
            return None
        base_seed = await self.ledger.known_base_seed(loaded.storyboard.title)
        past = await self.ledger.past_clips()
        rates = learned(self.settings.rates, past)
        plan = plan_of(loaded, base_seed=base_seed, rates=rates)
        return await foresee(
            self.ledger,
            plan,
            loaded.path.parent,
            self.settings.picture.untagged_matrix,
            self.settings.keeping.retakes,
            retake_unusable=self.settings.keeping.retake_unusable,
            past=past,
        )

    async def _verdicts(self, takes: Sequence[Slate]) -> Mapping[str, Verdict]:
        return await self.ledger.verdicts([each.fingerprint for each in takes])


@asynccontextmanager
async def _opened(folder: Path, record: RunRecord, profile: str | None) -> AsyncIterator[_Desk]:
    """The ledger that the render used; OperatorError where there is none."""
    from longtake.ledger.existing import existing_ledger
    from longtake.settings import load_settings

    settings = load_settings(profile)
    place = settings.keeping.ledger
    if record.emulated:
        place = str(folder / "emulated/ledger.sqlite")
    async with existing_ledger(place) as (name, ledger):
        if ledger is None:
            raise OperatorError(
                f"no ledger at {name}; name the profile that the render used with --profile"
            )
        yield _Desk(record, ledger, settings)


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
    console.print(Text(chosen))
    if foreseen is None:
        console.print(
            Text("the storyboard is not where it was; `longtake plan` says what comes next")
        )
        return
    made = [name for name, outlook in foreseen.clips.items() if outlook.to_pay]
    if made:
        said = f"the next render makes {', '.join(made)} for about {dollars(foreseen.usd)}"
    else:
        said = "the next render makes no clip and costs nothing"
    console.print(Text(said))


def _say_locked(done: Mapping[str, Outcome]) -> None:
    console = to_person()
    for name, outcome in done.items():
        which = f", take {outcome.take}" if outcome.take is not None else ""
        console.print(Text(f"{name}: {outcome.what}{which}"))


def _print_json(answer: Any) -> None:
    print(json.dumps(answer, indent=2, ensure_ascii=False))
