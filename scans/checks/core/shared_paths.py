"""Paths of the host that containers of several owners have in common."""

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scans.checks.core.host_mounts import host_path
from scans.checks.core.paths import normalise
from scans.facts import MountPoint


@dataclass(frozen=True, slots=True)
class Use:
    """How an owner's container mounts a path."""

    owner: str
    writes: bool


class SharedPaths:
    """An index of who mounts which path, itself or by a directory above it."""

    def __init__(self, mounts: Iterable[tuple[str, MountPoint]]) -> None:
        self._uses: dict[str, set[Use]] = {}
        for owner, mount in mounts:
            path = place(mount)
            if path:
                self._uses.setdefault(path, set()).add(Use(owner, not mount.read_only))
        self._related: dict[str, set[str]] = {path: {path} for path in self._uses}
        for path in self._uses:
            for above in _directories_above(path):
                if above in self._uses:
                    self._related[path].add(above)
                    self._related[above].add(path)

    def others(self, owner: str, mount: MountPoint) -> tuple[str, ...]:
        """Other owners that share what is mounted, if at least one of both writes it."""
        found = {
            use.owner
            for path in self._related.get(place(mount), ())
            for use in self._uses[path]
            if use.owner != owner and (use.writes or not mount.read_only)
        }
        return tuple(sorted(found))


def place(mount: MountPoint) -> str:
    """Where what is mounted lies on the host, volumes too; empty where that is not known."""
    return host_path(mount) or (normalise(mount.source) if mount.source else "")


def _directories_above(path: str) -> Iterator[str]:
    while path != "/":
        path = posixpath.dirname(path)
        yield path
