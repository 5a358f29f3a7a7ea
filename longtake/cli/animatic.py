"""``longtake animatic``: a rehearsal that costs nothing."""

from __future__ import annotations

from pathlib import Path

from longtake.blocking import wait_for
from longtake.cli.console import to_person


def animatic(storyboard: Path, /, *, out: Path | None = None, profile: str | None = None) -> int:
    """Make the film's timing from stills and cards, with its sound and words, in seconds.

    Every cut, dissolve and title is at its frame; scene, shot, prompt and beat are written into the
    picture.
    Nothing is sent, nothing is paid for and no key is needed.

    Parameters
    ----------
    storyboard
        The storyboard file, YAML or JSON.
    out
        The video to write; by default `STORYBOARD.animatic.mp4`, next to it.
    profile
        Profile whose loudness, font and ffmpeg to use.
    """
    from longtake.documents import load_plan
    from longtake.rendering.animatic import make_animatic
    from longtake.rendering.preflight import chosen_ffmpeg
    from longtake.settings import load_settings

    settings = load_settings(profile)
    loaded, plan = load_plan(storyboard, rates=settings.rates)
    into = out or storyboard.with_suffix(".animatic.mp4")
    ffmpeg = chosen_ffmpeg(settings)
    facts = wait_for(make_animatic(loaded, plan, into, settings=settings, ffmpeg=ffmpeg))
    console = to_person()
    console.print(f"wrote {into}: {facts.frame_count} frames, {facts.seconds:.2f} s")
    return 0
