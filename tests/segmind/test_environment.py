"""Proxies and certificates of the environment: a clear error in place of a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.errors import SettingsError
from longtake.segmind.environment import check_environment
from tests.segmind.server import client_of


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks4://127.0.0.1:1"),
        ("all_proxy", "gopher://127.0.0.1:1"),
        ("HTTPS_PROXY", "ftp://proxy"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
        ("SSL_CERT_DIR", "/nowhere"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} .*unset"):
        check_environment({name: value})
    check_environment({name: ""})


async def test_a_client_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(SettingsError, match="SSL_CERT_FILE"):
        async with client_of("http://127.0.0.1:9"):
            pass


async def test_a_proxy_that_httpx_cannot_read_is_told_as_a_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://[::1")
    with pytest.raises(SettingsError, match="HTTPS_PROXY"):
        async with client_of("http://127.0.0.1:9"):
            pass


def test_a_certificate_that_is_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    check_environment({"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SSL_CERT_DIR": str(tmp_path)})
