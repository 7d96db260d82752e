"""Inventories of SUID and SGID files and of file capabilities, on the host and in containers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from scans.collectors.frames import Section
from scans.collectors.host.named_output import matched
from scans.collectors.host.provenance import Database, Provenance, provenance
from scans.collectors.host.suid_search import Batch, Search, parse_searches
from scans.collectors.host.text import lines, number, text, visible
from scans.facts import Mount, PrivilegedFile, SuidInventory

_STAT = re.compile(rb"([0-7]{1,5}) (\d{1,10}) (\d{1,10}) (\d{1,20}) (-?\d{1,20}) ")
_SHA256 = re.compile(rb"([0-9a-f]{64})  ")

_Stat = tuple[int, int, int, int, int]
"""Mode, uid, gid, size, time of the last change of its content."""


def parse_host_suid(section: Section, mounts: tuple[Mount, ...], *, root: bool) -> SuidInventory:
    """The host's own inventory. Without root's rights (``root``) a search is never complete."""
    searches = {
        label.removeprefix("host "): search
        for label, search in parse_searches(section).items()
        if label.startswith("host ")
    }
    ended = root and section.find("host") is not None
    inventory = _inventory(section, searches, None, finished=ended)
    files = tuple(
        replace(file, nosuid=_nosuid(file.path, mounts)) if mounts else file
        for file in inventory.files
    )
    return replace(inventory, files=files)


def parse_container_suid(section: Section) -> dict[str, SuidInventory]:
    """Container id → its inventory; a container that was not looked at has none."""
    searches, layers = parse_searches(section), _layers(section)
    ended = section.find("containers") is not None
    layers_ended = ended and section.find("searched 0 layers") is not None
    found: dict[str, SuidInventory] = {}
    for line in lines(section.find("roots")):
        container, _, word = line.partition(" ")
        pid = number(word)
        if pid is None or pid not in layers:
            continue
        # As a whole, or layer by layer from the top. A layer without a privileged file was not
        # searched on its own.
        whole = "-" in layers[pid]
        labels = [f"container {pid}"] if whole else [f"layer {path}" for path in layers[pid]]
        own = {str(i): searches[label] for i, label in enumerate(labels) if label in searches}
        finished = (ended and bool(own)) if whole else layers_ended
        found[container] = _inventory(section, own, pid, finished=finished)
    return found


def _inventory(
    section: Section, searches: Mapping[str, Search], pid: int | None, *, finished: bool
) -> SuidInventory:
    """Of the host (``pid`` None, directories are its own) or as a container's process sees it."""
    files: dict[str, PrivilegedFile] = {}
    for base, search in searches.items():
        for batch in search.batches:
            for file in _files(batch, search.capabilities, pid, base if pid is None else "/"):
                files.setdefault(file.path, file)
    return SuidInventory(
        files=tuple(files[path] for path in sorted(files)),
        complete=finished and all(search.finished for search in searches.values()),
        capabilities_read=section.find("getcap") is not None,
        package_manager=_manager(section, "host" if pid is None else str(pid)),
    )


def _files(
    batch: Batch, capabilities: Mapping[bytes, str], pid: int | None, base: str
) -> Iterator[PrivilegedFile]:
    """The privileged files of a batch. In a container only those that are still to be seen, and
    what was read of the layer's file only for one that is unchanged since."""
    own = _stats(batch, batch.parts.get("stat", b""))
    seen = own if pid is None else _stats(batch, batch.seen.get(pid, b""))
    digests = dict(matched(batch.names, batch.parts.get("sha256", b""), _SHA256))
    database = Database.read(batch.parts, batch.names)
    for name, stat in seen.items():
        same = own.get(name) == stat
        granted = capabilities.get(name) if same else None
        if not stat[0] & 0o6000 and granted is None:
            continue
        digest = digests[name][1].decode() if same and name in digests else None
        package: str | None = None
        origin: Provenance = "unknown"
        if same:
            package, origin = provenance(database, name, digest)
        yield PrivilegedFile(
            path=_join(base, name),
            mode=stat[0],
            uid=stat[1],
            gid=stat[2],
            size=stat[3],
            sha256=digest,
            capabilities=granted,
            package=package,
            provenance=origin,
        )


def _stats(batch: Batch, data: bytes) -> dict[bytes, _Stat]:
    found: dict[bytes, _Stat] = {}
    for name, match in matched(batch.names, data, _STAT):
        mode, uid, gid, size, changed = match.groups()
        found[name] = int(mode, 8), int(uid), int(gid), int(size), int(changed)
    return found


def _layers(section: Section) -> dict[int, list[str]]:
    """Pid → the directories of its root's layers, the topmost first, or ``-``."""
    found: dict[int, list[str]] = {}
    for line in lines(section.find("layers")):
        word, _, path = line.partition(" ")
        pid = number(word)
        if pid is not None:
            found.setdefault(pid, []).append(path)
    return found


def _manager(section: Section, root: str) -> Literal["dpkg", "rpm", "apk", "none"] | None:
    """Whose package database lies below a root: ``host`` or a container's process."""
    for label, _ in section.starting("manager"):
        match label.split(" "):
            case [name, "dpkg" | "rpm" | "apk" | "none" as manager] if name == root:
                return manager
    return None


def _join(base: str, name: bytes) -> str:
    """An absolute path, with bytes that are no text escaped."""
    return f"{visible(base).rstrip('/')}/{visible(text(name.removeprefix(b'./')))}"


def _nosuid(path: str, mounts: tuple[Mount, ...]) -> bool:
    """Whether the file system that holds the path ignores the bits: the deepest, latest mount."""
    best, depth = None, -1
    for mount in mounts:
        target = mount.target.rstrip("/")
        if path.startswith(f"{target}/") and len(target) >= depth:
            best, depth = mount, len(target)
    return best is not None and "nosuid" in best.options
