"""Stills in a whole render: found wanting before anything is paid for."""

from __future__ import annotations

import pytest
from PIL import Image

from longtake.errors import StoryboardError
from tests.end_to_end.conftest import CALM, Harness

FROM_STILL = f"""\
title: Stills
look: {{seed: 7, {CALM}}}
scenes:
  - name: one
    shots: [a boat, {{prompt: a lamp, start: lamp.png}}]
"""


@pytest.mark.thorough
async def test_a_clip_begins_from_a_still_of_any_format(harness: Harness) -> None:
    still = Image.new("RGBA", (900, 900), (20, 40, 60, 128))
    still.save(harness.folder / "lamp.png", "WEBP")
    ending = await harness.render(FROM_STILL, profile={"waiting": {"job_seconds": 600}})
    assert ending.error is None
    assert ending.film.is_file()
    image = ending.run.clips["one/2.1"].start_image
    assert image is not None
    assert image.file
    with Image.open(ending.folder / image.file) as fitted:
        assert (fitted.size, fitted.mode) == ((832, 480), "RGB")


async def test_nothing_is_paid_for_where_a_still_is_of_no_use(harness: Harness) -> None:
    (harness.folder / "lamp.png").write_bytes(b"<svg></svg>")
    with harness.emulator() as emulator:
        path = harness.folder / "storyboard.yaml"
        path.write_text(FROM_STILL, encoding="utf-8")
        settings = harness.profile(emulator.base_url)
        from flows.render import render_storyboard

        with pytest.raises(StoryboardError, match="an SVG drawing: export it as a PNG"):
            await render_storyboard(str(path), str(harness.folder / "out"), str(settings))
        assert not emulator.emulator.requests
