"""Anchors that a person looks at before the clips between them are paid for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from longtake.errors import MediaError, SettingsError, StaleDecision
from longtake.ledger import Ledger, ShownTake
from longtake.rendering.anchor_desk import anchor_desks
from longtake.rendering.anchors import (
    ShownAnchors,
    approve_anchors,
    are_approved,
    replace_anchors,
    shown_anchors,
    wanted_stills,
)
from longtake.rendering.deciding import deciding
from longtake.rendering.render import Render
from longtake.rendering.steps import Nobody
from longtake.settings import load_settings
from longtake.story import GuidePlan, Pinned
from tests.rendering.plain import Workshop
from tests.rendering.test_trees import between, film, still
from tests.rendering.tiny import TinyHost, tiny_emulator


class Director(Nobody):
    """Looks at the anchors; ``replaces`` some the first time, and notes what was paid by then."""

    def __init__(self, render: Render, replaces: Sequence[str] = ()) -> None:
        self._render = render
        self._replaces = list(replaces)
        self.shown: list[ShownAnchors] = []
        self.paid: list[float] = []

    async def planted(self, guide: GuidePlan) -> bool:
        """Replace what is to be replaced, and look at it again."""
        shown = shown_anchors(self._render.film, guide)
        self.shown.append(shown)
        self.paid.append(self._render.report.record.totals.usd)
        wanted, self._replaces = self._replaces, []
        if not wanted:
            return True
        stills = wanted_stills(wanted, shown.pictures)
        take = self._render.film.takes[guide.clip.id]
        await replace_anchors(self._render, guide, take, stills)
        return False


async def test_an_anchor_is_replaced_before_its_two_clips_are_paid_for(
    workshop: Workshop,
) -> None:
    mine, directors = still(workshop.folder, "mine.png", 200), list[Director]()

    def director(render: Render) -> Director:
        directors.append(Director(render, [f"2={mine}"]))
        return directors[-1]

    with tiny_emulator(workshop) as emulator:
        ended = await workshop.render(emulator, film(3, "tree"), host=TinyHost(), people=director)
        again = await workshop.render(emulator, film(3, "tree"), host=TinyHost())
    assert (ended.error, len(ended.accepted), again.accepted) == (None, 4, [])
    first, second = directors[0].shown
    assert first.about != second.about
    assert [type(one) is Pinned for one in second.pictures.values()] == [False, True, False, False]
    guide, *leaves = ended.accepted
    assert directors[0].paid == [pytest.approx(guide.price_usd)] * 2
    ends = {end for leaf in leaves for end in between(leaf)}
    assert len(ends) == 4  # they still share their pictures
    assert {(await workshop.foreseen(film(3, "tree"))).usd} == {0.0}


async def test_an_approval_is_of_the_very_anchors_that_were_shown(workshop: Workshop) -> None:
    mine = still(workshop.folder, "mine.png", 200)
    with tiny_emulator(workshop) as emulator:
        ended = await workshop.render(emulator, film(3, "tree"), host=TinyHost())
        settings = load_settings(workshop.profile(emulator.base_url))
        async with deciding(workshop.folder / "out", ended.run, settings) as desk:
            (one,) = await anchor_desks(desk, workshop.folder / "out")
            await one.approve("as they are")
            (approved,) = await anchor_desks(desk, workshop.folder / "out")
            await approved.replace({3: str(workshop.folder / mine)})
            (other,) = await anchor_desks(desk, workshop.folder / "out")
            foreseen = await workshop.foreseen(film(3, "tree"))
            await other.replace({3: ""})
            (back,) = await anchor_desks(desk, workshop.folder / "out")
            await back.reject("too dark")
            with pytest.raises(StaleDecision, match="rejected since"):
                await back.approve("all the same")
    assert [each.approved for each in (one, approved, other, back)] == [False, True, False, True]
    assert other.shown.pictures.keys() == {1, 2, 3, 4}
    assert sorted(name for name, what in foreseen.clips.items() if what.to_pay) == [
        "one/1.2",
        "one/1.3",
    ]


async def test_a_picture_that_is_none_replaces_nothing(workshop: Workshop) -> None:
    (workshop.folder / "words.png").write_text("no picture", encoding="utf-8")
    with tiny_emulator(workshop) as emulator:
        ended = await workshop.render(emulator, film(2, "tree"), host=TinyHost())
        settings = load_settings(workshop.profile(emulator.base_url))
        async with deciding(workshop.folder / "out", ended.run, settings) as desk:
            (one,) = await anchor_desks(desk, workshop.folder / "out")
            for name in ("words.png", "absent.png"):
                with pytest.raises(MediaError, match=name):
                    await one.replace({1: str(workshop.folder / name)})
            (after,) = await anchor_desks(desk, workshop.folder / "out")
    assert after.shown.about == one.shown.about


@pytest.mark.parametrize("text", ["9=mine.png", "mine.png", "x=mine.png", "=mine.png"])
def test_what_names_no_anchor_is_refused_with_those_there_are(text: str) -> None:
    with pytest.raises(SettingsError, match=r"NUMBER=PICTURE; there are 1, 2"):
        wanted_stills([text], {1: None, 2: None})


async def test_a_guide_that_was_never_made_cannot_be_approved(tmp_path: Path) -> None:
    async with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        shown = ShownAnchors(ShownTake("one/1.guide", "a", "f" * 64), {1: Pinned(sha256="0" * 64)})
        with pytest.raises(StaleDecision, match="not in the ledger"):
            await approve_anchors(ledger, shown.guide, shown.about)
        assert not await are_approved(ledger, shown)
