"""Reading the service's words: some facts are told by text only.

What does an error body say? Was a job stopped because of its content? Which of its four kinds is a
406 (form, refused value, credits, spend limit)? Does a 401 speak of the key, or is it a challenge
page? Can it be a refusal of the service at all? Pure functions.
"""

from __future__ import annotations

import re
from typing import Any

from longtake.plain_text import safe, safe_part
from longtake.segmind.answers import parsed

READABLE_CHARACTERS = 600
"""Error texts are cut to this length; the whole body stays in the error's ``body``."""

_LONGEST_PAGE_CHARACTERS = 20_000

_MESSAGE_KEYS = ("error_description", "error", "detail", "message", "msg", "reason", "title")

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
_SPEND_LIMIT = re.compile(
    r"""(?:spend(?:ing)?|budget|usage|monthly|daily)[ _-](?:limit|cap)\b
    | limit\s(?:\w+\s){0,3}(?:team|workspace)
    | (?:spend(?:ing)?|budget|allowance)\s(?:\w+\s){0,3}(?:exceeded|reached|exhausted|used)""",
    re.IGNORECASE | re.VERBOSE,
)
_KEY = re.compile(
    r"""invalid[ _-](?:access[ _-])?token | \bapi[ _-]?key\b | \bauthori[sz]ation\b
    | \bunauthori[sz]ed\b | unauthenticated | authenticat(?:e|ion) | \bcredentials?\b
    | (?:token|key)\s(?:\w+\s){0,3}(?:expired|revoked|invalid|missing)""",
    re.IGNORECASE | re.VERBOSE,
)
_PAGE = re.compile(r"<\s*(?:!doctype|html|head|body|title|h1)\b", re.IGNORECASE)
_CREDITS = re.compile(r"credit|balance|insufficient|quota|payment|top[ _-]?up", re.IGNORECASE)

_HTML_DEAD_PARTS = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_HTML_TAG = re.compile(r"<[^>]*>")


def says_content_blocked(text: str) -> bool:
    """Whether an error text tells that the job was stopped because of its content."""
    return _CONTENT_BLOCKED.search(text) is not None


def says_bad_form(text: str) -> bool:
    """Whether a 406 speaks of a wrong content type or a refused value, not of credits."""
    return _BAD_FORM.search(text) is not None and _CREDITS.search(text) is None


def says_spend_limit(text: str) -> bool:
    """Whether a 402 or 406 speaks of a limit that a team has set, not of the account's credits."""
    return _SPEND_LIMIT.search(text) is not None


def says_credits(text: str) -> bool:
    """Whether a text speaks of credits or of paying."""
    return _CREDITS.search(text) is not None


def says_key_refused(text: str) -> bool:
    """Whether a 401 or 403 speaks of the key itself: then no other call will fare better."""
    return _KEY.search(text) is not None


def is_page(body: str) -> bool:
    """Whether a body is a page for people: a proxy or a challenge stands before the service."""
    return _PAGE.search(body[:2000]) is not None


def is_refusal(body: str) -> bool:
    """Whether a body can be the service's own refusal: text or JSON, and neither page nor scrap."""
    return not is_page(body) and (body.lstrip()[:1] not in ("{", "[") or parsed(body) is not None)


def error_words(body: str) -> str:
    """Return what an error body says, in one readable line; "" if it says nothing.

    Reads ``{"error": …}``, ``detail``, ``message``, the lists that validators answer
    (``[{"loc": […], "msg": …}]``), bare text and HTML pages.
    """
    return _one_line(_spoken(parsed(body)) or body)


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
    # Made safe before it is cut, so that no half of a key is left.
    text = safe_part(text, _LONGEST_PAGE_CHARACTERS)
    if _PAGE.search(text):
        text = _HTML_TAG.sub(" ", _HTML_DEAD_PARTS.sub(" ", text))
    line = safe(" ".join(text.split()))
    if len(line) > READABLE_CHARACTERS:
        return line[: READABLE_CHARACTERS - 1] + "…"
    return line
