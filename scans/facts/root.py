"""The root of the facts of one host: who was read, how, and what was left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scans.facts.containers import Container
from scans.facts.daemon import DaemonConfig
from scans.facts.engine import Engine, Swarm
from scans.facts.host import (
    Account,
    AuditRules,
    Clock,
    FileStat,
    Firewall,
    Group,
    HostProcess,
    Kernel,
    Listener,
    Lsm,
    Mount,
    SubidRange,
    System,
    Updates,
)
from scans.facts.images import Image, Network, Volume
from scans.facts.suid import SuidInventory

SCHEMA = "posture.facts/1"
"""Name and version of the facts format; a change that old readers misread raises it."""

AccessLevel = Literal["api", "user", "sudo", "probe", "root"]
"""How far the reading could reach: engine API only, an unprivileged login, ``sudo -n`` for the
streamed probe, the installed root-owned probe, or a root login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the host was reached and with which rights it was read."""

    level: AccessLevel
    user: str | None = None
    """Login name on the host; None when only the engine's API was spoken."""
    engine_socket: str | None = None
    """Where the engine's API was reached, for example ``/run/docker.sock``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A part that could not be read, and why. A gap never passes a check."""

    section: str
    """The section's slug, for example ``auditd``, ``suid``, ``containers``."""
    reason: str
    """What the host answered, as one line."""
    hint: str | None = None
    """What would make it readable, for example "run with --sudo"."""
    subject: str | None = None
    """The container, image or file it is about; None for the whole section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything read from one host at one time.

    A section is None when it could not be read; :attr:`gaps` then says why.
    """

    schema: str = SCHEMA
    host: str
    """The host's name in the inventory, or the target's own name for ad-hoc audits."""
    target: str
    """How it was reached, as a URL without any secret: ``ssh://root@10.0.0.1:22``."""
    started_at: datetime
    finished_at: datetime
    access: Access
    gaps: tuple[Gap, ...] = ()

    system: System | None = None
    clock: Clock | None = None
    kernel: Kernel | None = None
    lsm: Lsm | None = None
    updates: Updates | None = None
    packages: Mapping[str, str] | None = None
    """Packages of engines, runtimes and the running kernel that are installed → version as the
    host's package manager gives it; None when it could not be asked."""
    mounts: tuple[Mount, ...] | None = None
    accounts: tuple[Account, ...] | None = None
    groups: tuple[Group, ...] | None = None
    subuid: tuple[SubidRange, ...] | None = None
    subgid: tuple[SubidRange, ...] | None = None
    files: tuple[FileStat, ...] | None = None
    """Owner and mode of every file named by section 3 of the CIS benchmark and of what the
    daemon's configuration names; a path looked for and absent is there with ``kind="absent"``."""
    listeners: tuple[Listener, ...] | None = None
    processes: tuple[HostProcess, ...] | None = None
    """Processes of the host itself (those of containers are with their container)."""
    firewall: Firewall | None = None
    audit: AuditRules | None = None
    suid: SuidInventory | None = None
    daemon: DaemonConfig | None = None

    engine: Engine | None = None
    containers: tuple[Container, ...] | None = None
    images: tuple[Image, ...] | None = None
    networks: tuple[Network, ...] | None = None
    volumes: tuple[Volume, ...] | None = None
    swarm: Swarm | None = None
