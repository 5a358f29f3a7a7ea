"""Files come from public hosts: nothing the service writes has us ask this machine's networks."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import httpx
import pytest

from longtake.errors import AddressRefused, LongtakeError
from longtake.segmind import SegmindClient
from longtake.segmind.guarded_hosts import Guard
from tests.segmind.server import KEY, ScriptedServer, client_of, names_in

PRIVATE = [
    "http://127.0.0.1/a.mp4",
    "http://localhost:8080/a.mp4",
    "http://[::1]/a.mp4",
    "http://0.0.0.0/a.mp4",
    "http://[::]/a.mp4",
    "http://10.0.0.1/a.mp4",
    "http://172.16.0.1/a.mp4",
    "http://192.168.1.1/a.mp4",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/a.mp4",
    "http://[fd00::1]/a.mp4",
    "http://[fe80::1]/a.mp4",
    "http://[::ffff:10.0.0.1]/a.mp4",
    "http://[64:ff9b::7f00:1]/a.mp4",
    "http://[2002:7f00:1::]/a.mp4",
    "http://[::127.0.0.1]/a.mp4",
    "http://[fec0::1]/a.mp4",
    "http://[64:ff9b:1::a00:1]/a.mp4",
    "http://[::ffff:0:10.0.0.1]/a.mp4",
    "http://2130706433/a.mp4",
    "http://0x7f.0.0.1/a.mp4",
    "http://127.1/a.mp4",
    "http://224.0.0.1/a.mp4",
    "http://255.255.255.255/a.mp4",
]


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_private_address_is_not_fetched_unless_the_profile_says_so(url: str) -> None:
    objection = await Guard().objection(httpx.URL(url))
    assert objection is not None
    assert "private_addresses" in objection
    assert await Guard(private=True).objection(httpx.URL(url)) is None


@pytest.mark.parametrize("host", ["0177.0.0.1", "0x7f.0x0.0x0.0x1", "0300.0250.1"])
async def test_numbers_in_disguise_lead_nowhere(client: SegmindClient, host: str) -> None:
    with pytest.raises(LongtakeError):
        await client.download(f"http://{host}:9/a.mp4", Path("nowhere"))


@pytest.mark.parametrize("url", ["https://8.8.8.8/a.mp4", "https://[2606:4700::1111]/a.mp4"])
async def test_a_public_address_is_fetched(url: str) -> None:
    assert await Guard().objection(httpx.URL(url)) is None


async def test_who_answers_is_looked_at_too_for_a_name_may_lead_elsewhere_by_then(
    server: ScriptedServer,
) -> None:
    server.answer(body=b"here")
    async with (
        httpx.AsyncClient(trust_env=False) as http,
        http.stream("GET", server.base_url) as response,
    ):
        assert "(127.0.0.1), from which" in str(Guard().objection_to_peer(response))
        assert Guard(loopback=True).objection_to_peer(response) is None
        assert Guard(private=True).objection_to_peer(response) is None


async def test_a_name_that_nobody_knows_is_left_to_fail_by_itself() -> None:
    assert await Guard().objection(httpx.URL("https://clips.invalid/a.mp4")) is None


def test_a_service_on_this_machine_may_have_its_files_here_and_nowhere_else_private() -> None:
    guard = Guard.of(["http://127.0.0.1:8000", "https://api.segmind.com"], private=False)
    assert guard.permits(ipaddress.ip_address("127.0.0.1"))
    assert not guard.permits(ipaddress.ip_address("169.254.169.254"))
    far = Guard.of(["https://api.segmind.com"], private=False)
    assert not far.permits(ipaddress.ip_address("127.0.0.1"))


async def test_a_redirect_into_a_private_network_is_not_followed(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    server.answer(302, "", {"location": "http://169.254.169.254/latest/meta-data"})
    with pytest.raises(AddressRefused, match="link-local"):
        await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    assert names_in(tmp_path) == []


async def test_an_address_with_the_key_in_it_is_asked_of_nobody(
    server: ScriptedServer, tmp_path: Path
) -> None:
    async with client_of(server.base_url) as client:
        for text in (KEY, "".join(f"%{ord(each):02x}" for each in KEY)):
            with pytest.raises(LongtakeError) as caught:
                await client.download(f"{server.base_url}/{text}/a.mp4", tmp_path / "a.mp4")
            assert KEY not in str(caught.value)
    assert server.seen == []
