"""What is only remembered: it holds at once here, and is on disk with this process's next write.

Pictures handed over, uploads and measures cost nothing but work, so none of them needs a write of
its own: each goes into the next transaction that writes, before what that does. A take that was
made from them is sent after such a write, so that whatever money follows from is on disk first.
What a killed process had not written yet is made once more.

Nobody can have remembered anything of content that this process was the first to store, or of a
take that it was the first to ask for: of those the database is not asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from longtake.ledger import claims, memory, rebuilding
from longtake.ledger.database import Database, Transaction
from longtake.ledger.methods import OpenDatabase, Step
from longtake.ledger.records import Claim, Slate, TakeIntent

T = TypeVar("T")
LATEST = 256
"""So many measures are at hand without the database; what others do changes none of them."""

Write = Callable[[Transaction], Awaitable[None]]


class Notes(OpenDatabase):
    """An open ledger with what was noted since its last write."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._waiting: dict[tuple[Any, ...], Write] = {}
        self._values: dict[tuple[Any, ...], Any] = {}
        """Of those that wait, and of the latest that did."""
        self._noted: set[tuple[Any, ...]] = set()
        self._fresh: set[str] = set()

    async def intend(self, take: TakeIntent, **facts: Any) -> Claim:
        """See ``claims.intend``."""
        claim = await self._write(lambda tx: claims.intend(tx, take, **facts))
        if claim.created:
            self._fresh.add(take.fingerprint)
        return claim

    async def frame(self, clip_sha256: str, frame_index: int, recipe: str) -> str | None:
        """See ``memory.frame``."""
        key = (clip_sha256, frame_index, recipe)
        return await self._recall(memory.frame, key, clip_sha256)

    async def remember_frame(
        self, clip_sha256: str, frame_index: int, recipe: str, frame_sha256: str
    ) -> None:
        """See ``memory.remember_frame``."""
        key = (clip_sha256, frame_index, recipe)
        if clip_sha256 in self._fresh:
            self._fresh.add(frame_sha256)
        write = partial(memory.remember_frame, frame_sha256=frame_sha256)
        self._note(memory.frame, key, frame_sha256, write)

    async def is_frame(self, frame_sha256: str) -> bool:
        """See ``memory.is_frame``."""
        if frame_sha256 in self._fresh:
            return True
        return await self._db.read(lambda tx: memory.is_frame(tx, frame_sha256))

    async def measure(self, subject: str, of: str = "") -> str | None:
        """See ``memory.measure``; ``of`` is the content or the take that was measured."""
        return await self._recall(memory.measure, (subject,), of)

    async def measures(self, subjects: Sequence[str]) -> dict[str, str]:
        """See ``memory.measures``."""
        known = {each: self._values.get((memory.measure, each)) for each in subjects}
        found = {each: content for each, content in known.items() if content is not None}
        if others := [each for each in subjects if each not in found]:
            found |= await self._db.read(lambda tx: memory.measures(tx, others))
        return found

    async def remember_measure(self, subject: str, content: str) -> None:
        """See ``memory.remember_measure``."""
        write = partial(memory.remember_measure, content=content)
        self._note(memory.measure, (subject,), content, write)

    async def upload_url(self, subject: str, of: str = "") -> str | None:
        """See ``memory.upload_url``; ``of`` is the content itself."""
        known = await self._recall(_upload, (subject,), of)
        if known is None or (known[1] is not None and known[1] <= await self.now()):
            return None
        url: str = known[0]
        return url

    async def remember_upload(
        self, subject: str, url: str, ttl_seconds: float | None = None
    ) -> None:
        """See ``memory.remember_upload``."""
        now = await self.now()
        until = None if ttl_seconds is None else now + timedelta(seconds=ttl_seconds)
        write = partial(memory.remember_upload, url=url, ttl_seconds=ttl_seconds)
        self._note(_upload, (subject,), (url, until), write)

    async def kept(self, fingerprint: str, owner: str, *file: Any) -> tuple[Slate, dict[str, Any]]:
        """``stored``, and all that is known of the take then, for its sidecar."""
        slate, sidecar, is_new = await self._write(
            lambda tx: rebuilding.kept(tx, fingerprint, owner, *file)
        )
        if is_new and slate.clip_sha256:
            self._fresh.add(slate.clip_sha256)
        return slate, sidecar

    async def flush(self) -> None:
        """Write down what is still noted only."""
        if self._waiting:
            await self._write(_nothing)

    async def _recall(self, read: Step[..., T], key: tuple[Any, ...], of: str) -> T | None:
        name = (read, *key)
        if name in self._values:
            value: T = self._values[name]
            return value
        if of in self._fresh and name not in self._noted:
            return None
        return await self._db.read(lambda tx: read(tx, *key))

    def _note(
        self, read: Step[..., Any], key: tuple[Any, ...], value: object, write: Step[..., None]
    ) -> None:
        name = (read, *key)
        self._noted.add(name)
        self._values[name] = value
        for old in list(self._values)[:-LATEST]:
            if old not in self._waiting:
                del self._values[old]
        self._waiting[name] = lambda tx: write(tx, *key)

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        done: dict[tuple[Any, ...], Write] = {}

        async def whole(tx: Transaction) -> T:
            done.update(self._waiting)
            for write in done.values():
                await write(tx)
            return await work(tx)

        result = await super()._write(whole)
        for name, write in done.items():
            if self._waiting.get(name) is write:  # not noted again meanwhile
                del self._waiting[name]
                if name[0] is not memory.measure:
                    del self._values[name]
        return result


async def _nothing(tx: Transaction) -> None:
    """What is noted is all."""


async def _upload(tx: Transaction, subject: str) -> tuple[str, None] | None:
    """Where it lies, as far as that holds now."""
    url = await memory.upload_url(tx, subject)
    return None if url is None else (url, None)
