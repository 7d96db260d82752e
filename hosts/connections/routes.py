"""The two routes to a host's engine: channels of an SSH connection, and this machine's sockets."""

import shlex
import socket
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import paramiko

from hosts.connections.base import EngineUnavailable
from hosts.connections.channels import ChannelRefused, open_command, open_unix_socket
from hosts.connections.discovery import SocketRefused
from hosts.connections.stream import ByteStream
from hosts.connections.target import Target

# As much of a command's complaint as is read, in bytes.
MAX_COMPLAINT = 4000
# How long a command that closed its output may take to end, in seconds.
GRACE = 2.0


class SSHRoute:
    """To the engine over channels of an open SSH connection."""

    def __init__(self, transport: paramiko.Transport, target: Target) -> None:
        self.transport = transport
        self.target = target

    def open_socket(self, path: str, timeout: float) -> ByteStream:
        """See Route.open_socket."""
        try:
            return open_unix_socket(self.transport, path, timeout)
        except ChannelRefused as error:
            raise SocketRefused from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise self._lost() from error

    def open_command(self, argv: list[str], timeout: float) -> tuple[ByteStream, Callable[[], str]]:
        """See Route.open_command."""
        try:
            channel = open_command(self.transport, shlex.join(argv), timeout)
        except ChannelRefused as error:
            raise EngineUnavailable(
                "channel-refused",
                f"{self.target} opens no further SSH channel for the engine's API.",
                "Raise MaxSessions in its sshd_config.",
                retryable=True,
            ) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise self._lost() from error
        return channel, lambda: _channel_complaint(channel)

    def _lost(self) -> EngineUnavailable:
        return EngineUnavailable(
            "lost", f"The connection to {self.target} is lost: try again.", retryable=True
        )


def _channel_complaint(channel: paramiko.Channel) -> str:
    channel.status_event.wait(GRACE)
    data = channel.recv_stderr(MAX_COMPLAINT) if channel.recv_stderr_ready() else b""
    return data.decode("utf-8", "replace")


class _ProcessStream:
    """One end of a socket pair; a command has the other as its input and output."""

    def __init__(self, argv: list[str]) -> None:
        self.sock, theirs = socket.socketpair()
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed in close)
        self.said: str | None = None
        with theirs:
            self.process = subprocess.Popen(
                argv,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self.errors,
                start_new_session=True,
            )

    def complaint(self) -> str:
        """What the command wrote to standard error."""
        if self.said is not None:
            return self.said
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        self.errors.seek(0)
        return self.errors.read(MAX_COMPLAINT).decode("utf-8", "replace")

    def close(self) -> None:
        """End the conversation and the command."""
        self.sock.close()
        self.process.terminate()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.said = self.complaint()
        self.errors.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sock, name)


class LocalRoute:
    """To the engine of this machine."""

    def open_socket(self, path: str, timeout: float) -> ByteStream:
        """See Route.open_socket."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        try:
            sock.connect(path)
        except OSError as error:
            sock.close()
            raise SocketRefused from error
        return sock

    def open_command(
        self,
        argv: list[str],
        timeout: float,  # noqa: ARG002 (starting a process takes no time)
    ) -> tuple[ByteStream, Callable[[], str]]:
        """See Route.open_command."""
        stream = _ProcessStream(argv)
        return stream, stream.complaint
