"""Sessions: how the audit reaches a host and its container engine."""

from hosts.connections.base import (
    AuthenticationFailed,
    CommandResult,
    ConnectionFailed,
    ConnectionLost,
    EngineError,
    EngineUnavailable,
    HostKeyRefused,
    NoShell,
    Session,
)
from hosts.connections.opening import open_session
from hosts.connections.options import TLS, ConnectOptions, Identity, Jump, KnownHosts, Limits
from hosts.connections.target import Target, TargetError, parse_target

__all__ = [
    "TLS",
    "AuthenticationFailed",
    "CommandResult",
    "ConnectOptions",
    "ConnectionFailed",
    "ConnectionLost",
    "EngineError",
    "EngineUnavailable",
    "HostKeyRefused",
    "Identity",
    "Jump",
    "KnownHosts",
    "Limits",
    "NoShell",
    "Session",
    "Target",
    "TargetError",
    "open_session",
    "parse_target",
]
