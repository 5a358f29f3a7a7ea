"""Addresses that an author writes: those that something can be fetched from."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

_MOST_CHARACTERS = 2000
_CIVITAI = "/api/download/models/"
_WEIGHTS = ".safetensors"


def web_address(value: str) -> SplitResult:
    """The parts of an http(s) URL with a host; ValueError with the fix for anything else."""
    if any(character.isspace() for character in value):
        raise ValueError("an address has no blanks in it: write %20 in place of each")
    if len(value) > _MOST_CHARACTERS:
        raise ValueError(f"an address of more than {_MOST_CHARACTERS} characters is none")
    try:
        parts = urlsplit(value)
        _ = parts.port  # read from the text only now
    except ValueError as error:
        raise ValueError(f"not an address that can be read: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http(s) URL with a host: `https://host/path`")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a name or password in an address would be sent on: leave it out")
    return parts


def weights_address(value: str) -> str:
    """Refuse what the service cannot fetch as LoRA weights.

    Download links do not always end in .safetensors: those of Civitai are known, and
    ``#.safetensors`` at the end vouches for any other (``as_sent`` takes it off again).
    """
    parts = web_address(value)
    if parts.hostname == "huggingface.co" and "/blob/" in parts.path:
        raise ValueError("leads to a page about the file: write `/resolve/` in place of `/blob/`")
    known = parts.path.startswith(_CIVITAI) and str(parts.hostname).endswith("civitai.com")
    named = parts.path + parts.query + parts.fragment
    if not known and "safetensor" not in named.lower():
        raise ValueError(
            "must lead to a .safetensors file; if it does though it does not say so, as some "
            f"download links, write `#{_WEIGHTS}` after it"
        )
    return value


def as_sent(address: str) -> str:
    """The address as the service gets it: without the author's word that it leads to weights."""
    return address.removesuffix(f"#{_WEIGHTS}")
