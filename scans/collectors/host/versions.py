"""Versions, as the engine's binaries say them and as the package manager does."""

import re

from scans.collectors.frames import Section
from scans.collectors.host.reading import Missing
from scans.collectors.host.text import lines, text, visible

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


def parse_packages(section: Section) -> dict[str, str]:
    """Installed package → version, of those that the probe asks for. Raises Missing."""
    answer = section.find("packages")
    if answer is None:
        raise Missing("the host has none of the known package managers")
    pairs = (visible(line).split(" ") for line in lines(answer))
    return {pair[0]: pair[1].removeprefix("0:") for pair in pairs if len(pair) == 2}
