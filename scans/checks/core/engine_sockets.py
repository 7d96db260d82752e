"""Where engines listen on a host, and which of these sockets a container's mounts reach."""

import posixpath
from collections.abc import Iterator

from scans.checks.core import settings
from scans.checks.core.addresses import parse_host_url
from scans.checks.core.host_mounts import host_path
from scans.checks.core.paths import is_at_or_above, normalise
from scans.facts import Container, Facts

WELL_KNOWN = (
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/podman/podman.sock",
)
"""Where engines listen by default; the third is that of a containerd started by dockerd."""

NAMES = ("docker.sock", "containerd.sock", "podman.sock")
"""A bind of a file of such a name is an engine's socket wherever it lies, for example below
``/run/user/1000`` for a rootless engine."""

ROLES = ("docker-sock", "containerd-sock", "podman-sock")


def engine_sockets(facts: Facts) -> tuple[str, ...]:
    """Paths of the sockets of all engines known on the host, normalised."""
    found = {*WELL_KNOWN}
    if facts.access.engine_socket:
        found.add(facts.access.engine_socket)
    for file in facts.files or ():
        if file.role in ROLES and file.kind != "absent":
            found.update(path for path in (file.path, file.resolved) if path)
    found.update(_configured(facts))
    return tuple(sorted({normalise(path) for path in found}))


def host_paths(container: Container) -> tuple[str, ...]:
    """Paths of the host that are mounted into a container, what its volumes bind included;
    normalised."""
    found = {host_path(mount) for mount in container.mounts}
    found.update(normalise(bind.source) for bind in container.binds if bind.source.startswith("/"))
    return tuple(sorted(path for path in found if path))


def reached_socket(path: str, sockets: tuple[str, ...]) -> str | None:
    """The engine's socket that a mounted path (normalised) is or holds, or None."""
    if posixpath.basename(path) in NAMES:
        return path
    return next((socket for socket in sockets if is_at_or_above(path, socket)), None)


def _configured(facts: Facts) -> Iterator[str]:
    """Unix sockets of the daemon's ``hosts`` and of its socket unit."""
    if facts.daemon is None:
        return
    for row in facts.daemon.values("hosts"):
        for value in settings.as_list(row.value):
            scheme, address, _ = parse_host_url(value)
            if scheme == "unix" and address:
                yield address
    for stream in facts.daemon.listen_streams:
        if str(stream.value).startswith("/"):
            yield str(stream.value)
