"""What the board answers to its own script: JSON, with an HTTP status for each kind of error."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from longtake.errors import LongtakeError, Outdated, SettingsError, StoryboardError

Asked = TypeVar("Asked", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Mapping[str, Any]]]


async def body_of(request: Request, model: type[Asked]) -> Asked:
    """The request's body. SettingsError where it is not what a page of ours sends."""
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        says = f"this page cannot ask that ({place}: {first['msg']}): reload it"
        raise SettingsError(says) from None


def answering(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The handler's answer as JSON, or what went wrong: 409 where one has to look again."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(dict(await handler(request)))
        except Outdated as error:
            return _wrong(409, str(error), changed=error.changed)
        except StoryboardError as error:
            return _wrong(422, str(error))
        except SettingsError as error:
            return _wrong(400, str(error))
        except LongtakeError as error:
            return _wrong(503, str(error))

    return answer


def _wrong(status: int, says: str, **more: Any) -> Response:
    return JSONResponse({"error": says} | more, status_code=status)
