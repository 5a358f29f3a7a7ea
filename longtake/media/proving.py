"""Verifying a film: its proof is compared with its frames, without decoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from longtake.errors import DamagedClip, MediaError
from longtake.media.boxes import proof_in
from longtake.media.packets import Packets, read_packets, read_tracks
from longtake.record.proof import FilmProof, ProvenTrack
from longtake.record.verdict import Difference, differences, track_differences


@dataclass(frozen=True)
class Examined:
    """What was found."""

    proof: FilmProof
    place: str
    """Where the proof was read: ``inside`` the film or ``next to`` it."""
    differences: tuple[Difference, ...]
    """Frames that are not as they were made."""
    others: tuple[str, ...]
    """What else is not as it was, in words."""

    @property
    def intact(self) -> bool:
        """Whether every frame and track of the film is as it was made."""
        return not self.differences and not self.others


def proof_path(film: Path) -> Path:
    """Where the proof next to a film lies."""
    return film.with_suffix(".proof.json")


def read_proof(film: Path) -> tuple[FilmProof, str, list[str]]:
    """The film's proof, where it was read, and what is wrong with it in words; blocking.

    Raises MediaError where there is none.
    """
    path, wrong = proof_path(film), []
    try:
        inside = proof_in(film)
    except DamagedClip as error:
        inside, wrong = None, [str(error)]
    outside = path.read_bytes() if path.is_file() else None
    if inside is not None and outside is not None and inside != outside:
        wrong.append(f"the proof next to the film ({path.name}) is not the one inside it")
    for place, content in (("inside", inside), ("next to", outside)):
        if content is not None:
            try:
                return FilmProof.model_validate_json(content), place, wrong
            except ValueError:
                wrong.append(f"the proof {place} the film cannot be read")
    raise MediaError(
        f"{film} has no proof{''.join(f'; {one}' for one in wrong)}: it is no film of longtake's, "
        f"or a copy that lost it; put {path.name} next to it"
    )


def examine(film: Path) -> Examined:
    """Compare a film with its proof; blocking, in a hundredth of the time of a decode.

    Raises DamagedClip where the film cannot be read to its end, MediaError where it has no proof.
    """
    if not film.is_file():
        raise MediaError(f"{film}: there is no such file")
    proof, place, others = read_proof(film)
    found = read_packets(film)
    changed = differences(proof, found.digests)
    others += _others(proof, found, read_tracks(film), put_in_or_out=bool(changed))
    return Examined(proof, place, tuple(changed), tuple(others))


def _others(
    proof: FilmProof, found: Packets, tracks: Sequence[ProvenTrack], *, put_in_or_out: bool
) -> list[str]:
    wrong = track_differences(proof, tracks)
    if not found.parameter_sets <= set(proof.parameter_sets):
        wrong.append("how the pictures are to be decoded (parameter sets): altered")
    uneven = found.uneven(proof.fps)
    if uneven and not put_in_or_out:
        wrong.append(f"{len(uneven)} frames are not shown when they should be, from {uneven[0]} on")
    return wrong
