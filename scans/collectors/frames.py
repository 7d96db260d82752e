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
    """How long the probe ran on the host."""


TIMED_OUT = 137
"""Exit status of a section that was killed when its time was up (128 + SIGKILL)."""
