"""``longtake sign``: a film with Content Credentials."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from longtake.cli.authoring import Flag
from longtake.cli.console import to_person
from longtake.errors import OperatorError, SettingsError
from longtake.figures import counted


def sign(
    run: Path,
    /,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    test_certificate: Annotated[bool, Flag] = False,
    out: Path | None = None,
) -> int:
    """Sign a finished film by the C2PA standard: made by AI, of these clips, by these requests.

    Needs the extra `longtake[provenance]`. Writes another file; the film stays as it is. The result
    is read back with the standard's own reader. No network is used.

    Parameters
    ----------
    run
        A render's folder.
    certificate
        Your certificate chain in PEM, your own certificate first.
    key
        Its private key, in PEM without a passphrase.
    test_certificate
        Sign with a one-time test certificate, which no reader trusts: to try it out.
    out
        The file to write; by default `film.signed.mp4` in the folder.
    """
    try:
        from longtake.provenance import made_for_tests, read_key
        from longtake.rendering.provenance import sign_run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("c2pa", "cryptography"):
            raise
        raise OperatorError(
            "signing needs c2pa-python: install the extra, `pip install 'longtake[provenance]'`"
        ) from None
    if test_certificate == (certificate is not None) or (certificate is None) != (key is None):
        raise SettingsError(
            "name --certificate and --key, or neither and --test-certificate to try it"
        )
    folder = run.parent if run.is_file() else run
    pair = read_key(certificate, key) if certificate and key else made_for_tests()
    done = sign_run(folder, out or folder / "film.signed.mp4", pair)
    console = to_person()
    console.print(
        f"wrote {done.path}: {counted(len(done.ingredients), 'clip')}, signed by {done.issuer}"
    )
    if done.state != "Trusted":
        whose = "a test certificate" if pair.for_tests else "a certificate that is on no trust list"
        console.print(f"valid, and signed with {whose}: readers will say so")
    return 0
