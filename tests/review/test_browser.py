"""The page in a real browser, opened from disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.chromium import needs_chromium
from tests.review.browsing import Opened

pytestmark = needs_chromium


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
