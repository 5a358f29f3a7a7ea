"""Proxies and certificates in the environment: what no client can use is said before the first."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel

from longtake.errors import SettingsError
from longtake.surroundings import settle, unfit_for_prefect


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALL_PROXY", "socks://127.0.0.1:1080", "write `socks5://` in place of `socks://`"),
        ("all_proxy", "ftp://proxy.example", "`ftp://proxy.example` is no proxy"),
        ("HTTPS_PROXY", "http://", "is no proxy"),
        ("http_proxy", "http://proxy.example:port", "is no address"),
        ("HTTP_PROXY", "http://me:secret@[::1", "is no address"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "there is no /nowhere/ca.pem"),
        ("SSL_CERT_DIR", "/nowhere", "there is no /nowhere"),
        ("SSL_CERT_DIR", "/dev/null", "there is no /dev/null"),
    ],
)
def test_what_no_client_can_use_is_refused_by_its_name(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settle({name: value})
    assert str(caught.value).startswith(f"{name}: ")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_working_directory_that_is_gone_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SettingsError, match="the working directory is gone"):
        settle({})


def test_what_prefect_s_settings_refuse_is_reported_by_the_variable() -> None:
    class ServerAPISettings(BaseModel):
        port: int

    environment = {"PREFECT_SERVER_API_PORT": "x", "PREFECT_HOME": "/here", "OTHER": "x"}
    with pytest.raises(ValueError, match="port") as caught:
        ServerAPISettings.model_validate({"port": "x"})
    told = unfit_for_prefect(caught.value, environment)
    assert str(told).startswith("PREFECT_SERVER_API_PORT: Input should be a valid integer")
    assert "OTHER" not in str(told)
    assert unfit_for_prefect(caught.value, {}) is None
    assert unfit_for_prefect(ValueError("x"), environment) is None


def test_without_a_proxy_nothing_is_changed() -> None:
    environment = {"NO_PROXY": "[::1]"}
    settle(environment)
    assert environment == {"NO_PROXY": "[::1]"}


def test_loopback_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "[::1], fd00::/8 ,10.0.0.0/8,::1/128,*.corp.example")
    environment: dict[str, str] = {
        "HTTP_PROXY": "http://proxy.example:3128",
        "NO_PROXY": "[::1], fd00::/8 ,10.0.0.0/8,::1/128,*.corp.example",
    }
    settle(environment)
    assert environment["NO_PROXY"] == "::1,10.0.0.0/8,*.corp.example,127.0.0.1,localhost"
    assert environment["no_proxy"] == environment["NO_PROXY"]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    httpx.Client().close()  # as it reads them: an address that it cannot read is an error
