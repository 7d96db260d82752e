"""The daemon's configuration: every layer with its source, and what results from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Layer = Literal["argv", "daemon.json", "environment", "unit", "drop-in", "socket", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigSource:
    """A file or command line that configures the daemon."""

    layer: Layer
    path: str
    """The file, or ``/proc/PID/cmdline`` for the running process."""
    text: str
    """Its content, redacted, capped."""
    problem: str | None = None
    """Why it could not be understood, for example a JSON error with its line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key as one layer sets it.

    Keys are those of ``daemon.json`` (``icc``, ``hosts``, ``log-opts`` …); flags are normalised
    to them (``--host`` → ``hosts``, ``--insecure-registry`` → ``insecure-registries``).
    """

    key: str
    value: Any
    """JSON value: flags that repeat are lists, booleans are booleans."""
    layer: Layer
    source: str
    """File or ``/proc/PID/cmdline``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsCertificate:
    """A certificate that the daemon's configuration names (read, never a private key)."""

    path: str
    subject: str
    issuer: str
    not_after: datetime
    not_before: datetime
    key_bits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonConfig:
    """How the engine's daemon is configured and started."""

    running: bool
    pid: int | None = None
    argv: tuple[str, ...] = ()
    """Command line of the running daemon, redacted; empty if none runs or it may not be read."""
    uid: int | None = None
    """User of the daemon's process: not 0 means rootless."""
    sources: tuple[ConfigSource, ...] = ()
    settings: tuple[Setting, ...] = ()
    """Every key of every layer, those of the running process first."""
    certificates: tuple[TlsCertificate, ...] = ()
    versions: Mapping[str, str]
    """Component → version as its binary says: ``dockerd``, ``containerd``, ``runc`` …"""
    listen_streams: tuple[Setting, ...] = ()
    """``ListenStream=`` of the socket unit and its drop-ins, after resets."""
    containerd_config: Mapping[str, Any] | None = None
    """``disabled_plugins`` and version of containerd's ``config.toml``; None if not read."""
    seccomp_profile: Mapping[str, Any] | None = None
    """A custom default profile that the configuration names: its ``path``, and what it lets through
    as in :attr:`Container.seccomp_profile`, each None if the file was not read. None when the
    built-in one is used."""

    def values(self, key: str) -> tuple[Setting, ...]:
        """Every layer's setting of a key, the deciding one first.

        The running process's argv decides over ``daemon.json``, that over files that only take
        effect at the next start (units, drop-ins, environment files). dockerd refuses to start
        when argv and ``daemon.json`` both set a key (except lists that it merges), so the order
        only decides for files changed since.
        """
        order = {"argv": 0, "daemon.json": 1, "drop-in": 2, "unit": 3, "environment": 4}
        found = [setting for setting in self.settings if setting.key == key]
        return tuple(sorted(found, key=lambda setting: order.get(setting.layer, 9)))

    def effective(self, key: str) -> Setting | None:
        """The setting that decides for the running daemon, or None if the default applies.

        Only argv and ``daemon.json`` act on the running process; the other layers say how
        it will be started next.
        """
        for setting in self.values(key):
            if setting.layer in ("argv", "daemon.json"):
                return setting
        return None
