"""What a process finds around it: proxies and certificates, looked at first, and its memory.

An HTTP client reads these variables deep inside, and fails there with a traceback, or waits for
minutes: Prefect's own server on 127.0.0.1 is asked by way of a proxy that cannot reach it.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from longtake.errors import SettingsError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Never asked through a proxy: Prefect's temporary server, and the emulator."""

ARENAS = 2
_MALLOC = {
    "MALLOC_ARENA_MAX": (-8, ARENAS),
    "MALLOC_MMAP_THRESHOLD_": (-3, 1 << 20),  # a picture is larger
    "MALLOC_TRIM_THRESHOLD_": (-1, 4 << 20),
}
"""By the variable that outranks it, each setting's number in glibc's malloc.h and its value."""

_PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
_SCHEMES = ("http", "https", "socks5", "socks5h")


def settle(environment: MutableMapping[str, str] = os.environ) -> None:
    """Refuse what no client can use, and keep loopback addresses from every proxy.

    Raises SettingsError that names the variable and the fix; so it does in a working directory that
    is gone, in which Prefect's server does not start. ``NO_PROXY`` is changed in place, for this
    process and those that it starts.
    """
    try:
        Path.cwd()
    except OSError as error:
        raise SettingsError("the working directory is gone: change to one that is there") from error
    for name, value in _set(environment, _PROXIES):
        _check_proxy(name, value)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        value = environment.get(name, "")
        there = Path.is_dir if name.endswith("DIR") else Path.exists
        if value and not there(Path(value)):
            raise SettingsError(f"{name}: there is no {value}: correct it, or unset {name}")
    if any(_set(environment, _PROXIES)):
        given = environment.get("no_proxy", "") + "," + environment.get("NO_PROXY", "")
        hosts = dict.fromkeys(
            host for entry in (*given.split(","), *LOOPBACK) if (host := _readable(entry.strip()))
        )
        # One spelling of each is read by some, the other by the rest.
        environment["NO_PROXY"] = environment["no_proxy"] = ",".join(hosts)


def spare_memory() -> None:
    """Let the threads of this process share two arenas of memory, and keep no pictures in them.

    glibc gives each thread an arena of its own and keeps in it what the thread once used, so that
    with the threads of a render, and pictures of megabytes, it holds a hundred megabytes that
    nobody uses. Nothing is done where the C library has no such settings.
    """
    import ctypes  # the whole command line imports this module, and few of its commands need that

    with suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        for variable, setting in _MALLOC.items():
            if variable not in os.environ:
                mallopt(*setting)


def give_memory_back() -> None:
    """Give the system what lies between things in use: of many pictures in a row, half of all.

    Some milliseconds, in which no thread gets memory. See ``spare_memory``.
    """
    import ctypes

    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def unfit_for_prefect(
    error: ValueError, environment: Mapping[str, str] = os.environ
) -> SettingsError | None:
    """What Prefect's own settings refuse, with the variable's name; None for any other error.

    Prefect reads them as it is imported, and ends in pydantic's words for a field of its own.
    """
    if not str(getattr(error, "title", "")).endswith("Settings"):
        return None
    # By its title it is a pydantic.ValidationError, which has ``errors``; to import that class
    # takes too long here, where every command begins.
    problems = error.errors()  # type: ignore[attr-defined]  # of pydantic, known by its title
    said: dict[str, str] = {str(one["input"]): one["msg"] for one in problems}
    unfit = [
        f"{name}: {said[value]}, not `{value[:80]}`"
        for name, value in environment.items()
        if name.startswith("PREFECT_") and value in said
    ]
    if not unfit:
        return None
    return SettingsError(f"{'; '.join(unfit)}: Prefect reads it; correct or unset it")


def _set(
    environment: MutableMapping[str, str], names: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    """Those of the variables that say something, in either spelling."""
    for name in (*names, *map(str.lower, names)):
        if value := environment.get(name, "").strip():
            yield name, value


def _check_proxy(name: str, value: str) -> None:
    try:
        address = urlsplit(value if "://" in value else f"http://{value}")
        usable = bool(address.hostname) and (address.port is None or address.port > 0)
    except ValueError:
        raise SettingsError(
            f"{name}: `{_bare(value)}` is no address: correct or unset it"
        ) from None
    if address.scheme == "socks":
        raise SettingsError(f"{name}: write `socks5://` in place of `socks://`")
    if address.scheme not in _SCHEMES or not usable:
        known = ", ".join(f"{scheme}://" for scheme in _SCHEMES)
        raise SettingsError(f"{name}: `{_bare(value)}` is no proxy: {known} and a host are known")
    if address.scheme.startswith("socks") and find_spec("socksio") is None:
        raise SettingsError(
            f"{name}: a SOCKS proxy needs `pip install 'httpx[socks]'`; or unset {name}"
        )


def _bare(address: str) -> str:
    """An address without the name and password that may stand in it."""
    return address.rpartition("@")[2][:80]


def _readable(entry: str) -> str | None:
    """An entry of NO_PROXY as every client reads it; None for a network of IPv6 addresses."""
    bare = entry.strip("[]") if entry.startswith("[") and entry.endswith("]") else entry
    try:
        network = ipaddress.ip_network(bare, strict=False)
    except ValueError:
        return None if bare.count(":") > 1 or " " in bare else bare
    if network.num_addresses == 1:
        return str(network.network_address)
    return None if network.version == 6 else str(network)
