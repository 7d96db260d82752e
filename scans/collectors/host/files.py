"""Owner and mode of the engine's files, each with what it is to the engine."""

import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname
from typing import Literal

from scans.collectors.frames import Section
from scans.collectors.host.reading import Missing, needed
from scans.collectors.host.text import lines, visible
from scans.facts import DaemonConfig, FileStat, Setting

Kind = Literal["file", "directory", "socket", "device", "other", "absent", "unreadable"]

_STAT = re.compile(
    r"([0-9a-f]{1,8})\t(\d{1,10})\t(\d{1,10})\t([^\t]*)\t([^\t]*)\t(\d{1,20})\t(.*)", re.ASCII
)
_REFUSED = re.compile(r"stat: .*'(?P<path>/[^']*)': (?P<reason>[A-Z][a-z ]+)")

_BY_PATH = {
    "/etc/docker": "etc-docker",
    "/etc/docker/daemon.json": "daemon-json",
    "/etc/docker/certs.d": "registry-certs",
    "/etc/default/docker": "etc-default-docker",
    "/etc/sysconfig/docker": "etc-sysconfig-docker",
    "/run/docker.sock": "docker-sock",
    "/run/containerd": "run-containerd",
    "/run/containerd/containerd.sock": "containerd-sock",
    "/run/docker/containerd/containerd.sock": "containerd-sock",
    "/etc/containerd/config.toml": "containerd-config",
    "/run/podman/podman.sock": "podman-sock",
}
_BINARIES = (
    "dockerd",
    "containerd",
    "containerd-shim",
    "containerd-shim-runc-v1",
    "containerd-shim-runc-v2",
    "runc",
)
_TLS = {"tlscacert": "tls-ca", "tlscert": "tls-cert", "tlskey": "tls-key"}
_CERTIFICATES = (".crt", ".cert", ".key")


@dataclass(frozen=True, slots=True)
class _Row:
    kind: Kind
    fields: tuple[int, int, int, str, str, int] | None = None


def parse_files(section: Section, daemon: DaemonConfig | None) -> tuple[FileStat, ...]:
    """The ``files`` section: a path once, however many links lead to it. Raises Missing.

    Of a role's paths that are absent one is kept, and only if none of the others exists.
    """
    rows = _rows(needed(section, "stat"))
    if not rows:
        raise Missing("stat gives no answer that is known")
    roles = _roles(section, rows, daemon)
    real = _real_paths(section)
    found: dict[tuple[str, str], FileStat] = {}
    absent: dict[str, FileStat] = {}
    for path, role in roles.items():
        row = rows.get(path)
        if row is None:
            continue
        file = _file(path, row, real.get(path), role)
        if row.kind == "absent":
            absent.setdefault(role, file)
        else:
            found.setdefault((role, file.resolved or path), file)
    there = {role for role, _ in found}
    return (*found.values(), *(file for role, file in absent.items() if role not in there))


def _rows(data: bytes) -> dict[str, _Row]:
    """Path → what stat said of it."""
    found: dict[str, _Row] = {}
    for line in lines(data):
        if match := _STAT.fullmatch(line):
            mode, uid, gid, owner, group, size, path = match.groups()
            raw = int(mode, 16)
            fields = (raw, int(uid), int(gid), owner, group, int(size))
            found.setdefault(path, _Row(_kind(raw), fields))
        elif refused := _REFUSED.match(line):
            gone = refused["reason"] in ("No such file or directory", "Not a directory")
            found.setdefault(refused["path"], _Row("absent" if gone else "unreadable"))
    return found


def _kind(mode: int) -> Kind:
    kinds: dict[int, Kind] = {
        stat.S_IFREG: "file",
        stat.S_IFDIR: "directory",
        stat.S_IFSOCK: "socket",
        stat.S_IFBLK: "device",
        stat.S_IFCHR: "device",
    }
    return kinds.get(stat.S_IFMT(mode), "other")


def _file(path: str, row: _Row, real: str | None, role: str) -> FileStat:
    if row.fields is None:
        return FileStat(path=visible(path), kind=row.kind, role=role)
    mode, uid, gid, owner, group, size = row.fields
    return FileStat(
        path=visible(path),
        kind=row.kind,
        resolved=visible(real) if real else None,
        mode=mode & 0o7777,
        uid=uid,
        gid=gid,
        owner=_name(owner),
        group=_name(group),
        size=size,
        role=role,
    )


def _name(word: str) -> str | None:
    return None if word == "UNKNOWN" else visible(word)


def _real_paths(section: Section) -> dict[str, str]:
    """Path → the path behind all links; nothing if the host's answers don't pair up."""
    existing, real = lines(section.find("existing")), lines(section.find("real"))
    return dict(zip(existing, real, strict=True)) if len(existing) == len(real) else {}


def _roles(section: Section, rows: Iterable[str], daemon: DaemonConfig | None) -> dict[str, str]:
    """Path → role, of the paths that mean something to the engine."""
    found = dict(_BY_PATH)
    for path in rows:
        name, folder = basename(path), dirname(path)
        if name in ("docker.service", "docker.socket"):
            found[path] = "docker-service" if name == "docker.service" else "docker-socket-unit"
        elif folder.endswith(("docker.service.d", "docker.socket.d")):
            found[path] = "docker-drop-in"
        elif path.startswith("/etc/docker/certs.d/") and name.endswith(_CERTIFICATES):
            found[path] = "registry-cert"
        elif name in ("docker.sock", "podman.sock") and path.startswith("/run/user/"):
            found[path] = name.replace(".", "-")
        elif name == "system.journal" and path.startswith(("/var/log/", "/run/log/")):
            found[path] = "journal" if path.startswith("/var/") else "journal-volatile"
        elif path.endswith("/.config/docker/daemon.json"):
            found[path] = "daemon-json"
    found |= _binaries(section)
    return found | _configured(daemon)


def _binaries(section: Section) -> dict[str, str]:
    found: dict[str, str] = {f"/usr/bin/{name}": name for name in _BINARIES}
    for line in lines(section.find("commands")):
        name, _, path = line.partition(" ")
        if name in _BINARIES and path.startswith("/"):
            found.pop(f"/usr/bin/{name}", None)
            found[path] = name
    return found


def _configured(daemon: DaemonConfig | None) -> dict[str, str]:
    """What the daemon's own configuration says: data root, TLS files, sockets, daemon.json."""
    effective: dict[str, Setting] = {}
    for setting in daemon.settings if daemon else ():
        if setting.layer in ("argv", "daemon.json"):
            effective.setdefault(setting.key, setting)
    values: Mapping[str, object] = {key: setting.value for key, setting in effective.items()}
    root = values.get("data-root") or values.get("graph")
    found = {str(root) if root else "/var/lib/docker": "data-root"}
    for key, role in _TLS.items():
        if isinstance(value := values.get(key), str) and value.startswith("/"):
            found[value] = role
    hosts = values.get("hosts")
    for host in hosts if isinstance(hosts, list) else ():
        if isinstance(host, str) and host.startswith("unix:///"):
            found[host.removeprefix("unix://")] = "docker-sock"
    if isinstance(path := values.get("config-file"), str):
        found[path] = "daemon-json"
    containerd = values.get("containerd")
    if isinstance(containerd, str) and containerd.startswith("/"):
        found[containerd] = "containerd-sock"
    return found
