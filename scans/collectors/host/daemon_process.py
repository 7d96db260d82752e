"""The running daemons, and which of them is the one whose engine is audited."""

from dataclasses import dataclass
from posixpath import basename
from typing import Any

from scans.collectors.frames import Section
from scans.collectors.host.daemon_argv import is_daemon, parse_flags
from scans.collectors.host.text import number, text

DEFAULT_SOCKETS = ("/run/docker.sock", "/var/run/docker.sock")


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running dockerd. ``argv`` is as it was read: with its secrets."""

    pid: int
    argv: tuple[str, ...]
    uid: int | None

    @property
    def flags(self) -> dict[str, Any]:
        """Its flags as keys of daemon.json."""
        start = 2 if basename(self.argv[0]) == "docker" else 1
        return parse_flags(self.argv[start:])

    @property
    def sockets(self) -> tuple[str, ...]:
        """Paths of the Unix sockets it was told to listen on; the default ones if not told."""
        hosts = [host for host in self.flags.get("hosts", ()) if isinstance(host, str)]
        told = tuple(host.removeprefix("unix://") for host in hosts if host.startswith("unix://"))
        plain = not hosts or any(host.startswith("fd://") for host in hosts) or "" in told
        return (*told, *(DEFAULT_SOCKETS if plain else ()))


def parse_daemons(section: Section) -> tuple[Daemon, ...]:
    """The daemons of the ``daemon`` section, the oldest first."""
    found: list[Daemon] = []
    for word, data in section.starting("argv"):
        pid = number(word)
        argv = tuple(text(data).rstrip("\0").split("\0"))
        executable = text(section.find(f"exe {word}") or b"").strip()
        if pid is not None and is_daemon(argv, executable or None):
            uid = number(text(section.find(f"uid {word}") or b"").strip())
            found.append(Daemon(pid, argv, uid))
    return tuple(sorted(found, key=lambda daemon: daemon.pid))


def choose(daemons: tuple[Daemon, ...], engine_socket: str | None) -> Daemon | None:
    """The daemon behind a socket, by default the usual one; otherwise the oldest, or None."""
    wanted = (engine_socket.removeprefix("unix://"),) if engine_socket else DEFAULT_SOCKETS
    if wanted[0] in DEFAULT_SOCKETS:
        wanted = DEFAULT_SOCKETS
    listening = [daemon for daemon in daemons if set(wanted) & set(daemon.sockets)]
    return next(iter(listening or daemons), None)
