"""``longtake ledger verify``: is everything in the store that the ledger says, and is it whole."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from longtake.cli import upkeep
from longtake.cli.console import results, to_person
from longtake.errors import DamagedObject, MissingObject
from longtake.ledger import Ledger, Slate, TakeState
from longtake.store import Listed, ObjectKind, Store
from longtake.store.objects import key_of


@dataclass(frozen=True)
class Damage:
    """An object that is missing or damaged; ``takes`` are the stored ones whose clip it is."""

    key: str
    known: bool
    takes: tuple[Slate, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The key, whether the ledger knows it, and whose clip it is."""
        names = ("fingerprint", "clip_id", "storyboard", "request_id")
        takes = [{name: getattr(slate, name) for name in names} for slate in self.takes]
        return {"key": self.key, "known": self.known, "takes": takes}

    def __str__(self) -> str:
        whose = ", ".join(f"{slate.clip_id} of {slate.storyboard}" for slate in self.takes)
        return f"{self.key}  {whose or ('a frame' if self.known else 'the ledger knows it not')}"


@dataclass(frozen=True)
class Verified:
    """What reading everything brought to light; ``unknown``: clips and frames of nobody's."""

    store: str = ""
    checked: tuple[Listed, ...] = ()
    missing: tuple[Damage, ...] = ()
    damaged: tuple[Damage, ...] = ()
    unknown: tuple[Listed, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether anything is not as the ledger says."""
        return any(fault.known for fault in (*self.missing, *self.damaged))

    def as_json(self) -> dict[str, Any]:
        """The same for a script."""
        return {
            "checked_count": len(self.checked),
            "checked_bytes": upkeep.size_of(self.checked),
            "missing": [fault.as_json() for fault in self.missing],
            "damaged": [fault.as_json() for fault in self.damaged],
            "unknown": upkeep.for_scripts(self.unknown),
        }

    def say(self) -> None:
        """Every fault on a line, the whole in one, then the fixes."""
        console = results()
        faults = [("missing", each) for each in self.missing]
        faults += [("damaged", each) for each in self.damaged]
        for word, fault in faults:
            console.print(f"{word}  {fault}", soft_wrap=True)
        for each in self.unknown:
            console.print(f"unknown  {each.key}", soft_wrap=True)
        console.print(
            f"read {upkeep.in_words(self.checked)} in {self.store}: {len(self.missing)} missing, "
            f"{len(self.damaged)} damaged, {len(self.unknown)} unknown to the ledger",
            soft_wrap=True,
        )
        self._say_fixes(to_person())

    def _say_fixes(self, console: Console) -> None:
        if self.broken:
            console.print(
                "fix: run these renders again. A clip is fetched once more while the service has "
                "it, else it is lost and --retake-lost pays for it again; a frame is taken from "
                "its clip"
            )
        if self.unknown or not all(fault.known for fault in self.damaged):
            console.print("what the ledger does not know: `longtake ledger gc` says what may go")


async def examine(ledger: Ledger, root: str) -> Verified:
    """Read every object of the store; raises StoreUnreachable when the place fails.

    The order counts next to a render at work, which stores a clip before it writes it down: what
    must be there is asked for before the store is listed, what is known after that.
    """
    takes = _takes_by_key(await ledger.slates(state=TakeState.STORED))
    store = Store(root)
    listed = await store.walk()
    gone, bad = await _read_all(root, listed)
    known = await ledger.contents()
    there = {each.key for each in listed} - gone
    return Verified(
        store.name,
        tuple(listed),
        tuple(Damage(key, True, takes[key]) for key in sorted(takes.keys() - there)),
        tuple(
            Damage(each.key, each.sha256 in known, takes.get(each.key, ()))
            for each in listed
            if each.key in bad
        ),
        tuple(each for each in listed if upkeep.in_vain(each, known) and each.key not in gone),
    )


def _takes_by_key(slates: Sequence[Slate]) -> dict[str, tuple[Slate, ...]]:
    takes: dict[str, tuple[Slate, ...]] = defaultdict(tuple)
    for slate in slates:
        if slate.clip_sha256 is not None:
            takes[key_of(slate.clip_sha256, ObjectKind.CLIP)] += (slate,)
    return dict(takes)


async def _read_all(root: str, listed: Sequence[Listed]) -> tuple[set[str], set[str]]:
    """The keys of objects that went while we read, and of those whose content is not theirs.

    Remote objects go through a cache of our own that is new, so that the place itself is read.
    """
    gone: set[str] = set()
    bad: set[str] = set()
    with (
        tempfile.TemporaryDirectory(prefix="longtake-") as folder,
        upkeep.following("reading the store", listed) as objects,
    ):
        store = Store(root, cache=Path(folder))
        for each in objects:
            try:
                file = await store.local(each.sha256, each.kind)
            except MissingObject as error:
                gone.add(error.key)
            except DamagedObject as error:
                bad.add(error.key)
            else:
                if file.is_relative_to(folder):
                    file.unlink()
    return gone, bad
