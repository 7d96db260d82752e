"""HTTP over any byte stream, with a deadline and a size cap on each answer.

One adapter for requests serves every way to an engine: a Unix socket, TLS, or a channel of an SSH
connection. What differs is the function that dials.
"""

import http.client
import io
import select
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

import paramiko
import requests
import requests.adapters
from requests.structures import CaseInsensitiveDict

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
            raise deadline_passed() from None
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


class _Connection(http.client.HTTPConnection):
    """An HTTP connection over a dialled stream."""

    sock: BoundedStream

    def __init__(self, stream: BoundedStream) -> None:
        super().__init__("engine.invalid")
        self.sock = stream
        self.auto_open = 0

    def ask(self, request: requests.PreparedRequest, limits: Limits) -> requests.Response:
        """Send a request without body and read its whole answer, within the limits."""
        self.sock.begin(limits.answer, limits.answer_bytes)
        self.putrequest(str(request.method), request.path_url, skip_accept_encoding=True)
        for name, value in request.headers.items():
            self.putheader(name, value)
        self.endheaders()
        answer = self.getresponse()
        if answer.getheader("Content-Encoding", "identity") != "identity":
            # Not unpacked: it could unpack to any size.
            raise EngineError(
                "engine-answer", "The engine's answer is compressed, which was not asked for."
            )
        # In pieces: http.client makes room at once for as much as the host announces.
        body = b"".join(iter(lambda: answer.read(_CHUNK), b""))
        if answer.length:
            raise http.client.IncompleteRead(body, answer.length)
        if answer.will_close:
            self.close()
        return make_response(request, answer.status, body, dict(answer.headers.items()))

    @property
    def usable(self) -> bool:
        """Whether it can take another request."""
        return bool(self.sock) and self.sock.alive()


def make_response(
    request: requests.PreparedRequest, status: int, body: bytes, headers: Mapping[str, str]
) -> requests.Response:
    """An answer whose body was read already, as requests and the SDK on top of it want it."""
    response = requests.Response()
    response.request = request
    response.url = str(request.url)
    response.status_code = status
    response.reason = http.client.responses.get(status, "")
    response.headers = CaseInsensitiveDict(headers)
    response.encoding = "utf-8"
    response._content = body  # noqa: SLF001 (requests has no other way to set it)
    return response


class StreamAdapter(requests.adapters.BaseAdapter):
    """Sends requests over dialled streams, up to ``limits.engine_connections`` at a time.

    There is no other way out: proxies, redirects and names of hosts have no meaning here. It is
    http.client alone, since what requests and urllib3 do for each request takes more CPU time than
    the request itself.
    """

    def __init__(self, dial: Dial, limits: Limits, explain: Explain | None = None) -> None:
        super().__init__()
        self._dial = dial
        self._limits = limits
        self._explain = explain
        self._turn = threading.BoundedSemaphore(limits.engine_connections)
        self._idle: list[_Connection] = []
        self._closed = False

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Send a request. Raises EngineError, or what dialling raises."""
        # Whoever waits for a turn gives up like one whose answer does not come.
        if not self._turn.acquire(timeout=self._limits.answer):
            raise deadline_passed()
        try:
            return self._kept_answer(request) or self._answer(self._connect(), request)
        except (OSError, http.client.HTTPException) as error:
            raise answer_cut() from error
        finally:
            self._turn.release()

    def _kept_answer(self, request: requests.PreparedRequest) -> requests.Response | None:
        """The answer over a connection that was kept open; None if the engine has dropped it."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.usable:
                connection.close()
                continue
            with suppress(ConnectionError, http.client.RemoteDisconnected):
                return self._answer(connection, request)
        return None

    def _connect(self) -> _Connection:
        return _Connection(BoundedStream(self._dial(self._limits.connect), self._explain))

    def _answer(
        self, connection: _Connection, request: requests.PreparedRequest
    ) -> requests.Response:
        try:
            response = connection.ask(request, self._limits)
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        if self._closed:
            self.close()
        return response

    def close(self) -> None:
        """Close the idle connections; those in use close when their answer is read."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


def answer_cut() -> EngineError:
    """The error for an answer that did not come to its end, or was no HTTP at all."""
    return EngineError(
        "engine-cut", "The engine's API closed the connection in mid-answer.", retryable=True
    )


def deadline_passed() -> EngineError:
    """The error for an answer that did not come in time."""
    return EngineError("engine-deadline", "The engine did not answer in time.", retryable=True)
