"""A film without a storyboard: clips asked for one by one, each paid for once, and joined."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longtake.errors import LongtakeError, Problem, StoryboardError
from longtake.media.stills import trouble_with
from longtake.record import ClipRecord
from longtake.rendering.assembling import make_film
from longtake.rendering.images import made_image, recalled_images
from longtake.rendering.making import best_take
from longtake.rendering.render import Render
from longtake.rendering.steps import Steps
from longtake.rendering.takes import StoredTake
from longtake.story import ClipPlan, Cut, Handover, Rates, Still, is_remote
from longtake.story.clip_terms import ClipTerms
from longtake.story.identity import Seeds
from longtake.story.planner import ShotClips, plan_clip
from longtake.story.single import film_of, fps_of, shape_to_keep, single_shot


@dataclass(frozen=True)
class Clip:
    """A clip that is there: its checked file, in the film's folder.

    ``id`` is its name in ``run.json`` and in the ledger's lists, ``sha256`` its file's.
    """

    id: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Frame:
    """A frame of a clip, as a picture to start another clip from; ``frame_index`` counts from 0."""

    clip_id: str
    frame_index: int
    path: Path


class OwnFilm:
    """A film that grows clip by clip, in the order in which its clips are asked for.

    What a clip is asked for decides its identity, and not its place: asked for again, by a repeated
    task or by the next run, it is the clip that is there. Of clips that are asked for with the very
    same words, each has its own seed, by their order.
    """

    def __init__(self, render: Render, steps: Steps, rates: Rates) -> None:
        self.render = render
        self._rates = rates
        self._steps = steps
        self._seeds = Seeds(render.plan.base_seed)
        self._shots: dict[str, ShotClips] = {}
        self._calls: dict[str, ClipPlan] = {}
        self._takes: dict[str, StoredTake] = {}
        self._joining = asyncio.Lock()
        render.film.measuring.span_of = lambda clip_id: self._takes[clip_id].clip

    async def clip(
        self,
        call: str,
        prompt: str,
        parameters: Mapping[str, Any],
        image: Frame | str | Path | None = None,
        end_image: str | Path | None = None,
    ) -> Clip:
        """The clip that this asks for: out of the store, or made and paid for.

        ``call`` names the asking: with the same name it is the same clip, asked for once more.
        Raises StoryboardError for what cannot be asked for, and whatever became of the clip.
        """
        clip = self._calls.get(call)
        if clip is None:
            await asyncio.to_thread(_examine, image, end_image)
            clip = self._calls[call] = self._planned(prompt, parameters, image, end_image)
        else:
            self.render.spending.go_on()
        before = self._takes[image.clip_id] if isinstance(image, Frame) else None
        try:
            take = await self._made(clip, before)
        except LongtakeError as error:
            self.render.report.failed(clip, error)
            raise
        self._takes[clip.id] = take
        return Clip(clip.id, self.render.folder.clip(take), take.sha256)

    async def last_frame(self, clip: Clip) -> Frame:
        """The last frame that the film has of the clip, its colours corrected as the film's are."""
        giver = self._take_of(clip)
        handover = Handover(clip_id=clip.id, frame_index=giver.clip.last_kept_frame_index)
        await made_image(self.render, giver.clip, "last", handover, giver)
        path = self.render.folder.image(giver.clip, "last")
        return Frame(clip.id, handover.frame_index, path)

    async def join(self, clips: Sequence[Clip], into: str | Path = "film.mp4") -> Path:
        """Join the clips, in this order, into a film; ``into`` counts from the film's folder.

        No picture is encoded again that was encoded for this film before.
        """
        takes = [self._take_of(clip) for clip in clips]
        if not takes:
            raise StoryboardError([Problem(("clips",), "a film needs at least one clip")])
        async with self._joining:
            film = self.render.film
            self._replan([self._shots[take.clip.id] for take in takes])
            for take in takes:
                repeats = take.pair is None or take.pair.repeats
                placed = film.seams.settle_head(film.seams.clip(take.clip.id), repeats=repeats)
                film.keep(take._replace(clip=placed))
                self.render.report.span(placed)
            for take in film.takes.values():
                film.encode_ahead(take)
            return await make_film(self.render, self.render.folder.root / into)

    def _planned(
        self,
        prompt: str,
        parameters: Mapping[str, Any],
        image: Frame | str | Path | None,
        end_image: str | Path | None,
    ) -> ClipPlan:
        start: Cut | Handover | Still = Cut()
        if isinstance(image, Frame):
            self._known(image.clip_id)
            start = Handover(clip_id=image.clip_id, frame_index=image.frame_index)
            parameters = shape_to_keep(self._shots[image.clip_id][0]) | dict(parameters)
        elif image is not None:
            start = Still(uri=_uri(image))
        shot = single_shot(
            len(self._shots) + 1,
            prompt,
            parameters,
            still=start.uri if isinstance(start, Still) else None,
            end_image=_uri(end_image) if end_image is not None else None,
            continued=isinstance(start, Handover),
        )
        clip = plan_clip(shot, 0, start, 0, ClipTerms(fps_of(shot), self._rates, self._seeds))
        self._shots[clip.id] = shot, (clip,)
        self.render.report.record.clips[clip.id] = ClipRecord.of(clip, chain=shot.number)
        if len(self._shots) == 1:  # it says how fast the film is
            self._replan([self._shots[clip.id]])
        return clip

    def _replan(self, shots: Sequence[ShotClips]) -> None:
        plan = self.render.plan
        self.render.film.replan(film_of(plan.title, shots, plan.base_seed))

    async def _made(self, clip: ClipPlan, before: StoredTake | None) -> StoredTake:
        render = self.render
        images = await recalled_images(render, clip, before)
        if images is None:
            images = await self._steps.handover(render, clip, before)
        return await best_take(render, self._steps, clip, images, before)

    def _take_of(self, clip: Clip) -> StoredTake:
        self._known(clip.id)
        return self._takes[clip.id]

    def _known(self, clip_id: str) -> None:
        if clip_id not in self._takes:
            says = f"{clip_id} is no clip of this film: ask for it within the same `open_film`"
            raise StoryboardError([Problem(("clip",), says)])


def _examine(*images: Frame | str | Path | None) -> None:
    """Refuse pictures that cannot be used, before anything is paid for."""
    for image in images:
        if isinstance(image, Frame) or image is None or is_remote(str(image)):
            continue
        there = Path(image).is_file()
        wrong = trouble_with(Path(image), str(image)) if there else "there is no such file"
        if wrong:
            raise StoryboardError([Problem(("image",), f"{image}: {wrong}")])


def _uri(image: str | Path) -> str:
    return str(image) if is_remote(str(image)) else str(Path(image).resolve())
