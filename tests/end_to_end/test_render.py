"""The main job: a storyboard goes in, a film that plays comes out."""

from __future__ import annotations

import itertools
from pathlib import Path

import av
import numpy as np
import pytest

from longtake.record import Stage
from tests.end_to_end.conftest import Ending, Harness


def luma(film: Path) -> list[np.ndarray]:
    with av.open(str(film)) as container:
        return [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]


def test_a_storyboard_becomes_a_film_of_exactly_the_planned_frames(plain: Ending) -> None:
    assert plain.error is None
    assert plain.run.state == "completed"
    assert len(luma(plain.film)) == 81 + 80 + 81
    assert plain.run.film is not None
    assert plain.run.film.frame_count == 242


def test_each_clip_is_paid_once_and_run_json_tells_what_it_was(plain: Ending) -> None:
    assert sorted(request.request_id for request in plain.accepted) == sorted(
        clip.request_id for clip in plain.run.clips.values()
    )
    clip = plain.run.clips["chained/2.1"]
    assert clip.stage is Stage.STORED
    assert (clip.frame_count, clip.kept_frame_count, clip.skip_frames) == (81, 80, 1)
    assert (clip.width, clip.height) == (832, 480)
    assert clip.usd == 0.09
    assert clip.start_image is not None
    assert (clip.start_image.source, clip.start_image.frame_index) == ("chained/1.1", 80)
    assert clip.polls >= 1
    assert plain.run.totals.usd == 0.29


def test_a_continuous_seam_is_one_motion_without_a_doubled_frame(plain: Ending) -> None:
    frames = luma(plain.film)
    steps = [np.abs(after - before).mean() for before, after in itertools.pairwise(frames)]
    inner = float(np.median(steps[60:80] + steps[81:101]))
    assert 0.5 < steps[80] / inner < 2


def test_the_film_tells_its_title_chapters_and_colours(plain: Ending) -> None:
    film = plain.film
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert container.metadata["title"] == "Two ways"
        assert len(container.chapters()) == 3
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.codec_context.colorspace == 1  # BT.709
    head = film.read_bytes()[:4096]
    assert b"moov" in head


@pytest.mark.slow
async def test_the_blocking_endpoint_makes_the_same_film(harness: Harness) -> None:
    ending = await harness.render(profile={"endpoint": "v1"})
    assert ending.error is None
    assert len(ending.accepted) == 3
    assert len(luma(ending.film)) == 242
    assert ending.run.totals.usd == 0.29


@pytest.mark.slow
async def test_images_can_travel_as_data_uris(harness: Harness) -> None:
    ending = await harness.render(profile={"image_transport": "data_uri"})
    assert ending.error is None
    image = next(r.body["image"] for r in ending.accepted if "image" in r.body)
    assert image.startswith("data:image/png;base64,")
