"""What the probe reads about the host itself: system, kernel, accounts, files, audit rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Identity of the machine and of its distribution (``/etc/os-release``, ``/proc``)."""

    hostname: str
    os_id: str
    """``ID`` of os-release, for example ``debian``; empty if the file says nothing."""
    os_version: str
    """``VERSION_ID``, for example ``12``; empty on rolling releases."""
    os_name: str
    """``PRETTY_NAME``."""
    os_codename: str = ""
    os_like: tuple[str, ...] = ()
    machine: str
    """``uname -m``, for example ``x86_64``."""
    boot_id: str | None = None
    uptime: float | None = None
    virtualization: str | None = None
    """What the host is, in the words of ``systemd-detect-virt``: ``none``, ``kvm``, ``docker``, …;
    None when it could not be told."""
    nested_virtualization: bool | None = None
    """The kvm module's ``nested`` parameter; None without the module."""
    kvm_device: bool | None = None
    """Whether ``/dev/kvm`` exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The host's clock beside the auditor's, both read during the same probe."""

    host: datetime
    auditor: datetime

    @property
    def offset(self) -> float:
        """Seconds by which the host's clock is ahead (negative: behind)."""
        return (self.host - self.auditor).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """The running kernel, what else is installed, and how it is set up."""

    release: str
    """``uname -r``."""
    version: str
    """``uname -v``: holds a vendor's package version on Debian and Ubuntu."""
    installed: tuple[str, ...] | None = None
    """Releases of the kernels installed (``/lib/modules/*`` with an image or modules.dep,
    and ``/boot/vmlinuz-*``); None when neither directory could be read."""
    reboot_required: bool | None = None
    """``/run/reboot-required`` or ``needs-restarting -r``; None when the system has neither."""
    sysctls: Mapping[str, str]
    """Dotted name → value as text, only those that exist."""
    modules: tuple[str, ...] | None = None
    """Loaded modules; None on kernels without ``/proc/modules``."""
    modules_blocked: tuple[str, ...] = ()
    """Modules that modprobe's configuration blacklists or installs as ``/bin/true|false``."""
    modules_builtin: tuple[str, ...] | None = None
    """Those of the blocked modules that are built into the kernel, where blocking has no effect;
    None when ``modules.builtin`` of the running kernel could not be read."""
    cmdline: str = ""
    lockdown: str | None = None
    """``none``, ``integrity``, ``confidentiality``; None when the kernel has no lockdown."""
    vulnerabilities: Mapping[str, str]
    """``/sys/devices/system/cpu/vulnerabilities``: name → the kernel's sentence."""
    seccomp_actions: tuple[str, ...] | None = None
    """``/proc/sys/kernel/seccomp/actions_avail``; None: no seccomp filters in this kernel."""
    cgroup_version: int | None = None
    """1 or 2, by the file system on ``/sys/fs/cgroup``."""
    namespaces: Mapping[str, int]
    """Namespace type (``user``, ``pid``, ``net`` …) → inode of the host's own namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lsm:
    """Which mandatory access control the kernel really runs."""

    active: tuple[str, ...] | None = None
    """``/sys/kernel/security/lsm``; None when securityfs is not readable."""
    apparmor_enabled: bool
    """``/sys/module/apparmor/parameters/enabled`` is Y."""
    apparmor_profiles: int | None = None
    """Number of loaded profiles; None when the list is not readable."""
    selinux: Literal["enforcing", "permissive", "disabled", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """Updates that the package manager knows of and has not installed."""

    manager: str
    """``apt``, ``dnf``, ``yum``, ``apk`` or ``zypper``."""
    pending: int | None = None
    security: tuple[str, ...] | None = None
    """Names of packages with a pending security update; None where the manager can't tell."""
    lists_updated_at: datetime | None = None
    """When the package lists were last fetched: old lists make an empty answer worthless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A mounted file system, from ``/proc/self/mountinfo`` in the host's namespace."""

    target: str
    source: str
    fstype: str
    options: tuple[str, ...]
    """Per-mount options (``ro``, ``nosuid``, …)."""
    super_options: tuple[str, ...] = ()
    root: str = "/"
    """The part of the file system that is mounted; not ``/`` for binds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user of the host (``getent passwd``)."""

    name: str
    uid: int
    gid: int
    shell: str = ""
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of the host. ``members`` includes users who have it as their primary group."""

    name: str
    gid: int
    members: tuple[str, ...]
    primary_members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubidRange:
    """One line of ``/etc/subuid`` or ``/etc/subgid``."""

    owner: str
    start: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStat:
    """Owner and mode of one path, following symbolic links."""

    path: str
    """The path asked for."""
    kind: Literal["file", "directory", "socket", "device", "other", "absent", "unreadable"]
    resolved: str | None = None
    """The path behind all symbolic links."""
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    owner: str | None = None
    """Name of the owner; None if the uid has no name."""
    group: str | None = None
    size: int | None = None
    role: str = ""
    """What it is to the engine, a slug that checks select by: ``docker-service``,
    ``docker-socket-unit``, ``etc-docker``, ``registry-cert``, ``tls-ca``, ``tls-cert``,
    ``tls-key``,
    ``docker-sock``, ``daemon-json``, ``etc-default-docker``, ``etc-sysconfig-docker``,
    ``containerd-sock``, ``containerd-config``, ``data-root``, ``dockerd``, ``containerd``,
    ``containerd-shim``, ``runc``, ``podman-sock`` …; ``journal`` is systemd's journal on disk,
    ``journal-volatile`` the one in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A listening socket of the host's network namespace (``ss`` or ``/proc/net``)."""

    protocol: Literal["tcp", "tcp6", "udp", "udp6"]
    address: str
    port: int
    process: str | None = None
    """Name of the process; None when it may not be read."""
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostProcess:
    """A process that belongs to no container."""

    pid: int
    name: str
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """Firewalls that an administrator sets up, and what they say of ports that engines publish.

    Docker's own rules let published ports pass before those of ufw and firewalld are asked; only
    the chain ``DOCKER-USER`` comes earlier. Whether firewalld runs is told by the processes.
    """

    ufw_enabled: bool
    """``ENABLED=yes`` in ``/etc/ufw/ufw.conf``."""
    firewalld_strict: bool | None = None
    """``StrictForwardPorts``: firewalld drops published ports that it does not know; None when
    its configuration could not be read."""
    docker_user: tuple[str, ...] | None = None
    """Rules of the IPv4 chain, as ``iptables -S`` writes them; empty without the chain, None when
    they could not be listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRule:
    """One rule of the kernel's audit system, in ``auditctl`` syntax."""

    text: str
    source: str
    """``kernel`` for a loaded rule, otherwise the file it stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRules:
    """Audit rules, loaded and on disk, which may differ."""

    loaded: tuple[AuditRule, ...] | None = None
    """None when the kernel's rules could not be listed."""
    on_disk: tuple[AuditRule, ...] | None = None
    """None when ``/etc/audit`` could not be read; empty when it does not exist."""
    auditd_running: bool | None = None
    enabled: int | None = None
    """``auditctl -s``: 0 off, 1 on, 2 locked."""
