"""A film is held against its proof: what was altered is named, and the rest is traced."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest

from longtake.cli import run
from longtake.errors import DamagedClip, MediaError
from longtake.media import Ffmpeg, FilmShape, Segment, Side, assemble, find_ffmpeg, normalise
from longtake.media.boxes import PROOF, XMP, proof_in, read_box
from longtake.media.packets import joined, read_packets
from longtake.media.proving import examine, proof_path, read_proof
from longtake.record import RunRecord
from longtake.record.proof import MADE_BY_AI
from longtake.rendering.proof import sealing, write_proof
from longtake.story import Plan, Storyboard, build_plan

Draw = Callable[..., Path]

STORYBOARD = {
    "title": "Three boats",
    "look": {"seed": 5},
    "scenes": [
        {"name": "River", "shots": [{"prompt": "a", "seconds": 0.5, "start": "cut"} for _ in "abc"]}
    ],
}
COUNT = 8


def plan_of(data: dict[str, Any] = STORYBOARD) -> Plan:
    return build_plan(Storyboard.model_validate(data), source_sha256="ab" * 32)


def told(plan: Plan) -> RunRecord:
    record = RunRecord.of(plan, storyboard="boats.yaml", folder="x")
    for number, clip in enumerate(record.clips.values()):
        clip.request_id, clip.usd, clip.sha256 = f"request-{number}", 0.05, f"{number}" * 64
    return record


@pytest.fixture
async def segments(draw: Draw, tmp_path: Path) -> list[Segment]:
    clip, made = draw("clip.mp4", 30), []
    for number in range(3):
        into = tmp_path / f"s{number}.mp4"
        size = FilmShape(192, 112, 16)
        await normalise(
            Side(clip, 10 * number), into, ffmpeg=find_ffmpeg(), frame_count=COUNT, shape=size
        )
        made.append(Segment(into, COUNT, read_packets(into)))
    return made


@pytest.fixture
async def film(segments: list[Segment], tmp_path: Path) -> Path:
    return await join(segments, tmp_path / "film.mp4")


async def join(segments: list[Segment], into: Path) -> Path:
    plan, ffmpeg = plan_of(), find_ffmpeg()
    sealed = sealing(
        told(plan), plan, ffmpeg=ffmpeg, recipes=["r"] * 3, storyboard="title: Three boats\n"
    )
    await assemble(segments, into, ffmpeg=ffmpeg, fps=16, title=plan.title, seal=sealed)
    return into


def change(path: Path, how: Callable[[bytes], bytes]) -> None:
    path.write_bytes(how(path.read_bytes()))


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0x40
    path.write_bytes(content)


def cut(path: Path, at: int) -> None:
    path.write_bytes(path.read_bytes()[:at])


def give_proof(film: Path, to: Path) -> None:
    proof_path(to).write_bytes(proof_in(film) or b"")


async def spoiled(segments: list[Segment], film: Path) -> Path:
    """These segments, joined without a proof, with the proof of ``film`` next to them."""
    into = film.with_name("spoiled.mp4")
    await assemble(segments, into, ffmpeg=find_ffmpeg(), fps=16)
    give_proof(film, into)
    return into


async def test_a_film_as_it_was_made_is_traced_to_every_take(film: Path) -> None:
    found = examine(film)
    assert found.intact
    assert found.place == "inside"
    assert [piece.first_frame_index for piece in found.proof.segments] == [0, 8, 16]
    assert [take.request_id for take in found.proof.takes] == [f"request-{k}" for k in range(3)]
    assert found.proof.usd == 0.15


async def test_the_join_is_exactly_the_digests_of_the_segments(
    ffmpeg: Ffmpeg, segments: list[Segment], tmp_path: Path
) -> None:
    facts = await assemble(segments, tmp_path / "f.mp4", ffmpeg=ffmpeg, fps=16)
    found = read_packets(facts.path)
    assert found.digests == joined([read_packets(one.path) for one in segments])
    assert len(set(found.digests)) == 3 * COUNT


async def test_one_altered_byte_of_a_picture_is_named_by_its_frame(film: Path) -> None:
    with av.open(str(film)) as container:
        packet = [one for one in container.demux(video=0) if one.size][11]
        at, size = packet.pos, packet.size
    flip(film, at + size - 3)
    found = examine(film)
    (difference,) = found.differences
    assert (difference.first_frame_index, difference.frame_count) == (11, 1)
    assert difference.found_frame_count == 1
    assert run(["verify", str(film)]) == 4


async def test_a_swapped_clip_is_named_with_what_stands_there(
    film: Path, segments: list[Segment]
) -> None:
    other = await spoiled([segments[0], segments[2], segments[1]], film)
    found = examine(other)
    places = [(one.first_frame_index, one.frame_count, one.shows) for one in found.differences]
    assert places == [(8, 8, "river/3.1"), (16, 8, "river/2.1")]
    assert found.place == "next to"


async def test_a_removed_frame_is_named(film: Path, draw: Draw, segments: list[Segment]) -> None:
    other = await spoiled(segments, film)
    shorter = other.with_name("shorter.mp4")
    with av.open(str(other)) as container, av.open(str(shorter), "w") as out:
        source = container.streams.video[0]
        target = out.add_stream_from_template(source)
        for number, packet in enumerate(container.demux(source)):
            if packet.size and number != 21:
                packet.stream = target
                out.mux(packet)
    shutil.copy(proof_path(other), proof_path(shorter))
    (difference,) = examine(shorter).differences
    assert (difference.first_frame_index, difference.frame_count) == (21, 1)
    assert difference.found_frame_count == 0


async def test_frames_that_were_put_in_are_named(film: Path, segments: list[Segment]) -> None:
    other = await spoiled([segments[0], segments[1], segments[1], segments[2]], film)
    (difference,) = examine(other).differences
    assert (difference.frame_count, difference.found_frame_count) == (0, COUNT)
    assert difference.shows == "river/2.1"


async def test_a_segment_that_changed_since_it_was_made_never_becomes_a_film(
    segments: list[Segment], tmp_path: Path
) -> None:
    shutil.copy(segments[2].path, segments[1].path)
    with pytest.raises(MediaError, match="other frames than its clips"):
        await join(segments, tmp_path / "film.mp4")


async def test_the_proof_next_to_the_film_is_the_one_inside(film: Path) -> None:
    written = write_proof(film)
    assert written == proof_path(film)
    assert examine(film).intact
    change(written, lambda content: content.replace(b"request-1", b"request-9"))
    assert examine(film).others == (
        "the proof next to the film (film.proof.json) is not the one inside it",
    )


async def test_a_film_without_a_proof_says_where_it_could_be(
    segments: list[Segment], tmp_path: Path
) -> None:
    bare = tmp_path / "bare.mp4"
    await assemble(segments, bare, ffmpeg=find_ffmpeg(), fps=16)
    with pytest.raises(MediaError, match=r"put bare\.proof\.json next to it"):
        read_proof(bare)
    with pytest.raises(MediaError, match="no such file"):
        examine(tmp_path / "none.mp4")


async def test_a_damaged_proof_is_told_and_the_one_next_to_the_film_is_used(film: Path) -> None:
    write_proof(film)
    flip(film, -40)
    found = examine(film)
    assert found.place == "next to"
    assert "the proof inside it is damaged" in found.others[0]


async def test_a_truncated_film_is_damaged(film: Path) -> None:
    write_proof(film)
    cut(film, -200)
    found = examine(film)
    assert any("does not fit in" in one for one in found.others)
    cut(film, 3000)
    (lost,) = examine(film).differences
    assert lost.first_frame_index + lost.frame_count == 3 * COUNT
    cut(film, 100)
    with pytest.raises(DamagedClip):
        examine(film)


async def test_the_metadata_says_that_a_machine_made_it(film: Path) -> None:
    xmp = read_box(film, XMP)
    assert xmp is not None
    assert f"<Iptc4xmpExt:DigitalSourceType>{MADE_BY_AI}<".encode() in xmp
    assert read_box(film, PROOF) is not None


async def test_the_recipe_gives_back_the_storyboard_and_the_seeds(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["recipe", str(film)]) == 0
    told_back = json.loads(capsys.readouterr().out)
    assert told_back["storyboard"] == "title: Three boats\n"
    assert told_back["base_seed"] == 5
    assert [take["seed"] for take in told_back["takes"]] == [
        clip.parameters["seed"] for clip in plan_of().clips
    ]
    assert run(["recipe", str(film), "--storyboard"]) == 0
    assert capsys.readouterr().out == "title: Three boats\n"


async def test_one_frame_can_be_asked_for(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", str(film), "--frame", "9", "--json"]) == 0
    (piece,) = json.loads(capsys.readouterr().out)["pieces"]
    assert piece["sources"][0]["clip_id"] == "river/2.1"
