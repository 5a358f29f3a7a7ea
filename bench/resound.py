"""What a changed gain, caption or title costs on a film that is there, and what `verify` takes.

    python -m bench.resound [--minutes 5] [--folder DIR]

Makes a film of five-second pieces (a clip of the emulator's, 832x480, encoded once and joined so
many times) with a soundtrack, then changes the gain, a burnt-in caption and an opening card: by
what ``render`` does for it, without Prefect, the ledger and the review. Then `verify` and a strict
decode of the same film. Processor seconds are those of this process and of the ones it started.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from longtake.emulator.drawing import clips
from longtake.emulator.validation import T2V, read_parameters
from longtake.media import (
    Ffmpeg,
    FilmFacts,
    FilmShape,
    Segment,
    Side,
    assemble,
    find_ffmpeg,
    normalise,
)
from longtake.media.boxes import seal
from longtake.media.cutting import cut_out
from longtake.media.fonts import find_font
from longtake.media.lettering import Lettering
from longtake.media.mixing import PlacedSound
from longtake.media.packets import read_packets
from longtake.media.probe import count_frames
from longtake.media.proving import examine
from longtake.media.run import Limits
from longtake.media.sound import Loudness, make_sound
from longtake.record.proof import FilmProof, ProvenTrack, Versions, prove_segments
from longtake.story import SegmentPlan, ShownTitle, ShownWords, SoundCue, Source

FPS, COUNT, WIDTH, HEIGHT = 16, 80, 832, 480


def cpu_seconds() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def draw_clip(into: Path) -> Path:
    """A clip as the emulator draws it."""
    asked = read_parameters(T2V, {"prompt": "a harbour at dusk, the camera pans", "num_frames": 81})
    into.write_bytes(clips.text_to_video(asked, 1))
    return into


async def encode(clip: Path, into: Path, ffmpeg: Ffmpeg, words: Lettering | None) -> Segment:
    """One piece, encoded."""
    size = FilmShape(WIDTH, HEIGHT, FPS)
    await normalise(
        Side(clip, 0), into, ffmpeg=ffmpeg, frame_count=COUNT, lettering=words, shape=size
    )
    return Segment(into, COUNT, read_packets(into))


async def sound(folder: Path, pieces: int, gain_db: float, ffmpeg: Ffmpeg) -> Path:
    """The film's sound at that gain."""
    cue = SoundCue(
        kind="music", file="m.wav", begin_seconds=0, seconds=pieces * COUNT / FPS, gain_db=gain_db
    )
    into = folder / f"sound{gain_db:g}.m4a"
    await make_sound(
        [PlacedSound(cue, folder / "m.wav")],
        into,
        ffmpeg=ffmpeg,
        frame_count=pieces * COUNT,
        fps=FPS,
        loudness=Loudness(),
    )
    return into


def write_music(into: Path, seconds: float) -> None:
    """Two tones and some noise."""
    import wave

    times = np.arange(round(seconds * 48_000)) / 48_000
    tones = 0.2 * np.sin(2 * np.pi * 220 * times) + 0.1 * np.sin(2 * np.pi * 331 * times)
    with wave.open(str(into), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((tones * 32767).astype(np.int16).tobytes())


@dataclass(frozen=True)
class Change:
    """What was done, what it took, and what was made for it."""

    what: str
    seconds: float
    cpu_seconds: float
    made: str


async def measure(folder: Path, pieces: int) -> list[Change]:
    """Make the film, change it three times, verify and decode it; in this order."""
    ffmpeg = find_ffmpeg()
    clip, film = draw_clip(folder / "clip.mp4"), folder / "film.mp4"
    write_music(folder / "m.wav", pieces * COUNT / FPS)
    found: list[Change] = []
    made: list[Segment] = []

    async def timed(what: str, made_for_it: str, work: Awaitable[object]) -> None:
        began, used = time.monotonic(), cpu_seconds()
        await work
        found.append(Change(what, time.monotonic() - began, cpu_seconds() - used, made_for_it))
        print(found[-1], file=sys.stderr, flush=True)

    async def piece() -> None:
        made.append(await encode(clip, folder / "0.mp4", ffmpeg, None))

    async def joined() -> None:
        heard = await sound(folder, pieces, 0, ffmpeg)
        await assemble(made, film, ffmpeg=ffmpeg, fps=FPS, sound=heard, seal=sealed(made))

    def kept(number: int) -> Segment:
        packets = made[number].packets
        return cut_out(
            film,
            folder / f"kept{number}.mp4",
            first_frame_index=number * COUNT,
            digests=packets.digests if packets else (),
            fps=FPS,
        )

    async def again(words: Lettering | None, gain_db: float = 0) -> None:
        first = await encode(clip, folder / "new.mp4", ffmpeg, words) if words else kept(0)
        rest = [await asyncio.to_thread(kept, number) for number in range(1, pieces)]
        heard = folder / "sound0.m4a"  # kept for as long as nothing else is heard
        if gain_db:
            heard = await sound(folder, pieces, gain_db, ffmpeg)
        await assemble([first, *rest], folder / "new-film.mp4", ffmpeg=ffmpeg, fps=FPS, sound=heard)

    async def verified() -> None:
        assert (await asyncio.to_thread(examine, film)).intact

    async def decoded() -> None:
        frames, limits = pieces * COUNT, Limits(wall_seconds=3600, cpu_seconds=3600)
        assert (
            await count_frames(film, ffmpeg=ffmpeg, max_frames=2 * frames, limits=limits) == frames
        )

    await timed("a piece", "one piece", piece())
    made += [replace(made[0])] * (pieces - 1)
    await timed("sound and join", "the sound", joined())
    await timed("another gain", "the sound", again(None, -6))
    await timed("a burnt-in caption", "the piece that it touches", again(lettering(False)))
    await timed("an opening card", "the piece that it touches", again(lettering(True)))
    await timed("`verify`", "", verified())
    await timed("(a strict decode)", "", decoded())
    return found


def lettering(card: bool) -> Lettering:
    """Words for the first piece."""
    line = ShownWords(begin_seconds=1, end_seconds=3, text="A caption")
    title = ShownTitle(
        kind="opening",
        text="THE FILM",
        begin_seconds=0,
        end_seconds=4,
        fade_in_seconds=0.5,
        fade_out_seconds=0.5,
        ground="black",
    )
    return Lettering(() if card else (line,), WIDTH, HEIGHT, find_font(), (title,) if card else ())


def sealed(made: Sequence[Segment]) -> Callable[[FilmFacts], bytes]:
    """What puts the film's proof behind it."""

    def seal_it(facts: FilmFacts) -> bytes:
        parts = [
            SegmentPlan(
                kind="clip",
                first_frame_index=number * COUNT,
                frame_count=COUNT,
                sources=(Source(clip_id=f"one/{number + 1}.1", skip_frames=0),),
            )
            for number in range(len(made))
        ]
        proof = FilmProof(
            title="T",
            fps=FPS,
            width=WIDTH,
            height=HEIGHT,
            frame_count=facts.frame_count,
            emulated=True,
            base_seed=1,
            storyboard_sha256="",
            storyboard=None,
            versions=Versions(longtake="", ffmpeg="", av="", python=""),
            takes=(),
            segments=prove_segments(parts, [one.digests for one in facts.packets], {}),
            tracks=tuple(ProvenTrack(**vars(track)) for track in facts.tracks),
            parameter_sets=tuple(facts.packets[0].parameter_sets),
        )
        return seal(proof.as_bytes(), title="T", tool="longtake")

    return seal_it


def section(minutes: float, folder: Path | None = None) -> str:
    """The section of docs/performance.md; ``bench/all.py --parts resound`` puts it there."""
    pieces = max(1, round(minutes * 60 * FPS / COUNT))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        found = asyncio.run(measure(Path(place), pieces))
    encoded, decode = found[0].cpu_seconds * pieces, found[-1].cpu_seconds
    whole = encoded + found[1].cpu_seconds
    lines = [
        f"A film of {pieces * COUNT / FPS / 60:.3g} minutes in {pieces} pieces at 832x480 with",
        "music, and what a change of it takes; what `render` does besides (Prefect, ledger, pages)",
        "is not in it. Nothing is paid for, no other piece is encoded again.",
        "",
        f"Shares are of {whole:.0f} CPU seconds: {pieces} such pieces, the sound and the join.",
        "",
        "| change | seconds | CPU seconds | share | made again |",
        "|---|---|---|---|---|",
    ]
    for one in found:
        of, name = (decode, " of a decode") if one.what == "`verify`" else (whole, "")
        share = f"{one.cpu_seconds / of:.2%}{name}"
        lines.append(
            f"| {one.what} | {one.seconds:.1f} | {one.cpu_seconds:.2f} | {share} | {one.made} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    print(section(asked.minutes, asked.folder))


if __name__ == "__main__":
    main()
