"""What every parser needs: a part that must be there, and the gap where it is not."""

from scans.collectors.frames import TIMED_OUT, Section
from scans.collectors.host.text import one_line

SUDO_HINT = "run with --sudo"


class Missing(Exception):
    """Something of a section could not be read; becomes a gap. ``hint`` is what would help."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def needed(section: Section, label: str) -> bytes:
    """The data of a part that a section can't be understood without. Raises Missing."""
    data = section.find(label)
    if data is None:
        raise Missing(one_line(section.errors) or f"the host did not say: {label}")
    return data


def check_whole(section: Section) -> None:
    """Raise Missing if a section was cut: half a list would look like a whole one."""
    if section.status is None:
        raise Missing("the probe ended in the middle of it")
    if section.status == TIMED_OUT:
        raise Missing("its time on the host was up", "the host was busy; audit it again")
    if section.capped:
        raise Missing("the host wrote more than may be read")
