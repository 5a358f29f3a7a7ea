"""The files that go with the room: schema, starter, examples, reference."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from longtake.documents import load, read
from longtake.starter import starter_text
from longtake.story import Still, Storyboard, build_plan
from longtake.story.continuity import ContinuityOverrides
from longtake.story.look import Look, LoraPair, Loras, Overrides
from longtake.story.schema import schema_text, storyboard_schema
from longtake.story.sound import ShotSound, Soundtrack
from longtake.story.storyboard import Dissolve, Scene, Shot
from longtake.story.timing import ShotEnds, beat_run
from longtake.story.wan import WAN_FAST
from longtake.story.words import Captions, SceneTitle, Titles

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "configs/storyboards").glob("*.yaml"))
REFERENCE = (ROOT / "docs/storyboard.md").read_text(encoding="utf-8")


def valid(data: object) -> bool:
    """Whether the schema accepts the data."""
    return jsonschema.Draft202012Validator(storyboard_schema()).is_valid(data)


def board(*shots: Any, **more: Any) -> dict[str, Any]:
    """The data of a storyboard with one scene."""
    return {"title": "T", "scenes": [{"name": "One", "shots": list(shots)}]} | more


def test_the_committed_schema_is_the_models() -> None:
    """If not: python -m longtake.story.schema > configs/schema/storyboard.schema.json."""
    committed = ROOT / "configs/schema/storyboard.schema.json"
    assert committed.read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(storyboard_schema())


def test_every_key_in_the_schema_is_described() -> None:
    def undescribed(schema: object) -> list[str]:
        if isinstance(schema, list):
            return [name for item in schema for name in undescribed(item)]
        if not isinstance(schema, dict):
            return []
        keys = schema.get("properties", {})
        bare = [name for name, value in keys.items() if not value.get("description")]
        return bare + [name for value in schema.values() for name in undescribed(value)]

    assert undescribed(storyboard_schema()) == []


@pytest.mark.parametrize(
    "shot",
    [
        "a boat",
        *({"prompt": "a", "start": start} for start in ("cut", "continue", "x.png")),
        {"prompt": "a", "start": {"dissolve": 1.5, "from": "x.png"}},
        {"prompt": "a", "takes": 3},
        {"prompt": "a", "takes": {"up_to": 3}},
    ],
)
def test_the_schema_accepts_every_form_of_a_shot(shot: object) -> None:
    assert valid(board(shot))


@pytest.mark.parametrize(
    "wrong",
    [
        board(),
        board(5),
        board({"prompt": "a", "secnds": 5}),
        board({"prompt": "a", "num_frames": 80}),
        board({"prompt": "a", "start": {"from": "x.png"}}),
        board({"prompt": "a", "takes": 0}),
        board({"prompt": "a", "continuity": {"colour": "on"}}),
        board({"prompt": "a", "frames_per_second": 16}),
        board("a", look={"sample_shift": 21}),
        board("a", look={"loras": {"t2v": [{}, {}]}}),
        {"scenes": []},
    ],
)
def test_the_schema_refuses_what_the_models_refuse(wrong: object) -> None:
    assert not valid(wrong)
    with pytest.raises(ValueError, match="validation error"):
        Storyboard.model_validate(wrong)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_the_schema_and_can_be_planned(path: Path) -> None:
    data = read(path).data
    assert valid(data)
    plan = build_plan(load(path, Storyboard))
    assert plan.seeds_drawn, "an example is the same film for everyone"
    first_line = path.read_text(encoding="utf-8").splitlines()[0]
    schema = first_line.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((path.parent / schema).read_text(encoding="utf-8")) == storyboard_schema()


def test_the_demo_has_a_long_take_of_four_clips_and_more_than_one_scene() -> None:
    plan = build_plan(load(ROOT / "configs/storyboards/lighthouse.yaml", Storyboard))
    assert max(len(shot.clip_ids) for shot in plan.shots) == 4
    assert len({shot.scene for shot in plan.shots}) >= 2
    assert (plan.fps, plan.height, len(plan.clips)) == (16, 480, 8)


def test_the_vertical_example_is_upright_at_720p() -> None:
    plan = build_plan(load(ROOT / "configs/storyboards/vertical.yaml", Storyboard))
    assert (plan.width, plan.height) == (720, 1280)


def test_the_vertical_example_has_a_dissolve_and_a_second_take_where_it_is_needed() -> None:
    plan = build_plan(load(ROOT / "configs/storyboards/vertical.yaml", Storyboard))
    assert [seam.frame_count for seam in plan.seams if seam.kind == "dissolve"] == [18]
    assert plan.seconds == 12
    assert plan.usd_at_most == 2 * plan.usd


def test_the_example_with_stills_uses_every_way_to_name_weights_and_pictures() -> None:
    clips = build_plan(load(ROOT / "configs/storyboards/stills.yaml", Storyboard)).clips
    stills = {clip.start.uri for clip in clips if isinstance(clip.start, Still)}
    ends = {clip.end.uri for clip in clips if isinstance(clip.end, Still)}
    assert stills == {"stills/harbour-dawn.png", "stills/harbour-noon.png"}
    assert ends == {"stills/harbour-noon.png", "stills/harbour-dusk.png"}
    with_weights = {clip.model for clip in clips if "high_noise_lora" in clip.parameters}
    assert with_weights == {WAN_FAST.text_to_video.slug, WAN_FAST.image_to_video.slug}


def test_the_starter_can_be_planned_as_it_is() -> None:
    data = YAML(typ="safe").load(starter_text())
    assert valid(data)
    plan = build_plan(Storyboard.model_validate(data), base_seed=1)
    assert len(plan.chains) > 1
    assert not any(isinstance(clip.start, Still) or clip.end for clip in plan.clips)


@pytest.mark.parametrize(
    ("heading", "models", "besides"),
    [
        ("The film", (Storyboard,), ()),
        ("Scenes", (Scene,), ()),
        ("Shots", (Shot,), (Overrides,)),
        ("Look", (Look,), ()),
        ("Dissolves", (Dissolve,), ()),
        ("Continuity", (ContinuityOverrides,), ()),
        ("LoRAs", (Loras, LoraPair), ()),
        ("Sound", (Soundtrack, ShotSound), ()),
        ("Captions", (Captions,), ()),
        ("Titles", (Titles, SceneTitle), ()),
    ],
)
def test_the_reference_names_every_key_and_no_other(
    heading: str, models: tuple[type[BaseModel], ...], besides: tuple[type[BaseModel], ...]
) -> None:
    section = re.split(r"^## ", REFERENCE, flags=re.MULTILINE)
    (text,) = [part for part in section if part.startswith(f"{heading}\n")]
    documented = re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)
    inherited = {name for model in besides for name in model.model_fields}
    fields = [item for model in models for item in model.model_fields.items()]
    expected = [field.alias or name for name, field in fields if name not in inherited]
    assert sorted(documented) == sorted(set(expected))


def test_the_ranges_in_the_reference_are_the_models() -> None:
    properties = storyboard_schema()["$defs"]["Look"]["properties"]
    for name, schema in properties.items():
        if "minimum" in schema:
            (row,) = re.findall(rf"^\| `{name}` \|.*$", REFERENCE, flags=re.MULTILINE)
            assert f"{schema['minimum']}–{schema['maximum']}" in row  # noqa: RUF001  an en dash, as printed


BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", REFERENCE, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_example_in_the_reference_can_be_planned(block: str) -> None:
    data = YAML(typ="safe").load(block)
    assert valid(data)
    build_plan(Storyboard.model_validate(data))


def test_the_table_of_lengths_is_what_can_be_planned() -> None:
    """Both ends of each row, as they are written, make that many clips."""
    lengths = r"(?:up to |([\d.]+) to )([\d.]+) \| [\d.]+ \|"
    rows = re.findall(rf"^\| (\d+) \| {lengths} {lengths}", REFERENCE, re.MULTILINE)
    assert len(rows) == 8
    for clips, *ends in rows:
        for fps, seconds in zip((16, 16, 24, 24), ends, strict=True):
            if seconds:
                frames = round(float(seconds) * fps)
                assert len(beat_run(int(clips), frames, ShotEnds())) == int(clips)
