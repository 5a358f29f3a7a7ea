"""What a render reports: typed facts, to its record, to watchers, to ``run.json``."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from pydantic import JsonValue

from longtake.clock import Clock
from longtake.errors import ContentBlocked, LongtakeError, RenderIncomplete, RenderStopped
from longtake.figures import counted
from longtake.ledger import Slate
from longtake.record import ClipRecord, ImageRecord, RunRecord, Stage, TakeRecord
from longtake.rendering.folder import RenderFolder
from longtake.rendering.outcomes import whole_text
from longtake.rendering.repeating import FEW_TRIES
from longtake.rendering.run_file import Journal, OnFailure
from longtake.rendering.takes import StoredTake, Take
from longtake.story import Calibration, ChainPlan, ClipPlan, Finding, Flash, worst_first
from longtake.story.experience import LATEST


class ReportedFacts(TypedDict, total=False):
    """The facts that a step may report of a clip; ``ClipRecord`` says what each means."""

    model: str
    parameters: Mapping[str, JsonValue]
    seed: int
    take: int
    fingerprint: str | None
    start: str
    start_image: ImageRecord | None
    end_image: ImageRecord | None
    stage: Stage
    error: str | None
    error_kind: str | None
    remark: str | None
    request_id: str | None
    expected_seconds: float
    expected_usd: float
    began_at: datetime | None
    submitted_at: datetime | None
    ended_at: datetime | None
    seconds_queued: float | None
    seconds_generating: float | None
    seconds_polling: float | None
    polls: int
    usd: float | None
    file: str | None
    sha256: str | None
    size_bytes: int | None
    frame_count: int | None
    width: int | None
    height: int | None
    skip_frames: int
    kept_frame_count: int
    first_frame_index: int
    calibration: Calibration | None
    flash: Flash | None


class Report:
    """The record of a render, kept up to date while it runs.

    ``on_failure`` is called for a ``run.json`` that cannot be written while nobody waits for it.
    """

    def __init__(
        self, record: RunRecord, folder: RenderFolder, clock: Clock, on_failure: OnFailure
    ) -> None:
        self.record = record
        self.journal = Journal(record, folder.root / "run.json", clock, on_failure)
        self._folder = folder
        self._clock = clock
        self._first_looks: dict[str, float] = {}
        self._ran: dict[tuple[object, ...], deque[tuple[float, float]]] = {}
        self._damaged: dict[str, set[str]] = {}

    def clip(self, clip: ClipPlan) -> ClipRecord:
        """What is on record of the clip."""
        return self.record.one(clip.id)

    def note(self, clip: ClipPlan, **facts: Unpack[ReportedFacts]) -> None:
        """Report facts of a clip: to the record, to watchers, and soon to ``run.json``."""
        self.record.note(clip.id, **facts)
        self.journal.changed()

    def ran(self, clip: ClipPlan) -> deque[tuple[float, float]]:
        """How long the latest jobs of the same model, size and length ran: at least, at most."""
        kind = (clip.model, clip.width, clip.height, clip.frame_count)
        return self._ran.setdefault(kind, deque(maxlen=LATEST))

    def stays_damaged(self, fingerprint: str, sha256: str) -> str:
        """How the take's file stays damaged though it is fetched again; empty where it may not."""
        known = self._damaged.setdefault(fingerprint, set())
        if sha256 in known:
            return "the same damaged file came twice"
        known.add(sha256)
        return f"{len(known)} files came, each damaged" if len(known) >= FEW_TRIES else ""

    def remark(self, clip: ClipPlan, says: str) -> None:
        """Add a remark to those that the clip has already."""
        known = self.clip(clip).remark
        if known is None or says not in known:
            self.note(clip, remark=f"{known}; {says}" if known else says)

    def held(self, take: Take, slate: Slate) -> None:
        """Record which take of the clip is worked on."""
        self.note(
            take.clip,
            fingerprint=take.fingerprint,
            take=take.number,
            seed=take.seed,
            parameters=take.clip.parameters,
            request_id=slate.request_id,
            submitted_at=slate.submitted_at,
            usd=slate.usd,
            remark=None,
        )

    def stored(self, take: Take | StoredTake, slate: Slate, *, reused: bool) -> None:
        """Record that a take is stored: the clip's facts are those in the ledger."""
        file = self._folder.relative(self._folder.clip(take))
        self._note_take(
            take.clip,
            TakeRecord(
                number=take.number,
                seed=slate.seed,
                fingerprint=slate.fingerprint,
                file=file,
                sha256=slate.clip_sha256,
                usd=slate.usd,
                reused=reused,
            ),
        )
        self.note(
            take.clip,
            stage=Stage.REUSED if reused else Stage.STORED,
            fingerprint=slate.fingerprint,
            take=take.number,
            seed=slate.seed,
            parameters=dict(slate.parameters),
            request_id=slate.request_id,
            usd=slate.usd,
            file=file,
            sha256=slate.clip_sha256,
            size_bytes=slate.size_bytes,
            frame_count=slate.frame_count,
            width=slate.width,
            height=slate.height,
            ended_at=slate.stored_at,
        )

    def own(self, take: StoredTake, *, size_bytes: int) -> None:
        """Record that the author's own clip is there, fitted to the film."""
        self.note(
            take.clip,
            stage=Stage.OWN,
            fingerprint=take.fingerprint,
            usd=0.0,
            file=self._folder.relative(self._folder.clip(take)),
            sha256=take.sha256,
            size_bytes=size_bytes,
            frame_count=take.clip.frame_count,
            width=take.clip.width,
            height=take.clip.height,
            ended_at=self._clock.now(),
        )

    def departed(self, finding: Finding) -> None:
        """Record a departure of the service from what is assumed of it; each kind once."""
        known = self.record.findings
        if all(each.rule != finding.rule for each in known):
            self.record.note(findings=worst_first([*known, finding]))
            self.journal.changed()

    def chosen(self, take: StoredTake, slate: Slate) -> None:
        """Record which of several takes is in the film: the clip's facts are its facts."""
        mine = self.take(take)
        for each in self.clip(take.clip).takes:
            each.chosen = each is mine
        self.stored(take, slate, reused=mine.reused)

    def take(self, take: StoredTake) -> TakeRecord:
        """What is on record of a take that was reported."""
        takes = self.clip(take.clip).takes
        return next(each for each in takes if each.fingerprint == take.fingerprint)

    def _note_take(self, clip: ClipPlan, take: TakeRecord) -> None:
        takes = self.clip(clip).takes
        known = next((each for each in takes if each.fingerprint == take.fingerprint), None)
        if known is not None:
            facts = {"chosen": known.chosen, "why": known.why, "score": known.score}
            take = take.model_copy(update=facts | {"reused": known.reused and take.reused})
            takes.remove(known)
        takes.append(take)
        takes.sort(key=lambda each: each.number)

    def span(self, clip: ClipPlan) -> None:
        """Put on record which frames of a clip the film has, as far as that is settled."""
        record = self.clip(clip)
        known = record.skip_frames, record.kept_frame_count, record.first_frame_index
        if known != (clip.skip_frames, clip.kept_frame_count, clip.first_frame_index):
            self.note(
                clip,
                skip_frames=clip.skip_frames,
                kept_frame_count=clip.kept_frame_count,
                first_frame_index=clip.first_frame_index,
            )

    def replanned(self, clip: ClipPlan) -> None:
        """Record that the clip begins or ends on another picture than was planned."""
        planned = ClipRecord.of(clip, chain=self.clip(clip).chain)
        self.note(
            clip,
            model=planned.model,
            start=planned.start,
            start_image=planned.start_image,
            end_image=planned.end_image,
            expected_seconds=planned.expected_seconds,
            expected_usd=planned.expected_usd,
        )

    def first_look(self, request_id: str) -> float:
        """When this render first looked at the job, in the clock's monotonic seconds."""
        return self._first_looks.setdefault(request_id, self._clock.monotonic())

    def failed(self, clip: ClipPlan, error: LongtakeError) -> None:
        """Record that work on a clip ended with an error."""
        self.note(
            clip,
            stage=_stage_after(error),
            error=whole_text(error),
            error_kind=type(error).__name__,
            ended_at=self._clock.now(),
        )

    def skip_rest(self, chain: ChainPlan, failed: ClipPlan) -> None:
        """Record that what follows ``failed`` in its chain cannot be made."""
        self.skip(chain.clips[chain.clips.index(failed) + 1 :], failed.id)

    def skip(self, clips: Sequence[ClipPlan], needed: str) -> None:
        """Record that clips cannot be made, for want of another."""
        for clip in clips:
            self.note(clip, stage=Stage.SKIPPED, error=f"not submitted: needs {needed}")

    def missing(self) -> list[ClipRecord]:
        """The clips that ended badly."""
        return [clip for clip in self.record.everything if clip.stage.ended_badly]

    def raise_missing(self) -> None:
        """Raise RenderIncomplete if a clip is missing from the film."""
        if missing := self.missing():
            raise RenderIncomplete(_said_of(missing), [clip.id for clip in missing])

    def wait_again(self) -> None:
        """Record that the clips that ended badly are to be made after all."""
        for record in self.missing():
            cleared = {"error": None, "error_kind": None, "ended_at": None}
            self.record.note(record.id, stage=Stage.WAITING, **cleared)


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
    clips = counted(len(missing), "clip")
    return f"{clips} missing, so there is no film; the others are kept:\n{lines}"
