"""Containers: what the API declares and what their processes really have."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scans.facts.suid import SuidInventory


@dataclass(frozen=True, slots=True, kw_only=True)
class MountPoint:
    """One entry of ``Mounts``: what is really mounted, after volumes were resolved."""

    kind: str
    """``bind``, ``volume``, ``tmpfs``, ``npipe``, ``cluster``, ``image``."""
    source: str
    """Path on the host (for a volume its mountpoint); empty for tmpfs."""
    destination: str
    read_only: bool
    propagation: str = ""
    volume: str = ""
    """The volume's name."""
    driver: str = ""
    volume_device: str = ""
    """For a ``local`` volume with ``o=bind``: the host path it binds (``device`` option)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """One entry of ``HostConfig.Binds`` as declared."""

    source: str
    destination: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """``HostConfig.Devices``."""

    host_path: str
    container_path: str
    permissions: str
    """Letters of ``rwm``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRequest:
    """``HostConfig.DeviceRequests``: GPU or CDI."""

    driver: str
    count: int
    device_ids: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPort:
    """A port published on the host. ``host_ip`` ``0.0.0.0``, ``::`` and empty are wildcards."""

    container_port: int
    protocol: str
    host_ip: str
    host_port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ulimit:
    """``HostConfig.Ulimits``."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceModes:
    """Declared namespace modes: empty or ``private`` is its own, ``host``, ``container:ID`` …"""

    network: str = ""
    pid: str = ""
    ipc: str = ""
    uts: str = ""
    user: str = ""
    cgroup: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Declared limits; 0 means none (``pids`` 0, None and -1 are all no limit)."""

    memory: int = 0
    memory_swap: int = 0
    memory_reservation: int = 0
    cpu_shares: int = 0
    cpu_quota: int = 0
    cpu_period: int = 0
    nano_cpus: int = 0
    cpuset: str = ""
    pids: int | None = None
    blkio_weight: int = 0
    blkio_limits: bool = False
    """Any throttle of bytes or operations per device."""
    oom_kill_disabled: bool = False
    ulimits: tuple[Ulimit, ...] = ()
    storage_options: Mapping[str, str]
    cgroup_parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """``HostConfig.RestartPolicy``."""

    name: str = "no"
    """``no``, ``always``, ``unless-stopped``, ``on-failure``."""
    max_retries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Health check as configured and as it stands."""

    configured: bool
    test: tuple[str, ...] = ()
    status: str = ""
    """``starting``, ``healthy``, ``unhealthy`` or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessState:
    """Effective state of a process, from ``/proc/PID``. Where it is known, it decides."""

    pid: int
    uids: tuple[int, ...]
    """Real, effective, saved, file system uid, in the host's user namespace."""
    gids: tuple[int, ...]
    cap_effective: int
    cap_permitted: int
    cap_inheritable: int
    cap_bounding: int
    cap_ambient: int
    """Bit masks, bit N is capability number N (capabilities(7))."""
    seccomp: int | None = None
    """0 off, 1 strict, 2 filter; None on kernels without seccomp."""
    seccomp_filters: int | None = None
    no_new_privileges: bool | None = None
    uid_map: tuple[tuple[int, int, int], ...] | None = None
    """Lines (inside, outside, count) of ``/proc/PID/uid_map``."""
    gid_map: tuple[tuple[int, int, int], ...] | None = None
    lsm_label: str | None = None
    """``/proc/PID/attr/current``, for example ``docker-default (enforce)``; None: no LSM."""
    namespaces: Mapping[str, int]
    """Namespace type → inode; compare with ``Kernel.namespaces``. Empty if not readable."""
    cgroup: str = ""
    memory_max: int | None = None
    """Effective limit of the cgroup in bytes; None: not read or no limit."""
    pids_max: int | None = None
    root_read_only: bool | None = None
    """``ro`` on ``/`` in the process's mountinfo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopProcess:
    """A process of a container, read from the host without entering the container."""

    pid: int
    """In the host's pid namespace."""
    parent: int | None = None
    uid: int | None
    """In the host's user namespace; None where only a user's name was told."""
    name: str
    """``comm``."""
    command: str = ""
    """Command line, redacted and capped."""
    cap_effective: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """``GET /containers/{id}/json`` plus what the probe saw of its processes and files."""

    id: str
    name: str
    """Without the leading slash."""
    image: str
    """Reference as it was started."""
    image_id: str
    created_at: datetime | None = None
    state: str
    """``running``, ``exited``, ``paused``, …"""
    pid: int = 0
    restart_count: int = 0
    runtime: str = ""
    platform: str = ""
    labels: Mapping[str, str]
    user: str = ""
    """``Config.User`` as declared; empty means root."""
    user_uid: int | None = None
    """The uid it means, through the image's passwd where it is a name; None if not resolved."""
    env_names: tuple[str, ...] = ()
    secret_names: tuple[str, ...] = ()
    """Environment variables that look like secrets and have a value."""
    command: tuple[str, ...] = ()
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    """Upper case, without ``CAP_``; ``ALL`` stays."""
    cap_drop: tuple[str, ...] = ()
    security_options: tuple[str, ...] = ()
    """``HostConfig.SecurityOpt`` as given; an inline seccomp profile's JSON is cut to
    ``seccomp=<inline profile>``."""
    seccomp_profile: Mapping[str, Any] | None = None
    """What its inline profile lets through: ``defaultAction``, the number of system calls
    ``allowed``, and those ``dangerous`` ones that it allows whatever their arguments and the
    container's capabilities. None without an inline profile, or for one that is no JSON."""
    apparmor_profile: str = ""
    process_label: str = ""
    mount_label: str = ""
    devices: tuple[Device, ...] = ()
    device_requests: tuple[DeviceRequest, ...] = ()
    device_cgroup_rules: tuple[str, ...] = ()
    mounts: tuple[MountPoint, ...] = ()
    binds: tuple[Bind, ...] = ()
    tmpfs: Mapping[str, str]
    """Destination → options."""
    volumes_from: tuple[str, ...] = ()
    masked_paths: tuple[str, ...] | None = None
    """None where the engine does not say (old engines)."""
    readonly_paths: tuple[str, ...] | None = None
    namespaces: NamespaceModes
    networks: tuple[str, ...] = ()
    """Names of the networks it is attached to."""
    ports: tuple[PublishedPort, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    publish_all: bool = False
    resources: Resources
    restart: RestartPolicy
    read_only_rootfs: bool = False
    log_driver: str = ""
    log_options: Mapping[str, str]
    health: Health
    sysctls: Mapping[str, str]
    init: bool = False
    auto_remove: bool = False
    swarm_service: str = ""
    """Name of the swarm service it is a task of."""
    process: ProcessState | None = None
    """Of the main process; None when it does not run or could not be read."""
    processes: tuple[TopProcess, ...] | None = None
    suid: SuidInventory | None = None

    @property
    def running(self) -> bool:
        """Whether its main process runs (a paused or restarting one does)."""
        return self.state in ("running", "paused", "restarting")
