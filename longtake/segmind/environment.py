"""Proxies and certificates of the environment, checked before anything is asked over them.

httpx reads them when a client is made, and breaks on some in a traceback. The command line looks at
them before it starts anything (``longtake.surroundings``); this is for other users of the client.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from ssl import SSLContext

import httpx

from longtake.errors import SettingsError
from longtake.plain_text import shortened

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SCHEMES = ("http", "https")
_SOCKS = ("socks5", "socks5h")


def check_environment(environment: Mapping[str, str] = os.environ) -> None:
    """Raise SettingsError for a proxy or a certificate that cannot be used, naming the variable."""
    for name in _both(*_PROXIES):
        if fault := _fault_of_proxy(environment.get(name, "")):
            raise SettingsError(f"{name} {fault}; unset {name}, or name an http:// proxy in it")
    for name, there in (("SSL_CERT_FILE", Path.is_file), ("SSL_CERT_DIR", Path.is_dir)):
        said = environment.get(name)
        if said and not there(Path(said)):
            raise SettingsError(
                f"{name} names {shortened(said)}, which is not there; unset it, or name one that is"
            )


def _fault_of_proxy(said: str) -> str | None:
    scheme, separator, _ = said.strip().partition("://")
    if not said.strip() or not separator or scheme.lower() in _SCHEMES:
        return None
    if scheme.lower() in _SOCKS:
        if find_spec("socksio"):
            return None
        return "names a SOCKS proxy, for which the package socksio is missing (pip install socksio)"
    return f"names a {shortened(scheme, 20)}:// proxy, which is not understood"


def _both(*names: str) -> tuple[str, ...]:
    return tuple(spelled for name in names for spelled in (name, name.lower()))


_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


def certificates() -> SSLContext:
    """Whom this machine trusts; read once, as long as the environment names the same."""
    return _certificates(*map(os.environ.get, _CERTIFICATES))


@lru_cache(maxsize=4)
def _certificates(*_: str | None) -> SSLContext:
    return httpx.create_ssl_context()
