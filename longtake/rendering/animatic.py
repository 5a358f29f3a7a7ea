"""The animatic: the film's timing, words and sound before anything is paid for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio.to_thread
import numpy as np

from longtake.documents import LoadedStoryboard, local_image
from longtake.media import Chapter, Ffmpeg, FilmFacts, Segment, assemble
from longtake.media.animatic import encode_stills
from longtake.media.cards import draw_card
from longtake.media.fonts import find_font
from longtake.media.thumbnails import thumbnail
from longtake.media.titles import Overlay, draw_title
from longtake.rendering.film_sound import caption_file, film_sound, sound_recipe
from longtake.rendering.outcomes import raise_first
from longtake.settings import Settings
from longtake.story import ClipPlan, Plan
from longtake.story.cards import Card, cards_of
from longtake.story.named_files import is_web

COMMENT = "An animatic by longtake: cards and stills in the film's timing"


async def make_animatic(
    loaded: LoadedStoryboard, plan: Plan, into: Path, *, settings: Settings, ffmpeg: Ffmpeg
) -> FilmFacts:
    """Make a storyboard's animatic: every cut, dissolve, sound and caption where it will be.

    Nothing is sent or paid for, and no ledger is opened. Raises MediaError for what cannot be made.
    """
    folder = loaded.path.parent
    cards = cards_of(loaded.storyboard, plan)
    await anyio.Path(into.parent).mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=into.parent, prefix=".animatic-") as scratch:
        recipe = await sound_recipe(plan, folder, settings.sound)
        heard = film_sound(plan, folder, Path(scratch), recipe, settings.sound, ffmpeg)
        sounding = asyncio.create_task(heard)

        def encode() -> Segment:
            pictures, titles = _drawn(loaded, cards, plan, settings.font, Path(scratch))
            into = Path(scratch, "p.mp4")
            return encode_stills(plan.segments, pictures, into, fps=plan.fps, titles=titles)

        picturing = asyncio.create_task(anyio.to_thread.run_sync(encode))
        await asyncio.wait((sounding, picturing))  # the folder is there until both have ended
        raise_first(error for each in (sounding, picturing) if (error := each.exception()))
        picture, sound = picturing.result(), sounding.result()
        with caption_file(plan.captions) as captions:
            return await assemble(
                [picture],
                into,
                ffmpeg=ffmpeg,
                fps=plan.fps,
                chapters=[
                    Chapter(shot.title, shot.first_frame_index, shot.frame_count)
                    for shot in plan.shots
                ],
                title=plan.title,
                comment=COMMENT,
                sound=sound,
                captions=captions,
            )


def _drawn(
    loaded: LoadedStoryboard, cards: dict[str, Card], plan: Plan, font: Path | None, scratch: Path
) -> tuple[dict[str, np.ndarray], list[Overlay]]:
    found, size = find_font(font), (plan.width, plan.height)
    pictures = {
        clip_id: draw_card(
            card, size, found, _picture(loaded.path, card, plan.clip(clip_id), scratch)
        )
        for clip_id, card in cards.items()
    }
    return pictures, [draw_title(title, size, found, plan.fps) for title in plan.titles]


def _picture(storyboard: Path, card: Card, clip: ClipPlan, scratch: Path) -> Path | None:
    """The still that the clip begins from, or the middle frame of one's own, if it is here."""
    if card.still:
        return local_image(storyboard, card.still)
    named = clip.own_file
    if named is None or is_web(named):
        return None
    into = scratch / "own.jpg"
    middle = clip.skip_frames + clip.kept_frame_count // 2
    into.write_bytes(thumbnail(storyboard.parent / named, middle, width=clip.width))
    return into
