"""Reading the service's words: some facts are told by text only.

Three questions are answered here: what does an error body say, was a job stopped because of its
content, and does a 406 speak of the request's form rather than of credits. Pure functions.
"""

from __future__ import annotations

import json
import re
from typing import Any

READABLE_CHARACTERS = 600
"""Error texts are cut to this length; the whole body stays in the error's ``body``."""

_MESSAGE_KEYS = ("error", "detail", "message", "msg", "reason", "title")

# Phrases, not single words: an error may echo the prompt, and "violence" or "explicit" in a
# prompt is no verdict. `\bsafety\b` cannot match the file type "safetensors".
_CONTENT_BLOCKED = re.compile(
    r"""\bnsfw\b | \brai\b | responsible[ _-]ai
    | content[ _-](?:policy|policies|moderation|filter\w*|safety|violation|guidelines?|blocked)
    | (?:usage|safety|community|acceptable[ _-]use)[ _-](?:policy|policies|guidelines?)
    | moderation | moderated
    | \bsafety[ _-](?:checker|filter\w*|system|check|settings?|reasons?|block\w*)
    | (?:inappropriate|prohibited|disallowed|sensitive|unsafe|harmful|explicit)[ _-]
      (?:content|image|images|prompt|input|material|words?)
    | sexually[ _-]explicit | \bnudity\b
    | (?:content|prompt|image|input|output)s?\s(?:\w+\s){0,3}(?:blocked|flagged|disallowed)
    | (?:blocked|flagged)\s(?:\w+\s){0,3}(?:content|safety|policy|policies|inappropriate|filter)
    | violat\w+\s(?:\w+\s){0,4}(?:policy|policies|guidelines|terms)""",
    re.IGNORECASE | re.VERBOSE,
)

_BAD_FORM = re.compile(
    r"""content[ _-]type | \benum\b | not\s(?:one\sof|a\svalid|in\sthe\slist)
    | (?:must|should)\sbe\s(?:one\sof|equal\sto) | allowed\svalues? | permitted\svalues?
    | invalid\s(?:value|parameter|choice|enum)""",
    re.IGNORECASE | re.VERBOSE,
)
_CREDITS = re.compile(r"credit|balance|insufficient|quota|payment|top[ _-]?up", re.IGNORECASE)

_HTML_DEAD_PARTS = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_HTML_TAG = re.compile(r"<[^>]*>")


def says_content_blocked(text: str) -> bool:
    """Whether an error text tells that the job was stopped because of its content."""
    return _CONTENT_BLOCKED.search(text) is not None


def says_bad_form(text: str) -> bool:
    """Whether a 406 speaks of a wrong content type or a refused value, not of credits."""
    return _BAD_FORM.search(text) is not None and _CREDITS.search(text) is None


def error_words(body: str) -> str:
    """Return what an error body says, in one readable line; "" if it says nothing.

    Reads ``{"error": …}``, ``detail``, ``message``, the lists that validators answer
    (``[{"loc": […], "msg": …}]``), bare text and HTML pages.
    """
    try:
        said = _spoken(json.loads(body))
    except (ValueError, RecursionError):
        said = ""
    return _one_line(said or body)


def words_in(value: Any) -> str:
    """Return what an ``error`` value says, whether it is text, an object or a list."""
    return _one_line(_spoken(value))


def _spoken(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(part for part in map(_spoken, value) if part)
    if isinstance(value, dict):
        said = next((text for key in _MESSAGE_KEYS if (text := _spoken(value.get(key)))), "")
        place = value.get("loc")
        if said and isinstance(place, list):
            return f"{'.'.join(map(str, place))}: {said}"
        return said
    return ""


def _one_line(text: str) -> str:
    if "<" in text and re.search(r"<(!doctype|html|body|head|title|h1)\b", text, re.IGNORECASE):
        text = _HTML_TAG.sub(" ", _HTML_DEAD_PARTS.sub(" ", text))
    line = " ".join(text.split())
    if len(line) > READABLE_CHARACTERS:
        return line[: READABLE_CHARACTERS - 1] + "…"
    return line
