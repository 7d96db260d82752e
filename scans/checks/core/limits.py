"""Whether a declared limit of a container decides: what the engine does not enforce, and cgroups
above it that may have limits of their own."""

from scans.checks.core.model import Evidence, Verdict, failed, unknown
from scans.checks.core.reading import container_subject
from scans.facts import Container, Facts

DOCKER_PARENTS = ("docker", "/docker", "system.slice")
"""Where dockerd puts containers by default, with the drivers cgroupfs and systemd."""

DEFAULT_PARENTS = (*DOCKER_PARENTS, "/libpod_parent", "machine.slice", "user.slice")
"""The same with Podman, which always declares it."""

UNENFORCED = {
    "HostConfig.Memory": ("no memory limit support",),
    "HostConfig.PidsLimit": ("no pids limit support",),
    "HostConfig.BlkioWeight": ("no blkio weight support", "no io.weight support"),
}
"""Declared limit → the engine's warnings that the kernel can't enforce it."""


def doubt_about(
    container: Container, facts: Facts, declared: Evidence, *, limited: bool
) -> Verdict | None:
    """Why the declaration of a limit does not decide: the engine ignores it, or a cgroup parent
    may have one of its own."""
    subject = container_subject(container)
    if limited:
        unenforced = _unenforced(facts, declared)
        if unenforced is None:
            return None
        return failed(
            subject,
            "declares a limit that the engine does not enforce: {message}",
            declared,
            unenforced,
            message=unenforced.observed,
        )
    parent = _parent(container, facts)
    if parent is None:
        return None
    return unknown(
        subject,
        "has no limit of its own, and that of its cgroup parent {parent} was not read",
        declared,
        parent,
        parent=parent.observed,
    )


def _unenforced(facts: Facts, declared: Evidence) -> Evidence | None:
    """What the engine says when it takes limits that have no effect.

    A rootless engine without delegated cgroups ignores all of them (its cgroup driver is
    ``none``); a kernel without a controller makes it warn.
    """
    if facts.engine is None:
        return None
    if facts.engine.cgroup_driver == "none":
        return Evidence("docker info: CgroupDriver", "none", "systemd or cgroupfs")
    field = declared.source.rpartition(": ")[2]
    for warning in facts.engine.warnings:
        if any(sentence in warning.lower() for sentence in UNENFORCED.get(field, ())):
            return Evidence("docker info: Warnings", warning)
    return None


def _parent(container: Container, facts: Facts) -> Evidence | None:
    """The cgroup below which the container was put on purpose, by its own choice or the
    daemon's; None for the engine's default."""
    own = container.resources.cgroup_parent
    if own:
        declared = Evidence("docker inspect: HostConfig.CgroupParent", own)
        return declared if own not in DEFAULT_PARENTS else None
    found = facts.daemon.effective("cgroup-parent") if facts.daemon is not None else None
    if found is None or not found.value or found.value in DEFAULT_PARENTS:
        return None
    return Evidence(f"{found.source}: cgroup-parent", found.value)
