"""Whether a store has what it should have, whole: for tests that break it."""

from __future__ import annotations

from collections.abc import Iterable

from longtake.errors import DamagedObject, MissingObject
from longtake.store import Store


async def has(store: Store, sha256: str, kind: str) -> bool:
    """Whether something lies under the key, whatever is in it."""
    return (sha256, kind) in [(each.sha256, each.kind) for each in await store.walk()]


async def faults_of(
    store: Store, expected: Iterable[tuple[str, str]] = ()
) -> list[DamagedObject | MissingObject]:
    """Read every object, and those that are expected: which are damaged, and which are missing."""
    found: list[DamagedObject | MissingObject] = []
    there = [(each.sha256, str(each.kind)) for each in await store.walk()]
    for sha256, kind in dict.fromkeys([*there, *expected]):
        try:
            await store.local(sha256, kind)
        except (DamagedObject, MissingObject) as error:
            found.append(error)
    return found
