"""Proxies and certificates of the environment, checked before anything is asked over them.

httpx (ours, and Prefect's) reads them when a client is made, and breaks on some in a traceback.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, MutableMapping
from importlib.util import find_spec
from pathlib import Path

from longtake.errors import SettingsError
from longtake.plain_text import shortened

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SCHEMES = ("http", "https")
_SOCKS = ("socks5", "socks5h")


def prepare_environment(environment: MutableMapping[str, str] = os.environ) -> None:
    """Make the environment one that httpx can read, or raise SettingsError naming the variable.

    Where a proxy is set, loopback is taken out of it (the emulator and Prefect's own server are
    there), and addresses in ``NO_PROXY`` are written as httpx reads them.
    """
    check_environment(environment)
    set_here = [name for name in _both(*_PROXIES) if environment.get(name)]
    said = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    if not (set_here or said) or said.strip() == "*":
        return
    names = [plain for name in said.split(",") if (plain := _readable(name.strip()))]
    names += [name for name in LOOPBACK if set_here and name not in names]
    for variable in _both("NO_PROXY"):
        environment[variable] = ",".join(names)


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


def _readable(name: str) -> str:
    """One part of ``NO_PROXY`` without brackets or a network's length at an IPv6 address."""
    bare = name.strip("[]") if "[" in name and "://" not in name else name
    try:
        address = ipaddress.ip_address(bare.partition("/")[0].strip("[]"))
    except ValueError:
        return "" if "[" in name or "]" in name else name
    return str(address) if address.version == 6 else bare


def _both(*names: str) -> tuple[str, ...]:
    return tuple(spelled for name in names for spelled in (name, name.lower()))
