"""The running kernel, the installed ones, and how the kernel is set up."""

import re
from posixpath import basename, dirname

from hosts.connections.redact import redact_text
from scans.collectors.frames import Section
from scans.collectors.host.reading import needed
from scans.collectors.host.text import lines, text, values, visible
from scans.facts import Kernel

_NAMESPACE = re.compile(r" ([a-z_]+) -> [a-z_]+:\[(\d{1,19})\]$", re.ASCII)
_BLOCKED = re.compile(
    r"\s*(?:blacklist\s+(?P<listed>\S+)|install\s+(?P<replaced>\S+)\s+\S*/(?:true|false)\b)"
)
_VULNERABILITIES = "/sys/devices/system/cpu/vulnerabilities/"


def parse_kernel(section: Section) -> Kernel:
    """The ``kernel`` section. Raises Missing."""
    found = values(needed(section, "facts"))
    exists = set(lines(needed(section, "exists")))
    actions = found.get("/proc/sys/kernel/seccomp/actions_avail")
    modules = section.find("modules")
    blocked = _blocked(section.find("modprobe"))
    return Kernel(
        release=visible(found.get("/proc/sys/kernel/osrelease", "")),
        version=visible(found.get("/proc/sys/kernel/version", "")),
        installed=_installed(section.find("installed")),
        reboot_required=_reboot_required(exists, section.find("needs-restarting")),
        sysctls={
            visible(path.replace("/", ".")): visible(value.replace("\t", " "))
            for path, value in values(needed(section, "values")).items()
        },
        modules=None if modules is None else tuple(visible(name) for name in lines(modules)),
        modules_blocked=blocked,
        modules_builtin=_builtin(section.find("builtin"), blocked),
        cmdline=visible(redact_text(found.get("/proc/cmdline", ""))),
        lockdown=_lockdown(found.get("/sys/kernel/security/lockdown")),
        vulnerabilities={
            path.removeprefix(_VULNERABILITIES): visible(value)
            for path, value in found.items()
            if path.startswith(_VULNERABILITIES)
        },
        seccomp_actions=None if actions is None else tuple(actions.split()),
        cgroup_version=_cgroup_version(exists),
        namespaces=parse_namespaces(section.find("namespaces")),
    )


def parse_namespaces(data: bytes | None) -> dict[str, int]:
    """Type → inode from ``ls -l /proc/PID/ns/``, without those kept for children."""
    found = (_NAMESPACE.search(line) for line in lines(data))
    return {
        match[1]: int(match[2])
        for match in found
        if match and not match[1].endswith("_for_children")
    }


def _installed(data: bytes | None) -> tuple[str, ...] | None:
    if data is None:
        return None
    releases: dict[str, None] = {}
    for path in lines(data):
        name = basename(path)
        release = basename(dirname(path)) if name == "modules.dep" else name.partition("-")[2]
        # /boot also has vmlinuz-lts (a flavour) and vmlinuz-0-rescue-… (not for daily use).
        if release[:1].isdigit() and "rescue" not in release:
            releases[visible(release)] = None
    return tuple(releases)


def _reboot_required(exists: set[str], restarting: bytes | None) -> bool | None:
    """None where nothing on the system would tell."""
    if exists & {"/run/reboot-required", "/var/run/reboot-required"}:
        return True
    told = text(restarting or b"").strip()
    if told in ("0", "1"):
        return told == "1"
    return False if "/usr/share/update-notifier/notify-reboot-required" in exists else None


def _blocked(data: bytes | None) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for line in lines(data):
        if match := _BLOCKED.match(line):
            names[visible(match["listed"] or match["replaced"])] = None
    return tuple(names)


def _builtin(data: bytes | None, blocked: tuple[str, ...]) -> tuple[str, ...] | None:
    """Those of the blocked modules that are part of the kernel. Names have either dash."""
    if data is None:
        return None
    built_in = {name.replace("-", "_") for name in lines(data)}
    names = (name.replace("-", "_") for name in blocked)
    return tuple(dict.fromkeys(name for name in names if name in built_in))


def _lockdown(value: str | None) -> str | None:
    match = re.search(r"\[(\w+)\]", value or "")
    return match[1] if match else None


def _cgroup_version(exists: set[str]) -> int | None:
    if "/sys/fs/cgroup/cgroup.controllers" in exists:
        return 2
    return 1 if "/sys/fs/cgroup" in exists else None
