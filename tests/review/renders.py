"""A render to review: small, but true video, with readings made by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from longtake.media import Chapter, FilmShape, Segment, Side, assemble, find_ffmpeg, normalise
from longtake.record import FilmRecord, RunRecord, Stage, TakeRecord
from longtake.story import (
    Calibration,
    ClipReading,
    Drift,
    Finding,
    PairReading,
    Plan,
    SeamReading,
    Storyboard,
    build_plan,
)
from longtake.story.readings import Spell

WIDTH, HEIGHT, FPS = 192, 112, 16

HOSTILE = (
    'a boat</script><script>alert(1)</script><img src=x onerror="alert(2)"> {{ 7 * 7 }} \'"&'
    '<svg onload=alert(3)> <a href="javascript:alert(4)">'
)
"""A prompt that tries to be more than text."""

STORYBOARD = {
    "title": 'Hostile </title><script>alert("title")</script>',
    "look": {"seed": 7, "resolution": "480p"},
    "scenes": [
        {"name": "one", "shots": [{"prompt": HOSTILE, "seconds": 15}, "the lamp is lit"]},
        {"name": "two", "shots": ["a sailing boat at dawn"]},
    ],
}

WORST = "one/1.2 → one/1.3"
"""The seam with the worst finding; the reel shows it before its correction, too."""


def small_plan() -> Plan:
    """Five clips: a chain of four and one after a cut."""
    return build_plan(Storyboard.model_validate(STORYBOARD), base_seed=7)


def draw(into: Path, frame_count: int, number: int) -> Path:
    """A clip whose brightness tells its number, with a bar that moves from frame to frame."""
    into.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(into), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(frame_count):
            picture = np.full((HEIGHT, WIDTH, 3), 40 + 35 * number, np.uint8)
            picture[:, (index * 2) % WIDTH : (index * 2) % WIDTH + 12] = (250, 200, 60)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return into


async def make_render(folder: Path) -> RunRecord:
    """A whole render in ``folder``: clips, segments, film and ``run.json``, without readings."""
    plan = small_plan()
    ffmpeg = find_ffmpeg()
    record = RunRecord.of(
        plan, storyboard="film.yaml", folder=str(folder), emulated=True, run_name="film 1"
    )
    segments = []
    for number, clip in enumerate(plan.clips):
        name = f"{clip.id.replace('/', '-')}.mp4"
        made = draw(folder / "clips" / name, clip.frame_count, number)
        segment = folder / "segments" / name
        await normalise(
            Side(made, clip.skip_frames),
            segment,
            ffmpeg=ffmpeg,
            frame_count=clip.kept_frame_count,
            shape=FilmShape(WIDTH, HEIGHT, plan.fps, preset="ultrafast"),
        )
        segments.append(Segment(segment, clip.kept_frame_count))
        record.note(
            clip.id,
            stage=Stage.STORED,
            file=f"clips/{name}",
            usd=0.1,
            frame_count=clip.frame_count,
            width=WIDTH,
            height=HEIGHT,
            seconds_queued=2.0,
            seconds_generating=51.0,
        )
    chapters = [Chapter(shot.title, shot.first_frame_index, 1) for shot in plan.shots]
    film = folder / "film.mp4"
    facts = await assemble(segments, film, ffmpeg=ffmpeg, fps=plan.fps, chapters=chapters)
    record.film = FilmRecord(
        file="film.mp4",
        sha256="0" * 64,
        size_bytes=facts.size_bytes,
        frame_count=facts.frame_count,
        seconds=facts.seconds,
        fps=plan.fps,
        width=WIDTH,
        height=HEIGHT,
    )
    record.state = "completed"
    record.write(folder / "run.json")
    return record


def read(record: RunRecord) -> RunRecord:
    """The record with readings of every kind, findings in no order, and three takes of a clip."""
    record = record.model_copy(deep=True)
    clips = list(record.clips.values())
    record.seams = [
        SeamReading(
            left=left.id,
            right=right.id,
            kind="continuous" if right.start == "handover" else "cut",
            frame_index=right.first_frame_index,
            step_ratio=3.4 if right.id == "one/1.3" else 1.04,
            flash=0.6,
            motion_cosine=-0.12,
            pair=PairReading(psnr_db=38.2, ssim=0.97, colour_step=0.8, softness=0.9, repeats=True),
        )
        for left, right in pairwise(clips)
    ]
    record.findings = [
        _finding("note", "one/2.1", "freeze", 0.5),
        _finding("warning", "one/1.1 → one/1.2", "colour", 1.2),
        _finding("bad", WORST, "step", 1.7),
        _finding("bad", "one/1.1", "cut", 1.1),
    ]
    ids = tuple(clip.id for clip in clips[:4])
    rising = (1.0, 2.0, 3.5, 6.0)
    record.drift = [
        Drift(
            chain=1,
            clip_ids=ids,
            **dict.fromkeys(
                ("colour_step", "luma", "contrast", "saturation", "sharpness", "motion"), rising
            ),
            vde={"luma": 0.031},
            breaks_at_hop=6,
        )
    ]
    clip = record.clips["one/1.3"]
    clip.calibration = Calibration(
        applied=True, reason="a warm cast", colour_step_before=3.1, colour_step_after=0.6
    )
    ends = (90.0, 95.0)
    clip.reading = ClipReading(
        **dict.fromkeys(("luma", "contrast", "saturation", "sharpness", "motion"), ends),
        cuts=(40,),
        freezes=(Spell(first_frame_index=30, frame_count=12),),
    )
    clip.takes = [
        TakeRecord(number=1, seed=11, fingerprint="a", file=clip.file, usd=0.1, chosen=True),
        TakeRecord(number=2, seed=12, fingerprint="b", file="clips/one-1.2.mp4", why="a flash"),
        TakeRecord(number=3, seed=13, fingerprint="c", why="FAILED: out of memory <b>"),
    ]
    return record


def broken(record: RunRecord) -> RunRecord:
    """The record of a render whose chain broke at the third clip: there is no film."""
    record = record.model_copy(deep=True)
    record.film, record.state = None, "incomplete"
    failed, skipped = record.clips["one/1.3"], record.clips["one/2.1"]
    failed.stage, failed.error, failed.file = Stage.FAILED, "worker <out> of memory", None
    skipped.stage, skipped.error, skipped.file = Stage.SKIPPED, "needs one/1.3", None
    return record


def _finding(severity: str, place: str, rule: str, score: float) -> Finding:
    return Finding.model_validate(
        {"severity": severity, "place": place, "rule": rule, "says": f"{rule}!", "score": score}
    )
