"""Recording a session: what a host answered, scrubbed of secrets, as one JSON file for tests.

The file (schema ``posture.recording/1``) holds the commands' answers and, at the level of HTTP, the
engine's. It is the same for the same answers, whatever their order in time: durations are left out,
entries and keys are sorted. Bytes that are not UTF-8 are kept as surrogate escapes.

Secrets: ``redact_json`` on the engine's answers, ``redact_text`` on commands' output,
``redact_argv`` on their arguments; standard input is kept as a digest. The target keeps its user
and host.

A **nonce** (``posture-`` and 32 hex digits, in the arguments or the first line of standard input)
is recorded as ``NONCE``, wherever it occurs, and put back by the replay, so that a recording fits a
command with another nonce. Lines that hold the nonce frame the output and are not scrubbed.
"""

import hashlib
import json
import os
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
import requests.adapters

from hosts.connections.base import CommandResult, EngineError, EngineUnavailable, Session
from hosts.connections.engine import BASE_URL, EngineClient, parse_json
from hosts.connections.redact import redact_argv, redact_json, redact_text
from hosts.connections.target import Target

SCHEMA = "posture.recording/1"
NONCE = "posture-" + "0" * 32
_NONCE = re.compile(r"posture-[0-9a-f]{32}")


class RecordingSession:
    """A session that passes everything on to another one and writes down the answers.

    The file is written by ``close``. The caller sees the answers as they are, not scrubbed.
    """

    def __init__(self, session: Session, path: Path) -> None:
        self._session = session
        self._path = path
        self._lock = threading.Lock()
        self._commands: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, dict[str, Any]] = {}
        self._engine: dict[str, Any] | None = None
        self._client: EngineClient | None = None

    @property
    def target(self) -> Target:
        """See Session.target."""
        return self._session.target

    @property
    def can_run(self) -> bool:
        """See Session.can_run."""
        return self._session.can_run

    @property
    def sudo(self) -> bool:
        """See Session.sudo."""
        return self._session.sudo

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,
        max_bytes: int = 4_000_000,
    ) -> CommandResult:
        """See Session.run."""
        result = self._session.run(argv, stdin=stdin, timeout=timeout, max_bytes=max_bytes)
        key = command_key(argv, stdin)
        nonce = find_nonce(argv, stdin)
        entry = key | {
            "exit_status": result.exit_status,
            "stdout": _scrub(result.stdout, nonce),
            "stderr": _scrub(result.stderr, nonce),
            "cut": result.cut,
        }
        with self._lock:
            self._commands[json.dumps(key)] = entry
        return result

    def engine(self) -> EngineClient:
        """See Session.engine."""
        try:
            client = self._session.engine()
        except EngineUnavailable as error:
            self._engine = {"unavailable": _describe(error) | {"hint": error.hint}}
            raise
        with self._lock:
            if self._client is None:
                if not isinstance(client, EngineClient):
                    raise TypeError("only a live session can be recorded")
                client.mount(BASE_URL, _RecordingAdapter(client.adapter, self._keep))
                self._client = client
                self._engine = {"api_version": client.api_version}
        return self._client

    def _keep(self, entry: dict[str, Any]) -> None:
        with self._lock:
            self._answers[f"{entry['path']} {entry['method']}"] = entry

    def close(self) -> None:
        """Close the session and write the file, readable by its owner alone."""
        self._session.close()
        recording = {
            "schema": SCHEMA,
            "target": str(self.target),
            "can_run": self.can_run,
            "sudo": self.sudo,
            "commands": [self._commands[key] for key in sorted(self._commands)],
            "engine": self._engine,
            "answers": [self._answers[key] for key in sorted(self._answers)],
        }
        # ASCII alone: lone surrogates stand for bytes that are not UTF-8.
        text = json.dumps(recording, indent=1, sort_keys=True, ensure_ascii=True)
        number = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(text + "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _RecordingAdapter(requests.adapters.BaseAdapter):
    def __init__(self, inner: requests.adapters.BaseAdapter, keep: Any) -> None:
        super().__init__()
        self._inner = inner
        self._keep = keep

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        entry: dict[str, Any] = {"method": request.method, "path": request.path_url}
        try:
            response = self._inner.send(request, **kwargs)
            body = response.content
        except EngineError as error:
            self._keep(entry | {"error": _describe(error)})
            raise
        self._keep(entry | {"status": response.status_code} | _scrub_body(body))
        return response

    def close(self) -> None:
        self._inner.close()


def find_nonce(argv: Sequence[str], stdin: bytes) -> str | None:
    """The nonce of a command: in its arguments or in the first line of its standard input."""
    first_line = stdin.partition(b"\n")[0].decode("ascii", "replace")
    for text in (*argv, first_line):
        if match := _NONCE.search(text):
            return match[0]
    return None


def command_key(argv: Sequence[str], stdin: bytes) -> dict[str, Any]:
    """What a command is recognised by, whatever its nonce."""
    nonce = find_nonce(argv, stdin)
    if nonce is not None:
        argv = [argument.replace(nonce, NONCE) for argument in argv]
        stdin = stdin.replace(nonce.encode(), NONCE.encode())
    return {"argv": redact_argv(argv), "stdin_sha256": hashlib.sha256(stdin).hexdigest()}


def _scrub(output: bytes, nonce: str | None) -> str:
    """A command's output without secrets; the lines with the nonce stay as they are."""
    text = output.decode("utf-8", "surrogateescape")
    if nonce is None:
        return redact_text(text)
    # With the line end before it: a private key that is cut off is taken up to its text's end.
    framed = re.compile(rf"((?:^|\n)[^\n]*{re.escape(nonce)}[^\n]*)")
    pieces = framed.split(text)
    # Every second piece is a line with the nonce.
    pieces[::2] = [redact_text(piece) for piece in pieces[::2]]
    return "".join(pieces).replace(nonce, NONCE)


def _scrub_body(body: bytes) -> dict[str, Any]:
    try:
        return {"json": redact_json(parse_json(body))}
    except EngineError:
        return {"text": redact_text(body.decode("utf-8", "surrogateescape"))}


def _describe(error: EngineError | EngineUnavailable) -> dict[str, Any]:
    return {"code": error.code, "reason": error.reason, "retryable": error.retryable}
