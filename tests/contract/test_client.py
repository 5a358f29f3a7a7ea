"""The client reads every recorded body of the contract as the contract means it.

The bodies in ``bodies/`` are shared: the emulator must answer in the same shapes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longtake import errors
from longtake.segmind import SegmindClient, may_retry
from tests.segmind.server import ScriptedServer, serve_scripted

BODIES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parent / "bodies").glob("*.json"))
}
REQUEST_ID = "6f0a3c1e-8d5b-4c38-9a51-2b7e64f0d9aa"


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with serve_scripted() as server:
        yield server


async def ask(client: SegmindClient, operation: str) -> Any:
    match operation:
        case "submit":
            return await client.submit("wan-2.2-t2v-fast", {"prompt": "a lighthouse", "seed": 7})
        case "status":
            return await client.status(REQUEST_ID)
        case "result":
            return await client.result(REQUEST_ID)
        case "upload":
            return await client.upload(b"picture", "image/png")
        case "balance":
            return await client.balance()
        case "history":
            return (await client.history(1, "2026-02-01")).rows
        case "history_row":
            return await client.history_row(REQUEST_ID)
    raise AssertionError(f"no such operation: {operation}")


async def outcome(server: ScriptedServer, recorded: dict[str, Any]) -> Any:
    """What the client returns, or raises, for one recorded body."""
    server.reset()
    server.answer(recorded["http_status"], recorded["body"], recorded["headers"])
    url = server.base_url
    async with SegmindClient(
        api_key="SG_1", api_url=url, upload_url=url, history_url=url
    ) as client:
        try:
            return await ask(client, recorded["operation"])
        except errors.LongtakeError as error:
            return error


@pytest.mark.parametrize("recorded", BODIES.values(), ids=BODIES)
async def test_the_client_reads_the_body_as_the_contract_means_it(
    server: ScriptedServer, recorded: dict[str, Any]
) -> None:
    expect = recorded["expect"]
    got = await outcome(server, recorded)

    if "raises" in expect:
        assert type(got) is getattr(errors, expect["raises"]), got
        operation = recorded["operation"].removesuffix("_row")
        assert may_retry(operation, got) is expect["retry"]
        assert got.status == recorded["http_status"]
        assert expect.get("says", "") in str(got)
        if isinstance(got, errors.RateLimited):
            assert got.retry_after_seconds == expect["retry_after_seconds"]
        return
    assert type(got).__name__ == expect["returns"], got
    if expect["returns"] == "list":
        assert [row.request_id for row in got] == expect["request_ids"]
        assert [row.seed for row in got] == expect["seeds"]
    elif expect["returns"] == "str":
        assert got == expect["value"]
    else:
        assert {name: getattr(got, name) for name in expect["fields"]} == expect["fields"]


def test_there_are_bodies_for_every_row_of_the_error_table() -> None:
    recorded = {recorded["http_status"] for recorded in BODIES.values()}
    assert recorded >= {200, 400, 401, 402, 403, 404, 406, 410, 422, 429, 500, 502, 504}
