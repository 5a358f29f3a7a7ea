"""The board's pages: Jinja templates next to the review's own, everything escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from longtake.figures import dollars
from longtake.review import loader, page_source
from longtake.review.wording import UNKNOWN, moment, number, timecode


@cache
def environment() -> Environment:
    """The templates, with the words that they share."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader("longtake.board", "pages"), loader()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "dollars": partial(dollars, unknown=UNKNOWN),
        "moment": moment,
        "number": number,
        "timecode": timecode,
        "left": left,
        "ago": ago,
    }
    return made


def page(name: str, **facts: Any) -> str:
    """A whole page."""
    return environment().get_template(name).render(facts)


def fragment(name: str, macro: str, *arguments: Any) -> str:
    """A part of a page by itself, as it is sent when it changes."""
    return str(getattr(environment().get_template(name).module, macro)(*arguments))


@cache
def source(name: str) -> Markup:
    """The board's own ``board.css`` or ``board.js``."""
    path = files("longtake.board").joinpath("pages", name)
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704  our own text


@cache
def look() -> Markup:
    """The style of every page: the review's, and the board's own on top."""
    return Markup(page_source("review.css")) + source("board.css")  # noqa: S704  our own text


def left(seconds: float | None) -> str:
    """A time to wait, as people say it; empty where there is none."""
    if seconds is None:
        return ""
    if seconds < 50:
        return "less than a minute" if seconds > 0 else "any moment"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {max(1, minutes)} min"
    return f"about {minutes / 60:.1f} h"


def ago(at: datetime | None) -> str:
    """How long ago that was; the day where it is long ago."""
    if at is None:
        return ""
    seconds = (datetime.now(UTC) - at).total_seconds()
    if seconds < 90:
        return "just now"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min ago"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.0f} h ago"
    return f"{at:%Y-%m-%d}"
