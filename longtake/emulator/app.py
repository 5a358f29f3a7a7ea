"""The routes: every host of the service under one address, with the documented paths."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from longtake.emulator import files, history, polls, responses, submits
from longtake.emulator.guard import emulator_of, keyed
from longtake.emulator.openapi import HISTORY, document
from longtake.emulator.state import Emulator


async def _requests(request: Request) -> Response:
    """``GET /emulator/requests``: everything that was accepted, in order."""
    emulator = emulator_of(request)
    now = emulator.clock.now()
    return responses.Json([one.summary_at(now) for one in emulator.requests])


async def _summary(request: Request) -> Response:
    """``GET /emulator/summary``: how many requests in each state, pages of the history, and USD."""
    emulator = emulator_of(request)
    now = emulator.clock.now()
    states: dict[str, int] = {}
    for one in emulator.requests:
        states[one.state_at(now)] = states.get(one.state_at(now), 0) + 1
    summary: dict[str, Any] = {
        "accepted": sum(states.values()),
        "states": states,
        "history_pages": emulator.history_pages,
        "billed_usd": emulator.billed_usd,
        "committed_usd": emulator.committed_usd,
        "pace": emulator.config.pace,
    }
    return responses.Json(summary)


async def _openapi(_: Request) -> Response:
    """``GET /openapi.json``: what there is and what it answers."""
    return responses.Json(document())


async def _http_error(_: Request, error: Exception) -> Response:
    """404 in JSON and 405 in HTML, as the service has them."""
    if not isinstance(error, HTTPException):
        return responses.error(500)
    answer = responses.error(error.status_code)
    answer.headers.update(error.headers or {})  # `allow`, with 405
    return answer


class _Dated:
    """Adds the ``date`` header by the emulator's clock: waits are told as instants on it."""

    def __init__(self, app: ASGIApp, emulator: Emulator) -> None:
        self._app = app
        self._emulator = emulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = formatdate(self._emulator.clock.now(), usegmt=True)
                MutableHeaders(scope=message).setdefault("date", now)
            await send(message)

        await self._app(scope, receive, dated)


def create_app(emulator: Emulator) -> Starlette:
    """The service as an ASGI app. Resets and stalls need the server of ``serve_emulator``."""
    routes = [
        Route("/openapi.json", _openapi),
        Route("/emulator/requests", _requests),
        Route("/emulator/summary", _summary),
        Route("/emulator/credits", keyed(polls.top_up, is_poll=False), methods=["POST"]),
        Route("/v2/requests/{request_id:path}/status", keyed(polls.status)),
        Route("/v2/requests/{request_id:path}", keyed(polls.result)),
        Route("/v1/requests/{request_id:path}", keyed(polls.result)),
        Route("/v2/{slug}", keyed(submits.submit, is_poll=False), methods=["POST"]),
        Route("/v1/get-user-credits", keyed(polls.balance)),
        Route("/v1/{slug}", keyed(submits.submit, is_poll=False), methods=["POST"]),
        Route("/upload-asset", keyed(files.upload, is_poll=False), methods=["POST"]),
        Route("/images/assets/{name}", files.asset),
        Route("/images/{request_id:path}.mp4", files.clip),
        Route(HISTORY, keyed(history.history)),
        Route(HISTORY + "/{request_id:path}", keyed(history.history_row)),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_Dated, emulator=emulator)],
        exception_handlers={HTTPException: _http_error, Exception: _http_error},
    )
    app.state.emulator = emulator
    return app
