"""What a take is called, what the ledger is told of it, and what its bad end says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from longtake.errors import (
    ClipLost,
    ClipUnusable,
    ContentBlocked,
    GenerationFailed,
    LongtakeError,
    RequestRefused,
)
from longtake.ledger import CONTENT_BLOCKED, Slate, TakeIntent, TakeState
from longtake.rendering.takes import (
    IMAGE_RECIPE,
    Images,
    StoredTake,
    raise_verdict,
    take_for,
    take_name,
)
from longtake.story import ClipPlan, fingerprint, take_of
from tests.rendering.taken import clip_of

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
BOTH = Images("1" * 64, "2" * 64)


def slate(state: TakeState, kind: str | None = None, usd: float | None = None) -> Slate:
    """A take that was accepted, in that state."""
    nothing = (
        "start_sha256 end_sha256 output_url metrics clip_sha256 size_bytes frame_count width "
        "height owner lease_expires_at sent_at submitted_at completed_at stored_at"
    )
    return Slate(
        fingerprint="f" * 64,
        state=state,
        storyboard="Film",
        run="r1",
        clip_id="one/1.1",
        take_number=1,
        model="wan-2.2-t2v-fast",
        seed=7,
        parameters={},
        recipe="",
        request_id="req-1",
        estimated_usd=0.1,
        usd=usd,
        error="out of memory",
        error_kind=kind,
        day="2026-05-04",
        intended_at=NOON,
        updated_at=NOON,
        **dict.fromkeys(nothing.split()),
    )


def clip_with(images: Images) -> ClipPlan:
    """A clip that is made of as many pictures."""
    shot = {"start": "quay.png"} if images.start else {}
    return clip_of(**shot | ({"end_image": "quay.png"} if images.end else {}))


@pytest.mark.parametrize("images", [Images(), Images("1" * 64), BOTH])
def test_a_take_is_told_whole_to_the_ledger(images: Images) -> None:
    clip = clip_with(images)
    take = take_for(clip, 2, images)
    name = fingerprint(clip, 2, start_sha256=images.start, end_sha256=images.end)
    assert (take.clip, take.number, take.images) == (take_of(clip, 2), 2, images)
    assert take.fingerprint == take_name(clip, 2, images) == name
    assert take.seed == take.clip.seed != clip.seed
    assert take.intent("Film") == TakeIntent(
        fingerprint=name,
        storyboard="Film",
        clip_id=clip.id,
        number=2,
        model=clip.model,
        seed=take.seed,
        parameters=take.clip.parameters,
        estimated_usd=clip.usd,
        recipe=IMAGE_RECIPE,
        start_sha256=images.start,
        end_sha256=images.end,
    )
    assert take.stored("c" * 64) == StoredTake("c" * 64, name, take.clip, 2)


def test_takes_of_other_pictures_are_other_takes() -> None:
    other = "3" * 64
    clip, images = clip_with(BOTH), [BOTH, Images("1" * 64, other), Images(other, "2" * 64)]
    assert len({take_name(clip, number, each) for each in images for number in (1, 2)}) == 6


def test_of_a_take_that_nothing_was_undone_in_nothing_is_known() -> None:
    stored = take_for(clip_of(), 1, Images()).stored("c" * 64)
    assert (stored.pair, stored.calibration, stored.flash) == (None, None, None)


IN_VAIN = "run again with --retake-lost to pay for it once more"
SAID = "one/1.1: out of memory"


@pytest.mark.parametrize(
    ("ended", "kind", "says"),
    [
        (slate(TakeState.FAILED, "failed"), GenerationFailed, SAID),
        (slate(TakeState.FAILED, CONTENT_BLOCKED), ContentBlocked, SAID),
        (slate(TakeState.REFUSED, "refused"), RequestRefused, SAID),
        (slate(TakeState.REFUSED, CONTENT_BLOCKED), RequestRefused, SAID),
        (slate(TakeState.LOST), ClipLost, f"{SAID}. It cost 0.10 USD; {IN_VAIN}"),
        (slate(TakeState.LOST, usd=0.18), ClipLost, f"{SAID}. It cost 0.18 USD; {IN_VAIN}"),
        (slate(TakeState.UNUSABLE, usd=0.0), ClipUnusable, f"{SAID}. It cost 0.00 USD; {IN_VAIN}"),
    ],
)
def test_a_bad_end_is_raised_as_what_it_is(
    ended: Slate, kind: type[LongtakeError], says: str
) -> None:
    with pytest.raises(kind) as caught:
        raise_verdict(ended)
    assert type(caught.value) is kind
    assert str(caught.value) == says
    if isinstance(caught.value, GenerationFailed):
        assert caught.value.request_id == "req-1"


@pytest.mark.parametrize("state", ["intended", "submitted", "completed", "stored", "ambiguous"])
def test_no_other_state_is_a_bad_end(state: str) -> None:
    raise_verdict(replace(slate(TakeState.LOST), state=TakeState(state)))
