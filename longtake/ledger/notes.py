"""What is only remembered: it holds at once here, and is on disk with this process's next write.

Pictures handed over, uploads and measures cost nothing but work, so none of them needs a write of
its own: each goes into the next transaction that writes, before what that does. A take that was
made from them is sent after such a write, so that whatever money follows from is on disk first.
What a killed process had not written yet is made once more.

Nobody can have remembered anything of content that this process was the first to store: of that
the database is not asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from longtake.ledger import memory, rebuilding
from longtake.ledger.database import Database, Transaction
from longtake.ledger.door import Door, Step
from longtake.ledger.records import Slate

T = TypeVar("T")
Write = Callable[[Transaction], Awaitable[None]]


class Notes(Door):
    """An open ledger with what was noted since its last write."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._waiting: dict[tuple[Any, ...], Write] = {}
        self._values: dict[tuple[Any, ...], Any] = {}
        """Of those that wait."""
        self._noted: set[tuple[Any, ...]] = set()
        self._fresh: set[str] = set()

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

    async def measure(self, subject: str, of: str = "") -> str | None:
        """See ``memory.measure``; ``of`` is the content that was measured, where it is known."""
        return await self._recall(memory.measure, (subject,), of)

    async def measures(self, subjects: Sequence[str]) -> dict[str, str]:
        """See ``memory.measures``."""
        names = {(memory.measure, subject): subject for subject in subjects}
        found = await self._db.read(lambda tx: memory.measures(tx, subjects))
        noted = {names[name]: self._values[name] for name in names if name in self._waiting}
        return found | noted

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
        if name in self._waiting:
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
        self._waiting[name] = lambda tx: write(tx, *key)

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        done: dict[tuple[Any, ...], Write] = {}

        async def whole(tx: Transaction) -> T:
            done.update(self._waiting)
            for write in done.values():
                await write(tx)
            return await work(tx)

        result = await self._db.write(whole)
        for name, write in done.items():
            if self._waiting.get(name) is write:  # not noted anew meanwhile
                del self._waiting[name], self._values[name]
        return result


async def _nothing(tx: Transaction) -> None:
    """What is noted is all."""


async def _upload(tx: Transaction, subject: str) -> tuple[str, None] | None:
    """Where it lies, as far as that holds now."""
    url = await memory.upload_url(tx, subject)
    return None if url is None else (url, None)
