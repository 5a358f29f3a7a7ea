"""Which hosts a file may be fetched from: none on this machine or in its networks, unless set.

An output's address is whatever the service (or an impostor) writes: without this,
it could have us ask a cloud's metadata service, or a printer.
"""

from __future__ import annotations

import ipaddress
import socket
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass

import anyio
import httpx

from longtake.plain_text import carries_secret, shortened

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
"""All that was ever given out; what lies outside of it is local, reserved, or an old disguise."""

_RESOLVE_SECONDS = 10.0
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Guard:
    """What may be fetched: public addresses, ``private`` ones too, or only ``loopback`` ones."""

    private: bool = False
    loopback: bool = False

    @classmethod
    def of(cls, urls: Iterable[str], *, private: bool) -> Guard:
        """For a service at these addresses: one on this machine has its files here, too."""
        return cls(private, any(_is_loopback_host(httpx.URL(url).host) for url in urls))

    def permits(self, address: Address) -> bool:
        """Whether files may be fetched from the address."""
        within = _embedded(address)
        given_out = within.version == 4 or within in _PUBLIC_V6
        public = within.is_global and given_out and not within.is_multicast
        return public or self.private or (self.loopback and within.is_loopback)

    async def objection(self, url: httpx.URL) -> str | None:
        """Return why the address is not to be fetched, once its name is resolved; None: it is.

        A name that cannot be resolved is no objection: asking it fails by itself.
        """
        if carries_secret(str(url)):
            return "the address carries the API key, which no other host may see"
        for address in await _resolved(url.host, url.port):
            if not self.permits(address):
                return _told(url.host, address)
        return None

    def objection_to_peer(self, response: httpx.Response) -> str | None:
        """Return why nothing is to be read from who answered; None: it may be.

        A name may lead elsewhere when it is looked up again to connect (DNS rebinding). Behind a
        proxy of the environment it is the proxy that looks it up.
        """
        stream = response.extensions.get("network_stream")
        place = stream.get_extra_info("server_addr") if stream is not None else None
        if not place or {response.url.scheme, "all"} & urllib.request.getproxies().keys():
            return None
        address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        return None if self.permits(address) else _told(response.url.host, address)


def _told(host: str, address: Address) -> str:
    return (
        f"{shortened(host, 80)} is {_kind(address)} ({address}), from which files are not fetched; "
        "where that is meant, set `private_addresses: true` in the profile"
    )


async def _resolved(host: str, port: int | None) -> list[Address]:
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        pass  # a name, or one of the odd forms of a number that the resolver understands
    try:
        with anyio.fail_after(_RESOLVE_SECONDS):
            found = await anyio.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return []
    return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_loopback_host(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _kind(address: Address) -> str:
    within = _embedded(address)
    if within.is_loopback or within.is_unspecified:
        return "this machine"
    return "link-local" if within.is_link_local else "in a private network"
