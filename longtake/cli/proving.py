"""``longtake verify`` and ``longtake recipe``: what a film is made of, by the film alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from rich.text import Text

from longtake.cli.authoring import Flag, Json
from longtake.cli.console import plain_table, print_json, results, to_person
from longtake.errors import MediaError
from longtake.figures import clock, counted

if TYPE_CHECKING:
    from longtake.media.proving import Examined
    from longtake.record.proof import FilmProof, ProvenSegment
    from longtake.record.verdict import Difference


def verify(
    film: Path,
    /,
    *,
    frame: int | None = None,
    json_: Json = False,
) -> int:
    """Trace every frame of a film to its take, and name what was altered since it was made.

    Needs the film only: the proof is inside it, or next to it. Nothing is decoded, and neither the
    ledger nor the network is asked. Exit code 4 if anything was altered.

    Parameters
    ----------
    film
        A `film.mp4` that longtake made.
    frame
        Report on this frame only; the first is 0.
    json_
        Print pieces, takes and differences as JSON.
    """
    from longtake.media.proving import examine

    found = examine(film)
    if frame is not None and not 0 <= frame < found.proof.frame_count:
        raise MediaError(f"{film} has frames 0 to {found.proof.frame_count - 1}, not {frame}")
    if json_:
        print_json(_as_data(found, frame))
    else:
        _print(found, frame)
    return 0 if found.intact else MediaError.exit_code


def recipe(film: Path, /, *, storyboard: Annotated[bool, Flag] = False) -> int:
    """Print what a film was made from: storyboard, versions and seeds, as JSON.

    Parameters
    ----------
    film
        A `film.mp4` that longtake made.
    storyboard
        Print the storyboard's text only, as it was written.
    """
    from longtake.media.proving import read_proof

    proof, _, troubles = read_proof(film)
    for trouble in troubles:
        to_person().print(trouble)
    if not storyboard:
        names = ("title", "base_seed", "storyboard_sha256", "storyboard", "versions", "takes")
        print_json(proof.model_dump(mode="json", include=set(names)))
        return 0
    if proof.storyboard is None:
        raise MediaError(
            f"{film} does not tell its storyboard, only its SHA-256: {proof.storyboard_sha256}"
        )
    sys.stdout.write(proof.storyboard)
    return 0


def _print(found: Examined, frame: int | None) -> None:
    proof = found.proof
    console = results()
    console.print(Text.assemble((proof.title, "bold"), " (emulated)" if proof.emulated else ""))
    headings = ("frames", "at", "clip", "take", "request", "seed", "USD", "sha256", "")
    table = plain_table(*headings)
    for segment in _pieces(proof, frame):
        for row in _rows(found, segment):
            table.add_row(*row)
    console.print(table)
    for difference in found.differences:
        console.print(f"altered: {_said(proof, difference)}", soft_wrap=True)
    for other in found.others:
        console.print(f"altered: {other}", soft_wrap=True)
    if found.intact:
        takes = counted(len(proof.takes), "take")
        sums = f"{proof.frame_count} frames of {takes}, {proof.usd:.2f} USD"
        console.print(f"as it was made: {sums}, by the proof {found.place} the film")


def _pieces(proof: FilmProof, frame: int | None) -> list[ProvenSegment]:
    return [
        piece
        for piece in proof.segments
        if frame is None or 0 <= frame - piece.first_frame_index < piece.frame_count
    ]


def _rows(found: Examined, segment: ProvenSegment) -> list[tuple[str, ...]]:
    first = segment.first_frame_index
    last = first + segment.frame_count - 1
    altered = "altered" if any(_touches(one, first, last) for one in found.differences) else ""
    where = (f"{first}-{last}", clock(first / found.proof.fps))
    rows: list[tuple[str, ...]] = []
    for source in segment.sources:
        take = found.proof.take(source.clip_id)
        facts = ("?",) * 5
        if take is not None:
            usd = "?" if take.usd is None else f"{take.usd:.3f}"
            facts = (
                str(take.take),
                take.request_id or "?",
                str(take.seed),
                usd,
                (take.sha256 or "?")[:12],
            )
        rows.append((*where, source.clip_id, *facts, altered))
    return rows or [(*where, segment.kind, "", "", "", "", "", altered)]


def _touches(difference: Difference, first: int, last: int) -> bool:
    begin, count = difference.first_frame_index, max(1, difference.frame_count)
    return begin <= last and begin + count > first


def _said(proof: FilmProof, difference: Difference) -> str:
    """What was done to which frames, in words."""
    first, count = difference.first_frame_index, difference.frame_count
    now = difference.found_frame_count
    frames = f"frame {first}" if count == 1 else f"frames {first}-{first + count - 1}"
    whose = ", ".join(dict.fromkeys(_clips(proof, first, max(1, count))))
    if count == 0:
        what = "1 frame was" if now == 1 else f"{now} frames were"
        return f"{what} put in before frame {first} ({whose})"
    if now == 0:
        return f"{frames} of {whose}: taken out"
    if difference.shows:
        return f"{frames} of {whose}: {difference.shows} stands there instead"
    if now == count:
        return f"{frames} of {whose}: not as made"
    return f"{frames} of {whose}: {now} others stand there instead"


def _clips(proof: FilmProof, first: int, count: int) -> list[str]:
    """The pieces that these frames of the film are of."""
    return [
        " and ".join(source.clip_id for source in piece.sources) or piece.kind
        for piece in proof.segments
        if piece.first_frame_index < first + count
        and first < piece.first_frame_index + piece.frame_count
    ] or ["the end"]


def _as_data(found: Examined, frame: int | None) -> dict[str, Any]:
    proof = found.proof
    return {
        "title": proof.title,
        "intact": found.intact,
        "proof": found.place,
        "frame_count": proof.frame_count,
        "usd": proof.usd,
        "pieces": [
            piece.model_dump(mode="json", exclude={"digests"}) for piece in _pieces(proof, frame)
        ],
        "takes": [take.model_dump(mode="json") for take in proof.takes],
        "altered": [vars(one) | {"says": _said(proof, one)} for one in found.differences],
        "altered_otherwise": list(found.others),
    }
