"""What the probe's output becomes: sections of the facts, and what it saw of containers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scans.facts import (
    Account,
    AuditRules,
    Clock,
    DaemonConfig,
    FileStat,
    Firewall,
    Gap,
    Group,
    HostProcess,
    Kernel,
    Listener,
    Lsm,
    Mount,
    ProcessState,
    SubidRange,
    SuidInventory,
    System,
    TopProcess,
    Updates,
)
from scans.facts.root import AccessLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerProbe:
    """What the probe saw of one running container, without entering it.

    A process in a container within a container counts for both, so a probe exists for every id on
    a process's cgroup path; the engine's list of containers says which ids are its own.
    """

    states: Mapping[int, ProcessState] = field(default_factory=dict)
    """Effective state by pid, of the processes whose parent is outside the container: its main
    process and those that ``exec`` started. Look the main one up by the engine's ``State.Pid``."""
    processes: tuple[TopProcess, ...] | None = None
    users: Mapping[str, int] | None = None
    """Name → uid of the container's own ``/etc/passwd``; None if it could not be read."""
    suid: SuidInventory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """The host's sections of :class:`scans.facts.Facts`, named as there, and the containers' part.

    A section is None when it could not be read; ``gaps`` then says why.
    """

    level: AccessLevel
    """How far the probe reached: ``root``, ``sudo``, ``probe`` or ``user``."""
    user: str | None = None
    """Name of the login user, as the host says."""
    gaps: tuple[Gap, ...] = ()
    containers: Mapping[str, ContainerProbe] | None = None
    """By full container id; None when processes could not be read at all. A stopped container has
    no entry."""

    system: System | None = None
    clock: Clock | None = None
    kernel: Kernel | None = None
    lsm: Lsm | None = None
    updates: Updates | None = None
    packages: Mapping[str, str] | None = None
    mounts: tuple[Mount, ...] | None = None
    accounts: tuple[Account, ...] | None = None
    groups: tuple[Group, ...] | None = None
    subuid: tuple[SubidRange, ...] | None = None
    subgid: tuple[SubidRange, ...] | None = None
    files: tuple[FileStat, ...] | None = None
    listeners: tuple[Listener, ...] | None = None
    processes: tuple[HostProcess, ...] | None = None
    firewall: Firewall | None = None
    audit: AuditRules | None = None
    suid: SuidInventory | None = None
    daemon: DaemonConfig | None = None
