"""What a render notes of the clips that it paid for, and when it warns."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

from longtake.emulator import Action, Dials, Endpoint, Fault
from longtake.ledger import Ledger, TakeState
from longtake.media import ClipFacts, Ffmpeg, Matrix
from longtake.media.measure.keeping import Keeper
from longtake.rendering.contract_watch import note_file, paid_clips
from longtake.rendering.media_work import MediaWork
from longtake.rendering.render import Render
from longtake.story import PairReading, Rates
from longtake.story.contract import PaidClip, departures, is_departure
from tests.rendering.plain import Ended, Workshop, board
from tests.rendering.taken import put
from tests.rendering.test_trees import still
from tests.rendering.tiny import TinyHost, tiny_emulator
from tests.simulation.media import TinyMedia

TAKE = board({"prompt": "a boat", "beats": ["goes", "turns", "rests"]})


class CountingMedia(TinyMedia):
    """Counts what is read, and finds ``facts`` in every file."""

    def __init__(self, **facts: Any) -> None:
        super().__init__()
        self.read: Counter[str] = Counter()
        self._facts = facts

    async def inspect_clip(self, clip: Path, keeper: Keeper) -> ClipFacts:
        return dataclasses.replace(await super().inspect_clip(clip, keeper), **self._facts)

    async def read_pair(self, sent: Path, clip: Path, *, untagged_matrix: Matrix) -> PairReading:
        self.read["pair"] += 1
        return await super().read_pair(sent, clip, untagged_matrix=untagged_matrix)

    async def read_arrival(self, sent: Path, clip: Path, *, untagged_matrix: Matrix) -> PairReading:
        self.read["arrival"] += 1
        return await super().read_arrival(sent, clip, untagged_matrix=untagged_matrix)


class WatchedHost(TinyHost):
    """Hands in a medium that can be asked afterwards."""

    def __init__(self, medium: CountingMedia) -> None:
        super().__init__()
        self.medium = medium

    def media(self, ffmpeg: Ffmpeg, processes: int) -> MediaWork:
        return self.medium


def told(ended: Ended) -> list[str]:
    return [each.rule for each in ended.run.findings if is_departure(each)]


async def seen(workshop: Workshop) -> list[PaidClip]:
    async with Ledger.open(workshop.ledger) as ledger:
        return await paid_clips(ledger, Rates(), "bt601")


async def test_a_departure_is_reported_once_by_the_render_that_paid_and_kept_for_every_clip(
    workshop: Workshop,
) -> None:
    host = WatchedHost(CountingMedia(fps=24.0, color_matrix="bt709"))
    with tiny_emulator(workshop) as emulator:
        first = await workshop.render(emulator, TAKE, host=host)
        again = await workshop.render(emulator, TAKE, host=host)
    assert sorted(told(first)) == ["contract colour tags", "contract frame rate"]
    assert told(again) == []
    clips = await seen(workshop)
    assert [clip.arrived[-1].fps for clip in clips] == [24.0] * 3
    assert {clip.request_id for clip in clips} == {one.request_id for one in first.accepted}
    assert all(clip.ends.start is not None and clip.ends.start.repeats for clip in clips[1:])


async def test_no_picture_is_read_twice_for_it(workshop: Workshop) -> None:
    looked_at = CountingMedia()
    with tiny_emulator(workshop) as emulator:
        await workshop.render(emulator, TAKE, host=WatchedHost(looked_at))
        await workshop.render(emulator, TAKE, host=WatchedHost(looked_at))
    assert looked_at.read == {"pair": 2}


async def test_the_file_of_every_request_that_was_paid_for_a_take_is_remembered(
    render: Render,
) -> None:
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.STORED)
    slate = await render.ledger.get(take.fingerprint)
    facts = ClipFacts(832, 480, 81, 16.0, "h264", 1000)
    before = dataclasses.replace(slate, request_id="an earlier request")
    await note_file(render, before, facts, "b" * 64)
    await note_file(render, slate, facts, "a" * 64)
    await note_file(render, slate, facts, "a" * 64)
    (clip,) = await paid_clips(render.ledger, Rates(), "bt601")
    assert [each.sha256[0] for each in clip.arrived] == ["b", "a"]
    assert [one.name for one in departures(clip)] == ["same seed"]


async def test_a_clip_that_is_too_short_is_reported_although_it_is_of_no_use(
    workshop: Workshop,
) -> None:
    short = WatchedHost(CountingMedia(frame_count=77))
    with tiny_emulator(workshop) as emulator:
        ended = await workshop.render(emulator, board({"prompt": "a boat"}), host=short)
    assert sorted(told(ended)) == ["contract frame count", "contract usable"]
    (clip,) = await seen(workshop)
    assert clip.trouble is not None


async def test_a_dear_clip_and_one_that_overlooks_its_last_picture_are_reported(
    workshop: Workshop,
) -> None:
    still(workshop.folder, "quay.png", 60)
    shot = {"prompt": "a boat", "start": "quay.png", "end_image": "quay.png"}
    dear = Fault(on=Endpoint.JOB, do=Action.PRICE, usd=0.3)
    with tiny_emulator(workshop, dear, dials=Dials(ignores_last_image=True)) as emulator:
        ended = await workshop.render(emulator, board(shot), host=TinyHost())
    assert sorted(told(ended)) == ["contract last image", "contract price"]
