"""From a failure to a :class:`Gap`: what could not be read, why, and what would help."""

from collections.abc import Callable
from typing import TypeVar

import docker.errors
import requests

from hosts.connections.base import ConnectionFailed, EngineUnavailable
from hosts.connections.redact import redact_text
from scans.collectors.engine.fields import Unexpected, line
from scans.facts import Gap

T = TypeVar("T")

UNREAD = (
    docker.errors.DockerException,
    requests.RequestException,
    ConnectionFailed,
    Unexpected,
    TimeoutError,
)
"""All that can go wrong with one call of the engine's API and its answer."""

_LONGEST_REASON = 300


class Gaps:
    """Collects the gaps of one audit, in the order in which they are met."""

    def __init__(self) -> None:
        self._found: list[Gap] = []

    @property
    def found(self) -> tuple[Gap, ...]:
        """All gaps so far."""
        return tuple(self._found)

    def attempt(self, section: str, read: Callable[[], T], subject: str | None = None) -> T | None:
        """What ``read`` returns; None and a gap if it fails."""
        try:
            return read()
        except UNREAD as error:
            self.add(section, error, subject)
            return None

    def note(self, gap: Gap) -> None:
        """Add a gap."""
        self._found.append(gap)

    def add(self, section: str, error: BaseException, subject: str | None = None) -> None:
        """Note that a part, or one subject of it, could not be read."""
        reason, hint = explain(error)
        self.note(Gap(section=section, reason=reason, hint=hint, subject=subject))


def explain(error: BaseException) -> tuple[str, str | None]:
    """An error's reason as one line without secrets, and what would help if that is known."""
    match error:
        case EngineUnavailable():
            return _reason(error.reason), error.hint or None
        case ConnectionFailed():
            return _reason(error.reason), None
        case docker.errors.APIError():
            return _reason(f"the engine answered {error.status_code}: {_explanation(error)}"), None
        case Unexpected():
            return _reason(f"the engine answered something unexpected: {error}"), None
        case TimeoutError():
            return "the audit's time was up", "give the audit more time"
    return _reason(str(error) or type(error).__name__), None


def _explanation(error: docker.errors.APIError) -> str:
    said = error.explanation
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said or "no reason")


def _reason(text: str) -> str:
    words = " ".join(redact_text(text).split())
    cut = words if len(words) <= _LONGEST_REASON else words[: _LONGEST_REASON - 1] + "…"
    return line(cut)
