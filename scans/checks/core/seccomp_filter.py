"""Whether the system calls of a container are filtered, and how well."""

from collections.abc import Mapping
from typing import Any

from scans.checks.core.security_options import security_options
from scans.facts import Container, Facts

STRICT, FILTER = 1, 2
"""Values of ``Seccomp`` in ``/proc/PID/status`` (proc(5))."""

PERMISSIVE = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE")
"""Default actions with which a profile lets through what it does not name (seccomp(2))."""


def is_filtered(container: Container) -> bool | None:
    """What the main process shows; None when there is none or it was not read.

    Kernels without seccomp show nothing for a process, and filter nothing.
    """
    return None if container.process is None else container.process.seccomp in (STRICT, FILTER)


def declared_off(container: Container, facts: Facts) -> str | None:
    """What takes the filter away by declaration: the container's option, its privileges, or
    the daemon's default; None when nothing does."""
    profile = own_profile(container)
    if profile == "unconfined":
        return "seccomp=unconfined"
    if profile is not None:
        return None
    if container.privileged:
        return "--privileged"
    default = facts.engine.security_option("seccomp") if facts.engine is not None else None
    if default is not None and default.get("profile") == "unconfined":
        return "seccomp-profile=unconfined"
    return None


def own_profile(container: Container) -> str | None:
    """The profile that a container asks for: its path, ``unconfined``, a built-in one; or None."""
    values = security_options(container, "seccomp")
    return values[-1] if values else None


def weakness(profile: Mapping[str, Any]) -> str:
    """What a profile that was read allows and the engines' own ones forbid; empty for nothing."""
    if profile.get("defaultAction") in PERMISSIVE:
        return "what it does not name"
    dangerous = profile.get("dangerous")
    return ", ".join(map(str, dangerous)) if isinstance(dangerous, list | tuple) else ""
