"""Audit rules, as the kernel has them and as they stand on disk."""

from scans.collectors.frames import Section
from scans.collectors.host.reading import SUDO_HINT, Missing
from scans.collectors.host.text import lines, number, one_line, values, visible
from scans.facts import AuditRule


def parse_loaded(section: Section, *, root: bool) -> tuple[AuditRule, ...]:
    """The rules that ``auditctl -l`` lists. Raises Missing when it could not."""
    if section.find("missing auditctl") is not None:
        raise Missing("auditctl is not installed", "install auditd on the host")
    if section.find("read loaded") is None:
        said = [line for line in section.errors.splitlines() if "rule list" in line]
        reason = one_line(said[0] if said else section.errors) or "auditctl did not answer"
        raise Missing(f"auditctl: {reason}", None if root else SUDO_HINT)
    return tuple(
        AuditRule(text=visible(line.strip()), source="kernel")
        for line in lines(section.find("loaded"))
        if line.startswith("-")
    )


def parse_enabled(section: Section) -> int | None:
    """``enabled`` of ``auditctl -s``."""
    for line in lines(section.find("status")):
        name, _, value = line.partition(" ")
        if name == "enabled":
            return number(value.strip())
    return None


def parse_on_disk(section: Section) -> tuple[AuditRule, ...]:
    """The rules below ``/etc/audit``. Raises Missing when they may not be read."""
    if section.find("absent /etc/audit") is not None:
        return ()
    unreadable = [path for path, _ in section.starting("unreadable")]
    if section.find("readable") is None or unreadable:
        raise Missing(f"{visible(' '.join(unreadable) or '/etc/audit')} can't be read", SUDO_HINT)
    disk = b"\n".join(part.data for part in section.parts if part.label == "disk")
    return tuple(
        AuditRule(text=visible(rule.strip()), source=path)
        for path, content in values(disk).items()
        for rule in content.split("\n")
        if rule.strip().startswith("-")
    )
