"""The request history: rows of any age, paged, filtered and sorted as the SDK documents it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from longtake.emulator import responses, scripted
from longtake.emulator.accounts import Account
from longtake.emulator.actions import Action, Endpoint
from longtake.emulator.faults import Fault
from longtake.emulator.guard import output_url
from longtake.emulator.requests import EmulatedRequest
from longtake.emulator.state import Emulator

DEFAULT_DAYS = 7
MAX_DAYS = 31
FIRST_DAY = date(2000, 1, 1)
"""No row is older: a window that begins before it is refused."""

Day = Annotated[
    date, BeforeValidator(lambda text: date.fromisoformat(str(text))), Field(ge=FIRST_DAY)
]
"""As YYYY-MM-DD."""


class Query(BaseModel):
    """What a client may ask for; days are UTC and both ends belong to the window."""

    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    from_date: Day | None = None
    to_date: Day | None = None
    model_name: str = ""
    """A part of the model's name."""
    status: Literal["COMPLETED", "FAILED", "PENDING"] | None = None
    sort_by: Literal["model_created", "model_name", "credits_deduction"] = "model_created"
    sort_order: Literal["asc", "desc"] = "desc"

    def window(self, today: date) -> tuple[date, date]:
        """The first and last day; raises ValueError where they are more than 31 days apart."""
        last = self.to_date or today
        first = self.from_date or last - timedelta(days=DEFAULT_DAYS)
        if first > last or (last - first).days > MAX_DAYS:
            raise ValueError(f"the window must span at most {MAX_DAYS} days")
        return first, last


async def history(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /inference-request/request-history``: in-flight and failed rows are in it too."""
    fault = emulator.due(Endpoint.HISTORY)
    emulator.history_pages += 1

    async def proper() -> Response:
        try:
            query = _query(request.query_params)
            mine = _in_window(query, emulator, account)
        except ValueError as error:
            return responses.error(400, str(error))
        now = emulator.clock.now()
        mine = [one for one in mine if not _hidden(one, mine[-1], fault, now)]
        rows = [responses.history_row(one, now, output_url(request, one)) for one in mine]
        rows = [
            row
            for row in rows
            if query.model_name in row["model_name"] and query.status in (None, row["model_status"])
        ]
        keys = {"model_created": "created_at"}
        key = keys.get(query.sort_by, query.sort_by)
        if query.sort_order == "desc":
            rows.reverse()  # a stable sort then keeps the newest of equals first
        rows.sort(key=lambda row: row[key] or 0, reverse=query.sort_order == "desc")
        return responses.Json(responses.history_page(rows, query.page, query.per_page))

    return await scripted.answered(emulator, fault, proper)


def _query(given: Mapping[str, str]) -> Query:
    try:
        return Query.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _in_window(query: Query, emulator: Emulator, account: Account) -> list[EmulatedRequest]:
    """The account's requests in the window, oldest first."""
    first, last = query.window(date.fromisoformat(responses.day(emulator.clock.now())))
    return [
        one
        for one in emulator.requests
        if one.account == account.number
        and first <= date.fromisoformat(responses.day(one.accepted_at)) <= last
    ]


def _hidden(one: EmulatedRequest, newest: EmulatedRequest, fault: Fault | None, now: float) -> bool:
    """Whether the request is not listed yet."""
    if fault is None or fault.do is not Action.HIDE:
        return False
    return one is newest if fault.seconds is None else now - one.accepted_at < fault.seconds


async def history_row(emulator: Emulator, request: Request, account: Account) -> Response:
    """``GET /inference-request/request-history/{request_id}``: one row of any age."""
    emulated = emulator.find(request.path_params["request_id"], account)
    fault = emulator.due(Endpoint.HISTORY, request=emulated)

    async def proper() -> Response:
        now = emulator.clock.now()
        if emulated is None or _hidden(emulated, emulated, fault, now):
            return responses.error(404, "Request not found")
        url = output_url(request, emulated)
        return responses.Json(responses.history_row(emulated, now, url))

    return await scripted.answered(emulator, fault, proper)
