"""Mounted file systems: proc_pid_mountinfo(5)."""

import re

from scans.collectors.frames import Section
from scans.collectors.host.reading import Missing, needed
from scans.collectors.host.text import lines, visible
from scans.facts import Mount

_OCTAL = re.compile(r"\\([0-3][0-7]{2})")


def parse_mounts(section: Section) -> tuple[Mount, ...]:
    """The ``mounts`` section. Raises Missing; a host without a single mount is none."""
    found = (parse_mount(line) for line in lines(needed(section, "mountinfo")))
    mounts = tuple(mount for mount in found if mount is not None)
    if not mounts:
        raise Missing("/proc/self/mountinfo can't be read")
    return mounts


def parse_mount(line: str) -> Mount | None:
    """One line of mountinfo, or None if it is no such line."""
    fields = line.split(" ")
    if "-" not in fields[6:]:
        return None
    dash = fields.index("-", 6)
    rest = fields[dash + 1 :]
    if len(rest) < 3:
        return None
    return Mount(
        target=_path(fields[4]),
        source=_path(rest[1]),
        fstype=visible(rest[0]),
        options=tuple(visible(fields[5]).split(",")),
        super_options=tuple(visible(rest[2]).split(",")),
        root=_path(fields[3]),
    )


def _path(word: str) -> str:
    """The kernel writes space, tab, newline and backslash as octal numbers."""
    return visible(_OCTAL.sub(lambda match: chr(int(match[1], 8)), word))
