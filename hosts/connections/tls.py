"""TLS towards an engine's TCP port: the context, and what its failures mean."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hosts.connections.base import ConnectionFailed, EngineUnavailable
from hosts.connections.options import PEM_START, TLS


def make_context(tls: TLS) -> ssl.SSLContext:
    """A context that verifies the server's certificate and name. Raises ConnectionFailed."""
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        if tls.ca is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            with _as_file(tls.ca) as path:
                context.load_verify_locations(cafile=path)
    except (OSError, ValueError) as error:
        raise ConnectionFailed(
            "tls-ca", "The CA certificate can't be read: give a PEM file."
        ) from error
    if tls.cert is None:
        return context
    try:
        with _as_file(tls.cert) as cert, _as_file(tls.key or tls.cert) as key:
            # A password function: without one OpenSSL asks at the terminal for an encrypted key.
            context.load_cert_chain(cert, key, password=lambda: "")
    except (OSError, ValueError) as error:
        raise ConnectionFailed(
            "tls-key",
            "The client certificate or its key can't be used: give matching PEM files, the key"
            " without a passphrase.",
        ) from error
    return context


@contextmanager
def _as_file(value: str) -> Iterator[str]:
    """A path for OpenSSL, which loads keys from files alone; text goes to memory, never to disk."""
    if not value.startswith(PEM_START):
        yield str(Path(value).expanduser())
        return
    number = os.memfd_create("pem", os.MFD_CLOEXEC)
    try:
        os.write(number, value.encode())
        yield f"/proc/self/fd/{number}"
    finally:
        os.close(number)


# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_VERIFY_FAILURES = {
    9: ("tls-expired", "is not valid yet", "Check the clocks."),
    10: ("tls-expired", "has expired", "Renew it on the host."),
    62: ("tls-name", "is for another name", "Use a name or address that it lists, or reissue it."),
    64: ("tls-name", "is for another address", "Use a name that it lists, or reissue it."),
}
_UNKNOWN_CA = ("tls-unknown-ca", "is not signed by the given CA", "Give the CA that signed it.")


def explain_tls(error: ssl.SSLError, address: str) -> EngineUnavailable:
    """What a failure at the engine's TLS port means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        code, what, hint = _VERIFY_FAILURES.get(error.verify_code, _UNKNOWN_CA)
        return EngineUnavailable(code, f"The certificate of {address} {what}.", hint)
    reason = error.reason or ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return EngineUnavailable(
            "tls-plain",
            f"{address} does not speak TLS.",
            "Check the port. An engine without TLS there is open to everyone who reaches it.",
        )
    if "CERTIFICATE" in reason or "UNKNOWN_CA" in reason or "HANDSHAKE_FAILURE" in reason:
        return EngineUnavailable(
            "tls-client-refused",
            f"{address} refused the client certificate, or none was given.",
            "Give one that is signed by the CA the daemon trusts (--tls-cert, --tls-key).",
        )
    return EngineUnavailable(
        "tls-failed",
        f"TLS with {address} failed ({reason or 'no reason given'}).",
        "Check that it takes the client certificate.",
    )
