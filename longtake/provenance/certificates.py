"""What a film is signed with: the user's certificate and key, or a pair made for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from longtake.errors import OperatorError
from longtake.files import read_regular

_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_TEST_DAYS = 30
MAX_PEM_BYTES = 2**20
"""Of a certificate chain, or of a key."""


@dataclass(frozen=True)
class SigningKey:
    """A certificate chain and its private key, both PEM, and the algorithm that they sign with."""

    certificates: bytes
    """The signer's own certificate first, then those that vouch for it."""
    key: bytes = field(repr=False)
    algorithm: str
    """As C2PA names it: ``es256``, ``ps256``, ``ed25519`` …"""
    for_tests: bool = False


def read_key(certificates: Path, key: Path) -> SigningKey:
    """The user's certificate chain and private key (PEM, without a passphrase).

    Raises OperatorError where they cannot be read, or do not belong together.
    """
    try:
        chain, secret = (read_regular(path, MAX_PEM_BYTES) for path in (certificates, key))
        signer = x509.load_pem_x509_certificates(chain)[0]
        private = serialization.load_pem_private_key(secret, password=None)
    except (OSError, ValueError, TypeError) as error:
        raise OperatorError(
            f"{certificates} and {key} are not a certificate chain and a private key without a "
            f"passphrase, both in PEM: {error}"
        ) from error
    if signer.public_key() != private.public_key():
        raise OperatorError(f"{key} is not the key of the first certificate in {certificates}")
    pkcs8 = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey(chain, pkcs8, _algorithm(private, key))


def made_for_tests() -> SigningKey:
    """An untrusted certificate, from an authority that is made for it and then discarded.

    The profile is the standard's (C2PA 2.2, 14.5.1): an end-entity certificate of X.509 v3 that
    may sign documents, issued by another one.
    """
    authority_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority, signer = _name("longtake test authority"), _name("longtake test signer")
    root = _certificate(authority, authority, authority_key.public_key(), ca=True)
    leaf = _certificate(signer, authority, signer_key.public_key(), ca=False)
    issued = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    chain = [
        leaf.add_extension(issued, critical=False).sign(authority_key, hashes.SHA256()),
        root.sign(authority_key, hashes.SHA256()),
    ]
    return SigningKey(
        b"".join(each.public_bytes(serialization.Encoding.PEM) for each in chain),
        signer_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "es256",
        for_tests=True,
    )


def _algorithm(private: object, key: Path) -> str:
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return _CURVES[private.curve.name]
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 2048:
        return "ps256"
    raise OperatorError(
        f"{key} is of a kind that C2PA does not sign with: take P-256, P-384, P-521, Ed25519, or "
        "RSA of 2048 bits or more"
    )


def _name(common: str) -> x509.Name:
    named = ((NameOID.ORGANIZATION_NAME, "for tests only"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in named])


def _certificate(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, *, ca: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_TEST_DAYS))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(ca=ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if ca:
        return builder
    documents = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    return builder.add_extension(documents, critical=False)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )
