"""Trust in host keys: OpenSSH's known_hosts files and pinned keys.

The file format is that of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT": patterns, negation, hashed
names, ``[host]:port`` and the ``@revoked`` marker. Lines with ``@cert-authority`` are not used:
a host whose only entry is one is refused with a sentence that says so.
"""

import base64
import binascii
import fcntl
import fnmatch
import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hosts.connections.base import ConnectionFailed, HostKeyRefused
from hosts.connections.options import KnownHosts

# A known_hosts file of 100,000 hosts is about 40 MB; more is not one.
MAX_FILE_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class HostKey:
    """A public host key: its type ("ssh-ed25519") and its wire form."""

    type: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """SHA256:…, as ssh-keygen -l shows it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode("ascii")
        return "SHA256:" + digest.rstrip("=")

    def __str__(self) -> str:
        return f"{self.type} {base64.b64encode(self.blob).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class _Line:
    marker: str
    patterns: tuple[str, ...]
    key: HostKey


class Trust:
    """What is known about the keys of one host, under the name known_hosts files give it."""

    def __init__(self, policy: KnownHosts, host: str, port: int) -> None:
        """Read the policy's files. Raises ConnectionFailed if a file or pinned key is unusable."""
        self.policy = policy
        self.name = known_hosts_name(host, port)
        # OpenSSH accepts a key recorded for the bare name when the port is not the usual one.
        self.bare_name = host.lower()
        self._load()

    def _load(self) -> None:
        lines = [] if self.policy.pinned else list(_read_files(self.policy.files))
        mine = [line for line in lines if _matches(line.patterns, self.name)]
        self.trusted = _pinned(self.policy.pinned) if self.policy.pinned else []
        self.trusted += [line.key for line in mine if not line.marker]
        self.revoked = [line.key for line in mine if line.marker == "@revoked"]
        self.has_authority = any(line.marker == "@cert-authority" for line in mine)
        self.bare = [
            line.key
            for line in lines
            if not line.marker and _matches(line.patterns, self.bare_name)
        ]

    @property
    def known_types(self) -> tuple[str, ...]:
        """Key types to prefer in the key exchange, so that a known key is the one that is shown."""
        return tuple(dict.fromkeys(key.type for key in self.trusted or self.bare))

    def check(self, offered: HostKey) -> None:
        """Accept the offered key, recording it if the policy says so. Raises HostKeyRefused."""
        if offered in self.revoked:
            raise self._refusal(
                "host-key-revoked",
                f"The key of {self.name} ({offered.type} {offered.fingerprint}) is marked as"
                " revoked in the known hosts: don't trust this host until its key is replaced.",
                offered,
            )
        if offered in self.trusted or (not self.trusted and offered in self.bare):
            return
        if self.trusted:
            raise self._changed(offered)
        if not self.policy.accept_new or self.has_authority:
            raise self._unknown(offered)
        self._record(offered)

    def _record(self, offered: HostKey) -> None:
        """Append the key under a lock, unless someone recorded one for this host meanwhile."""
        path = self.policy.files[0]
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(number, "a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._load()
                if not self.trusted:
                    file.seek(0)
                    content = file.read()
                    start = "\n" if content and not content.endswith(b"\n") else ""
                    file.write(f"{start}{self.name} {offered}\n".encode("ascii"))
        except OSError as error:
            raise ConnectionFailed(
                "known-hosts-unwritable",
                f"The key of {self.name} can't be recorded in {path}: {error.strerror}.",
            ) from error
        if self.trusted and offered not in self.trusted:
            raise self._changed(offered)

    def _unknown(self, offered: HostKey) -> HostKeyRefused:
        authority = (
            " Its known_hosts entry names a certificate authority, which is not supported:"
            " pin the host's own key."
            if self.has_authority
            else ""
        )
        return self._refusal(
            "host-key-unknown",
            f"The host key of {self.name} is not known: it offers {offered.type}"
            f" {offered.fingerprint}.{authority} Compare it with the host's own (ssh-keygen -lf"
            " /etc/ssh/ssh_host_*_key.pub) and add it to the known hosts, or accept new host keys.",
            offered,
        )

    def _changed(self, offered: HostKey) -> HostKeyRefused:
        known = ", ".join(f"{key.type} {key.fingerprint}" for key in self.trusted)
        return self._refusal(
            "host-key-changed",
            f"The host key of {self.name} has changed: known is {known}, offered is"
            f" {offered.type} {offered.fingerprint}. Someone may be in the middle; if the host was"
            " reinstalled, remove the old key from the known hosts.",
            offered,
        )

    def _refusal(self, code: str, reason: str, offered: HostKey) -> HostKeyRefused:
        return HostKeyRefused(
            code,
            reason,
            offered=str(offered),
            fingerprint=offered.fingerprint,
            expected=tuple(key.fingerprint for key in self.trusted),
        )


def known_hosts_name(host: str, port: int) -> str:
    """The name under which a known_hosts file lists a host: ``[host]:port`` unless port is 22."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def _pinned(keys: Iterable[str]) -> list[HostKey]:
    found = []
    for text in keys:
        key = _key(text.split()[:2])
        if key is None:
            raise ConnectionFailed(
                "known-hosts-unreadable",
                'A pinned host key is not of the form "ssh-ed25519 AAAA…": enrol the host anew.',
            )
        found.append(key)
    return found


def _read_files(files: Iterable[Path]) -> Iterator[_Line]:
    for path in files:
        try:
            with path.open("rb") as file:
                text = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConnectionFailed(
                "known-hosts-unreadable", f"{path} can't be read: {error.strerror}."
            ) from error
        if len(text) > MAX_FILE_BYTES:
            raise ConnectionFailed(
                "known-hosts-unreadable", f"{path} is over 64 MB, which no known_hosts file is."
            )
        for line in text.decode("utf-8", "replace").splitlines():
            parsed = _line(line)
            if parsed:
                yield parsed


def _line(text: str) -> _Line | None:
    """One line of the file; None for comments and lines that ssh ignores too."""
    fields = text.split()
    if not fields or fields[0].startswith("#"):
        return None
    marker = fields.pop(0) if fields[0].startswith("@") else ""
    key = _key(fields[1:3])
    return _Line(marker, tuple(fields[0].split(",")), key) if key else None


def _key(fields: list[str]) -> HostKey | None:
    if len(fields) != 2:
        return None
    try:
        blob = base64.b64decode(fields[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    return HostKey(fields[0], blob) if blob else None


def _matches(patterns: Iterable[str], name: str) -> bool:
    """Whether a line's patterns name the host: any match, unless a negated one matches too."""
    found = False
    for pattern in patterns:
        if pattern.startswith("|1|"):
            found = found or _hash_matches(pattern, name)
        elif pattern.startswith("!"):
            if _glob(pattern[1:], name):
                return False
        else:
            found = found or _glob(pattern, name)
    return found


def _glob(pattern: str, name: str) -> bool:
    # Only * and ? are special in known_hosts; fnmatch would read [host]:22 as a set.
    return fnmatch.fnmatchcase(name, pattern.lower().replace("[", "[[]"))


def _hash_matches(pattern: str, name: str) -> bool:
    """A hashed name: |1|salt|HMAC-SHA1(salt, name), both in base64."""
    try:
        _, _, salt, digest = pattern.split("|")
        expected = base64.b64decode(digest)
        found = hmac.new(base64.b64decode(salt), name.encode(), hashlib.sha1).digest()
    except ValueError:
        return False
    return hmac.compare_digest(expected, found)
