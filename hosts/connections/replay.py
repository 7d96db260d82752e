"""Replaying a recorded session: the same interface, the answers from the file of ``record``."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests
import requests.adapters

from hosts.connections.base import CommandResult, EngineError, EngineUnavailable, NoShell
from hosts.connections.engine import EngineClient
from hosts.connections.options import ConnectOptions, Limits
from hosts.connections.record import NONCE, SCHEMA, command_key, find_nonce
from hosts.connections.session import BaseSession
from hosts.connections.stream import make_response
from hosts.connections.target import parse_target


class NotRecorded(LookupError):
    """A command or request that the recording has no answer to: record the session anew."""


class ReplaySession(BaseSession):
    """A session that answers from a recording. Its durations are 0."""

    def __init__(self, path: Path) -> None:
        """Read a recording. Raises ValueError if the file is none."""
        recording = json.loads(path.read_text(encoding="ascii"))
        if not isinstance(recording, dict) or recording.get("schema") != SCHEMA:
            raise ValueError(f"{path} is not a recording of the form {SCHEMA}.")
        options = ConnectOptions(sudo=recording["sudo"])
        super().__init__(parse_target(recording["target"]), options)
        self.can_run: bool = recording["can_run"]
        self._path = path
        self._recording = recording
        self._commands = {_lookup_key(entry): entry for entry in recording["commands"]}

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: bytes = b"",
        timeout: float = 30.0,  # noqa: ARG002 (the signature is that of Session.run)
        max_bytes: int = 4_000_000,  # noqa: ARG002
    ) -> CommandResult:
        """The recorded answer, with this command's nonce. Raises NotRecorded."""
        if not self.can_run:
            raise NoShell(self.target)
        entry = self._commands.get(_lookup_key(command_key(argv, stdin)))
        if entry is None:
            raise NotRecorded(
                f"{self._path.name} has no answer to the command {list(argv)!r}"
                f" with {len(stdin)} bytes of input: record it anew."
            )
        nonce = find_nonce(argv, stdin) or NONCE
        return CommandResult(
            entry["exit_status"],
            _bytes(entry["stdout"].replace(NONCE, nonce)),
            _bytes(entry["stderr"].replace(NONCE, nonce)),
            0.0,
            entry["cut"],
        )

    def _find_engine(self) -> EngineClient:
        engine = self._recording["engine"]
        if engine is None:
            raise NotRecorded(f"{self._path.name} was recorded without its engine.")
        if "unavailable" in engine:
            error = engine["unavailable"]
            raise EngineUnavailable(
                error["code"], error["reason"], error["hint"], retryable=error["retryable"]
            )
        adapter = _ReplayAdapter(self._path.name, self._recording["answers"])
        return EngineClient(adapter, Limits()).speak(engine["api_version"])


class _ReplayAdapter(requests.adapters.BaseAdapter):
    def __init__(self, name: str, answers: list[dict[str, Any]]) -> None:
        super().__init__()
        self._name = name
        self._answers = {(entry["method"], entry["path"]): entry for entry in answers}

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        entry = self._answers.get((str(request.method), request.path_url))
        if entry is None:
            raise NotRecorded(
                f"{self._name} has no answer to {request.method} {request.path_url}: record it"
                " anew."
            )
        if error := entry.get("error"):
            raise EngineError(error["code"], error["reason"], retryable=error["retryable"])
        body = json.dumps(entry["json"]).encode() if "json" in entry else _bytes(entry["text"])
        return make_response(request, entry["status"], body, {})

    def close(self) -> None:
        """Nothing is open."""


def _lookup_key(entry: dict[str, Any]) -> tuple[str, str]:
    return json.dumps(entry["argv"]), entry["stdin_sha256"]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
