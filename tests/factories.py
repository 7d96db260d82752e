"""Facts for tests of pure functions: a well-configured host, changed field by field.

``facts(containers=(container(privileged=True),))`` is a good host with one bad container.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from scans.facts import (
    Access,
    AuditRules,
    Clock,
    Container,
    DaemonConfig,
    Engine,
    Facts,
    Firewall,
    Health,
    Image,
    Kernel,
    Lsm,
    NamespaceModes,
    Network,
    ProcessState,
    Resources,
    RestartPolicy,
    Setting,
    SuidInventory,
    System,
    Updates,
    Volume,
)

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CONTAINER_ID = "c" * 64
IMAGE_ID = "sha256:" + "a" * 64

DEFAULT_CAPABILITIES = 0xA80425FB
"""The capabilities that engines give a container by default."""
ALL_CAPABILITIES = 0x1FFFFFFFFFF

HOST_NAMESPACES = {
    "cgroup": 4026531835,
    "ipc": 4026531839,
    "mnt": 4026531841,
    "net": 4026531840,
    "pid": 4026531836,
    "user": 4026531837,
    "uts": 4026531838,
}

MASKED_PATHS = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
)
READONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
"""What Docker 20.10 closes in a container by default; later engines close more."""


def facts(**sections: Any) -> Facts:
    """A well-configured Docker host with no containers; sections replace its own."""
    base: dict[str, Any] = {
        "host": "h1",
        "target": "ssh://root@127.0.0.1:22",
        "started_at": NOW,
        "finished_at": NOW + timedelta(seconds=1),
        "access": Access(level="root", user="root", engine_socket="/run/docker.sock"),
        "system": system(),
        "clock": Clock(host=NOW, auditor=NOW),
        "kernel": kernel(),
        "lsm": Lsm(
            active=("capability", "apparmor"),
            apparmor_enabled=True,
            apparmor_profiles=40,
            selinux="absent",
        ),
        "updates": Updates(manager="apt", pending=0, security=(), lists_updated_at=NOW),
        "mounts": (),
        "accounts": (),
        "groups": (),
        "subuid": (),
        "subgid": (),
        "files": (),
        "listeners": (),
        "processes": (),
        "firewall": Firewall(ufw_enabled=False, docker_user=()),
        "audit": AuditRules(loaded=(), on_disk=(), auditd_running=True, enabled=1),
        "suid": SuidInventory(
            files=(), complete=True, capabilities_read=True, package_manager="dpkg"
        ),
        "daemon": daemon(),
        "engine": engine(),
        "containers": (),
        "images": (),
        "networks": (),
        "volumes": (),
        "swarm": None,
    }
    return Facts(**(base | sections))


def system(**fields: Any) -> System:
    base: dict[str, Any] = {
        "hostname": "h1",
        "os_id": "debian",
        "os_version": "12",
        "os_name": "Debian 12",
        "machine": "x86_64",
        "virtualization": "kvm",
    }
    return System(**(base | fields))


def kernel(**fields: Any) -> Kernel:
    base: dict[str, Any] = {
        "release": "6.1.0-40-amd64",
        "version": "#1 SMP PREEMPT_DYNAMIC Debian 6.1.180-1 (2026-11-10)",
        "installed": ("6.1.0-40-amd64",),
        "reboot_required": False,
        "sysctls": {},
        "modules": (),
        "vulnerabilities": {},
        "seccomp_actions": ("kill_process", "errno", "allow"),
        "cgroup_version": 2,
        "namespaces": HOST_NAMESPACES,
    }
    return Kernel(**(base | fields))


def daemon(settings: dict[str, Any] | None = None, **fields: Any) -> DaemonConfig:
    """The daemon's configuration; ``settings`` become keys of ``/etc/docker/daemon.json``."""
    rows = tuple(
        Setting(key=key, value=value, layer="daemon.json", source="/etc/docker/daemon.json")
        for key, value in (settings or {}).items()
    )
    base: dict[str, Any] = {
        "running": True,
        "pid": 400,
        "argv": ("dockerd",),
        "uid": 0,
        "settings": rows,
        "versions": {},
    }
    return DaemonConfig(**(base | fields))


def argv_setting(key: str, value: Any) -> Setting:
    """A setting from the running daemon's command line."""
    return Setting(key=key, value=value, layer="argv", source="/proc/400/cmdline")


def engine(**fields: Any) -> Engine:
    base: dict[str, Any] = {
        "name": "docker",
        "version": "29.9.0",
        "api_version": "1.52",
        "components": {},
        "root_dir": "/var/lib/docker",
        "storage_driver": "overlay2",
        "logging_driver": "json-file",
        "cgroup_driver": "systemd",
        "cgroup_version": "2",
        "security_options": ("name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"),
        "default_runtime": "runc",
        "runtimes": ("runc",),
        "live_restore": False,
        "rootless": False,
        "userns_remap": False,
    }
    return Engine(**(base | fields))


def process(**fields: Any) -> ProcessState:
    """The main process of a container with the engine's defaults, running as uid 1000."""
    base: dict[str, Any] = {
        "pid": 4242,
        "uids": (1000,) * 4,
        "gids": (1000,) * 4,
        "cap_effective": 0,
        "cap_permitted": 0,
        "cap_inheritable": 0,
        "cap_bounding": DEFAULT_CAPABILITIES,
        "cap_ambient": 0,
        "seccomp": 2,
        "seccomp_filters": 1,
        "no_new_privileges": False,
        "uid_map": ((0, 0, 4294967295),),
        "gid_map": ((0, 0, 4294967295),),
        "lsm_label": "docker-default (enforce)",
        "namespaces": {kind: inode + 1000 for kind, inode in HOST_NAMESPACES.items()}
        | {"user": HOST_NAMESPACES["user"]},
    }
    return ProcessState(**(base | fields))


def container(name: str = "web", **fields: Any) -> Container:
    """A running container as the engine starts it by default, as uid 1000."""
    base: dict[str, Any] = {
        "id": CONTAINER_ID,
        "name": name,
        "image": "registry.example/app:1.0",
        "image_id": IMAGE_ID,
        "created_at": NOW,
        "state": "running",
        "pid": 4242,
        "runtime": "runc",
        "labels": {},
        "user": "1000",
        "user_uid": 1000,
        "apparmor_profile": "docker-default",
        "tmpfs": {},
        "namespaces": NamespaceModes(network="appnet", ipc="private", cgroup="private"),
        "networks": ("appnet",),
        "resources": Resources(storage_options={}),
        "restart": RestartPolicy(),
        "log_driver": "json-file",
        "log_options": {},
        "health": Health(configured=False),
        "sysctls": {},
        "masked_paths": MASKED_PATHS,
        "readonly_paths": READONLY_PATHS,
        "process": process(),
        "processes": (),
        "suid": SuidInventory(
            files=(), complete=True, capabilities_read=True, package_manager="dpkg"
        ),
    }
    return Container(**(base | fields))


def resources(**fields: Any) -> Resources:
    return Resources(**({"storage_options": {}} | fields))


def image(**fields: Any) -> Image:
    base: dict[str, Any] = {
        "id": IMAGE_ID,
        "tags": ("registry.example/app:1.0",),
        "digests": ("registry.example/app@sha256:" + "b" * 64,),
        "created_at": NOW,
        "user": "1000",
        "labels": {},
        "history": (),
    }
    return Image(**(base | fields))


def network(name: str = "appnet", **fields: Any) -> Network:
    base: dict[str, Any] = {
        "id": "n" * 64,
        "driver": "bridge",
        "scope": "local",
        "options": {},
        "labels": {},
    }
    return Network(name=name, **(base | fields))


def volume(name: str = "data", **fields: Any) -> Volume:
    base: dict[str, Any] = {"driver": "local", "options": {}, "labels": {}}
    return Volume(name=name, **(base | fields))


def without_process(subject: Container) -> Container:
    """The same container where the probe could not read its process."""
    return replace(subject, process=None, processes=None, suid=None)
