"""Where clips are made: a few threads, what they fetch, and a memory of what they drew."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import sys
import threading
import urllib.error
import urllib.request
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from longtake.emulator.drawing import clips
from longtake.emulator.drawing.dials import Dials
from longtake.emulator.drawing.notes import ClipNotes, Notebook
from longtake.emulator.drawing.pictures import NotAPicture, Picture, decode_picture
from longtake.emulator.validation import (
    MODELS,
    ImageToVideo,
    Models,
    Parameters,
    Refusal,
    body_digest,
    read_parameters,
)

MAX_IMAGE_BYTES = 32 * 2**20
FETCH_SECONDS = 20.0

NICENESS = 19
"""By how much the threads that draw stand back on the processor."""


class Memory:
    """The newest clips by what they were made from, up to ``max_bytes``; shared by all threads."""

    def __init__(self, max_bytes: int = 192 * 2**20) -> None:
        self._max_bytes = max_bytes
        self._clips: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> bytes | None:
        """The clip made from ``key``, or None."""
        with self._lock:
            if key in self._clips:
                self._clips.move_to_end(key)
            return self._clips.get(key)

    def put(self, key: bytes, clip: bytes) -> None:
        """Keep ``clip``; the longest unused ones go when there is no room."""
        with self._lock:
            self._clips[key] = clip
            while len(self._clips) > 1 and sum(map(len, self._clips.values())) > self._max_bytes:
                self._clips.popitem(last=False)


# For the whole process: a clip depends on nothing but what it was asked for, and test suites start
# many emulators that ask for the same ones.
_memory = Memory()


def fetch(uri: str) -> bytes:
    """The bytes that a ``data:`` or http(s) URI names; raises Refusal as the service would fail."""
    if uri.startswith("data:"):
        return _from_data_uri(uri)
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        raise Refusal(f"Invalid image URL: {uri[:120]}")
    # A proxy from the environment is for other hosts; the emulator's own files are on loopback.
    proxies: dict[str, str] | None = (
        {} if parts.hostname in ("127.0.0.1", "localhost", "::1") else None
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    try:
        with opener.open(uri, timeout=FETCH_SECONDS) as answer:
            content: bytes = answer.read(MAX_IMAGE_BYTES + 1)
            announced = int(answer.headers.get("content-length") or len(content))
    except urllib.error.HTTPError as error:
        error.close()  # it holds the answer's connection
        raise Refusal(f"Failed to download image from {uri[:200]}: {error}") from error
    except (OSError, ValueError, HTTPException) as error:
        raise Refusal(f"Failed to download image from {uri[:200]}: {error}") from error
    finally:
        opener.close()
    if len(content) < min(announced, MAX_IMAGE_BYTES):
        raise Refusal(
            f"Failed to download image from {uri[:200]}: {len(content)} of {announced} bytes came"
        )
    if len(content) > MAX_IMAGE_BYTES:
        raise Refusal(f"Image is larger than {MAX_IMAGE_BYTES} bytes: {uri[:200]}")
    return content


def _from_data_uri(uri: str) -> bytes:
    header, comma, payload = uri.partition(",")
    if not comma:
        raise Refusal("Invalid data URI: no comma")
    if not header.endswith(";base64"):
        return unquote_to_bytes(payload)
    try:
        return base64.b64decode(payload, validate=True)
    except binascii.Error as error:
        raise Refusal(f"Invalid data URI: {error}") from error


class ClipMaker:
    """Makes clips in ``workers`` threads; the same request, dials and notes give the same bytes.

    ``notes`` say more about requests than these do themselves. ``captions``: whether what a clip is
    drawn by is written into it.
    """

    def __init__(
        self,
        workers: int,
        *,
        captions: bool = False,
        notes: Notebook | None = None,
        models: Models = MODELS,
    ) -> None:
        self._captions, self._models = captions, models
        self._notes = notes or Notebook()
        self._pool = ThreadPoolExecutor(
            workers, thread_name_prefix="emulator-clips", initializer=_stand_back
        )

    def start(self, model: str, body: dict[str, Any], dials: Dials) -> Future[bytes]:
        """Begin a clip, as bad as ``dials`` say; the future gives its bytes, or raises Refusal."""
        return self._pool.submit(self._make, model, body, dials)

    def shrink(self, clip: bytes) -> Future[bytes]:
        """Begin the same clip at half the width and height."""
        return self._pool.submit(_shrunk, clip)

    def close(self) -> None:
        """Take no more work, and wait for what is being drawn."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _make(self, model: str, body: dict[str, Any], dials: Dials) -> bytes:
        notes = self._notes.of(self._models[model].plain(body))
        parameters = read_parameters(model, body, self._models)
        images = _fetch_images(parameters)
        key = self._key(model, body, images)
        drawn = hashlib.sha256(key + repr((dials, notes, self._captions)).encode()).digest()
        clip = _memory.get(drawn)
        if clip is None:
            clip = self._draw(parameters, images, key, dials, notes)
            _memory.put(drawn, clip)
        return clip

    def _key(self, model: str, body: dict[str, Any], images: list[bytes]) -> bytes:
        """What the clip depends on: the images by content, for every upload has another URL."""
        takes = self._models[model]
        pictures = (takes.on_the_wire("image"), takes.on_the_wire("last_image"))
        rest = {name: value for name, value in body.items() if name not in pictures}
        digest = hashlib.sha256(body_digest(model, rest))
        for image in images:
            digest.update(hashlib.sha256(image).digest())
        return digest.digest()

    def _draw(
        self,
        parameters: Parameters,
        images: list[bytes],
        key: bytes,
        dials: Dials,
        notes: ClipNotes | None,
    ) -> bytes:
        seed = parameters.seed
        if seed is None:
            seed = int.from_bytes(key[:4], "big")
        if not isinstance(parameters, ImageToVideo):
            return clips.text_to_video(parameters, seed, dials, notes, captions=self._captions)
        pictures = [_decode(image) for image in images]
        last_image = pictures[1] if len(pictures) > 1 else None
        return clips.image_to_video(
            parameters, seed, pictures[0], last_image, dials, notes, captions=self._captions
        )


def _stand_back() -> None:
    """What the real service computes elsewhere is not to hold up the render on this machine."""
    if sys.platform == "linux":  # where this is said of the thread that says it
        os.nice(NICENESS)


def _shrunk(clip: bytes) -> bytes:
    """The clip at half its size, made once: who did not wait for it has it when they ask again."""
    key = hashlib.sha256(b"half" + clip).digest()
    small = _memory.get(key)
    if small is None:
        small = clips.half_size(clip)
        _memory.put(key, small)
    return small


def _fetch_images(parameters: Parameters) -> list[bytes]:
    if not isinstance(parameters, ImageToVideo):
        return []
    uris = [parameters.image, *([parameters.last_image] if parameters.last_image else [])]
    return [fetch(uri) for uri in uris]


def _decode(image: bytes) -> Picture:
    try:
        return decode_picture(image)
    except NotAPicture as error:
        raise Refusal(f"Invalid image: {error}") from error
