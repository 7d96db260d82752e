"""Comparing paths of a host: as text and on normalised forms, never on this machine's disk."""

import posixpath
from functools import lru_cache


@lru_cache(maxsize=16384)  # a few paths are compared with those of every container
def normalise(path: str) -> str:
    """The path as absolute, without ``.``, ``..`` and doubled slashes.

    ``/var/run`` is ``/run`` on every distribution that an engine runs on. A relative path is
    taken from ``/``.
    """
    # normpath keeps exactly two leading slashes, which POSIX leaves to the implementation
    plain = "/" + posixpath.normpath("/" + path).lstrip("/")
    if plain == "/var/run" or plain.startswith("/var/run/"):
        return plain.removeprefix("/var")
    return plain


def is_at_or_below(path: str, parent: str) -> bool:
    """Whether a path is a directory or anything below it: ``/etc/docker`` is below ``/etc``,
    ``/etcetera`` is not."""
    inner, outer = normalise(path), normalise(parent)
    return outer in ("/", inner) or inner.startswith(outer + "/")


def is_at_or_above(path: str, child: str) -> bool:
    """Whether a path is another one or a directory above it."""
    return is_at_or_below(child, path)
