"""Every fault of the emulator, and how a render of one or two clips ends with it.

``docs/faults.md`` is made from these rows: ``python -m tests.end_to_end.fault_table``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longtake.emulator import Action, Endpoint, Fault
from longtake.emulator.odd_clips import CLIPS
from longtake.emulator.shapes import KEYS, METRICS, WORDS
from longtake.errors import (
    AddressRefused,
    AmbiguousSubmit,
    ClipUnusable,
    ContentBlocked,
    FileNotYet,
    GenerationFailed,
    JobOverdue,
    KeyRefused,
    LongtakeError,
    ModelRetired,
    OperatorError,
    OutOfCredits,
    RateLimited,
    RequestRefused,
    RequestUnknown,
    ServiceUnavailable,
    UnreadableAnswer,
)

PAGE = Path(__file__).parents[2] / "docs/faults.md"

MUCH = 64 << 20
"""Bytes: far more than any answer holds, and little enough for a test."""

PRIVATE = (
    "http://169.254.169.254/latest/clip.mp4",
    "http://10.0.0.1/clip.mp4",
    "http://[fd00::1]/",
)

HEAD = """\
# What goes wrong, and how a render ends

Made from the table that the tests run (`tests/end_to_end/fault_table.py`): each row is played by
the emulator against a whole render. "Always" means on every try; "once" on the first only. *Paid*
counts the jobs that the service accepted. A submit without an answer is looked up in the request
history: found, it is adopted; certainly absent, it is sent again.

| operation | what happens | how often | the render ends with | paid |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Row:
    """One fault and its ending: ``error`` None means the film; ``paid`` counts accepted jobs.

    ``clips`` is 1 (a t2v clip alone) or 2 (an i2v clip continues it: only it uploads).
    """

    fault: Fault
    error: type[LongtakeError] | None = None
    paid: int = 1
    clips: int = 1

    @property
    def alone(self) -> bool:
        """Whether it touches more than its own clip, so that it needs a render of its own."""
        slows = self.fault.do is Action.RATE_LIMIT or self.fault.status == 429
        stops = self.error is not None and issubclass(self.error, OperatorError)
        waits = self.fault.do is Action.STUCK
        return slows or stops or waits or self.fault.on in {Endpoint.UPLOAD, Endpoint.ASSET}

    @property
    def name(self) -> str:
        """For the test's id."""
        fault = self.fault
        parts = [fault.on, fault.do, fault.status, fault.shape, fault.location, self._often]
        return "-".join(str(part) for part in parts if part)

    @property
    def _often(self) -> str:
        if self.fault.for_seconds:
            return "for a moment"
        return {None: "always", 1: "once"}.get(self.fault.times, f"{self.fault.times} times")

    def markdown(self) -> str:
        """The row as the page shows it."""
        what = " ".join(
            str(part)
            for part in (self.fault.do, self.fault.status, self.fault.shape, self.fault.location)
            if part
        )
        ending = f"`{self.error.__name__}`" if self.error else "the film"
        return f"| {self.fault.on} | {what} | {self._often} | {ending} | {self.paid} |"


def rows() -> Iterator[Row]:
    """The table, operation by operation."""
    yield from _submit()
    yield from _upload()
    yield from _waiting()
    yield from _job()
    yield from _download()
    yield from _evil()


def _row(
    on: Endpoint,
    do: Action,
    error: type[LongtakeError] | None = None,
    *,
    paid: int = 1,
    clips: int = 1,
    **fault: Any,
) -> Row:
    return Row(Fault(on=on, do=do, **fault), error, paid, clips)


def _submit() -> Iterator[Row]:
    on = Endpoint.SUBMIT
    refusals = {
        400: RequestRefused,
        401: KeyRefused,
        403: KeyRefused,
        404: RequestUnknown,
        410: ModelRetired,
        429: RateLimited,
        500: ServiceUnavailable,
    }
    for status, error in refusals.items():
        yield _row(on, Action.HTTP_ERROR, error, status=status, paid=0)
    for status in (402, 406):
        yield _row(on, Action.OUT_OF_CREDITS, OutOfCredits, status=status, paid=0)
    yield _row(on, Action.HTTP_ERROR, status=500, times=1)
    yield _row(on, Action.RATE_LIMIT, for_seconds=0.2)
    yield _row(on, Action.SLOW, seconds=0.5)
    yield _row(on, Action.REDIRECT, RequestRefused, location="http://127.0.0.1:9/", paid=0)
    # No usable answer, and nothing accepted: the history proves it, so the take is sent again.
    for status in (502, 504):
        yield _row(on, Action.HTTP_ERROR, status=status, times=1)
    for action in (Action.RESET, Action.SILENCE, Action.HTML):
        yield _row(on, action, times=1)
    yield _row(on, Action.RESET, AmbiguousSubmit, paid=0)
    # No usable answer, but accepted: found in the history by its seed, and adopted.
    for action in (
        Action.NOT_JSON,
        Action.EMPTY,
        Action.WRONG_SHAPE,
        Action.CUT_ANSWER,
        Action.DROP_ANSWER,
        Action.ACCEPT_THEN_RESET,
        Action.ACCEPT_THEN_ERROR,
        Action.ACCEPT_THEN_GARBAGE,
        Action.ACCEPT_THEN_SILENCE,
    ):
        yield _row(on, action)


def _upload() -> Iterator[Row]:
    on = Endpoint.UPLOAD
    yield _row(on, Action.HTTP_ERROR, times=1, status=502, paid=2, clips=2)
    yield _row(on, Action.RATE_LIMIT, for_seconds=0.2, paid=2, clips=2)
    yield _row(on, Action.RESET, times=1, paid=2, clips=2)
    yield _row(on, Action.WRONG_SHAPE, UnreadableAnswer, clips=2)
    yield _row(on, Action.HTTP_ERROR, KeyRefused, status=401, clips=2)
    yield _row(Endpoint.ASSET, Action.NOT_FOUND, GenerationFailed, paid=2, clips=2)


def _waiting() -> Iterator[Row]:
    for on in (Endpoint.STATUS, Endpoint.RESULT):
        yield _row(on, Action.HTTP_ERROR, times=2, status=502)
        yield _row(on, Action.RATE_LIMIT, for_seconds=0.2)
        yield _row(on, Action.RESET, times=1)
        yield _row(on, Action.SILENCE, times=1)
        yield _row(on, Action.HTML, times=1)
        yield _row(on, Action.CUT_ANSWER, times=1)
        yield _row(on, Action.ODD_CODE, status=500)
        yield _row(on, Action.UNKNOWN_STATE, UnreadableAnswer)
        yield _row(on, Action.EXPIRE)
        yield _row(on, Action.HTTP_ERROR, KeyRefused, status=401)
        for status in (401, 403, 409, 425):
            yield _row(on, Action.HTTP_ERROR, times=1, status=status)
    yield _row(Endpoint.RESULT, Action.NO_OUTPUT, UnreadableAnswer)
    for shape in ("video", "url", "list", "videos", "strings", "json_text", "blanks", "upper_case"):
        yield _row(Endpoint.RESULT, Action.RESHAPE, shape=shape)
    for shape in ("empty", "number"):
        yield _row(Endpoint.RESULT, Action.RESHAPE, UnreadableAnswer, shape=shape)


def _job() -> Iterator[Row]:
    on = Endpoint.JOB
    yield _row(on, Action.FAIL, GenerationFailed)
    yield _row(on, Action.CONTENT_BLOCK, ContentBlocked)
    yield _row(on, Action.STUCK, JobOverdue)
    yield _row(on, Action.LATE, seconds=1e6)


def _download() -> Iterator[Row]:
    on = Endpoint.DOWNLOAD
    for action in (
        Action.TRUNCATE,
        Action.SHORT,
        Action.CORRUPT,
        Action.STALL,
        Action.PLAYLIST,
        Action.HTML,
        Action.EMPTY,
        Action.RESET,
    ):
        yield _row(on, action, times=1)
    yield _row(on, Action.RATE_LIMIT, for_seconds=0.2)
    yield _row(on, Action.WRONG_SIZE)
    yield _row(on, Action.HTTP_ERROR, times=1, status=502)
    for action in (Action.SHORT, Action.CORRUPT, Action.CORRUPT_ANEW, Action.PLAYLIST):
        yield _row(on, action, ClipUnusable)
    for action in (Action.HTML, Action.EMPTY, Action.NOT_FOUND):
        yield _row(on, action, FileNotYet)
    # What a malicious or careless host does.
    yield _row(on, Action.NOT_FOUND, times=1)
    yield _row(on, Action.CHALLENGE, times=1)
    yield _row(on, Action.CHALLENGE, FileNotYet)
    yield _row(on, Action.BOMB, times=1, size_bytes=MUCH)
    yield _row(on, Action.MEDIA_TYPE)
    for shape in CLIPS:
        yield _row(on, Action.ODD_CLIP, ClipUnusable, shape=shape)


def _evil() -> Iterator[Row]:
    """What a malicious or careless service says; of answers that a job makes, each is met once."""
    for on in (Endpoint.STATUS, Endpoint.RESULT):
        yield _row(on, Action.CHALLENGE, times=1)
        yield _row(on, Action.DEEP, times=1)
        yield _row(on, Action.BIG, times=1, size_bytes=MUCH)
        yield _row(on, Action.BOMB, times=1, size_bytes=MUCH)
        yield _row(on, Action.SKEW, seconds=300)
        for shape in KEYS:
            yield _row(on, Action.ECHO_KEY, times=1, shape=shape)
        for shape in WORDS:
            yield _row(on, Action.DIRTY_WORDS, times=1, shape=shape)
    for shape in METRICS:
        yield _row(Endpoint.RESULT, Action.ODD_METRICS, shape=shape)
    for location in PRIVATE:
        yield _row(Endpoint.RESULT, Action.ADDRESS, AddressRefused, location=location)
    for shape in WORDS:
        yield _row(Endpoint.JOB, Action.DIRTY_WORDS, GenerationFailed, shape=shape)
    yield _row(Endpoint.JOB, Action.PRICE, usd=0.18)
    yield _row(Endpoint.SUBMIT, Action.CHALLENGE, times=1)
    yield _row(Endpoint.SUBMIT, Action.DEEP)
    yield _row(Endpoint.SUBMIT, Action.BIG, size_bytes=MUCH)
    yield _row(Endpoint.SUBMIT, Action.SKEW, seconds=-300)


def page() -> str:
    """``docs/faults.md`` as it must stand."""
    return HEAD + "".join(f"{row.markdown()}\n" for row in rows())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
