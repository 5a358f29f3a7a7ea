"""The page: one HTML file with its style and its script inside, that asks the network for nothing.

A Content-Security-Policy holds it to that, whatever a storyboard's prompts contain: style and
script are allowed by their hashes, pictures as data, video from next to the page, and nothing else.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from longtake.record import RunRecord
from longtake.record.error_rates import error_rates
from longtake.review.curves import chain_views, waveform_path
from longtake.review.material import Material
from longtake.review.seam_views import asked_fps, in_review_order, seam_views
from longtake.review.seams import is_measured
from longtake.review.views import ShotView, counted, finding_views, run_facts, shot_views
from longtake.review.wording import address
from longtake.story.headlines import headline

if TYPE_CHECKING:
    from jinja2 import Environment, PackageLoader

TEMPLATE = "review.html.j2"


def render_review(record: RunRecord, material: Material | None = None) -> str:
    """The page for a run; without ``material`` it has no pictures of seams and no reel.

    All that is in the record may be hostile text; it is escaped.
    """
    facts = review_facts(record, material or Material())
    style, script = facts["style"], facts["script"]
    return _environment().get_template(TEMPLATE).render(facts, policy=_policy(style, script))


def load_page() -> None:
    """Import what the page is made with, and compile it: most of what a page takes; blocking."""
    _environment().get_template(TEMPLATE)


def review_facts(record: RunRecord, material: Material) -> dict[str, Any]:
    """What the page's template is filled with, by name; without the policy of a lone file."""
    fps = asked_fps(record)
    seams = seam_views(record, material, fps)
    shots = shot_views(record, material, fps)
    findings = finding_views(record)
    film = record.film if record.film and record.film.file not in material.absent else None
    return {
        "record": record,
        "facts": run_facts(record),
        "film": address(film.file) if film else None,
        "reel": address(material.reel) if material.reel else None,
        "waveform": waveform_path(material.waveform),
        "waveform_width": len(material.waveform),
        "remarks": material.remarks,
        "findings": findings,
        "counts": counted(findings),
        "headline": headline,
        "rates_of": error_rates,
        "measured": is_measured(record),
        "seams": seams,
        "reviewed": in_review_order(seams),
        "chains": chain_views(record.drift),
        "shots": shots,
        "style": Markup(page_source("review.css") + _shapes(record, shots)),  # noqa: S704  our own
        "script": Markup(page_source("review.js")),  # noqa: S704  our own text
    }


def loader() -> PackageLoader:
    """Finds the page's template, ``TEMPLATE``, for pages that are made of it."""
    from jinja2 import PackageLoader  # imported when a page is made: a render begins without it

    return PackageLoader("longtake.review", "page")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    return Environment(
        loader=loader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def page_source(name: str) -> str:
    """The text of the page's own ``review.css`` or ``review.js``."""
    return files("longtake.review").joinpath("page", name).read_text(encoding="utf-8")


def _shapes(record: RunRecord, shots: Sequence[ShotView]) -> str:
    """The film's shape, and how wide each clip is in the strip below it.

    The policy allows no style attributes, so that they are part of the style.
    """
    sized = record.film or next((clip for clip in record.clips.values() if clip.width), None)
    width, height = (sized.width, sized.height) if sized else (16, 9)
    clips = (clip for shot in shots for clip in shot.clips)
    rules = [f":root{{--ratio:{width}/{height}}}"]
    rules += [f"#at-{clip.number}{{flex-grow:{clip.frame_count}}}" for clip in clips]
    return "\n".join(rules) + "\n"


def _policy(style: str, script: str) -> str:
    return (
        "default-src 'none'; img-src data:; media-src 'self'; "
        f"style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
