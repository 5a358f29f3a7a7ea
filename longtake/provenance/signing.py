"""Signing a film by c2pa-python, and reading back what its own reader says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa

from longtake.errors import OperatorError
from longtake.provenance.certificates import SigningKey
from longtake.provenance.manifest import ingredient_of, manifest_of
from longtake.record.proof import FilmProof

_FORMAT = "video/mp4"


@dataclass(frozen=True)
class Signed:
    """A signed film, and what the standard's reader finds in it."""

    path: Path
    state: str
    """``Trusted``; ``Valid`` where nobody on a list of trust vouches for the certificate;
    ``Invalid``."""
    issuer: str
    ingredients: tuple[str, ...]
    """The clips, by their ids."""
    failures: tuple[str, ...]
    """The standard's codes of what is wrong, but for the certificate being on no list."""


def sign(
    proof: FilmProof, film: Path, clips: Mapping[str, Path], into: Path, key: SigningKey
) -> Signed:
    """Write ``film`` with a signed manifest to ``into``, and read it back; blocking.

    ``clips``: by clip id, the files that the film was made of; each becomes an ingredient. Nothing
    is asked of a network, so the signature has no trusted time. Raises OperatorError where the
    certificate will not do, or where what was written cannot be read as valid.
    """
    part = into.with_name(f"{into.name}.part.mp4")
    try:
        _write(proof, film, clips, part, key)
        found = read_signed(part)
        if found.failures or found.state == "Invalid":
            raise OperatorError(
                f"{into} would not be valid: {', '.join(found.failures) or found.state}"
            )
        part.replace(into)
    finally:
        part.unlink(missing_ok=True)
    return Signed(into, found.state, found.issuer, found.ingredients, found.failures)


def read_signed(film: Path) -> Signed:
    """What the standard's own reader says of a film; OperatorError where it carries nothing."""
    try:
        with c2pa.Reader(film) as reader:
            report = json.loads(reader.json())
    except c2pa.C2paError as error:
        raise OperatorError(f"{film} carries no Content Credentials: {error}") from error
    manifest = report["manifests"][report["active_manifest"]]
    return Signed(
        film,
        report["validation_state"],
        manifest["signature_info"].get("issuer", ""),
        tuple(each["title"] for each in manifest.get("ingredients", ())),
        tuple(sorted(_failures(report))),
    )


def _write(
    proof: FilmProof, film: Path, clips: Mapping[str, Path], into: Path, key: SigningKey
) -> None:
    info = c2pa.C2paSignerInfo(key.algorithm.encode(), key.certificates, key.key, None)
    try:
        with c2pa.Signer.from_info(info) as signer, c2pa.Builder(manifest_of(proof)) as builder:
            for take in proof.takes:
                with clips[take.clip_id].open("rb") as clip:
                    builder.add_ingredient(ingredient_of(take), _FORMAT, clip)
            builder.sign_file(film, into, signer)
    except c2pa.C2paError as error:
        raise OperatorError(f"{film} cannot be signed: {error}") from error


def _failures(report: Mapping[str, Any]) -> set[str]:
    """The codes of failure; that no list of trust has the certificate shows in the state."""
    found = report.get("validation_results", {}).get("activeManifest", {}).get("failure", ())
    return {each["code"] for each in found} - {"signingCredential.untrusted"}
