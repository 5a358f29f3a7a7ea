"""Work with files is done in the order in which somebody waits for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from longtake.rendering.urgency import Urgency, WorkSlots


class Workers:
    """Pieces of work that say when they begin, and end when they are told to."""

    def __init__(self, count: int) -> None:
        self.expected = False
        self.slots = WorkSlots(count, lambda: self.expected)
        self.begun: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}

    def start(self, name: str, urgency: Urgency) -> asyncio.Task[None]:
        self._ends[name] = asyncio.Event()

        async def work() -> None:
            async with self.slots.place(urgency):
                self.begun.append(name)
                await self._ends[name].wait()

        return asyncio.create_task(work())

    async def end(self, name: str) -> None:
        self._ends[name].set()
        await self.settle()

    @staticmethod
    async def settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)


async def test_what_the_next_clip_needs_goes_before_what_came_earlier() -> None:
    workers = Workers(1)
    workers.start("encode", Urgency.FILM)
    await workers.settle()
    for name, urgency in (
        ("reading", Urgency.REVIEW),
        ("second encode", Urgency.FILM),
        ("check", Urgency.NEXT_CLIP),
        ("second check", Urgency.NEXT_CLIP),
    ):
        workers.start(name, urgency)
    await workers.settle()
    assert workers.begun == ["encode", "check"], "the next clips have places of their own"
    for name in ("check", "second check", "encode", "second encode", "reading"):
        await workers.end(name)
    assert workers.begun == ["encode", "check", "second check", "second encode", "reading"]


async def test_next_clips_share_their_places_and_leave_the_others_what_is_over() -> None:
    workers = Workers(2)
    for name, urgency in (
        ("check", Urgency.NEXT_CLIP),
        ("encode", Urgency.FILM),
        ("second encode", Urgency.FILM),
        ("second check", Urgency.NEXT_CLIP),
        ("third check", Urgency.NEXT_CLIP),
    ):
        workers.start(name, urgency)
        await workers.settle()
    assert workers.begun == ["check", "encode", "second check"]
    for name in ("encode", "check", "second check", "third check"):
        await workers.end(name)
    assert workers.begun[3:] == ["third check", "second encode"]


async def test_a_cancelled_wait_leaves_the_line_and_the_place() -> None:
    workers = Workers(1)
    first = workers.start("first", Urgency.FILM)
    await workers.settle()
    second, _ = workers.start("second", Urgency.FILM), workers.start("third", Urgency.REVIEW)
    await workers.settle()
    for one in (second, first):
        one.cancel()
        with suppress(asyncio.CancelledError):
            await one
    await workers.settle()
    assert workers.begun == ["first", "third"]
    await workers.end("third")
    async with workers.slots.review():
        pass


async def test_a_place_that_is_granted_to_a_wait_that_is_just_cancelled_is_not_lost() -> None:
    workers = Workers(1)
    workers.start("first", Urgency.FILM)
    await workers.settle()
    second = workers.start("second", Urgency.FILM)
    await workers.settle()
    workers._ends["first"].set()
    await asyncio.sleep(0)  # the first gives its place back, and the second has not yet run
    second.cancel()
    with suppress(asyncio.CancelledError):
        await second
    async with asyncio.timeout(10), workers.slots.film():
        pass


async def test_a_clip_that_was_checked_goes_before_one_that_has_only_come() -> None:
    workers = Workers(1)
    for name, urgency in (
        ("check", Urgency.NEXT_CLIP),
        ("second check", Urgency.NEXT_CLIP),
        ("handover", Urgency.HANDOVER),
    ):
        workers.start(name, urgency)
        await workers.settle()
    for name in ("check", "handover", "second check"):
        await workers.end(name)
    assert workers.begun == ["check", "handover", "second check"]


async def test_as_long_as_clips_are_expected_one_of_the_others_is_at_work() -> None:
    workers = Workers(3)
    workers.expected = True
    for name in ("encode", "second encode", "third encode"):
        workers.start(name, Urgency.FILM)
        await workers.settle()
    assert workers.begun == ["encode"]
    workers.expected = False
    await workers.end("encode")
    assert workers.begun == ["encode", "second encode", "third encode"]


def test_who_waits_behind_stands_back_only_while_clips_are_expected() -> None:
    workers = Workers(1)
    assert not workers.slots.stands_back(Urgency.REVIEW)
    workers.expected = True
    assert [each for each in Urgency if workers.slots.stands_back(each)] == [
        Urgency.KEPT,
        Urgency.FILM,
        Urgency.REVIEW,
    ]


async def test_what_waits_behind_stands_back_while_anything_goes_first() -> None:
    workers = Workers(1)
    names = {Urgency.NEXT_CLIP: "check", Urgency.FILM: "encode", Urgency.REVIEW: "reading"}
    for urgency, name in names.items():
        workers.start(name, urgency)
    await workers.settle()
    standing_back = {}
    for name in names.values():
        standing_back[name] = {each for each in Urgency if workers.slots.stands_back(each)}
        await workers.end(name)
    assert standing_back == {
        "check": {Urgency.FILM, Urgency.REVIEW, Urgency.KEPT},
        "encode": {Urgency.REVIEW, Urgency.KEPT},
        "reading": {Urgency.KEPT},
    }
    assert not any(map(workers.slots.stands_back, Urgency))


async def test_what_frees_memory_goes_before_the_film_only_while_clips_are_expected() -> None:
    begun = {}
    for expected in (True, False):
        workers = Workers(1)
        workers.expected = expected
        workers.start("encode", Urgency.FILM)
        await workers.settle()
        for name, urgency in (
            ("reading of a clip", Urgency.KEPT),
            ("second encode", Urgency.FILM),
            ("reading of a seam", Urgency.REVIEW),
        ):
            workers.start(name, urgency)
        for name in ("encode", "second encode", "reading of a seam", "reading of a clip"):
            await workers.end(name)
        begun[expected] = workers.begun
    assert begun == {
        True: ["encode", "reading of a clip", "second encode", "reading of a seam"],
        False: ["encode", "second encode", "reading of a seam", "reading of a clip"],
    }
