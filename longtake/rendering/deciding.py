"""What people decide about takes: one place for the command line, Prefect's form and the board.

A decision is a verdict in the ledger about the very take that was shown. Nothing is sent here; the
next render does what was decided.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from longtake.documents import LoadedStoryboard, load_plan, plan_of
from longtake.errors import LongtakeError, OperatorError
from longtake.folders import emulated_ledger, emulated_store
from longtake.ledger import Ledger, ShownTake, Slate, TakeState, Verdict
from longtake.ledger.existing import existing_ledger
from longtake.ledger.supposing import SupposedLedger
from longtake.record import ClipRecord, RunRecord, Stage
from longtake.rendering.anchors import approve_anchors
from longtake.rendering.outlook import Foreseen
from longtake.rendering.planning import foresee_with, selected
from longtake.settings import Settings
from longtake.story import learned


@dataclass(frozen=True)
class Outcome:
    """What became of a clip's choice; ``take`` is the number that is (or was) chosen."""

    what: str
    take: int | None = None


@dataclass(frozen=True)
class Decisions:
    """A render's record next to the ledger that its takes are in."""

    record: RunRecord
    ledger: Ledger
    settings: Settings

    async def takes(self, clip: ClipRecord) -> list[Slate]:
        """The clip's takes that are there, by number: those that ask for the same but the seed."""
        mine = await self.ledger.find(clip.fingerprint) if clip.fingerprint else None
        if mine is None:
            return []
        known = await self.ledger.slates(storyboard=mine.storyboard, state=TakeState.STORED)
        takes = [slate for slate in known if slate.asks_for == mine.asks_for]
        return sorted(takes, key=lambda slate: slate.take_number)

    async def chosen(self, takes: Sequence[Slate]) -> Slate | None:
        """The one of them that is chosen."""
        verdicts = await self._verdicts(takes)
        chosen = (each for each in takes if verdicts.get(each.fingerprint) is Verdict.CHOSEN)
        return next(chosen, None)

    async def choose(self, clip: ClipRecord, take: Slate, note: str) -> None:
        """Choose a take of the clip, if it is the one that the record shows under its number."""
        matching = (each for each in clip.takes if each.number == take.take_number and each.sha256)
        mine = next(matching, None)
        name, sha256 = (mine.fingerprint, mine.sha256) if mine else (take.fingerprint, None)
        shown = ShownTake(clip.id, name, sha256 or str(take.clip_sha256))
        await self.ledger.decide_shown([shown], {clip.id: Verdict.CHOSEN}, note)

    async def lock(self, clips: Sequence[ClipRecord]) -> dict[str, Outcome]:
        """Choose the takes that the film has, but where another one was chosen."""
        done, shown = {}, []
        for clip in clips:
            if clip.stage is Stage.OWN:
                done[clip.id] = Outcome("your own")
                continue
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

    async def reject(self, shown: Sequence[ShownTake], note: str) -> None:
        """Decide against takes, as they were shown: the next render makes others in their place."""
        rejected = dict.fromkeys((take.clip_id for take in shown), Verdict.REJECTED)
        await self.ledger.decide_shown(shown, rejected, note)

    async def approve(self, shown: Sequence[ShownTake], note: str) -> None:
        """Let takes pass that a render asks about, as they were shown; of a guide its anchors."""
        question = self.record.question
        if question is not None and question.anchors:
            await approve_anchors(self.ledger, shown[0], question.about, note)
            return
        approved = dict.fromkeys((take.clip_id for take in shown), Verdict.APPROVED)
        await self.ledger.decide_shown(shown, approved, note)

    async def foresee(
        self, supposed: Mapping[str, Verdict | None] = MappingProxyType({}), text: str | None = None
    ) -> Foreseen | None:
        """What the next render would do; None where the storyboard cannot be read any more.

        ``supposed`` decisions count as if they had been made, a ``text`` as if it were the
        storyboard's. Raises StoryboardError for a text that is none.
        """
        try:
            path = Path(self.record.storyboard)
            loaded, _ = await asyncio.to_thread(load_plan, path, text=text)
        except (LongtakeError, OSError):
            if text is not None:
                raise
            return None
        ledger = SupposedLedger(self.ledger, supposed)
        return await _foreseen(ledger, loaded, self.settings, self.record.only)

    async def _verdicts(self, takes: Sequence[Slate]) -> Mapping[str, Verdict]:
        return await self.ledger.verdicts([each.fingerprint for each in takes])


@asynccontextmanager
async def deciding(folder: Path, record: RunRecord, settings: Settings) -> AsyncIterator[Decisions]:
    """About a render's takes, in the ledger that it used; OperatorError where there is none."""
    async with existing_ledger(ledger_of(folder, record, settings)) as (name, ledger):
        if ledger is None:
            raise OperatorError(
                f"no ledger at {name}; name the profile that the render used with --profile"
            )
        yield Decisions(record, ledger, settings)


def ledger_of(folder: Path, record: RunRecord, settings: Settings) -> str:
    """Where the render's takes are: emulated ones lie in its own folder."""
    return emulated_ledger(folder) if record.emulated else settings.keeping.ledger


def store_of(folder: Path, record: RunRecord, settings: Settings) -> str:
    """Where the render's files are kept: emulated ones in its own folder."""
    return emulated_store(folder) if record.emulated else settings.keeping.store


async def foreseen_of(loaded: LoadedStoryboard, place: str, settings: Settings) -> Foreseen | None:
    """What a render of a storyboard would do; None where the ledger at ``place`` is yet to be."""
    async with existing_ledger(place) as (_, ledger):
        return await _foreseen(ledger, loaded, settings) if ledger else None


async def _foreseen(
    ledger: Ledger, loaded: LoadedStoryboard, settings: Settings, only: Sequence[str] = ()
) -> Foreseen:
    base_seed = await ledger.known_base_seed(loaded.storyboard.title)
    past = await ledger.past_clips()
    whole = plan_of(loaded, base_seed=base_seed, rates=learned(settings.rates, past))
    plan = selected(whole, only)
    return await foresee_with(ledger, plan, loaded.path.parent, settings, past)
