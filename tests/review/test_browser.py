"""The page in a real browser, opened from disk."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from longtake.media import find_ffmpeg
from longtake.record import read_run
from longtake.rendering.review import write_review
from tests.review.renders import read

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="there is no Chromium here: `apt-get install chromium`"
)


@dataclass
class Opened:
    """An open page, and what it asked for and complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def seam(self) -> str:
        """The number of the seam that is shown; there must be one."""
        (shown,) = self.page.locator(".seam:visible").all()
        return str(shown.get_attribute("data-number"))

    @property
    def mode(self) -> str | None:
        return self.page.locator("#viewer").get_attribute("data-mode")  # type: ignore[no-any-return]

    def press(self, keys: str) -> None:
        for key in keys.split():
            self.page.keyboard.press(key)

    def plays(self, video: str, *, least: float = 0.0) -> None:
        """Wait until the video runs past ``least`` seconds."""
        self.page.wait_for_function(
            f"() => {{ const v = document.querySelector('{video}');"
            f" return !v.paused && v.currentTime > {least}; }}"
        )

    def rests(self, video: str) -> None:
        """Wait until the video stands still."""
        self.page.wait_for_function(f"() => document.querySelector('{video}').paused")


@pytest.fixture(scope="module")
def file(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with readings, next to its film."""
    folder = Path(shutil.copytree(rendered, tmp_path_factory.mktemp("browser") / "a render #1"))
    record = read_run(folder / "run.json")
    assert record is not None
    return asyncio.run(write_review(folder, read(record), ffmpeg=find_ffmpeg()))


@pytest.fixture(scope="module")
def browser(file: Path) -> Iterator[Any]:
    """A browser; asked for after the page, since its driver keeps a loop running meanwhile."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def show(browser: Any, file: Path) -> Iterator[Callable[..., Opened]]:
    """Open the page, at an anchor or in another shape; it must never complain nor reach out."""
    opened: list[Opened] = []

    def show_page(anchor: str = "", **context: Any) -> Opened:
        page = browser.new_context(**context).new_page()
        page.set_default_timeout(20_000)
        shown = Opened(page)
        opened.append(shown)
        page.on("request", lambda request: shown.requests.append(request.url))
        page.on("console", lambda message: shown.complaints.append(message.text))
        page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        page.goto(file.as_uri() + anchor)
        return shown

    yield show_page
    for each in opened:
        each.page.context.close()
        assert each.complaints == []
        assert [url for url in each.requests if not url.startswith(("file:", "data:"))] == []


def test_the_film_plays_from_disk_and_chapters_seek_it(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.press("Space")
    opened.plays("#film-player", least=0.1)
    opened.press("Space")
    opened.rests("#film-player")
    opened.page.locator("#chapters button").nth(1).click()
    at = opened.page.evaluate("document.querySelector('#film-player').currentTime")
    assert at == pytest.approx(
        float(opened.page.locator("#chapters button").nth(1).get_attribute("data-seek"))
    )
    opened.page.wait_for_function(
        "() => document.querySelectorAll('#chapters button')[1].ariaCurrent === 'true'"
    )


def test_the_flagged_seam_is_shown_first_and_keys_step_through_all(
    show: Callable[..., Opened],
) -> None:
    opened = show()
    seen = [opened.seam]
    for key in ("j", "ArrowRight", "j", "j"):
        opened.press(key)
        seen.append(opened.seam)
    assert seen == ["2", "1", "3", "4", "4"]
    opened.press("k ArrowLeft")
    assert opened.seam == "1"
    opened.press("3")
    assert opened.seam == "3"
    assert opened.page.locator("#seam-list [aria-current=true]").get_attribute("data-seam") == "3"
    assert "one/1.3 → one/2.1" in opened.page.locator("#told").inner_text()


@pytest.mark.slow
def test_film_order_can_be_had_too(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.press("o 1 j j")
    assert opened.seam == "3"
    opened.press("o k")
    assert opened.seam == "1"


def test_space_loops_over_the_moment_of_the_seam(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.press("3 Space")
    assert opened.mode == "motion"
    begin, seconds, _ = map(
        float, str(opened.page.locator("#seam-3").get_attribute("data-after")).split()
    )
    opened.plays("#reel", least=begin + seconds / 2)
    opened.page.wait_for_function(  # it has come round
        f"() => document.querySelector('#reel').currentTime < {begin + seconds / 2}"
    )
    at = opened.page.evaluate("document.querySelector('#reel').currentTime")
    assert begin - 0.1 <= at <= begin + seconds
    assert "one/1.3 → one/2.1" in opened.page.locator("#caption").inner_text()
    opened.press("Space")
    opened.rests("#reel")


def test_a_corrected_seam_can_be_seen_before_its_correction(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.press("b")
    begin = float(str(opened.page.locator("#seam-2").get_attribute("data-before")).split()[0])
    opened.plays("#reel", least=begin)
    assert "before correction" in opened.page.locator("#caption").inner_text()
    assert opened.page.locator("#treatment").get_attribute("aria-pressed") == "true"
    opened.press("b")
    opened.page.wait_for_function(
        "() => document.querySelector('#caption').textContent.includes('as in the film')"
    )
    opened.press("1 b")
    assert opened.page.locator("#treatment").is_hidden()


@pytest.mark.slow
def test_the_reel_plays_through_and_the_seams_follow_it(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.press("r")
    opened.page.evaluate("document.querySelector('#reel').playbackRate = 4")
    opened.page.wait_for_function("() => document.querySelector('#reel').ended")
    assert opened.seam == "4"
    assert opened.mode == "motion"


@pytest.mark.thorough
def test_views_change_by_key_and_the_slider_moves_by_arrows(show: Callable[..., Opened]) -> None:
    opened = show()
    modes = [opened.mode]
    for _ in range(4):
        opened.press("m")
        modes.append(opened.mode)
    assert modes == ["slide", "blink", "difference", "motion", "slide"]
    slider = opened.page.locator("#seam-2 input")
    slider.focus()
    opened.press("ArrowLeft ArrowLeft")
    assert slider.input_value() == "49"
    assert opened.seam == "2"
    clip = opened.page.evaluate(
        "getComputedStyle(document.querySelector('#seam-2 .right')).clipPath"
    )
    assert clip == "inset(0px 0px 0px 49%)"


def test_a_finding_leads_to_its_seam(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.page.locator(".findings a[href='#seam-1']").click()
    opened.page.wait_for_function("() => !document.querySelector('#seam-1').hidden")
    assert opened.seam == "1"
    assert show("#seam-4").seam == "4"


@pytest.mark.thorough
def test_takes_play_where_they_are_seen_until_they_are_told_not_to(
    show: Callable[..., Opened],
) -> None:
    opened = show()
    take = "#clip-3 .take:nth-child(2) video"
    opened.page.locator(take).scroll_into_view_if_needed()
    opened.plays(take)
    opened.press("t")
    opened.rests(take)
    opened.page.locator("#clip-3 .box").first.click()
    opened.plays("#clip-3 .take:first-child video")


@pytest.mark.slow
def test_takes_rest_where_less_motion_is_asked_for(show: Callable[..., Opened]) -> None:
    opened = show(reduced_motion="reduce")
    assert opened.page.locator("#takes").get_attribute("aria-pressed") == "false"
    opened.page.locator("#clip-3").scroll_into_view_if_needed()
    opened.rests("#clip-3 video")


@pytest.mark.thorough
def test_help_opens_by_key_and_holds_the_other_keys_back(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.press("?")
    assert opened.page.locator("#help").is_visible()
    opened.press("j")
    assert opened.seam == "2"
    opened.press("Escape")
    assert opened.page.locator("#help").is_hidden()


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


@pytest.mark.thorough
def test_the_takes_of_a_clip_play_in_step(show: Callable[..., Opened]) -> None:
    opened = show()
    opened.page.locator("[data-step]").first.click()
    opened.page.wait_for_function(
        """() => {
          const clip = document.querySelector("[data-step]").closest(".clip");
          const videos = [...clip.querySelectorAll("video")];
          const at = videos.map((video) => video.currentTime);
          return videos.length > 1 && Math.min(...at) > 0.2
            && videos.every((video) => !video.paused) && Math.max(...at) - Math.min(...at) < 0.2;
        }"""
    )


@pytest.mark.thorough
def test_a_figure_opens_on_demand(show: Callable[..., Opened]) -> None:
    opened = show()
    figure = opened.page.locator(".findings .figure").first
    assert figure.locator(".rule").is_hidden()
    figure.locator("summary").click()
    assert figure.locator(".rule").is_visible()
