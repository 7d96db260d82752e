"""What the probe's searches for privileged files wrote, below one directory each."""

import re
from dataclasses import dataclass, field

from scans.collectors.frames import Part, Section
from scans.collectors.host.text import number, visible

# getcap prints "NAME CAPABILITIES", before libcap 2.41 "NAME = CAPABILITIES".
_CAPABILITIES = re.compile(
    r"(?P<name>.*?)(?: =)? (?P<set>(?:cap_[a-z_,0-9]*|all)?[=+][=+\-a-z ,_0-9]*)", re.DOTALL
)


@dataclass(slots=True)
class Batch:
    """Files that one run of the probe's ``inspect`` looked at."""

    names: list[bytes]
    """Relative to the directory, as ``./usr/bin/su``."""
    parts: dict[str, bytes] = field(default_factory=dict)
    """``stat``, ``sha256``, ``package MANAGER`` and what belongs to the manager."""
    seen: dict[int, bytes] = field(default_factory=dict)
    """Pid → ``stat`` of the same names below that process's root."""


@dataclass(slots=True)
class Search:
    """Everything that was found below one directory."""

    batches: list[Batch] = field(default_factory=list)
    capabilities: dict[bytes, str] = field(default_factory=dict)
    finished: bool = False
    """Whether find came to its end: by itself (0), or with files that vanished meanwhile (1)."""


def parse_searches(section: Section) -> dict[str, Search]:
    """Label → what was found, from the parts in their order."""
    reader = _Reader()
    for part in section.parts:
        reader.read(part)
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: dict[str, Search] = {}
        self._batch: Batch | None = None

    def read(self, part: Part) -> None:
        kind, _, rest = part.label.partition(" ")
        if kind == "searching":
            self.found.setdefault(rest, Search())
            self._batch = None
        elif kind == "searched":
            status, _, label = rest.partition(" ")
            if label in self.found:
                self.found[label].finished = status in ("0", "1")
        elif kind == "capabilities" and rest in self.found:
            self.found[rest].capabilities |= parse_capabilities(part.data)
        elif kind == "names" and rest in self.found:
            self._batch = Batch([name for name in part.data.split(b"\0") if name])
            self.found[rest].batches.append(self._batch)
        elif self._batch is not None and kind == "seen":
            self._batch.seen[number(rest) or 0] = part.data
        elif self._batch is not None:
            self._batch.parts.setdefault(part.label, part.data)


def parse_capabilities(data: bytes) -> dict[bytes, str]:
    """Name → capabilities, of getcap in its old and its new form. Names may hold newlines."""
    found: dict[bytes, str] = {}
    pending: list[str] = []
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        pending.append(line)
        match = _CAPABILITIES.fullmatch(line)
        if match:
            name = "\n".join([*pending[:-1], match["name"]])
            found[name.encode("utf-8", "surrogateescape")] = visible(match["set"].strip())
            pending = []
    return found
