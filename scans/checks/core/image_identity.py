"""What the engine itself verified of an image: where it came from, who signed it.

``Identity`` of ``GET /images/{id}/json`` (API 1.53, with Docker's containerd image store): the
lists ``Signature``, ``Pull`` and ``Build``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from scans.facts import Engine, Image

REPORTED_SINCE = (1, 53)
GRAPH_DRIVERS = frozenset(("aufs", "devicemapper", "overlay", "overlay2", "vfs"))
"""Docker's former image store, which knows no identity; other names may be either store's."""


def reports_identity(engine: Engine, images: tuple[Image, ...]) -> bool:
    """Whether an engine would tell an image's identity if it had one."""
    if any(image.identity is not None for image in images):
        return True
    parts = engine.api_version.split(".")
    version = tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
    return (
        engine.name == "docker"
        and version >= REPORTED_SINCE
        and engine.storage_driver not in GRAPH_DRIVERS
    )


def pulled_from(image: Image) -> tuple[str, ...] | None:
    """Repositories that delivered it or took it by a push; None where the engine does not say."""
    if image.identity is None:
        return None
    rows = _rows(image.identity, "Pull")
    return tuple(name for row in rows if (name := _text(row, "Repository")))


def signers(image: Image) -> tuple[str, ...]:
    """A word on each signature that was verified."""
    return tuple(
        _text(row, "KnownSigner") or _text(row, "Name") or "an unnamed signer"
        for row in _rows(image.identity or {}, "Signature")
        if not _text(row, "Error")
    )


def broken_signatures(image: Image) -> tuple[str, ...]:
    """Why signatures could not be verified."""
    rows = _rows(image.identity or {}, "Signature")
    return tuple(why for row in rows if (why := _text(row, "Error")))


def _rows(identity: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    found = identity.get(key)
    for row in found if isinstance(found, list | tuple) else ():
        if isinstance(row, Mapping):
            yield row


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""
