"""Which mandatory access control the kernel runs."""

from typing import Literal

from scans.collectors.frames import Section
from scans.collectors.host.reading import needed
from scans.collectors.host.text import lines, number, text, values, visible
from scans.facts import Lsm


def parse_lsm(section: Section) -> Lsm:
    """The ``lsm`` section. Raises Missing."""
    found = values(needed(section, "values"))
    active = found.get("/sys/kernel/security/lsm")
    return Lsm(
        active=None if active is None else tuple(visible(active).split(",")),
        apparmor_enabled=found.get("/sys/module/apparmor/parameters/enabled") == "Y",
        apparmor_profiles=number(text(section.find("profiles") or b"").strip()),
        selinux=_selinux(found, needed(section, "filesystems")),
    )


def _selinux(
    found: dict[str, str], filesystems: bytes
) -> Literal["enforcing", "permissive", "disabled", "absent"]:
    """selinuxfs is mounted when a policy is loaded, and known when the kernel could load one."""
    match found.get("/sys/fs/selinux/enforce"):
        case "1":
            return "enforcing"
        case "0":
            return "permissive"
    known = any(line.split()[-1:] == ["selinuxfs"] for line in lines(filesystems))
    return "disabled" if known else "absent"
