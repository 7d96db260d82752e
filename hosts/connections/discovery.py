"""Finding the way to a host's container engine: which socket, directly or through a command.

Order without sudo: the usual sockets directly, those of the user's own (rootless) engine last,
then the engine's command line where sshd forbids forwarding. With sudo: the system's socket if it
is open to the user anyway, then ``sudo -n docker system dial-stdio`` (or podman's), for which one
sudoers line is enough, then a rootless engine.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from hosts.connections.base import ConnectionFailed, EngineUnavailable, Session
from hosts.connections.engine import EngineClient
from hosts.connections.options import ConnectOptions
from hosts.connections.stream import ByteStream, StreamAdapter

DOCKER_SOCKET = "/run/docker.sock"
PODMAN_SOCKET = "/run/podman/podman.sock"

# Prints what the user can see of engines. The sockets to look at are its arguments; those of
# rootless engines are added. Read from standard input, so that no login shell has to parse it.
_SURVEY = b"""\
PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
own="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"
[ "$#" -gt 1 ] && set -- "$@" "$own/docker.sock" "$own/podman/podman.sock"
for path in "$@"; do
  if [ -S "$path" ]; then
    if [ -r "$path" ] && [ -w "$path" ]; then echo "usable $path"; else echo "denied $path"; fi
  elif [ -d "${path%/*}" ] && [ ! -x "${path%/*}" ]; then
    echo "hidden $path"
  fi
done
for name in docker dockerd podman; do
  command -v "$name" >/dev/null 2>&1 && echo "program $name"
done
exit 0
"""


class Route(Protocol):
    """How a session reaches its host's engine."""

    def open_socket(self, path: str, timeout: float) -> ByteStream:
        """Connect to a Unix socket. Raises SocketRefused."""
        ...

    def open_command(self, argv: list[str], timeout: float) -> tuple[ByteStream, Callable[[], str]]:
        """Start a command that speaks the API on its standard streams.

        The second value tells what it wrote to standard error, for when it did not answer.
        """
        ...


class SocketRefused(Exception):
    """A socket that was not opened.

    Over SSH the reason is not told: sshd answers alike where the socket is absent, refuses, is not
    the user's, or where AllowStreamLocalForwarding is off.
    """


@dataclass(slots=True)
class _Survey:
    usable: list[str] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    programs: set[str] = field(default_factory=set)


def find_engine(session: Session, route: Route, options: ConnectOptions) -> EngineClient:
    """A negotiated client of the host's engine. Raises EngineUnavailable."""
    finder = _Finder(session, route, options)
    return finder.with_sudo() if options.sudo else finder.without_sudo()


class _Finder:
    def __init__(self, session: Session, route: Route, options: ConnectOptions) -> None:
        self.session = session
        self.route = route
        self.options = options
        chosen = options.engine_socket
        self.paths = [chosen] if chosen else [DOCKER_SOCKET, PODMAN_SOCKET]

    def without_sudo(self) -> EngineClient:
        """The first socket is tried before anything is asked: on most hosts that is all."""
        tried = self.paths[0]
        with suppress(SocketRefused):
            return self._by_socket(tried)
        survey = self._survey()
        for path in survey.usable:
            if path != tried:
                with suppress(SocketRefused):
                    return self._by_socket(path)
        if survey.usable and survey.programs & {"docker", "podman"}:
            return self._by_command(survey.usable[0], survey, sudo=False)
        raise self._nothing_usable(survey)

    def with_sudo(self) -> EngineClient:
        """Through the engine's command line as root, unless the socket is open to the user."""
        survey = self._survey()
        path = self.options.engine_socket or self._likely_socket(survey)
        if path in survey.usable:
            with suppress(SocketRefused):
                return self._by_socket(path)
        if survey.programs & {"docker", "podman"}:
            return self._by_command(path, survey, sudo=True)
        for usable in survey.usable:
            with suppress(SocketRefused):
                return self._by_socket(usable)
        if "dockerd" in survey.programs or survey.denied:
            raise EngineUnavailable(
                "no-cli",
                f"{self.session.target} has an engine but no docker or podman command, which sudo"
                " needs to reach it.",
                "Install the docker-cli package there, or add the user to the docker group.",
            )
        raise self._nothing_usable(survey)

    def _survey(self) -> _Survey:
        result = self.session.run(
            ["sh", "-s", "--", *self.paths], stdin=_SURVEY, timeout=10.0, max_bytes=20_000
        )
        if result.exit_status != 0:
            raise EngineUnavailable(
                "engine-hidden",
                f"The engine's socket on {self.session.target} can't be opened, and the account"
                " can't run the commands that would tell why.",
                "Give the audit account a POSIX shell.",
                retryable=result.cut is not None,
            )
        survey = _Survey()
        for line in result.stdout.decode("utf-8", "replace").splitlines():
            kind, _, value = line.partition(" ")
            match kind:
                case "usable" | "denied" | "hidden":
                    getattr(survey, kind).append(value)
                case "program":
                    survey.programs.add(value)
        return survey

    def _likely_socket(self, survey: _Survey) -> str:
        """Docker's socket if there is one; on a host with Podman alone, Podman's."""
        seen = [*survey.usable, *survey.denied]
        if DOCKER_SOCKET in seen or "podman" not in survey.programs:
            return DOCKER_SOCKET
        return DOCKER_SOCKET if "dockerd" in survey.programs else PODMAN_SOCKET

    def _by_socket(self, path: str) -> EngineClient:
        return self._client(lambda timeout: self.route.open_socket(path, timeout)).negotiate()

    def _by_command(self, path: str, survey: _Survey, *, sudo: bool) -> EngineClient:
        argv = dial_stdio(path, survey.programs, sudo=sudo)
        complaints: list[Callable[[], str]] = []

        def dial(timeout: float) -> ByteStream:
            stream, complaint = self.route.open_command(argv, timeout)
            complaints.append(complaint)
            return stream

        client = self._client(dial)
        try:
            negotiated = client.negotiate()
        except EngineUnavailable as error:
            said = complaints[0]() if complaints else ""
            client.close()
            raise explain_command(argv, said, str(self.session.target)) or error from error
        complaints.clear()
        return negotiated

    def _client(self, dial: Callable[[float], ByteStream]) -> EngineClient:
        return EngineClient(StreamAdapter(dial, self.options.limits), self.options.limits)

    def _nothing_usable(self, survey: _Survey) -> ConnectionFailed:
        target = self.session.target
        if survey.usable:
            return EngineUnavailable(
                "engine-stopped",
                f"Nothing answers at {survey.usable[0]} on {target}: the engine has stopped, or"
                " sshd forbids forwarding to sockets.",
                "Start it, or set AllowStreamLocalForwarding yes, or install docker-cli there.",
                retryable=True,
            )
        if survey.denied:
            return EngineUnavailable(
                "engine-permission",
                f"The account may not open {survey.denied[0]} on {target}.",
                "Add it to the socket's group (which amounts to root), or allow sudo.",
            )
        if survey.hidden and survey.programs <= {"podman"}:
            return EngineUnavailable(
                "engine-permission",
                f"The account may not look for {survey.hidden[0]} on {target}.",
                "Allow sudo, or audit as the user who runs the engine.",
            )
        if survey.programs & {"docker", "dockerd", "podman"}:
            return _stopped(str(target), self.paths[0], podman="podman" in survey.programs)
        return EngineUnavailable(
            "no-engine",
            f"{target} has no container engine: no socket at {', '.join(self.paths)}, and neither"
            " dockerd nor podman is installed.",
            "If the engine listens elsewhere, give its socket (--engine-socket).",
        )


def dial_stdio(path: str, programs: set[str], *, sudo: bool) -> list[str]:
    """The command that speaks the API of the engine at ``path`` on its standard streams.

    With sudo and the default socket it is exactly ``docker system dial-stdio``, so that one sudoers
    line allows it. Without sudo the socket is always named: the user's own docker context may
    point to another engine. ``programs`` holds docker, podman or both.
    """
    podman = "podman" in programs and ("podman" in path or "docker" not in programs)
    name = "podman" if podman else "docker"
    option = "--url" if name == "podman" else "-H"
    default = PODMAN_SOCKET if name == "podman" else DOCKER_SOCKET
    named = [] if sudo and path == default else [option, f"unix://{path}"]
    # LC_ALL: the messages are read by explain_command.
    prefix = ["env", "LC_ALL=C", *(["sudo", "-n"] if sudo else [])]
    return [*prefix, name, *named, "system", "dial-stdio"]


def _stopped(target: str, path: str, *, podman: bool) -> EngineUnavailable:
    return EngineUnavailable(
        "engine-stopped",
        f"The engine on {target} is not running: nothing answers at {path}.",
        "Start it: systemctl start " + ("docker, or podman.socket." if podman else "docker."),
        retryable=True,
    )


def explain_command(argv: list[str], said: str, target: str) -> EngineUnavailable | None:
    """What a dial-stdio command that did not answer complained about; None if it is not known."""
    command = " ".join(argv[argv.index("env") + 2 :])
    if re.search(r"password is required|a terminal is required|no askpass", said):
        return EngineUnavailable(
            "engine-permission",
            f"sudo on {target} wants a password for the audit account.",
            f"Allow it without one in sudoers: NOPASSWD: {command.removeprefix('sudo -n ')}.",
        )
    if re.search(r"not allowed to (execute|run)|not in the sudoers|may not run sudo", said):
        return EngineUnavailable(
            "engine-permission",
            f"sudo on {target} does not allow the audit account to run what it needs.",
            f"Allow in sudoers: NOPASSWD: {command.removeprefix('sudo -n ')}.",
        )
    if re.search(r"sudo: (command )?not found|sudo.*No such file|must be .*setuid", said):
        return EngineUnavailable(
            "engine-permission",
            f"{target} has no working sudo.",
            "Install it, or audit as root or as a member of the docker group.",
        )
    if re.search(r"permission denied", said, re.IGNORECASE):
        return EngineUnavailable(
            "engine-permission",
            f"The account may not open the engine's socket on {target}.",
            "Add it to the socket's group (which amounts to root), or allow sudo.",
        )
    if re.search(r"no such file|connection refused|Cannot connect|command not found", said):
        return _stopped(target, "its socket", podman="podman" in command)
    return None
