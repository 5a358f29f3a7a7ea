"""``longtake ledger gc``: objects in the store that nothing needs, and their removal.

Nothing here may take a clip that somebody paid for. So the ledger is asked after the store was
listed, what is young is left alone, and unknown clips stay while a paid take has no file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.filesize import decimal
from rich.table import Table

from longtake.cli import upkeep
from longtake.cli.console import plain_table, results, to_person
from longtake.errors import OperatorError
from longtake.ledger import Ledger, Slate, TakeState
from longtake.store import Listed, ObjectKind, Store

GRACE = timedelta(hours=1)
"""Anything younger may belong to a render that has not recorded it yet."""


@dataclass(frozen=True)
class Rubbish:
    """Objects that nothing needs any more, stored before ``before`` (UTC).

    ``doubtful`` clips are spared: the ledger does not know them, but a take that was paid for has
    no file yet, and they were stored after it was sent.
    """

    before: datetime
    store: str = ""
    objects: tuple[Listed, ...] = ()
    doubtful: tuple[Listed, ...] = ()

    def as_json(self, cleared: int | None) -> dict[str, Any]:
        """The same for a script; ``cleared`` as in ``say``."""
        return {
            "deleted": cleared is not None,
            "objects": upkeep.for_scripts(self.objects),
            "size_bytes": upkeep.size_of(self.objects),
            "doubtful": upkeep.for_scripts(self.doubtful),
            "unfinished_count": cleared,
        }

    def say(self, cleared: int | None) -> None:
        """By kind and in all; ``cleared`` unfinished files were deleted too; None: nothing was."""
        console = results()
        if self.objects:
            console.print(_by_kind(self.objects))
        console.print(
            f"{'would delete' if cleared is None else 'deleted'} {upkeep.in_words(self.objects)}, "
            f"in {self.store}, stored before {self.before:%Y-%m-%d %H:%M} UTC",
            soft_wrap=True,
        )
        if cleared:
            console.print(f"removed {cleared} that were left unfinished")
        if self.doubtful:
            to_person().print(
                f"spared {upkeep.in_words(self.doubtful)}: clips that may belong to takes which "
                "are paid for and have no file yet (`longtake ledger list`); render these first"
            )
        if cleared is None:
            to_person().print("nothing was deleted: --yes does it")


async def find_rubbish(ledger: Ledger, root: str, *, before: datetime) -> Rubbish:
    """What may be deleted; an object whose age the place does not tell may not.

    Raises StoreUnreachable, and OperatorError when the ledger is plainly not this store's.
    """
    store = Store(root)
    listed = await store.walk()
    waiting = _oldest_without_file(await ledger.slates())
    known = await ledger.contents()
    old = [each for each in listed if each.modified_at and each.modified_at < before]
    found = [e for e in old if e.kind in upkeep.MADE_AGAIN or upkeep.in_vain(e, known)]
    doubtful = [each for each in found if _may_be_paid_for(each, waiting)]
    objects = [each for each in found if each not in doubtful]
    _refuse_a_stranger(ledger_knows=known, listed=listed, objects=objects)
    return Rubbish(before, store.name, tuple(objects), tuple(doubtful))


async def delete(rubbish: Rubbish, root: str) -> int:
    """Delete it, and what crashed writers left unfinished: returns how many of these."""
    store = Store(root)
    with upkeep.following("deleting", rubbish.objects) as objects:
        for each in objects:
            await store.delete(each.sha256, each.kind)
    return await store.clear_unfinished(rubbish.before)


def _oldest_without_file(slates: Sequence[Slate]) -> datetime | None:
    """When the oldest take was sent that is or may be paid for and has no file on record."""
    settled = (TakeState.FAILED, TakeState.REFUSED, TakeState.UNUSABLE)
    sent = (
        slate.sent_at
        for slate in slates
        if slate.clip_sha256 is None and slate.state not in settled
    )
    return min((moment for moment in sent if moment is not None), default=None)


def _may_be_paid_for(each: Listed, waiting: datetime | None) -> bool:
    """A crash between storing a file and writing it down leaves its take without one."""
    if each.kind is not ObjectKind.CLIP or waiting is None:
        return False
    return each.modified_at is None or each.modified_at >= waiting


def _refuse_a_stranger(
    *, ledger_knows: frozenset[str], listed: Sequence[Listed], objects: Sequence[Listed]
) -> None:
    clips = {each.sha256 for each in listed if each.kind is ObjectKind.CLIP}
    doomed = any(each.kind is ObjectKind.CLIP for each in objects)
    if doomed and ledger_knows.isdisjoint(clips):
        raise OperatorError(
            "this ledger knows none of the clips in the store, so it is hardly the store's own; "
            "name the two that belong together (--ledger, --store, --profile)"
        )


def _by_kind(objects: Sequence[Listed]) -> Table:
    kinds: dict[ObjectKind, list[Listed]] = defaultdict(list)
    for each in objects:
        kinds[each.kind].append(each)
    table = plain_table("kind", "objects", "size", numbers=("objects", "size"))
    for kind, some in kinds.items():
        table.add_row(kind.value, str(len(some)), decimal(upkeep.size_of(some)))
    return table
