"""TLS certificates that the daemon's configuration names."""

from collections.abc import Collection, Iterator

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from scans.collectors.frames import Section
from scans.collectors.host.text import visible
from scans.facts import TlsCertificate


def parse_certificates(section: Section, named: Collection[str]) -> tuple[TlsCertificate, ...]:
    """The certificates in the files ``named``, in their order. One that can't be read is left out:
    the engine would not start with it."""
    return tuple(
        certificate
        for path, data in section.starting("certificate")
        if path in named
        for certificate in _read(path, data)
    )


def _read(path: str, data: bytes) -> Iterator[TlsCertificate]:
    try:
        found = x509.load_pem_x509_certificates(data)
    except ValueError:
        return
    for certificate in found:
        try:
            yield TlsCertificate(
                path=visible(path),
                subject=visible(certificate.subject.rfc4514_string()),
                issuer=visible(certificate.issuer.rfc4514_string()),
                not_after=certificate.not_valid_after_utc,
                not_before=certificate.not_valid_before_utc,
                key_bits=_key_bits(certificate),
            )
        except ValueError:
            continue


def _key_bits(certificate: x509.Certificate) -> int | None:
    try:
        key = certificate.public_key()
    except (ValueError, TypeError, NotImplementedError):
        return None
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey | dsa.DSAPublicKey):
        return key.key_size
    return None
