"""What was cut out of a film for its review, kept next to the seam reel: ``review/seams.json``.

So that the board can show the review of a render without cutting anything.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from longtake.files import read_regular, whole_file
from longtake.record import RunRecord
from longtake.record.run import MAX_RECORD_BYTES
from longtake.review import Material, Moment

KEPT = "review/seams.json"


class KeptMaterial(BaseModel):
    """The reel's moments and the film's sound, of the film with that content."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    film_sha256: str | None
    reel: str | None
    moments: tuple[Moment, ...] = ()
    waveform: tuple[float, ...] = ()


def keep_material(folder: Path, record: RunRecord, material: Material) -> None:
    """Write down what the page was made with, but for its pictures."""
    kept = KeptMaterial(
        film_sha256=record.film.sha256 if record.film else None,
        reel=material.reel,
        moments=material.moments,
        waveform=material.waveform,
    )
    path = folder / KEPT
    path.parent.mkdir(exist_ok=True)
    with whole_file(path) as part:
        part.write_text(kept.model_dump_json(), encoding="utf-8")


def recall_material(folder: Path, record: RunRecord, absent: frozenset[str]) -> Material:
    """What was kept of the film that the record has; nothing of any other film."""
    try:
        kept = KeptMaterial.model_validate_json(read_regular(folder / KEPT, MAX_RECORD_BYTES))
    except (OSError, ValueError):
        return Material(absent=absent)
    if kept.film_sha256 != (record.film.sha256 if record.film else None):
        return Material(absent=absent)
    there = kept.reel is not None and (folder / kept.reel).is_file()
    return Material(
        reel=kept.reel if there else None,
        moments=kept.moments if there else (),
        absent=absent,
        waveform=kept.waveform,
    )
