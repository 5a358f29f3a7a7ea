"""The key's header: where it is added, and to which hosts."""

from __future__ import annotations

from collections.abc import Generator, Iterable

import httpx
from pydantic import SecretStr

KEY_HEADER = "x-api-key"


class KeyForOwnHosts(httpx.Auth):
    """Adds the key to requests for the origins it was made for, and to no other."""

    def __init__(self, key: SecretStr, urls: Iterable[str]) -> None:
        self._key = key
        self._origins = frozenset(_origin(httpx.URL(url)) for url in urls)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Key the request if its origin (scheme, host, port) is one of ours."""
        if _origin(request.url) in self._origins:
            request.headers[KEY_HEADER] = self._key.get_secret_value()
        yield request


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port; httpx drops a port that is the scheme's own."""
    return url.scheme, url.host, url.port
