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

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from longtake.record import RunRecord
from longtake.review.curves import chain_views, waveform_path
from longtake.review.material import Material
from longtake.review.seam_views import asked_fps, in_review_order, seam_views
from longtake.review.seams import is_measured
from longtake.review.views import ShotView, counted, finding_views, run_facts, shot_views
from longtake.review.wording import address


def render_review(record: RunRecord, material: Material | None = None) -> str:
    """The page for a run; without ``material`` it has no pictures of seams and no reel.

    All that is in the record may be hostile text; it is escaped.
    """
    material = material or Material()
    fps = asked_fps(record)
    seams = seam_views(record, material, fps)
    shots = shot_views(record, material, fps)
    findings = finding_views(record)
    style = Markup(_source("review.css") + _shapes(record, shots))  # noqa: S704  our own text
    script = Markup(_source("review.js"))  # noqa: S704  our own text
    film = record.film if record.film and record.film.file not in material.absent else None
    return (
        _environment()
        .get_template("review.html.j2")
        .render(
            record=record,
            facts=run_facts(record),
            film=address(film.file) if film else None,
            reel=address(material.reel) if material.reel else None,
            waveform=waveform_path(material.waveform),
            waveform_width=len(material.waveform),
            remarks=material.remarks,
            findings=findings,
            counts=counted(findings),
            measured=is_measured(record),
            seams=seams,
            reviewed=in_review_order(seams),
            chains=chain_views(record.drift),
            shots=shots,
            style=style,
            script=script,
            policy=_policy(style, script),
        )
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("longtake.review", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _source(name: str) -> str:
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
