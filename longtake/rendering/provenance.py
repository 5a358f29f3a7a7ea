"""A render's film signed: its proof, its clips and the certificate, put together."""

from __future__ import annotations

from pathlib import Path

from longtake.errors import OperatorError
from longtake.media.proving import examine
from longtake.provenance import Signed, SigningKey, sign
from longtake.record import RunRecord
from longtake.rendering.exporting import film_of


def sign_run(folder: Path, into: Path, key: SigningKey) -> Signed:
    """Write the folder's film with Content Credentials to ``into``; blocking.

    Raises OperatorError for a folder without a finished film or with clips gone, and for a film
    that is not what was made: nothing else is signed.
    """
    record, film = film_of(folder)
    if into.resolve() == film.resolve():
        raise OperatorError(f"{into} is the film itself: name another file for the signed one")
    found = examine(film)
    if not found.intact:
        raise OperatorError(
            f"{film} was altered since it was made (`longtake verify {film}` says where): render "
            "it again, then sign it"
        )
    clips = {take.clip_id: _clip(record, folder, take.clip_id) for take in found.proof.takes}
    into.parent.mkdir(parents=True, exist_ok=True)
    return sign(found.proof, film, clips, into, key)


def _clip(record: RunRecord, folder: Path, clip_id: str) -> Path:
    path = folder / str(record.clips[clip_id].file)
    if not path.is_file():
        raise OperatorError(f"{path} is gone: render again, which fetches it for nothing")
    return path
