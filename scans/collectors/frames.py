"""The format of the probe's output: framed sections of framed parts.

The probe writes, each at the beginning of a line::

    NONCE begin SECTION CAP
    NONCE part LABEL …
    bytes of any kind
    NONCE end SECTION STATUS MILLISECONDS
    what the section wrote to its standard error

NONCE is ``posture-`` and 32 random hex digits, told to the probe on its standard input, so nothing
that a file or a process is called can look like a frame.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from scans.facts import Gap
from scans.facts.root import AccessLevel


@dataclass(frozen=True, slots=True)
class Part:
    """A labelled piece of a section. ``data`` is as the host wrote it."""

    label: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the probe's output."""

    name: str
    parts: tuple[Part, ...] = ()
    status: int | None = None
    """Exit status of the section; 137 when its time was up, None when its end never came."""
    milliseconds: int | None = None
    capped: bool = False
    """The section wrote more than its cap: the rest is lost."""
    errors: str = ""
    """What it wrote to standard error, capped."""

    @property
    def whole(self) -> bool:
        """Whether everything the section had to say is there."""
        return self.status is not None and self.status != TIMED_OUT and not self.capped

    def find(self, label: str) -> bytes | None:
        """The data of the first part with this label, or None."""
        return next((part.data for part in self.parts if part.label == label), None)

    def starting(self, prefix: str) -> tuple[tuple[str, bytes], ...]:
        """The parts whose label begins with ``prefix`` and a space: (rest of the label, data)."""
        start = prefix + " "
        return tuple(
            (part.label.removeprefix(start), part.data)
            for part in self.parts
            if part.label.startswith(start)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOutput:
    """Everything one run of the probe wrote, and how it was run."""

    level: AccessLevel
    user: str | None = None
    sections: Mapping[str, Section] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    """What was not to be had for the whole probe, for example ``sudo`` that wants a password."""
    milliseconds: int | None = None
    """How long the probe ran on the host; None when its end never came."""
    problem: str | None = None
    """Why the end never came, as one line."""


TIMED_OUT = 137
"""Exit status of a section that was killed when its time was up (128 + SIGKILL)."""


def new_nonce() -> str:
    """A nonce for one run of the probe."""
    return "posture-" + secrets.token_hex(16)


def parse_frames(data: bytes, nonce: str) -> ProbeOutput:
    """Split the probe's output. What is cut off or out of order is kept as far as it goes.

    Without a frame of this nonce the level is ``user`` and there is no section.
    """
    reader = _Reader()
    marker = b"\n" + nonce.encode() + b" "
    for frame in (b"\n" + data).split(marker)[1:]:
        header, _, body = frame.partition(b"\n")
        words = header.decode("utf-8", "backslashreplace").split(" ")
        reader.read(words, body, len(marker) + len(frame))
    return reader.output()


class _Reader:
    """Takes frames one after the other."""

    def __init__(self) -> None:
        self._sections: dict[str, Section] = {}
        self._level: AccessLevel = "user"
        self._user: str | None = None
        self._milliseconds: int | None = None
        self._parts: list[Part] = []
        self._name = ""
        self._room = 0

    def read(self, words: list[str], body: bytes, size: int) -> None:
        """One frame: its header's words, what follows its line, its length as a whole."""
        match words:
            case ["probe", level, uid, user]:
                self._begin_probe(level, uid, user)
            case ["begin", name, cap] if cap.isdecimal():
                self._parts, self._name = [], name
                self._room = int(cap) - len(body)
                self._keep(Section(name=name))
            case ["part", *label] if self._name:
                self._room -= size
                self._parts.append(Part(" ".join(label), body))
                self._keep(Section(name=self._name, parts=tuple(self._parts)))
            case ["end", name, status, milliseconds] if name == self._name:
                self._end(status, milliseconds, body)
            case ["done", milliseconds] if milliseconds.isdecimal():
                self._milliseconds = int(milliseconds)

    def _keep(self, section: Section) -> None:
        self._sections[section.name] = section

    def _begin_probe(self, level: str, uid: str, user: str) -> None:
        self._user = user or None
        if uid == "0":
            levels: dict[str, AccessLevel] = {"sudo": "sudo", "probe": "probe"}
            self._level = levels.get(level, "root")

    def _end(self, status: str, milliseconds: str, errors: bytes) -> None:
        section = Section(
            name=self._name,
            parts=tuple(self._parts),
            status=int(status) if status.isdecimal() else None,
            milliseconds=int(milliseconds) if milliseconds.isdecimal() else None,
            capped=self._room <= 0,
            errors=errors.decode("utf-8", "backslashreplace").strip(),
        )
        self._keep(section)
        self._name = ""

    def output(self) -> ProbeOutput:
        """Everything that was read."""
        return ProbeOutput(
            level=self._level,
            user=self._user,
            sections=self._sections,
            milliseconds=self._milliseconds,
        )
