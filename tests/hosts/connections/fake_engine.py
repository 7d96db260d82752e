"""An engine that misbehaves: a few lines of HTTP on a Unix socket, answering as a test says."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

Answer = Callable[[socket.socket, str], None]
VERSION = {"ApiVersion": "1.41", "Version": "20.10.24"}


def respond(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    """An HTTP response with this body."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class FakeEngine:
    """Answers /version properly and any other request with ``answer(connection, path)``."""

    def __init__(self, path: Path, answer: Answer, version: Answer | None = None) -> None:
        self.path = path
        self.answer = answer
        self.version = version
        self.requests: list[str] = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := self._read(connection):
                self.requests.append(request)
                path = request.split()[1]
                if path == "/version" and self.version is None:
                    connection.sendall(respond(json.dumps(VERSION).encode()))
                else:
                    (self.version or self.answer)(connection, path)

    @staticmethod
    def _read(connection: socket.socket) -> str:
        data = b""
        while b"\r\n\r\n" not in data:
            received = connection.recv(65536)
            if not received:
                return ""
            data += received
        return data.decode()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
