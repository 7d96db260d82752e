"""The machine and its distribution."""

import re
import shlex
from datetime import UTC, datetime

from scans.collectors.frames import Section
from scans.collectors.host.reading import Missing, needed
from scans.collectors.host.text import lines, number, text, values, visible
from scans.facts import Clock, System

_VIRTUALIZATION = re.compile(r"[a-z0-9-]{1,40}")

# What firmware says → the word of systemd-detect-virt. Order matters: clouds before hypervisors.
_FIRMWARE = (
    ("amazon ec2", "amazon"),
    ("google compute engine", "google"),
    ("vmware", "vmware"),
    ("virtualbox", "oracle"),
    ("innotek", "oracle"),
    ("parallels", "parallels"),
    ("openstack", "kvm"),
    ("qemu", "qemu"),
    ("kvm", "kvm"),
    ("bochs", "bochs"),
    ("xen", "xen"),
    ("hyper-v", "microsoft"),
    ("virtual machine", "microsoft"),
)


def parse_system(section: Section) -> System:
    """The ``system`` section. Raises Missing."""
    found = values(needed(section, "values"))
    release = _os_release(section)
    exists = set(lines(section.find("exists")))
    nested = found.get("/sys/module/kvm_intel/parameters/nested") or found.get(
        "/sys/module/kvm_amd/parameters/nested"
    )
    return System(
        hostname=visible(found.get("/proc/sys/kernel/hostname", "")),
        os_id=release.get("ID", ""),
        os_version=release.get("VERSION_ID", ""),
        os_name=release.get("PRETTY_NAME", ""),
        os_codename=release.get("VERSION_CODENAME", ""),
        os_like=tuple(release.get("ID_LIKE", "").split()),
        machine=visible(text(section.find("machine") or b"").strip()),
        boot_id=found.get("/proc/sys/kernel/random/boot_id"),
        uptime=_uptime(found.get("/proc/uptime")),
        virtualization=_virtualization(section, exists, found),
        nested_virtualization=None if nested is None else nested in ("Y", "1"),
        kvm_device="/dev/kvm" in exists,
    )


def parse_clock(section: Section, now: datetime) -> Clock:
    """The host's clock beside the auditor's. Raises Missing."""
    seconds = number(text(needed(section, "clock")).strip())
    try:
        host = datetime.fromtimestamp(seconds or 0, UTC)
    except (OverflowError, ValueError, OSError):
        seconds = None
    if seconds is None:
        raise Missing("the host did not say its time")
    return Clock(host=host, auditor=now)


def _uptime(value: str | None) -> float | None:
    match = re.match(r"\d{1,12}\.\d{1,6}(?!\d)", value or "", re.ASCII)
    return float(match[0]) if match else None


def _os_release(section: Section) -> dict[str, str]:
    """os-release(5): assignments as a shell would read them."""
    found: dict[str, str] = {}
    for path, data in section.starting("file"):
        if not path.endswith("os-release"):
            continue
        for line in lines(data):
            name, equals, value = line.partition("=")
            if equals and not name.startswith("#"):
                found[name.strip()] = visible(_unquoted(value))
    return found


def _unquoted(value: str) -> str:
    try:
        return " ".join(shlex.split(value))
    except ValueError:
        return value.strip()


def _virtualization(section: Section, exists: set[str], found: dict[str, str]) -> str | None:
    """What the host is, inside out: a container first, then a virtual machine, then ``none``."""
    told = text(section.find("detect-virt") or b"").strip()
    if _VIRTUALIZATION.fullmatch(told):
        return told
    for line in lines(section.find("environment")):
        kind = line.removeprefix("container=")
        if _VIRTUALIZATION.fullmatch(kind):
            return kind
    if "/run/.containerenv" in exists:
        return "podman"
    if "/.dockerenv" in exists:
        return "docker"
    if "/proc/vz" in exists and "/proc/bc" not in exists:
        return "openvz"
    return _machine(section, found)


def _machine(section: Section, found: dict[str, str]) -> str | None:
    names = ("sys_vendor", "product_name", "bios_vendor")
    firmware = " ".join(found.get(f"/sys/class/dmi/id/{name}", "") for name in names).lower()
    if "metal" not in firmware:
        for words, kind in _FIRMWARE:
            if words in firmware:
                return kind
    if found.get("/sys/hypervisor/type") == "xen":
        return "xen"
    if section.find("hypervisor"):
        return "vm-other"
    return "none" if firmware.strip() else None
