"""What every connection offers and how it fails: the session protocol, results and errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import docker

from hosts.connections.target import Target


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command answered. ``cut`` says why the output is not whole; partial output is kept.

    ``exit_status`` is None when the command was cut off; a command killed by signal N has 128 + N
    where the connection tells (as shells do). ``duration`` is in seconds. ``cut`` is "deadline",
    "size", "connection" or None.
    """

    exit_status: int | None
    stdout: bytes
    stderr: bytes
    duration: float
    cut: str | None = None


class Session(Protocol):
    """An open connection to a host. Safe for use by several threads. Also a context manager."""

    @property
    def target(self) -> Target:
        """What was asked for, as parsed."""
        ...

    @property
    def can_run(self) -> bool:
        """Whether the target has a shell: False for plain API targets."""
        ...

    @property
    def sudo(self) -> bool:
        """Whether the operator allowed ``sudo -n`` on this host.

        ``engine`` obeys it; ``run`` runs the argv as given, so a caller that wants root puts
        ``sudo -n`` in front.
        """
        ...

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        max_bytes: int = 4_000_000,
    ) -> CommandResult:
        """Run ``argv`` (each element is one argument, quoted by the session) and read its output.

        ``timeout`` in seconds covers everything from the request to the exit status; ``max_bytes``
        covers both streams together. Raises NoShell if the target has none, ConnectionLost if
        nothing can run any more.
        """
        ...

    def engine(self) -> docker.APIClient:
        """A client of the host's container engine, version negotiated, read-only, thread-safe.

        Raises EngineUnavailable if there is no engine that can be reached. The client raises
        docker.errors.APIError for an error status and EngineError for an answer it can't use.
        """
        ...

    def close(self) -> None:
        """Close every channel and connection. Safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class ConnectionFailed(Exception):
    """A connection that could not be made or used.

    ``code`` is a stable slug for programs, ``reason`` one English sentence for people (no secret
    in it), ``retryable`` whether the same attempt may succeed later without anyone's doing.
    """

    def __init__(self, code: str, reason: str, *, retryable: bool = False) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.retryable = retryable


class AuthenticationFailed(ConnectionFailed):
    """The host took none of the offered keys or passwords."""


class HostKeyRefused(ConnectionFailed):
    """The host's key is not the one that is known.

    ``offered`` is the key the host showed ("ssh-ed25519 AAAA…"), for an operator to pin after
    comparing ``fingerprint`` ("SHA256:…"); ``expected`` holds the fingerprints that are known.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        *,
        offered: str,
        fingerprint: str,
        expected: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code, reason)
        self.offered = offered
        self.fingerprint = fingerprint
        self.expected = expected


class ConnectionLost(ConnectionFailed):
    """The connection broke after it was open: nothing can run on it any more."""

    def __init__(self, reason: str) -> None:
        super().__init__("lost", reason, retryable=True)


class NoShell(ConnectionFailed):
    """A command was asked of a target that only speaks the engine's API."""

    def __init__(self, target: Target) -> None:
        super().__init__(
            "no-shell",
            f"{target} is an engine's API and can't run commands:"
            " use an ssh:// target for the parts that need the host itself.",
        )


class EngineUnavailable(ConnectionFailed):
    """The host's container engine can't be reached. ``hint`` is one sentence on what to do."""

    def __init__(self, code: str, reason: str, hint: str = "", *, retryable: bool = False) -> None:
        super().__init__(code, reason, retryable=retryable)
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.reason} {self.hint}".strip()


class EngineError(ConnectionFailed):
    """One answer of the engine that can't be used: too big, too slow, cut off or not JSON.

    ``code`` is "engine-deadline", "engine-size", "engine-cut", "engine-answer" or
    "engine-read-only".
    """
