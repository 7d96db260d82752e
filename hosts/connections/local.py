"""Sessions on this machine."""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import IO

from hosts.connections.base import CommandResult
from hosts.connections.discovery import find_engine
from hosts.connections.engine import EngineClient
from hosts.connections.routes import LocalRoute
from hosts.connections.session import BaseSession

_CHUNK = 256 * 1024
# Exit statuses of a shell for a command that is not there and one that can't be executed.
_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


class LocalSession(BaseSession):
    """Runs commands as child processes and reaches the engine by its Unix socket."""

    can_run = True

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        max_bytes: int = 4_000_000,
    ) -> CommandResult:
        """See Session.run. A command that is cut off is killed with its whole process group."""
        start = time.monotonic()
        try:
            process = subprocess.Popen(
                list(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            status = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE
            message = f"{argv[0]}: {error.strerror}\n".encode()
            return CommandResult(status, b"", message, time.monotonic() - start)
        with _Pipes(process, stdin, max_bytes) as pipes:
            cut = pipes.pump(start + timeout) or _wait(process, start + timeout)
            if cut:
                _kill_group(process)
        code = process.wait()
        # A command killed by signal N has the status 128 + N, as in a shell.
        status = 128 - code if code < 0 else code
        return CommandResult(
            None if cut else status,
            bytes(pipes.stdout),
            bytes(pipes.stderr),
            time.monotonic() - start,
            cut,
        )

    def _find_engine(self) -> EngineClient:
        return find_engine(self, LocalRoute(), self.options)


def _wait(process: subprocess.Popen[bytes], deadline: float) -> str | None:
    """Wait for the end of a command that closed its streams."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return "deadline"
    return None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:
        # The leader is sudo, which passes SIGTERM on to what it runs.
        process.terminate()


class _Pipes:
    """The three pipes of a child process, served together so that none of them blocks."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: bytes, max_bytes: int) -> None:
        stdin_pipe, stdout, stderr = process.stdin, process.stdout, process.stderr
        if stdin_pipe is None or stdout is None or stderr is None:
            raise ValueError("all three streams of the process must be pipes")
        self.stdin = stdin_pipe
        self.unsent = memoryview(stdin)
        self.room = max_bytes
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.files = (self.stdin, stdout, stderr)
        self.selector = selectors.DefaultSelector()
        for file in (self.stdin, stdout, stderr):
            os.set_blocking(file.fileno(), False)
        self.selector.register(self.stdin, selectors.EVENT_WRITE, self._write)
        for file, buffer in ((stdout, self.stdout), (stderr, self.stderr)):
            self.selector.register(file, selectors.EVENT_READ, self._reader(file, buffer))

    def pump(self, deadline: float) -> str | None:
        """Move bytes until all pipes are closed; tells what cut it short, if anything."""
        while self.selector.get_map():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return "deadline"
            for key, _ in self.selector.select(remaining):
                if not key.data():
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
            if self.room < 0:
                return "size"
        return None

    def _write(self) -> bool:
        if self.unsent:
            try:
                self.unsent = self.unsent[os.write(self.stdin.fileno(), self.unsent[:_CHUNK]) :]
            except BrokenPipeError:
                return False
        return bool(self.unsent)

    def _reader(self, file: IO[bytes], buffer: bytearray) -> Callable[[], bool]:
        def read() -> bool:
            data = os.read(file.fileno(), _CHUNK)
            buffer.extend(data[: max(self.room, 0)])
            self.room -= len(data)
            return bool(data)

        return read

    def __enter__(self) -> "_Pipes":
        return self

    def __exit__(self, *_: object) -> None:
        self.selector.close()
        for file in self.files:
            file.close()
