"""Where the service lives, path by path, and a check that a key can be sent there at all."""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from longtake.errors import MissingKey, SettingsError

API_URL = "https://api.segmind.com"
UPLOAD_URL = "https://workflows-api.segmind.com"
HISTORY_URL = "https://api.spotprod.segmind.com"


@dataclass(frozen=True)
class Addresses:
    """The three hosts that may see the key, each as ``https://host[:port]`` (a path may follow).

    Raises SettingsError for one that is not an address.
    """

    api_url: str = API_URL
    upload_url: str = UPLOAD_URL
    history_url: str = HISTORY_URL

    def __post_init__(self) -> None:
        for part in fields(self):
            url = getattr(self, part.name)
            object.__setattr__(self, part.name, _checked(part.name, url))

    @property
    def all(self) -> tuple[str, ...]:
        """Every address that the key may go to."""
        return self.api_url, self.upload_url, self.history_url

    def queued(self, model: str) -> str:
        """Where a job for the queue is posted (v2)."""
        return f"{self.api_url}/v2/{_part(model)}"

    def blocking(self, model: str) -> str:
        """Where a blocking call is posted (v1)."""
        return f"{self.api_url}/v1/{_part(model)}"

    def result(self, request_id: str) -> str:
        """The final body of a job."""
        return f"{self.api_url}/v2/requests/{_part(request_id)}"

    def status(self, request_id: str) -> str:
        """The state of a job."""
        return f"{self.result(request_id)}/status"

    @property
    def upload(self) -> str:
        """Where images are posted."""
        return f"{self.upload_url}/upload-asset"

    @property
    def balance(self) -> str:
        """What the account can spend."""
        return f"{self.api_url}/v1/get-user-credits"

    @property
    def history(self) -> str:
        """The pages of the request history."""
        return f"{self.history_url}/inference-request/request-history"

    def history_row(self, request_id: str) -> str:
        """The history's row of one request."""
        return f"{self.history}/{_part(request_id)}"


def sendable_key(api_key: SecretStr | str) -> SecretStr:
    """Return the key as a secret; MissingKey if it is empty, SettingsError if it cannot be one.

    A line break or a smart quote from a copied page would otherwise surface as a protocol error.
    """
    key = (api_key if isinstance(api_key, str) else api_key.get_secret_value()).strip()
    if not key:
        raise MissingKey("there is no API key: set SEGMIND_API_KEY, or render on the emulator")
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise SettingsError("SEGMIND_API_KEY holds characters that no key has; copy it again")
    return SecretStr(key)


def _part(text: str) -> str:
    """One part of a path: ids are opaque and must not reach another address."""
    return quote(text, safe="")


def fault_of_address(url: str) -> str | None:
    """Return what keeps ``url`` from being an http(s) address that can be asked; None: nothing."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host  # read only now: `xn--` may lead to no name at all
    except (httpx.InvalidURL, UnicodeError) as error:
        return f"not an address: {error}"
    if parsed.scheme not in ("http", "https") or not host:
        return "not an http(s) address"
    if not 0 < (parsed.port or 80) < 65536:  # the network layer would break on it untyped
        return "not an address: no such port"
    return None


def _checked(name: str, url: str) -> str:
    if fault := fault_of_address(url):
        raise SettingsError(f"{name} {url!r} is {fault}; it must begin with https://")
    return url.rstrip("/")
