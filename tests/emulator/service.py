"""A running emulator and a plain HTTP client for it: no client of ours is involved."""

from __future__ import annotations

import io
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from PIL import Image

from longtake.emulator import (
    Emulator,
    EmulatorConfig,
    Fault,
    FaultScript,
    ManualClock,
    serve_emulator,
)
from longtake.emulator.drawing.landscape import draw_landscape

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Everything is plain HTTP on loopback: loading the certificates of the world is left out."""

T2V = "wan-2.2-t2v-fast"
I2V = "wan-2.2-i2v-fast"
BODY = {"prompt": "a lighthouse at dusk", "seed": 3, "num_frames": 81}
"""One body for all tests that only need some clip: it is drawn once."""
BAD_BODY = {"prompt": "a lighthouse at dusk", "num_frames": 12}
"""Accepted, then FAILED: a job that needs no drawing."""
LONG_ENOUGH_SECONDS = 200.0


@dataclass
class Service:
    """One emulator, spoken to with one key, under a clock that the test moves."""

    url: str
    emulator: Emulator
    clock: ManualClock
    http: httpx.Client

    def submit(self, body: dict[str, Any] | None = None, model: str = T2V) -> httpx.Response:
        return self.http.post(f"/v2/{model}", json=BODY if body is None else body)

    def accepted(self, body: dict[str, Any] | None = None, model: str = T2V) -> str:
        answer = self.submit(body, model)
        assert answer.status_code == 200, answer.text
        request_id: str = answer.json()["request_id"]
        return request_id

    def finish(self) -> None:
        """Let every accepted job come to its end."""
        self.clock.advance(LONG_ENOUGH_SECONDS)
        for request in self.emulator.requests:
            if request.clip is not None:
                request.clip.exception(timeout=30)

    def completed(self, body: dict[str, Any] | None = None, model: str = T2V) -> dict[str, Any]:
        """The result of a job that was submitted and has ended."""
        request_id = self.accepted(body, model)
        self.finish()
        result: dict[str, Any] = self.http.get(f"/v2/requests/{request_id}").json()
        return result

    def upload(self, content: bytes, media_type: str = "image/png") -> str:
        url = f"data:{media_type};base64,{b64encode(content).decode()}"
        answer = self.http.post("/upload-asset", json={"data_urls": [url]})
        uploaded: str = answer.json()["file_urls"][0]
        return uploaded


@contextmanager
def service(*faults: Fault, key: str = "SG_1", **settings: Any) -> Iterator[Service]:
    """Serve an emulator in real-time pace under a manual clock."""
    clock = ManualClock()
    config = EmulatorConfig(
        **{"pace": 1.0, "clock": clock, "faults": FaultScript(faults=faults), **settings}
    )
    with (
        serve_emulator(config) as running,
        httpx.Client(
            base_url=running.base_url,
            headers={"x-api-key": key},
            trust_env=False,
            verify=NO_TLS,
            timeout=20,
        ) as http,
    ):
        yield Service(running.base_url, running.emulator, clock, http)


def still(width: int = 832, height: int = 480, prompt: str = "green hills at dawn") -> bytes:
    """A PNG to start from."""
    target = io.BytesIO()
    Image.fromarray(draw_landscape(prompt, 5, width, height, width)).save(target, "PNG")
    return target.getvalue()
