"""Private keys: from a file or from text, encrypted or not, with an OpenSSH certificate."""

import copy
import io
from collections.abc import Callable
from pathlib import Path

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from hosts.connections.base import ConnectionFailed
from hosts.connections.options import PEM_START, Identity

MAX_KEY_BYTES = 100_000


def load_identity(identity: Identity) -> list[paramiko.PKey]:
    """The keys to offer for an identity: with its certificate first, then alone.

    Raises ConnectionFailed with the code "key-unreadable" or "key-passphrase".
    """
    name = identity_name(identity)
    key = _load(_key_bytes(identity.key, name), identity.passphrase, name)
    certificate = _certificate_text(identity)
    if certificate is None:
        return [key]
    certified = copy.copy(key)
    try:
        certified.load_certificate(certificate)
    except (ValueError, IndexError, paramiko.SSHException):
        raise ConnectionFailed(
            "key-unreadable",
            f"The certificate for {name} is not an OpenSSH certificate of that key:"
            " make it with ssh-keygen -s.",
        ) from None
    return [certified, key]


def identity_name(identity: Identity) -> str:
    """How messages call a key: its path, never its text."""
    return "the given key" if identity.key.startswith(PEM_START) else identity.key


def _key_bytes(key: str, name: str) -> bytes:
    if key.startswith(PEM_START):
        return key.encode()
    return _read(Path(key).expanduser(), name)


def _read(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_KEY_BYTES)
    except OSError as error:
        raise ConnectionFailed(
            "key-unreadable", f"{name} can't be read: {error.strerror}."
        ) from error


def _certificate_text(identity: Identity) -> str | None:
    """The certificate given, or the one beside the key's file."""
    if identity.certificate is None:
        if identity.key.startswith(PEM_START):
            return None
        beside = Path(f"{Path(identity.key).expanduser()}-cert.pub")
        return _read(beside, str(beside)).decode("utf-8", "replace") if beside.exists() else None
    if "-cert-v01@openssh.com " in identity.certificate:
        return identity.certificate
    path = Path(identity.certificate).expanduser()
    return _read(path, str(path)).decode("utf-8", "replace")


def _load(data: bytes, passphrase: str | None, name: str) -> paramiko.PKey:
    password = None if passphrase is None else passphrase.encode()
    openssh = b"BEGIN OPENSSH PRIVATE KEY" in data
    load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        private = _load_unencrypted_too(load, data, password)
    except TypeError:
        raise ConnectionFailed(
            "key-passphrase", f"The private key {name} is encrypted: give its passphrase."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unloadable(data, passphrase, name) from None
    return _paramiko_key(private, name)


def _load_unencrypted_too(
    load: Callable[[bytes, bytes | None], object], data: bytes, password: bytes | None
) -> object:
    """Load a key; a passphrase given for a key that needs none does no harm, as in OpenSSH."""
    try:
        return load(data, password)
    except TypeError:
        if password is None:
            raise
        return load(data, None)


def _unloadable(data: bytes, passphrase: str | None, name: str) -> ConnectionFailed:
    if PEM_START.encode() not in data or b"PRIVATE KEY-----" not in data:
        what = "a public key" if data.startswith((b"ssh-", b"ecdsa-")) else "no private key"
        return ConnectionFailed(
            "key-unreadable",
            f"{name} is {what}: give the private key in OpenSSH or PEM format.",
        )
    if passphrase is not None:
        return ConnectionFailed(
            "key-passphrase", f"The passphrase for the private key {name} is wrong."
        )
    return ConnectionFailed(
        "key-unreadable", f"The private key {name} is damaged or of a format that is not supported."
    )


def _paramiko_key(private: object, name: str) -> paramiko.PKey:
    """The loaded key as paramiko wants it. Going through one format accepts PKCS #8 as well."""
    kinds: tuple[tuple[type, type[paramiko.PKey]], ...] = (
        (ed25519.Ed25519PrivateKey, paramiko.Ed25519Key),
        (ec.EllipticCurvePrivateKey, paramiko.ECDSAKey),
        (rsa.RSAPrivateKey, paramiko.RSAKey),
    )
    for kind, paramiko_kind in kinds:
        if isinstance(private, kind):
            text = private.private_bytes(  # type: ignore[attr-defined]
                serialization.Encoding.PEM,
                serialization.PrivateFormat.OpenSSH,
                serialization.NoEncryption(),
            )
            return paramiko_kind.from_private_key(io.StringIO(text.decode()))
    raise ConnectionFailed(
        "key-unreadable",
        f"The private key {name} is of a type that is not supported: use ed25519, ECDSA or RSA.",
    )
