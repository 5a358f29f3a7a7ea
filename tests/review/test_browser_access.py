"""The page in a real browser for everyone: readable, named, without scripts, at every width."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chromium import needs_chromium
from tests.review.browsing import Opened

pytestmark = needs_chromium


@pytest.mark.slow
def test_takes_rest_where_less_motion_is_asked_for(show: Callable[..., Opened]) -> None:
    opened = show(reduced_motion="reduce")
    assert opened.page.locator("#takes").get_attribute("aria-pressed") == "false"
    opened.page.locator("#clip-3").scroll_into_view_if_needed()
    opened.rests("#clip-3 video")


@pytest.mark.thorough
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_text_can_be_read_on_its_ground(show: Callable[..., Opened], scheme: str) -> None:
    opened = show(color_scheme=scheme)
    colours = opened.page.evaluate(
        "() => Object.fromEntries(['ground','panel','raised','text','muted','accent','bad',"
        "'warning','note','well','odd','even','on-accent'].map(name => {"
        " const probe = document.createElement('i'); document.body.append(probe);"
        " probe.style.color = `var(--${name})`;"
        " return [name, getComputedStyle(probe).color.match(/\\d+/g).map(Number)]; }))"
    )
    pairs = [
        (ink, ground)
        for ink in ("text", "muted", "accent", "bad", "warning", "note", "well")
        for ground in ("ground", "panel")
    ]
    pairs += [("muted", "raised"), ("text", "odd"), ("text", "even"), ("on-accent", "accent")]
    weak = [pair for pair in pairs if contrast(*(colours[name] for name in pair)) < 4.5]
    assert weak == []


@pytest.mark.thorough
def test_no_width_scrolls_sideways(show: Callable[..., Opened]) -> None:
    opened = show()
    for width in (320, 390, 768, 1440):
        opened.page.set_viewport_size({"width": width, "height": 800})
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_without_scripts_every_seam_is_there(show: Callable[..., Opened]) -> None:
    opened = show(java_script_enabled=False)
    assert opened.page.locator(".seam:visible").count() == 4


@pytest.mark.thorough
def test_every_control_has_a_name(show: Callable[..., Opened]) -> None:
    opened = show()
    nameless = opened.page.evaluate(
        "() => [...document.querySelectorAll('button, input, video, a')].filter(each =>"
        " !(each.getAttribute('aria-label') || each.textContent.trim() || each.title ||"
        " each.closest('[aria-label]:not(section)'))).map(each => each.outerHTML)"
    )
    assert nameless == []


def contrast(one: list[int], other: list[int]) -> float:
    """The ratio of two colours' luminances, as WCAG 2.2 defines it."""

    def luminance(colour: list[int]) -> float:
        linear = [
            level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4
            for level in (channel / 255 for channel in colour[:3])
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
