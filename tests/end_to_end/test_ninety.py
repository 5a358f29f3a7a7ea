"""A whole film with sound and words: heard and seen where it should be, and changed for nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longtake.cli import run
from longtake.documents import load_plan
from longtake.media import find_ffmpeg
from longtake.media.mixing import SAMPLE_RATE, PlacedSound, mix
from longtake.media.proving import examine
from longtake.media.sound import measure
from longtake.record.proof import FilmProof
from longtake.story import SoundCue
from tests.media.sounds import read_sound
from tests.rendering.ninety import SECONDS, VOICE_SECONDS, write_ninety

pytestmark = pytest.mark.slow

FPS = 16


async def loudness(film: Path, folder: Path) -> tuple[float, float]:
    cue = SoundCue(kind="music", file=film.name, begin_seconds=0, seconds=SECONDS)
    heard = folder / "heard.m4a"
    with av.open(str(film)) as source, av.open(str(heard), "w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    samples = SECONDS * SAMPLE_RATE
    mix([PlacedSound(cue, heard)], folder / "heard.f32", samples=samples, duck_db=0)
    return await measure(folder / "heard.f32", ffmpeg=find_ffmpeg())


def brightness(film: Path, frames: set[int]) -> dict[int, np.ndarray]:
    with av.open(str(film)) as container:
        return {
            at: frame.to_ndarray(format="gray")
            for at, frame in enumerate(container.decode(video=0))
            if at in frames
        }


def test_ninety_seconds_are_heard_and_seen_and_a_change_pays_nothing(
    tmp_path: Path, rendered: Callable[..., Any]
) -> None:
    path = write_ninety(tmp_path)
    first, film = rendered(path)
    proof = examine(film)
    assert proof.intact
    assert first["film"]["frame_count"] == SECONDS * FPS

    heard = np.abs(read_sound(film))
    assert SECONDS - 1 / FPS < len(heard) / SAMPLE_RATE <= SECONDS
    loud = np.flatnonzero(heard > 0.6) / SAMPLE_RATE
    assert loud[0] < 1 / FPS
    assert abs(loud[-1] - (SECONDS - 0.5)) < 1 / FPS
    lufs, peak_db = asyncio.run(loudness(film, tmp_path))
    assert lufs == pytest.approx(-14, abs=0.3)
    assert peak_db < -0.9
    for begin in (0, 30, 60):
        voice, after = (
            float(heard[round((begin + at) * SAMPLE_RATE) :][: SAMPLE_RATE // 2].mean())
            for at in (1, VOICE_SECONDS + 1)
        )
        assert voice > 2 * after

    seen = brightness(film, {0, 32, 500, 560, 1430})
    assert seen[0][:300].max() < 20  # an opening card fades in on black
    assert seen[32][150:300].max() > 200
    assert int(seen[500][410:470].max()) > 225  # the second caption
    assert seen[1430][:150].max() < 20

    data = json.loads(path.read_text(encoding="utf-8"))
    data["soundtrack"]["gain"] = -3
    data["titles"]["credits"]["text"] = "Nobody"
    path.write_text(json.dumps(data), encoding="utf-8")
    _, plan = load_plan(path)
    second, film = rendered(path)
    assert second["emulator_accepted_requests"] == 0
    again = examine(film)
    assert again.intact
    assert changed(proof.proof, again.proof) == {
        number
        for number, part in enumerate(plan.segments)
        if (part.first_frame_index + part.frame_count) / FPS > SECONDS - 3
    }


def changed(one: FilmProof, two: FilmProof) -> set[int]:
    """Pieces whose pictures are others."""
    pairs = zip(one.segments, two.segments, strict=True)
    return {at for at, (before, after) in enumerate(pairs) if before.digests != after.digests}


@pytest.fixture
def rendered(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Any]:
    """A storyboard's render on the emulator: what it says as JSON, and its film."""

    def render(path: Path) -> tuple[dict[str, Any], Path]:
        out = tmp_path / "out"
        capsys.readouterr()
        words = ["render", str(path), "--emulated", "--out", str(out), "--json", "--pace", "1000"]
        assert run(words) == 0
        record = json.loads(capsys.readouterr().out)
        return record, out / record["film"]["file"]

    return render
