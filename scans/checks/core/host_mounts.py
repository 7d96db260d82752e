"""Which path of the host a container's mount shows."""

from scans.checks.core.paths import normalise
from scans.facts import Container, Facts, MountPoint

UNREAD_VOLUMES = "uses volumes that may be paths of the host, which could not be read: {volumes}"
"""Template for a container that has :func:`unread_volumes`."""


def is_from_host(mount: MountPoint) -> bool:
    """Whether it is a bind, also one in the shape of a volume with ``o=bind,device=PATH``.

    A volume of its own is data of the container's and no part of the host.
    """
    return mount.kind == "bind" or bool(mount.volume_device)


def host_path(mount: MountPoint) -> str:
    """The path on the host, normalised; empty for a mount that is not from the host, or
    whose path is not known."""
    path = mount.volume_device or (mount.source if mount.kind == "bind" else "")
    return normalise(path) if path else ""


def shown(mount: MountPoint) -> str:
    """The mount for a person: ``/etc (ro)``."""
    return f"{host_path(mount)} ({'ro' if mount.read_only else 'rw'})"


def unread_volumes(container: Container, facts: Facts) -> tuple[str, ...]:
    """Names of a container's local volumes whose options were not read: ``o=bind`` among them
    would make them paths of the host, so that none was seen proves nothing."""
    undescribed = [
        mount.volume
        for mount in container.mounts
        if mount.kind == "volume" and mount.driver in ("", "local") and not mount.volume_device
    ]
    if not undescribed:
        return ()
    known = {volume.name for volume in facts.volumes or ()}
    return tuple(name for name in undescribed if name not in known)
