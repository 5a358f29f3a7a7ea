"""Files: uploads, and the public addresses of assets and clips, which need no key."""

from __future__ import annotations

import base64
import binascii
import re

from starlette.requests import Request
from starlette.responses import Response

from longtake.emulator import responses, scripted
from longtake.emulator.accounts import Account
from longtake.emulator.actions import Endpoint
from longtake.emulator.guard import base_url, emulator_of
from longtake.emulator.ranges import file_answer
from longtake.emulator.reading import is_json, json_body
from longtake.emulator.state import Emulator

_MEDIA_TYPE = re.compile(r"\w[\w.+-]{0,60}/\w[\w.+-]{0,60}", re.ASCII)


async def upload(emulator: Emulator, request: Request, account: Account) -> Response:
    """``POST /upload-asset``: ``data:`` URLs in, public URLs out; the same one twice gives two."""

    async def proper() -> Response:
        if not is_json(request):
            return responses.error(406, "Invalid content type")
        body = await json_body(request)
        given = body.get("data_urls") if isinstance(body, dict) else None
        if not isinstance(given, list) or not given:
            return responses.error(400, "data_urls: a list of data URLs is required")
        try:
            files = [_decode(url) for url in given]
        except ValueError as error:
            return responses.error(400, f"data_urls: {error}")
        names = [emulator.keep(content, media_type) for content, media_type in files]
        urls = [f"{base_url(request)}/images/assets/{name}" for name in names]
        return responses.Json({"file_urls": urls, "message": "Files uploaded successfully"})

    return await scripted.answered(emulator, emulator.due(Endpoint.UPLOAD), proper)


def _decode(url: object) -> tuple[bytes, str]:
    """The content and media type of a base64 ``data:`` URL; raises ValueError."""
    if not isinstance(url, str) or not url.startswith("data:"):
        raise ValueError("not a data URL")
    header, comma, payload = url.partition(",")
    if not comma or not header.endswith(";base64"):
        raise ValueError("not a base64 data URL")
    try:
        content = base64.b64decode(payload, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    media_type = header.removeprefix("data:").removesuffix(";base64").partition(";")[0]
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise ValueError("not a media type")
    return content, media_type


async def asset(request: Request) -> Response:
    """``GET /images/assets/{name}``: an uploaded file, for anybody."""
    emulator = emulator_of(request)
    found = emulator.asset(request.path_params["name"])
    if found is None:
        return responses.error(404)
    fault = emulator.due(Endpoint.ASSET) if request.method == "GET" else None
    if fault is None:
        return file_answer(request, found.content, found.media_type)
    return await scripted.spoilt_file(emulator, fault, found.content, found.media_type)


async def clip(request: Request) -> Response:
    """``GET /images/{request_id}.mp4``: a clip, for anybody; ranges and HEAD work."""
    emulator = emulator_of(request)
    emulated = emulator.find(request.path_params["request_id"])
    if emulated is None or emulated.settled != "COMPLETED":
        return responses.error(404)
    proper = file_answer(request, emulated.content, "video/mp4", emulated.settled_at)
    if request.method == "HEAD":
        return proper
    emulated.downloads += 1
    fault = emulator.due(Endpoint.DOWNLOAD, request=emulated)
    if fault is None:
        return proper
    return await scripted.spoilt_file(emulator, fault, emulated.content, "video/mp4")
