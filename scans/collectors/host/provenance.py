"""Whether a file is as its package delivered it."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scans.collectors.host.named_output import matched
from scans.collectors.host.text import text, visible

Provenance = Literal["unchanged", "altered", "unowned", "unknown"]

_MD5 = re.compile(rb"([0-9a-f]{32})  ")
_SHA1 = re.compile(rb"([0-9a-f]{40})  ")


@dataclass(frozen=True, slots=True)
class Database:
    """What a package database says of some files, all by path."""

    manager: str | None
    owners: Mapping[str, str]
    recorded: Mapping[str, str]
    """Digests as the packages were delivered."""
    actual: Mapping[str, str]
    """Digests of the files, of the same kind."""

    @classmethod
    def read(cls, parts: Mapping[str, bytes], names: list[bytes]) -> "Database":
        """From the parts that the probe's ``owners`` wrote, if it came to its end."""
        if "owned 0" not in parts:
            return cls(None, {}, {}, {})
        if "package dpkg" in parts:
            return _dpkg(parts, names)
        if "package apk" in parts:
            return _apk(parts, names)
        if "rpm" in parts:
            return _rpm(parts)
        return cls(None, {}, {}, {})


def provenance(
    database: Database, name: bytes, sha256: str | None
) -> tuple[str | None, Provenance]:
    """The owning package, and whether the file is as delivered. ``name`` is ``./usr/bin/su``."""
    if database.manager is None:
        return None, "unknown"
    path = text(name.removeprefix(b"."))
    spelling = next((other for other in _spellings(path) if other in database.owners), None)
    if spelling is None:
        return None, "unowned"
    package = visible(database.owners[spelling])
    recorded = database.recorded.get(spelling)
    actual = sha256 if database.manager == "rpm" else database.actual.get(path)
    if recorded is None or actual is None:
        return package, "unknown"
    return package, "unchanged" if recorded == actual else "altered"


def _spellings(path: str) -> tuple[str, str]:
    """Where /bin is a link to /usr/bin, a database may have either."""
    return path, path.removeprefix("/usr") if path.startswith("/usr/") else f"/usr{path}"


def _digests(data: bytes, names: list[bytes], pattern: re.Pattern[bytes]) -> dict[str, str]:
    found = matched(names, data, pattern)
    return {text(name.removeprefix(b".")): match[1].decode() for name, match in found}


def _dpkg(parts: Mapping[str, bytes], names: list[bytes]) -> Database:
    """``PACKAGE[:ARCH].list:/PATH`` and ``PACKAGE[:ARCH].md5sums:MD5  PATH``."""
    owners: dict[str, str] = {}
    recorded: dict[str, str] = {}
    for line in text(parts.get("lists", b"")).split("\n"):
        package, found, path = line.partition(".list:")
        if found:
            owners.setdefault(path, package.partition(":")[0])
    for line in text(parts.get("digests", b"")).split("\n"):
        digest, found, path = line.partition(".md5sums:")[2].partition("  ")
        if found:
            recorded[f"/{path}"] = digest
    return Database("dpkg", owners, recorded, _digests(parts.get("md5", b""), names, _MD5))


def _apk(parts: Mapping[str, bytes], names: list[bytes]) -> Database:
    """``owner PACKAGE PATH`` and ``digest Q1BASE64 PATH``; Q1 stands for SHA-1."""
    owners: dict[str, str] = {}
    recorded: dict[str, str] = {}
    for line in text(parts.get("package apk", b"")).split("\n"):
        kind, _, rest = line.partition(" ")
        word, _, path = rest.partition(" ")
        if kind == "owner":
            owners.setdefault(path, word)
        elif kind == "digest" and word.startswith("Q1"):
            try:
                recorded[path] = base64.b64decode(word[2:], validate=True).hex()
            except (binascii.Error, ValueError):
                continue
    return Database("apk", owners, recorded, _digests(parts.get("sha1", b""), names, _SHA1))


def _rpm(parts: Mapping[str, bytes]) -> Database:
    """``PACKAGE TAB DIGEST TAB PATH``; digests that are no SHA-256 are of no use here."""
    owners: dict[str, str] = {}
    recorded: dict[str, str] = {}
    for line in text(parts["rpm"]).split("\n"):
        fields = line.split("\t")
        if len(fields) == 3:
            owners.setdefault(fields[2], fields[0])
            if len(fields[1]) == 64:
                recorded[fields[2]] = fields[1]
    return Database("rpm", owners, recorded, {})
