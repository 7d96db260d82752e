"""Joins what the engine declares of its containers with what the probe saw of their processes."""

import re
from collections.abc import Mapping
from dataclasses import replace

from scans.collectors.host import ContainerProbe
from scans.facts import Container

_NUMBER = re.compile(r"[0-9]{1,10}")


def join_containers(
    containers: tuple[Container, ...], probes: Mapping[str, ContainerProbe] | None
) -> tuple[Container, ...]:
    """Each container with its processes, files and the meaning of its user.

    ``probes`` are by container id; None where no probe ran or it could not see processes.
    """
    found = probes or {}
    return tuple(_joined(container, found.get(container.id)) for container in containers)


def _joined(container: Container, probe: ContainerProbe | None) -> Container:
    if probe is None:
        return replace(container, user_uid=user_uid(container.user, None))
    return replace(
        container,
        user_uid=user_uid(container.user, probe.users),
        # By pid and within this container's own probe: a pid that was given to another process
        # since is not found here.
        process=probe.states.get(container.pid),
        processes=container.processes if probe.processes is None else probe.processes,
        suid=probe.suid,
    )


def user_uid(user: str, users: Mapping[str, int] | None) -> int | None:
    """The uid that ``Config.User`` means; None if it is a name that can't be looked up.

    ``user`` is ``name``, ``uid``, ``name:group`` or ``uid:gid``; empty is root. As in runc, a
    number is always a uid.
    """
    name = user.partition(":")[0].strip()
    if not name:
        return 0
    if _NUMBER.fullmatch(name):
        return int(name)
    return None if users is None else users.get(name)
