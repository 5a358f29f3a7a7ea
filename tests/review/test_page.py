"""The page: everything of the record is on it as text, and nothing else can get in."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from longtake.record import RunRecord
from longtake.review import Material, SeamFrames, render_review, seams_of
from longtake.story.headlines import headline
from tests.review.renders import HOSTILE, WORST, broken, read

LOADS = ("src", "href", "poster", "srcset", "data", "action")


class Page(HTMLParser):
    """A page's elements, the text of each kind of element, and where it points to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._open, []).append(data)

    def of(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]

    @property
    def addresses(self) -> list[str]:
        return [
            value or ""
            for _, attributes in self.elements
            for key, value in attributes.items()
            if key in LOADS
        ]


def test_a_hostile_prompt_is_text_and_nothing_more(record: RunRecord) -> None:
    text = render_review(read(record))
    page = Page(text)
    assert len(page.of("script")) == 1
    assert not [each for _, each in page.elements if any(key.startswith("on") for key in each)]
    assert not [address for address in page.addresses if "javascript" in address]
    assert HOSTILE in " ".join("".join(page.texts["p"]).split())
    assert "".join(page.texts["title"]).startswith(record.title)
    assert "{{ 7 * 7 }}" in "".join(page.texts["p"])


def test_the_policy_allows_the_pages_own_style_and_script_and_no_network(record: RunRecord) -> None:
    text = render_review(read(record))
    page = Page(text)
    (meta,) = page.of("meta", **{"http-equiv": "Content-Security-Policy"})
    policy = dict(
        part.strip().split(" ", 1) for part in str(meta["content"]).split(";") if part.strip()
    )
    assert policy["default-src"] == "'none'"
    assert policy["img-src"] == "data:"
    assert policy["media-src"] == "'self'"
    for tag in ("style", "script"):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"
    assert not [each for _, each in page.elements if "style" in each]


def test_the_page_points_to_nothing_but_itself_and_files_others_it(record: RunRecord) -> None:
    frames = {WORST: SeamFrames(b"left", b"right")}
    page = Page(render_review(read(record), Material(frames=frames, reel="review/seams.mp4")))
    others = [address for address in page.addresses if not address.startswith(("data:", "#"))]
    assert set(others) == {
        "film.mp4",
        "review/seams.mp4",
        *(clip.file for clip in record.clips.values()),
    }


def test_the_worst_seam_is_shown_first_and_cuts_last(record: RunRecord) -> None:
    page = Page(render_review(read(record)))
    numbers = [each["data-seam"] for each in page.of("button") if "data-seam" in each]
    assert numbers == ["2", "1", "3", "4"]
    assert page.of("article", **{"class": "seam"})[0]["id"] == "seam-2"


def test_findings_come_worst_first_and_what_is_missing_before_them(record: RunRecord) -> None:
    text = render_review(broken(read(record)))
    listed = text[text.index('class="findings"') : text.index('id="seams"')]
    says = re.findall(r'class="place"[^>]*>([^<]*)<', listed)
    assert says == ["one/1.3", "one/2.1", WORST, "one/1.1", "one/1.1 → one/1.2", "one/2.1"]
    assert "worker &lt;out&gt; of memory" in listed


def test_each_finding_leads_to_its_seam_or_clip(record: RunRecord) -> None:
    page = Page(render_review(read(record)))
    places = [each["href"] for each in page.of("a", **{"class": "place"})]
    assert places == ["#seam-2", "#clip-1", "#seam-1", "#clip-4"]
    ids = {each["id"] for _, each in page.elements if "id" in each}
    assert {str(place)[1:] for place in places} <= ids


def test_the_value_that_a_finding_is_about_is_marked(record: RunRecord) -> None:
    text = render_review(read(record))
    seam = text[text.index('id="seam-2"') : text.index('id="seam-1"')]
    assert re.findall(r'class="flagged bad"><dt>([^<]*)<', seam) == ["Step"]
    assert "3.40" in seam
    assert "\u22120.12" in seam
    assert "Colour correction: a warm cast" in seam


def test_every_take_is_there_the_chosen_one_marked_the_failed_one_with_its_error(
    record: RunRecord,
) -> None:
    text = render_review(read(record))
    clip = text[text.index('id="clip-3"') : text.index('id="clip-4"')]
    takes = clip.split("<figure")[1:]
    assert ["in the film" in take.split("</figure")[0] for take in takes] == [True, False, False]
    assert ["<video" in take.split("</figure")[0] for take in takes] == [True, True, False]
    assert "FAILED: out of memory &lt;b&gt;" in takes[2]
    assert "cut at 40, freeze at 30+12" in clip


def test_prompt_seed_parameters_cost_and_times_of_a_clip_are_reported(record: RunRecord) -> None:
    text = render_review(record)
    clip = text[text.index('id="clip-5"') : text.index("<footer")]
    seed = record.clips["two/1.1"].seed
    for told in (
        "a sailing boat at dawn",
        str(seed),
        "0.10 USD",
        "2.0 s queued, 51 s generating",
        "num_frames",
        "wan-2.2-t2v-fast",
    ):
        assert told in clip


def test_an_old_run_without_readings_says_that_it_was_never_measured(record: RunRecord) -> None:
    text = render_review(record)
    assert "This render was not measured" in text
    assert [seam.kind for seam in seams_of(record)] == ["continuous"] * 3 + ["cut"]
    assert seams_of(record)[0].frame_index == record.clips["one/1.2"].first_frame_index


def test_a_measured_run_without_faults_says_so(record: RunRecord) -> None:
    run = read(record)
    run.findings = []
    text = render_review(run)
    assert "Nothing was found to look at." in text
    assert "not measured" not in text


def test_a_file_that_is_gone_is_not_played(record: RunRecord) -> None:
    gone = frozenset({"film.mp4", "clips/one-1.1.mp4"})
    page = Page(render_review(record, Material(absent=gone)))
    assert not gone & set(page.addresses)
    assert "clips/one-1.2.mp4" in page.addresses


def test_a_render_of_one_clip_has_no_seams(record: RunRecord) -> None:
    record.clips = {"one/1.1": record.clips["one/1.1"]}
    text = render_review(record)
    assert 'id="seams"' not in text
    assert "Chapters" in text


def test_chapters_seek_to_where_the_shots_begin(record: RunRecord) -> None:
    page = Page(render_review(record))
    chapters = [each for each in page.of("button") if "data-end" in each]
    starts = [record.clips[first].first_frame_index / 16 for first in ("one/1.1", "one/2.1")]
    assert [float(str(each["data-seek"])) for each in chapters][:2] == pytest.approx(starts)


def test_findings_speak_in_words_first_and_have_their_figure_on_demand(record: RunRecord) -> None:
    record = read(record)
    text = render_review(record)
    for finding in record.findings:
        words = finding.headline or headline(finding.rule)
        assert f'<span class="headline">{words}</span>' in text
    figures = text.count('<details class="figure">')
    assert figures == 2 * len(record.findings) - sum("→" not in f.place for f in record.findings)


def test_cuts_stand_at_the_end_by_themselves_and_are_not_judged_among_the_worst(
    record: RunRecord,
) -> None:
    text = render_review(read(record))
    listed = text.split('id="seam-list"')[1].split("</ol>")[0].split("<li ")[1:]
    assert ['class="cut"' in each for each in listed] == [False, False, False, True]
    assert "not judged" not in text
    assert "meant to be seen" in listed[-1]
