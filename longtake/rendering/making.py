"""Walking along a chain to make what is not there yet: which takes a clip gets."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import nullcontext

from longtake.errors import (
    BudgetReached,
    ClipLost,
    ClipUnusable,
    ContentBlocked,
    GenerationFailed,
    LongtakeError,
    OperatorError,
)
from longtake.rendering.choosing import best_of, other_takes
from longtake.rendering.images import made_image, recalled_images
from longtake.rendering.jobs import bring
from longtake.rendering.known_takes import Decided, decided, most_takes
from longtake.rendering.outcomes import is_made_up_for, raise_first, whole_text
from longtake.rendering.own_clip import own_take
from longtake.rendering.render import Render
from longtake.rendering.steps import Nobody, People, Steps
from longtake.rendering.takes import Images, StoredTake, take_for
from longtake.story import BEGINS_FROM, ChainPlan, ClipPlan, DriftForecast, GuidePlan, Pinned


class Maker:
    """Walks along a chain and makes its clips (a ``walk.Walker``)."""

    def __init__(self, render: Render, steps: Steps, people: People | None = None) -> None:
        self.film = render.film
        self._render = render
        self._steps = steps
        self._people = people or Nobody()

    async def grown(self, chain: ChainPlan, guide: GuidePlan) -> bool:
        """The guide, made once for all chains that wait for it; else the chain is skipped."""
        growing = self.film.growing
        task = growing.get(guide.clip.id)
        if task is None:
            task = growing[guide.clip.id] = asyncio.create_task(self._grow(guide))
        if await task:
            return True
        growing.pop(guide.clip.id, None)
        self._render.report.skip(chain.clips, guide.clip.id)
        await self._people.given_up(chain, chain.clips[0])
        return False

    async def _grow(self, guide: GuidePlan) -> bool:
        """Make the guide, choose its anchors, and keep them as pictures, until they are approved.

        A guide that a person rejected is taken again; so are anchors that were replaced.
        """
        while True:
            take = await self.take(guide.clip, None)
            if take is None or not await self.film.plant(guide, take):
                return False
            for number, anchor in enumerate(self.film.seams.plants[guide.clip.id], start=1):
                await made_image(self._render, guide.clip, f"anchor-{number}", anchor, None)
            if await self._people.planted(guide):
                return True

    async def take(self, clip: ClipPlan, before: StoredTake | None) -> StoredTake | None:
        """A clip from the store, or a new one, take by take; None if it fails.

        Takes that failed in an earlier render, or that a person rejected, are passed by.
        """
        render = self._render
        with render.attempt(clip):
            if clip.own_file is not None:
                return await own_take(render, clip)
            if isinstance(clip.end, Pinned) or isinstance(clip.start, Pinned):
                render.report.replanned(clip)
            images = await recalled_images(render, clip, before)
            if images is None:
                images = await self._steps.handover(render, clip, before)
            return await best_take(render, self._steps, clip, images, before)
        return None

    async def missing(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """The chain ends here: what follows starts from this clip."""
        self._render.report.skip_rest(chain, clip)
        await self._people.given_up(chain, clip)
        return True

    def beyond_drift(self, clip: ClipPlan, forecast: DriftForecast) -> None:
        """Report the clip's drift, and what is done about it."""
        report, how = self._render.report, self.film.seams.anchors.get(clip.id)
        planned = self.film.seams.clip(clip.id)
        if how and report.clip(clip).start != planned.start.kind:
            report.replanned(planned)
        done = f"begins from {BEGINS_FROM[how]}" if how else "continued all the same"
        report.remark(clip, f"{forecast.says}: {done}")

    def ends_as_planned(self, take: StoredTake) -> None:
        """The clip is final: the splice that it waited for will not come."""
        self._in_film(take)

    def settled(self, before: StoredTake | None, take: StoredTake) -> None:
        """What the film has of both clips goes on record; what is final is encoded."""
        for one in filter(None, (before, take)):
            self._render.report.span(self.film.seams.clip(one.clip.id))
        if before is not None and before.clip.handle_frame_count:
            self._in_film(before)
        if not take.clip.handle_frame_count:  # else its last frames are not settled yet
            self._in_film(take)

    def _in_film(self, take: StoredTake) -> None:
        """Its frames are final: what they are needed for begins, behind what a next clip needs."""
        self.film.encode_ahead(take)
        self._render.readings.begin(take)

    async def approved(self, chain: ChainPlan, clip: ClipPlan) -> bool:
        """Whether the people who are asked let the chain go on."""
        return await self._people.approved(chain, clip)


async def best_take(
    render: Render, steps: Steps, clip: ClipPlan, images: Images, before: StoredTake | None
) -> StoredTake:
    """The take that a person chose, else the best of those that are there or are made now."""
    # The first chains are to be at work before the last of very many has been looked up.
    async with render.slots.chains if before is None else nullcontext():
        people = await decided(render.ledger, clip, images)
    if people.chosen is not None:
        return await with_choice(render, steps, clip, people, images, before)
    return await Takes(render, steps, clip, images, people).best(before)


async def with_choice(
    render: Render,
    steps: Steps,
    clip: ClipPlan,
    people: Decided,
    images: Images,
    before: StoredTake | None,
) -> StoredTake:
    """The take that a person chose, shown again with those that it was chosen from."""
    number = people.chosen or 1
    chosen = await bring(render, steps, take_for(clip, number, images), people.slates.get(number))
    others = await other_takes(render, clip, chosen, images)
    best, _ = await best_of(render, [chosen, *others], images, before)
    return best


class Takes:
    """The takes of one clip in one render, from 1 on.

    ``retakes_left`` counts the failures that are still borne; ``borne`` are the errors of takes
    that others made up for: each is said of the clip.
    """

    def __init__(
        self, render: Render, steps: Steps, clip: ClipPlan, images: Images, people: Decided
    ) -> None:
        self._people = people
        self._render = render
        self._steps = steps
        self._clip = clip
        self._images = images
        self._numbers: Iterator[int] = itertools.count(1)
        self._retakes_left = render.settings.keeping.retakes
        self._retakes_unusable = render.settings.keeping.retake_unusable
        self._borne: list[LongtakeError] = []

    async def best(self, before: StoredTake | None) -> StoredTake:
        """The best of as many takes as are asked for; then of more while it falls short."""
        most = most_takes(self._clip, self._render.settings.keeping.retakes)
        takes = await self._side_by_side(self._clip.takes.at_least)
        while True:
            best, score = await best_of(self._render, takes, self._images, before)
            if score is None or not score.falls_short or len(takes) >= most:
                break
            try:
                takes.append(await self._next())
            except (BudgetReached, GenerationFailed, ClipLost, ClipUnusable) as error:
                self._borne.append(error)  # the best of what is there has to do
                break
        for borne in self._borne:
            self._render.report.remark(self._clip, f"another take: {whole_text(borne)}")
        return best

    async def _side_by_side(self, count: int) -> list[StoredTake]:
        """So many takes at once; raises unless what went wrong is made up for by those there."""
        outcomes = await asyncio.gather(
            *(self._next_or_stop() for _ in range(count)), return_exceptions=True
        )
        takes = [each for each in outcomes if isinstance(each, StoredTake)]
        errors = [each for each in outcomes if isinstance(each, BaseException)]
        if not takes or not all(map(is_made_up_for, errors)):
            raise_first(errors)
        self._borne += [each for each in errors if isinstance(each, LongtakeError)]
        return takes

    async def _next_or_stop(self) -> StoredTake:
        try:
            return await self._next()
        except OperatorError as error:
            self._render.spending.stop(error)  # at once: others are about to submit
            raise

    async def _next(self) -> StoredTake:
        """The next take that comes to a file."""
        for number in self._numbers:
            if number in self._people.rejected:
                continue
            take = take_for(self._clip, number, self._images)
            try:
                known = self._people.slates.get(number)
                return await bring(self._render, self._steps, take, known)
            except ContentBlocked:
                raise
            except (GenerationFailed, ClipUnusable) as error:
                if isinstance(error, ClipUnusable) and not self._retakes_unusable:
                    raise  # it was billed: a person decides
                self._retakes_left -= await self._render.spending.failed_now(take.fingerprint)
                if self._retakes_left < 0:
                    raise
        raise AssertionError("numbers have no end")
