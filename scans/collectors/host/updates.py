"""Updates that the package manager knows of."""

import re
from datetime import UTC, datetime

from scans.checks.core.debian_version import is_older
from scans.collectors.frames import Section
from scans.collectors.host.reading import Missing, needed
from scans.collectors.host.text import lines, number, one_line, visible
from scans.facts import Updates

_APK = re.compile(r"(?P<name>\S+)-\d\S* +< +\S+")
_RPM_SUFFIX = re.compile(r"-[^-]+-[^-]+$")


def parse_updates(section: Section) -> Updates:
    """The ``updates`` section. Raises Missing where the manager can't tell."""
    manager = next((name for name, _ in section.starting("manager")), None)
    match manager:
        case "apt":
            return _apt(section)
        case "dnf" | "yum":
            return _rpm(section, manager)
        case "apk":
            return _apk(section)
        case "zypper":
            return _zypper(section)
    raise Missing("the host has none of the known package managers")


def _lists_updated_at(section: Section) -> datetime | None:
    times = [number(line) for line in lines(section.find("lists"))]
    newest = max((time for time in times if time is not None), default=None)
    try:
        return None if newest is None else datetime.fromtimestamp(newest, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _read(section: Section, what: str) -> list[str] | None:
    """The lines of an answer, or None if the manager failed."""
    if section.find(f"read {what}") is None:
        return None
    return lines(section.find(what))


def _apt(section: Section) -> Updates:
    """Debian and Ubuntu publish fixes in suites of their own, so what those offer is security."""
    needed(section, "indexes")
    offers = _read(section, "security")
    if offers is None:
        raise Missing(
            one_line(section.errors) or "apt has no package list of a security suite",
            "run apt-get update on the host, with its security suite among the sources",
        )
    behind: dict[str, None] = {}
    for line in offers:
        words = visible(line).split(" ")
        if len(words) == 3 and is_older(words[1], words[2]):
            behind[words[0]] = None
    return Updates(
        manager="apt", security=tuple(behind), lists_updated_at=_lists_updated_at(section)
    )


def _rpm(section: Section, manager: str) -> Updates:
    """Lines ``ADVISORY SEVERITY/Sec. NAME-VERSION-RELEASE.ARCH``."""
    advisories = _read(section, "security")
    if advisories is None:
        raise Missing(f"{manager}: {one_line(section.errors) or 'it did not answer'}")
    names = (_rpm_name(line) for line in advisories if "/Sec" in line or len(line.split()) >= 3)
    pending = _read(section, "pending")
    return Updates(
        manager=manager,
        pending=None if pending is None else sum(len(line.split()) == 3 for line in pending),
        security=tuple(dict.fromkeys(name for name in names if name)),
        lists_updated_at=_lists_updated_at(section),
    )


def _rpm_name(line: str) -> str:
    words = visible(line).split(" ")
    package = next((word for word in words[2:] if word.count("-") >= 2), "")
    return _RPM_SUFFIX.sub("", package)


def _apk(section: Section) -> Updates:
    """apk knows newer versions, and not which of them mend something."""
    answer = _read(section, "pending")
    if answer is None:
        raise Missing(f"apk: {one_line(section.errors) or 'it did not answer'}")
    pending = [match["name"] for line in answer if (match := _APK.match(line))]
    return Updates(manager="apk", pending=len(pending), lists_updated_at=_lists_updated_at(section))


def _zypper(section: Section) -> Updates:
    """Tables with columns behind bars; a patch stands for the packages it mends."""
    patches, pending = _read(section, "security"), _read(section, "pending")
    if patches is None:
        raise Missing(f"zypper: {one_line(section.errors) or 'it did not answer'}")
    names = [_column(line, 1) for line in patches]
    return Updates(
        manager="zypper",
        pending=None if pending is None else sum(_column(line, 0) == "v" for line in pending),
        security=tuple(dict.fromkeys(name for name in names if name and name != "Name")),
        lists_updated_at=_lists_updated_at(section),
    )


def _column(line: str, index: int) -> str:
    cells = visible(line).split("|")
    return cells[index].strip() if len(cells) > index + 1 else ""
