"""Text that is safe to output: printable, encodable, and without the API key in any spelling.

The service's answers are parsed as they came. What is shown of them (errors, logs, records) goes
through ``safe`` first: control and escape sequences and lone surrogates are taken out, then every
spelling of a secret that this process holds is masked. Every ``LongtakeError`` does so with its own
words. The one place that knows secrets; below all rooms, so that each can ask it.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterable

MASK = "***"

SURE_SECRET_CHARACTERS = 8
"""Shorter keys ("any") are words, too: they are masked as whole words, and only as they are."""

_BEYOND = 1024
"""So much is dropped at the end of a text that was cut, so that no half of a secret is left."""

_ESCAPES = re.compile(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS …
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI
    r"|\x1b[ -/]*[0-~]?"
)
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")

_secrets: dict[str, re.Pattern[str]] = {}


def keep_secret(secret: str) -> None:
    """Mask ``secret`` in everything that ``safe`` and ``masked`` return from now on."""
    if secret and secret not in _secrets:
        _secrets[secret] = _every_spelling(secret)


def safe(text: str) -> str:
    """The text, printable and with secrets masked."""
    return masked(printable(text))


def safe_part(text: str, characters: int) -> str:
    """At most so many characters of a text of any length, printable and with secrets masked."""
    most = 2 * characters + 2 * _BEYOND
    if len(text) <= most:
        return safe(text)[:characters]
    return safe(text[:most])[:-_BEYOND][:characters]


def shortened(text: str, characters: int = 200) -> str:
    """The text for a message: safe, on one line, and where it is too long, how long it was."""
    part = " ".join(safe_part(text, characters + 1).split())
    return part if len(text) <= characters else f"{part[:characters]}… ({len(text)} characters)"


def printable(text: str) -> str:
    """The text without terminal escapes, control characters and lone surrogates; lines stay."""
    text = text.replace("\r\n", "\n").replace("\r", " ")
    text = _UNPRINTABLE.sub("", _ESCAPES.sub("", text))
    return _SURROGATES.sub("\ufffd", text)


def masked(text: str) -> str:
    """The text with every spelling of every secret masked."""
    for pattern in _secrets.values():
        text = pattern.sub(MASK, text)
    return text


def carries_secret(text: str) -> bool:
    """Whether a secret that cannot be a common word stands in the text, however spelled."""
    return any(
        pattern.search(text)
        for secret, pattern in _secrets.items()
        if len(secret) >= SURE_SECRET_CHARACTERS
    )


class SafeLogs(logging.Filter):
    """Lets every record pass, with its words made safe."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the record's words if there is anything to hide in them."""
        text = record.getMessage()
        if (masked := safe(text)) != text:
            record.msg, record.args = masked, None
        return True


def guard_logs(names: Iterable[str]) -> None:
    """Have these loggers say nothing that is not safe (idempotent)."""
    for name in names:
        logger = logging.getLogger(name)
        if not any(isinstance(each, SafeLogs) for each in logger.filters):
            logger.addFilter(SafeLogs())


def _every_spelling(secret: str) -> re.Pattern[str]:
    """As it is; with characters as JSON, percent, HTML or C escapes; in hexadecimal; in base64."""
    characters = [_character(each) for each in secret]
    if len(secret) < SURE_SECRET_CHARACTERS:
        literal = r"[\u200c\u200d]{0,4}".join(characters)
        return re.compile(rf"(?<![A-Za-z0-9]){literal}(?![A-Za-z0-9])", re.IGNORECASE)
    literal = r"(?:[\s\u200c\u200d]|\\[nrt]){0,4}".join(characters)  # a long line may be broken
    hexadecimal = r"[\s:%\\x-]{0,2}".join(f"{byte:02x}" for byte in secret.encode())
    coded = "|".join(_in_base64(secret.encode()))
    return re.compile(rf"(?i:{literal}|{hexadecimal})|{coded}")


def _character(character: str) -> str:
    code = ord(character)
    escaped = re.escape(character)
    if not character.isalnum():  # `\/` in JSON, `&sol;` in HTML
        escaped = rf"\\{{0,8}}{escaped}|&(?:amp;){{0,4}}[a-z]{{2,16}};"
    return (
        rf"(?:{escaped}|\\{{1,8}}(?:u\{{?0{{0,6}}{code:x}\}}?|x{code:02x}|0?{code:o})"
        rf"|%(?:25){{0,4}}{code:02x}|&(?:amp;){{0,4}}#(?:0{{0,6}}{code}|x0{{0,6}}{code:x});?)"
    )


def _in_base64(content: bytes, layers: int = 2) -> list[str]:
    """What the content looks like in base64, and that once more in base64.

    At each of the three places in a group that it may begin at, and in either alphabet. Around what
    is certain stand letters that the rest of the content decides, too.
    """
    found = []
    around = r"[A-Za-z0-9+/_-]{0,8}"
    for before, first in enumerate((0, 2, 3)):
        coded = base64.b64encode(bytes(before) + content).decode("ascii")
        certain = coded[first : (before + len(content)) * 8 // 6]
        letters = (re.escape(each) if each.isalnum() else "[+/_-]" for each in certain)
        found.append(around + r"\s?".join(letters) + around + "={0,2}")
        if layers > 1:
            alphabets = {certain, certain.replace("+", "-").replace("/", "_")}
            found += [each for one in alphabets for each in _in_base64(one.encode(), layers - 1)]
    return found
