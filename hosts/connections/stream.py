"""HTTP over any byte stream, with a deadline and a size cap on each answer.

One adapter for requests serves every way to an engine: a Unix socket, TLS, or a channel of an SSH
connection. What differs is the function that dials.
"""

import io
import select
import ssl
import time
from collections.abc import Callable
from typing import Any, Protocol

import paramiko
import requests
import requests.adapters
import urllib3
import urllib3.connection
from urllib3.util.retry import Retry

from hosts.connections.base import ConnectionFailed, EngineError
from hosts.connections.options import Limits

_CHUNK = 64 * 1024


class ByteStream(Protocol):
    """What sockets, TLS sockets and SSH channels have in common."""

    def fileno(self) -> int:
        """For select; not used on SSH channels, where it costs a pipe."""
        ...

    def settimeout(self, timeout: float | None, /) -> None:
        """Bound the next ``recv`` or ``sendall``, in seconds."""

    def recv(self, size: int, /) -> bytes:
        """Read up to ``size`` bytes; empty at the end."""
        ...

    def sendall(self, data: bytes, /) -> object:
        """Write everything."""

    def close(self) -> None:
        """Close both directions."""


# Opens a new stream to the engine within so many seconds. Raises ConnectionFailed.
Dial = Callable[[float], ByteStream]
# Turns an error of TLS into one for people.
Explain = Callable[[ssl.SSLError], ConnectionFailed]


class BoundedStream:
    """A stream whose answers end by a deadline and within a cap, however they are sent."""

    def __init__(self, raw: ByteStream, explain: Explain | None = None) -> None:
        self.raw = raw
        self.explain = explain
        self.deadline = 0.0
        self.room = 0
        self._readers = 0
        self._closing = False

    def begin(self, seconds: float, max_bytes: int) -> None:
        """Start the account of one request and its answer."""
        self.deadline = time.monotonic() + seconds
        self.room = max_bytes

    def settimeout(self, timeout: float | None) -> None:
        """Ignored: the deadline of ``begin`` holds, over all reads together."""

    def sendall(self, data: bytes) -> None:
        """Send a request. Raises EngineError at the deadline, OSError if the stream broke."""
        self._within_deadline(lambda: self.raw.sendall(data))

    def recv(self, size: int) -> bytes:
        """Read a part of the answer; empty at its end. Raises EngineError at deadline and cap."""
        data: bytes = self._within_deadline(lambda: self.raw.recv(min(size, _CHUNK)))
        self.room -= len(data)
        if self.room < 0:
            raise EngineError("engine-size", "The engine's answer is larger than the cap.")
        return data

    def _within_deadline(self, action: Callable[[], Any]) -> Any:
        remaining = self.deadline - time.monotonic()
        try:
            if remaining <= 0:
                raise TimeoutError
            self.raw.settimeout(remaining)
            return action()
        except TimeoutError:
            raise EngineError(
                "engine-deadline", "The engine did not answer in time.", retryable=True
            ) from None
        except ssl.SSLError as error:
            raise (self.explain(error) if self.explain else error) from error
        except (EOFError, paramiko.SSHException) as error:
            raise ConnectionResetError(str(error)) from error

    def alive(self) -> bool:
        """Whether an idle stream can take another request: nothing to read, not closed."""
        if isinstance(self.raw, paramiko.Channel):
            channel = self.raw
            return not (channel.closed or channel.eof_received or channel.recv_ready())
        return not select.select([self.raw.fileno()], [], [], 0)[0]

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """A reader of the answer, as http.client wants it."""
        self._readers += 1
        return io.BufferedReader(_Reader(self), _CHUNK)

    def shutdown(self, how: int) -> None:
        """Nothing to do before close."""

    def close(self) -> None:
        """Close once the last reader is done, as sockets do for their files."""
        self._closing = True
        if not self._readers:
            self.raw.close()

    def reader_closed(self) -> None:
        """Called by a reader."""
        self._readers -= 1
        if self._closing:
            self.close()


class _Reader(io.RawIOBase):
    def __init__(self, stream: BoundedStream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._stream.reader_closed()


class _Connection(urllib3.connection.HTTPConnection):
    """An HTTP connection over a dialled stream."""

    def __init__(
        self, *args: Any, dial: Dial, explain: Explain | None, limits: Limits, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self._dial = dial
        self._explain = explain
        self._limits = limits

    def connect(self) -> None:
        stream = BoundedStream(self._dial(self._limits.connect), self._explain)
        stream.begin(self._limits.answer, self._limits.answer_bytes)
        self.sock = stream

    def request(self, *args: Any, **kwargs: Any) -> None:
        if isinstance(self.sock, BoundedStream):
            self.sock.begin(self._limits.answer, self._limits.answer_bytes)
        super().request(*args, **kwargs)

    @property
    def is_connected(self) -> bool:
        # urllib3 would select on the stream's file number, which makes paramiko open a pipe.
        return isinstance(self.sock, BoundedStream) and self.sock.alive()


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


# Once the engine has answered: it may have closed a connection that was kept open for the next
# request. Not before, so that sudo is not asked twice.
_RETRY_DROPPED = Retry(total=1, read=1, connect=0, redirect=0, status=0, other=0)


class StreamAdapter(requests.adapters.HTTPAdapter):
    """Sends requests over dialled streams, up to ``limits.engine_connections`` at a time.

    There is no other way out: proxies, redirects and names of hosts have no meaning here.
    """

    def __init__(self, dial: Dial, limits: Limits, explain: Explain | None = None) -> None:
        super().__init__()
        self._pool = _Pool(
            "engine.invalid",
            maxsize=limits.engine_connections,
            block=True,
            dial=dial,
            explain=explain,
            limits=limits,
        )

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """The one pool, whatever the address."""
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        """The path alone: there is no proxy."""
        return request.path_url

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Send, refusing an answer that is compressed: it could unpack to any size."""
        response = super().send(request, **kwargs)
        self.max_retries = _RETRY_DROPPED
        if response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            raise EngineError(
                "engine-answer", "The engine's answer is compressed, which was not asked for."
            )
        return response

    def close(self) -> None:
        """Close the idle connections; those in use close when their answer is read."""
        self._pool.close()
        super().close()
