"""Sessions over SSH."""

import shlex
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import paramiko

from hosts.connections.base import CommandResult, ConnectionLost
from hosts.connections.channels import ChannelRefused, open_command, send_signal
from hosts.connections.discovery import find_engine
from hosts.connections.engine import EngineClient
from hosts.connections.options import ConnectOptions
from hosts.connections.routes import SSHRoute
from hosts.connections.session import BaseSession
from hosts.connections.target import Target
from hosts.connections.transport import connect

_CHUNK = 256 * 1024
# How long the last words to a command that was cut off may take to send, in seconds.
_FAREWELL = 1.0


class SSHSession(BaseSession):
    """A session over one SSH connection: commands, and the engine's API on channels beside them.

    ``host_key`` is the verified key of the host ("ssh-ed25519 AAAA…"), for pinning at enrolment.
    """

    can_run = True

    def __init__(self, target: Target, options: ConnectOptions) -> None:
        """Connect. Raises ConnectionFailed."""
        super().__init__(target, options)
        self._connection = connect(target, options)
        self.transport = self._connection.transport
        self.host_key = str(self._connection.host_key)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        max_bytes: int = 4_000_000,
    ) -> CommandResult:
        """See Session.run.

        A command that is cut off is sent SIGTERM and its channel is closed. OpenSSH does not pass
        signals on in root's sessions: there the command ends when it writes or reads next.
        """
        start = time.monotonic()
        try:
            channel = open_command(self.transport, shlex.join(argv), timeout)
        except ChannelRefused as error:
            raise ConnectionLost(
                f"{self.target} opens no channel for a command: check MaxSessions in its"
                " sshd_config."
            ) from error
        except (paramiko.SSHException, EOFError, OSError) as error:
            if "Timeout opening channel" in str(error):
                return CommandResult(None, b"", b"", time.monotonic() - start, "deadline")
            raise ConnectionLost(f"The connection to {self.target} is lost: try again.") from error
        running = _RunningCommand(channel, start + timeout, max_bytes)
        try:
            return running.finish(stdin, start)
        finally:
            channel.close()

    def _find_engine(self) -> EngineClient:
        return find_engine(self, SSHRoute(self.transport, self.target), self.options)

    def close(self) -> None:
        """See Session.close."""
        # The connection first: closing the engine's channels one by one waits for a stalled line.
        self._connection.close()
        super().close()


class _Wake(threading.Event):
    """An event for both of a channel's buffers, which each clear theirs when it is empty.

    The other buffer may not be empty, so only ``rearm`` clears this one.
    """

    def clear(self) -> None:
        """Ignored."""

    def rearm(self) -> None:
        """Clear it, before looking at both buffers."""
        super().clear()


class _RunningCommand:
    """Drains both streams of one command, until it ends, the deadline or the cap."""

    def __init__(self, channel: paramiko.Channel, deadline: float, max_bytes: int) -> None:
        self.channel = channel
        self.deadline = deadline
        self.room = max_bytes
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.wake = _Wake()
        channel.in_buffer.set_event(self.wake)
        channel.in_stderr_buffer.set_event(self.wake)

    def finish(self, stdin: bytes, start: float) -> CommandResult:
        """Feed the input, collect the output and the exit status."""
        writer = self._feed(stdin)
        cut = self._drain()
        if cut:
            self._abandon()
        elif writer:
            # Closing the channel wakes a writer that waits for the host to read.
            self.channel.close()
        if writer:
            writer.join()
        status = None if cut or self.channel.exit_status < 0 else self.channel.exit_status
        # A channel that closed without a status: the link broke, the start was refused, or the
        # command died from a signal, which paramiko doesn't tell.
        cut = cut or ("connection" if status is None else None)
        return CommandResult(
            status, bytes(self.stdout), bytes(self.stderr), time.monotonic() - start, cut
        )

    def _feed(self, stdin: bytes) -> threading.Thread | None:
        if not stdin:
            self.channel.shutdown_write()
            return None
        writer = threading.Thread(target=self._write, args=(stdin,), daemon=True)
        writer.start()
        return writer

    def _write(self, stdin: bytes) -> None:
        view = memoryview(stdin)
        try:
            while view:
                view = view[self.channel.send(bytes(view[:_CHUNK])) :]
            self.channel.shutdown_write()
        except (paramiko.SSHException, EOFError, OSError):
            pass  # the command ended without reading its input, which its exit status tells

    def _drain(self) -> str | None:
        while True:
            self.wake.rearm()
            over = self._ended()
            if not self._read_all_buffered():
                return "size"
            if over:
                return None
            remaining = self.deadline - time.monotonic()
            if remaining <= 0:
                return "deadline"
            if self.channel.eof_received:
                self.channel.status_event.wait(remaining)
            else:
                self.wake.wait(remaining)

    def _ended(self) -> bool:
        channel = self.channel
        return channel.closed or (bool(channel.eof_received) and channel.exit_status_ready())

    def _read_all_buffered(self) -> bool:
        """Move what has arrived into the output; False when the cap is reached."""
        channel = self.channel
        while channel.recv_ready():
            if not self._keep(self.stdout, channel.recv(_CHUNK)):
                return False
        while channel.recv_stderr_ready():
            if not self._keep(self.stderr, channel.recv_stderr(_CHUNK)):
                return False
        return True

    def _keep(self, stream: bytearray, data: bytes) -> bool:
        stream += data[: self.room]
        fits = len(data) <= self.room
        self.room -= min(len(data), self.room)
        return fits

    def _abandon(self) -> None:
        """End the command on the host, and the whole connection if not even that can be sent."""
        farewell = threading.Thread(target=self._terminate, daemon=True)
        farewell.start()
        farewell.join(_FAREWELL)
        if farewell.is_alive():
            self.channel.get_transport().close()
            farewell.join()

    def _terminate(self) -> None:
        """Signal first: closing the channel alone leaves a silent command running on the host."""
        with suppress(paramiko.SSHException, EOFError, OSError):
            send_signal(self.channel, "TERM")
            self.channel.close()
