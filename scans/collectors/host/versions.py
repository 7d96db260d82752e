"""Versions, as the engine's binaries say them."""

import re

from scans.collectors.frames import Section
from scans.collectors.host.text import text

_FIRST_LINES = {
    "dockerd": re.compile(r"Docker version ([^\s,]+)"),
    "containerd": re.compile(r"containerd \S+ v?(\S+)"),
    "runc": re.compile(r"runc version (\S+)"),
}


def parse_versions(section: Section) -> dict[str, str]:
    """Binary → version. One that does not say is left out: there may be none."""
    found: dict[str, str] = {}
    for name, pattern in _FIRST_LINES.items():
        match = pattern.match(text(section.find(f"version {name}") or b""))
        if match:
            found[name] = match[1]
    return found
