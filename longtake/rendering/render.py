"""The render: what the steps of one render share, and how they report.

A failing clip ends its own chain only; an operator's error (the key, the account, the disk) stops
all further submits, while what is in flight is finished and kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from longtake.errors import (
    ContentBlocked,
    LongtakeError,
    OperatorError,
    RenderIncomplete,
    RenderStopped,
)
from longtake.ledger import Budget, Ledger
from longtake.media import Ffmpeg, Segment, Side
from longtake.record import ClipRecord, RunRecord, Stage, TakeRecord
from longtake.rendering.run_file import Journal
from longtake.rendering.seams import Seams
from longtake.segmind import SegmindClient
from longtake.settings import Settings
from longtake.store import Store
from longtake.story import (
    Calibration,
    ChainPlan,
    ClipPlan,
    Flash,
    PairReading,
    Plan,
    Treatment,
)

if TYPE_CHECKING:
    from tasks.people.approval import Gate


class StoredTake(NamedTuple):
    """A take that is there: its checked file, as the service made it, and what is known of it.

    ``clip`` is the slot with this take's seed, and with the frames that the film has of it as far
    as that is known by now. ``treatment`` is what is undone in it.
    """

    path: Path
    sha256: str
    fingerprint: str
    clip: ClipPlan
    number: int = 1
    treatment: Treatment | None = None

    @property
    def pair(self) -> PairReading | None:
        """The frame handed over against the frame that came back."""
        return None if self.treatment is None else self.treatment.pair

    @property
    def calibration(self) -> Calibration | None:
        """What takes its colours back."""
        return None if self.treatment is None else self.treatment.calibration

    @property
    def flash(self) -> Flash | None:
        """What is taken off its first frames."""
        return None if self.treatment is None else self.treatment.flash


class Encoding(NamedTuple):
    """A clip on its way into the film's shape: which frames of what, how many, and the work."""

    of: tuple[Side, int]
    task: asyncio.Task[Segment]


@dataclass
class Render:
    """What the steps of one render share.

    ``folder`` holds everything the render leaves. ``slots`` bounds the jobs in flight,
    ``ffmpeg_slots`` the ffmpeg runs, ``starting_chains`` the chains that begin at once. ``owner``
    names this process in the ledger, ``account`` whoever pays. ``retake_lost`` lets takes whose
    files are lost be paid for again. ``stopped_by`` is set once nothing more may be submitted.
    ``kept`` are the clips that are there, by id, ``seams`` where they join. ``film_changes`` is set
    once the film will be another than before; only then are clips encoded for it, and only if this
    render ``assembles`` one. ``film_recipe`` names the film that was made.
    """

    plan: Plan
    settings: Settings
    folder: Path
    storyboard_folder: Path
    record: RunRecord
    client: SegmindClient
    account: str
    ffmpeg: Ffmpeg
    ledger: Ledger
    store: Store
    owner: str
    slots: asyncio.Semaphore
    ffmpeg_slots: asyncio.Semaphore
    starting_chains: asyncio.Semaphore
    profile: str | None = None
    budget_usd: float | None = None
    budgets: tuple[Budget, ...] = ()
    retake_lost: bool = False
    stopped_by: OperatorError | None = None
    store_proven: bool = False
    paid_again: set[str] = field(default_factory=set)
    locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    film_changes: asyncio.Event = field(default_factory=asyncio.Event)
    kept: dict[str, StoredTake] = field(default_factory=dict)
    seams: Seams = field(init=False)
    journal: Journal = field(init=False)
    encodings: dict[str, Encoding] = field(default_factory=dict)
    assembles: bool = True
    film_recipe: str = ""
    approve: Literal["each-shot", "each-scene"] | None = None
    gates: dict[str, Gate] = field(default_factory=dict)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    background: set[asyncio.Task[Any]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """The seams begin where the plan has them; what happens is written down."""
        self.seams = Seams(self.plan)
        self.journal = Journal(self.record, self.folder / "run.json", self.stop)

    @property
    def run(self) -> str:
        """What the ledger calls this render: budgets for one render count by it."""
        return self.record.run_id

    def path(self, kind: str, clip: ClipPlan, ending: str) -> Path:
        """Where a file of a clip lies: ``DIR/clips/arrival-2.1.mp4`` and its like."""
        folder = self.folder / kind
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{clip.id.replace('/', '-')}{ending}"

    def relative(self, path: Path) -> str:
        """The path as ``run.json`` says it: from the render's folder on."""
        return path.relative_to(self.folder).as_posix()

    def note(self, clip: ClipPlan, **facts: Any) -> None:
        """Report facts of a clip: to the record, to whoever watches, and soon to ``run.json``."""
        self.record.note(clip.id, **facts)
        self.journal.changed()

    def note_take(self, clip: ClipPlan, take: TakeRecord) -> None:
        """Add a take to the clip's record, or replace what was known of it."""
        takes = self.record.clips[clip.id].takes
        known = next((each for each in takes if each.fingerprint == take.fingerprint), None)
        if known is not None:
            facts = {"chosen": known.chosen, "why": known.why, "score": known.score}
            take = take.model_copy(update=facts | {"reused": known.reused and take.reused})
            takes.remove(known)
        takes.append(take)
        takes.sort(key=lambda each: each.number)

    def stop(self, error: OperatorError) -> None:
        """Submit nothing more, because of ``error``; the first reason stays."""
        self.stopped_by = self.stopped_by or error

    @contextmanager
    def attempt(self, clip: ClipPlan) -> Iterator[None]:
        """Work on a clip; what goes wrong with it is recorded and ends here."""
        self.note(clip, began_at=_now())
        try:
            yield
        except LongtakeError as error:
            if isinstance(error, OperatorError):
                self.stop(error)
            facts = {"error": str(error), "error_kind": type(error).__name__, "ended_at": _now()}
            self.note(clip, stage=_stage_after(error), **facts)

    async def prove_store(self) -> None:
        """Before the first payment: raise what is wrong with the store that is to keep the clip."""
        if not self.store_proven:
            await self.store.prove()
            self.store_proven = True

    def pays_again(self, fingerprint: str) -> bool:
        """Whether a lost take may be paid for once more in this render: once, if ever."""
        return self.retake_lost and fingerprint not in self.paid_again

    async def failed_now(self, fingerprint: str) -> bool:
        """Whether the take failed in this very render, and not in an earlier one."""
        return (await self.ledger.get(fingerprint)).run == self.run

    def alone(self, fingerprint: str) -> asyncio.Lock:
        """For one clip of this render at a time: two may ask for the very same take."""
        return self.locks.setdefault(fingerprint, asyncio.Lock())

    def skip_rest(self, chain: ChainPlan, failed: ClipPlan) -> None:
        """Record that what follows ``failed`` in its chain cannot be made."""
        for clip in chain.clips[chain.clips.index(failed) + 1 :]:
            self.note(clip, stage=Stage.SKIPPED, error=f"not submitted: needs {failed.id}")

    def raise_missing(self) -> None:
        """Raise for whatever is missing from the film."""
        if self.stopped_by is not None:
            raise self.stopped_by
        missing = [clip for clip in self.record.clips.values() if clip.stage.ended_badly]
        if missing:
            raise RenderIncomplete(_said_of(missing), [clip.id for clip in missing])

    def go_on(self) -> None:
        """Forget why the render stopped: whatever it was has been mended."""
        self.stopped_by = None
        for record in self.record.clips.values():
            if record.stage.ended_badly:
                facts = {"error": None, "error_kind": None, "ended_at": None}
                self.record.note(record.id, stage=Stage.WAITING, **facts)

    async def drop_encodings(self) -> None:
        """End whatever is still being encoded: the render is over."""
        tasks = [encoding.task for encoding in self.encodings.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _stage_after(error: LongtakeError) -> Stage:
    match error:
        case ContentBlocked():
            return Stage.BLOCKED
        case RenderStopped():
            return Stage.SKIPPED
        case _:
            return Stage.FAILED


def _said_of(missing: Sequence[ClipRecord]) -> str:
    lines = "\n".join(f"  {clip.id} {clip.stage}: {clip.error}" for clip in missing)
    return f"{len(missing)} clips are missing, so there is no film; the others are kept:\n{lines}"


def _now() -> datetime:
    return datetime.now(UTC)
