"""An engine's API on a Unix socket that answers from a recording, or as badly as a test wants."""

import copy
import json
import socketserver
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote

RECORDINGS = Path(__file__).parent / "recordings"
DOCKER_20, DOCKER_26, DOCKER_28 = "docker-20.10.24", "docker-26.1.5", "docker-28.5.2"
# Podman 4.3 ran outside of the lab, in a bookworm tree: two containers without a network, one
# privileged, one not started; its process lists were not recorded.
PODMAN_4, PODMAN_5 = "podman-4.3.1", "podman-5.4.2"


@cache
def _recorded(name: str) -> dict[str, Any]:
    return json.loads((RECORDINGS / f"{name}.json").read_text())


def recording(name: str) -> dict[str, Any]:
    """Path and query → answer, as that engine gave it (see record.py). Free to be changed."""
    return copy.deepcopy(_recorded(name))


def containers(answers: dict[str, Any]) -> dict[str, Any]:
    """The recorded answers of inspected containers, by name."""
    found = (answers[f"/containers/{entry['Id']}/json"] for entry in listed(answers))
    return {answer["Name"].removeprefix("/"): answer for answer in found}


def listed(answers: dict[str, Any]) -> list[Any]:
    """The recorded list of containers."""
    return answers["/containers/json?limit=-1&all=1&size=0&trunc_cmd=0"]


def path_of(answers: dict[str, Any], container: str) -> str:
    """The path that a container is inspected at."""
    return f"/containers/{containers(answers)[container]['Id']}/json"


class EngineServer:
    """Answers requests from a dict that a test may change at any time.

    A value is an answer's JSON; ``{"$status": 500, "message": …}`` an error; bytes a raw body; a
    function of no arguments makes any of them when asked. ``asked`` holds the paths, in order.
    """

    def __init__(self, answers: dict[str, Any], socket: Path) -> None:
        self.answers = answers
        self.socket = socket
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """The target to audit."""
        return f"unix://{self.socket}"

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body for a path with its query."""
        versionless = "/" + path.removeprefix("/v").partition("/")[2] if path[:2] == "/v" else path
        path = path if path == "/version" else versionless
        self.asked.append(path)
        missing = {"$status": 404, "message": "page not found"}
        found = self.answers.get(path, self.answers.get(path.partition("?")[0], missing))
        if callable(found):
            found = found()
        if isinstance(found, bytes):
            return 200, found
        status = found.get("$status", 200) if isinstance(found, dict) else 200
        return status, json.dumps(found).encode()


@contextmanager
def serving(answers: dict[str, Any]) -> Iterator[EngineServer]:
    """A server on a socket of its own."""
    # Not pytest's tmp_path: a socket's path is limited to 107 bytes.
    with tempfile.TemporaryDirectory(prefix="engine-") as directory:
        engine = EngineServer(answers, Path(directory) / "engine.sock")

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body = engine.answer(unquote(self.path.replace("+", " ")))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "unix"

            def log_message(self, *_: object) -> None:
                pass

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that leaves in mid-answer is what some tests are about."""

        with Server(str(engine.socket), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            try:
                yield engine
            finally:
                server.shutdown()


def images(answers: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The recorded answers of inspected images and their histories, by first tag or id."""
    found = {}
    for entry in answers["/images/json?only_ids=0&all=0"]:
        image_id = entry["Id"]
        name = (entry["RepoTags"] or [image_id])[0]
        found[name] = (answers[f"/images/{image_id}/json"], answers[f"/images/{image_id}/history"])
    return found
