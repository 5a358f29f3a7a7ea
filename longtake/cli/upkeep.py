"""What ``verify`` and ``gc`` share: objects of a store, counted, listed and followed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from longtake.cli.console import to_person
from longtake.figures import counted
from longtake.store import Listed, ObjectKind

MADE_AGAIN = (ObjectKind.SEGMENT, ObjectKind.FILM, ObjectKind.STILL, ObjectKind.PLAN)
"""Made or put there again by each render that needs them; the ledger keeps no list of them."""


def in_vain(listed: Listed, known: frozenset[str]) -> bool:
    """Whether it is a clip or frame that the ledger does not know (``Ledger.contents``)."""
    return listed.kind not in MADE_AGAIN and listed.sha256 not in known


def size_of(objects: Sequence[Listed]) -> int:
    """Their bytes together."""
    return sum(each.size_bytes for each in objects)


def in_words(objects: Sequence[Listed]) -> str:
    """``3 objects, 1.2 MB``."""
    return f"{counted(len(objects), 'object')}, {decimal(size_of(objects))}"


def for_scripts(objects: Sequence[Listed]) -> list[dict[str, Any]]:
    """Each with its kind, hash, key and size."""
    return [
        {
            "kind": each.kind.value,
            "sha256": each.sha256,
            "key": each.key,
            "size_bytes": each.size_bytes,
        }
        for each in objects
    ]


@contextmanager
def following(doing: str, objects: Sequence[Listed]) -> Iterator[Iterator[Listed]]:
    """The objects one by one, with a bar of their bytes on a terminal that goes when it is done."""
    console = to_person()
    columns = (TextColumn(doing), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        bar = progress.add_task(doing, total=size_of(objects))

        def one_by_one() -> Iterator[Listed]:
            for each in objects:
                yield each
                progress.advance(bar, each.size_bytes)

        yield one_by_one()
