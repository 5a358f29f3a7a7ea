"""The official SDK, unchanged, works against the emulator as against the service."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from segmind import SegmindClient
from segmind.exceptions import SegmindError
from segmind.v2 import InferenceFailed

from longtake.emulator import EmulatorConfig, RunningEmulator, serve_emulator
from tests.emulator.service import BAD_BODY, BODY, I2V, T2V, still

SOON_SECONDS = 0.01


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEmulator]:
    with serve_emulator(EmulatorConfig(pace=1e6)) as running:
        yield running


@pytest.fixture
def sdk(running: RunningEmulator) -> Iterator[SegmindClient]:
    client = SegmindClient(api_key="SG_1", base_url=f"{running.base_url}/v1")
    yield client
    client._client.close()  # the SDK has no public way to close its connections


def test_it_submits_waits_and_reads_the_result(sdk: SegmindClient) -> None:
    job = sdk.submit_async(T2V, **BODY)
    result = job.wait(timeout=30, interval=SOON_SECONDS)
    assert result["request_id"] == job.request_id
    assert result["output"].endswith(".mp4")
    assert result["metrics"]["cost"] == 0.10


def test_it_uploads_an_image_and_starts_from_it(
    sdk: SegmindClient,
    running: RunningEmulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "start.png"
    path.write_bytes(still())
    # As docs/emulator.md tells: `sdk.files` is a new object at each access, so the class it is.
    files_class = sys.modules["segmind.files"].Files
    monkeypatch.setattr(files_class, "STORAGE_BASE_URL", running.base_url)
    uploaded = sdk.files.upload(path)
    assert uploaded["message"]
    assert all(url.startswith(running.base_url) for url in uploaded["file_urls"])
    job = sdk.submit_async(I2V, prompt="on", seed=1, image=uploaded["file_urls"][0])
    assert job.wait(timeout=30, interval=SOON_SECONDS)["status"] == "COMPLETED"


def test_it_sees_a_failed_job_as_failed(sdk: SegmindClient) -> None:
    job = sdk.submit_async(T2V, **BAD_BODY)
    with pytest.raises(InferenceFailed) as failed:
        job.wait(timeout=30, interval=SOON_SECONDS)
    assert "num_frames" in str(failed.value.detail)
    assert job.result()["status"] == "FAILED"


def test_it_gets_the_clip_from_the_blocking_call(sdk: SegmindClient) -> None:
    answer = sdk.run_sync(T2V, **BODY)
    assert answer.headers["content-type"] == "video/mp4"


def test_it_understands_the_errors(sdk: SegmindClient) -> None:
    with pytest.raises(SegmindError) as refused:
        sdk.submit_async("wan-9", prompt="x")
    assert (refused.value.status, refused.value.detail) == (404, "Model not found")


def test_it_reads_the_history(
    sdk: SegmindClient, running: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The address is a constant of the SDK's module; it is pointed at loopback, nothing else.
    address = f"{running.base_url}/inference-request/request-history"
    monkeypatch.setattr(import_module("segmind.generations"), "REQUEST_HISTORY_URL", address)
    job = sdk.submit_async(T2V, **BAD_BODY)
    page = sdk.generations.history(per_page=100, model_name=T2V)
    assert job.request_id in [row["request_id"] for row in page["data"]]
    assert sdk.generations.get(job.request_id)["request_body"] == BAD_BODY
