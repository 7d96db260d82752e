"""A session recorded and replayed: the same answers, without the secrets."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import docker.errors
import pytest

from hosts.connections import (
    ConnectOptions,
    EngineError,
    EngineUnavailable,
    NoShell,
    Session,
    open_session,
    parse_target,
)
from hosts.connections.record import RecordingSession
from hosts.connections.replay import NotRecorded, ReplaySession
from hosts.connections.secret_shapes import REDACTED
from tests.hosts.connections.fake_engine import FakeEngine, respond

SECRET = "hunter2-Xk9"
NONCES = ("posture-" + "a" * 32, "posture-" + "b" * 32)
INFO = {"Name": "h1", "HttpProxy": f"http://u:{SECRET}@proxy:3128", "Strange": "é\u2028\x00"}


def answer(sock: socket.socket, path: str) -> None:
    if path.endswith("/info"):
        sock.sendall(respond(json.dumps(INFO).encode()))
    elif "/broken" in path:
        sock.sendall(respond(b"not json"))
    elif "/cut" in path:
        sock.shutdown(socket.SHUT_RDWR)
    else:
        sock.sendall(respond(b'{"message": "no such container"}', "404 Not Found"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    fake = FakeEngine(tmp_path / "engine.sock", answer)
    yield fake
    fake.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.json"


def recording(path: Path, engine: FakeEngine | None = None) -> RecordingSession:
    options = ConnectOptions(engine_socket=str(engine.path) if engine else "/does/not/exist")
    return RecordingSession(open_session(parse_target("local"), options), path)


def run_all(session: Session) -> list[object]:
    """Some commands and requests, and what came of them."""
    outcomes: list[object] = []
    for argv, stdin in (
        (["printf", "%s", "plain"], b""),
        (["sh", "-c", "echo out; echo err >&2; exit 3"], b""),
        (["printf", r"\377\000\n"], b""),
        (["cat"], b"one"),
        (["cat"], b"two"),
    ):
        result = session.run(argv, stdin=stdin)
        outcomes.append((result.exit_status, result.stdout, result.stderr, result.cut))
    client = session.engine()
    outcomes.append((client.api_version, client.info()["Name"], client.info()["Strange"]))
    for name, kind in (("gone", docker.errors.NotFound), ("broken", EngineError)):
        with pytest.raises(kind) as error:
            client.inspect_container(name)
        outcomes.append(str(error.value))
    return outcomes


def test_a_replay_answers_as_the_host_did(path: Path, engine: FakeEngine):
    with recording(path, engine) as session:
        recorded = run_all(session)
    with ReplaySession(path) as session:
        assert run_all(session) == recorded


def test_a_recording_can_be_recorded_from_nothing_twice_the_same(path: Path, engine: FakeEngine):
    texts = []
    for _ in range(2):
        with recording(path, engine) as session:
            run_all(session)
        texts.append(path.read_text())
    assert texts[0] == texts[1]


def test_the_order_of_the_answers_does_not_matter(path: Path, engine: FakeEngine):
    texts = []
    for order in (1, -1):
        with recording(path, engine) as session:
            for word in ["a", "b", "c"][::order]:
                session.run(["echo", word])
            for name in ["x", "y"][::order]:
                with pytest.raises(docker.errors.NotFound):
                    session.engine().inspect_container(name)
        texts.append(path.read_text())
    assert texts[0] == texts[1]


def test_a_recording_holds_no_secret_and_keeps_the_target(path: Path, engine: FakeEngine):
    with recording(path, engine) as session:
        session.run(["echo", f"--password={SECRET}"])
        session.run(["sh", "-s"], stdin=f"echo password={SECRET}".encode())
        session.run(["sh", "-c", f"echo DB_PASSWORD={SECRET} >&2"])
        assert SECRET in session.engine().info()["HttpProxy"]  # the caller sees what there is
    text = path.read_text()
    assert SECRET not in text
    assert f"DB_PASSWORD={REDACTED}" in text
    assert json.loads(text)["target"] == "local"


def test_a_recording_is_for_its_owner_alone(path: Path):
    recording(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def framed(session: Session, nonce: str, *, by_argument: bool) -> bytes:
    """A command that frames its output with a nonce, as the probe does."""
    frame = 'printf "%s begin\\npassword=' + SECRET + '\\n%s end\\n" "$nonce" "$nonce"'
    if by_argument:
        return session.run(["sh", "-c", f"nonce=$1; {frame}", "sh", nonce]).stdout
    script = f"{nonce}\n{frame}".encode()
    return session.run(["sh", "-c", "read -r nonce; . /dev/stdin"], stdin=script).stdout


@pytest.mark.parametrize("by_argument", [True, False], ids=["argument", "standard input"])
def test_a_replay_answers_with_the_nonce_that_is_asked_for(path: Path, *, by_argument: bool):
    with recording(path) as session:
        framed(session, NONCES[0], by_argument=by_argument)
    text = path.read_text()
    assert SECRET not in text
    assert NONCES[0] not in text
    with ReplaySession(path) as session:
        output = framed(session, NONCES[1], by_argument=by_argument).decode()
    assert output == f"{NONCES[1]} begin\npassword={REDACTED}\n{NONCES[1]} end\n"


def test_a_private_key_between_frames_does_not_swallow_them(path: Path):
    script = 'printf "%s a\\n-----BEGIN PRIVATE KEY-----\\nMII\\n%s b\\n" "$0" "$0"'
    with recording(path) as session:
        session.run(["sh", "-c", script, NONCES[0]])
    with ReplaySession(path) as session:
        lines = session.run(["sh", "-c", script, NONCES[1]]).stdout.decode().splitlines()
    assert lines[0] == f"{NONCES[1]} a"
    assert lines[-1] == f"{NONCES[1]} b"


def test_a_cut_is_replayed_as_one(path: Path):
    with recording(path) as session:
        session.run(["yes"], max_bytes=4)
    with ReplaySession(path) as session:
        result = session.run(["yes"])
    assert (result.exit_status, result.stdout, result.cut) == (None, b"y\ny\n", "size")


def test_a_connection_that_broke_is_replayed_as_such(path: Path, engine: FakeEngine):
    with recording(path, engine) as session, pytest.raises(EngineError) as live:
        session.engine().inspect_container("cut")
    with ReplaySession(path) as session, pytest.raises(EngineError) as replayed:
        session.engine().inspect_container("cut")
    assert (replayed.value.code, str(replayed.value)) == (live.value.code, str(live.value))


def test_a_missing_engine_is_replayed_as_such(path: Path):
    with recording(path) as session, pytest.raises(EngineUnavailable) as live:
        session.engine()
    with ReplaySession(path) as session, pytest.raises(EngineUnavailable) as replayed:
        session.engine()
    assert (replayed.value.code, str(replayed.value)) == (live.value.code, str(live.value))


def test_a_target_without_a_shell_is_replayed_as_such(path: Path, engine: FakeEngine):
    live = open_session(parse_target(f"unix://{engine.path}"))
    with RecordingSession(live, path) as session:
        session.engine().info()
    with ReplaySession(path) as session:
        assert session.engine().info()["Name"] == "h1"
        with pytest.raises(NoShell):
            session.run(["true"])


def test_says_what_a_recording_has_no_answer_to(path: Path, engine: FakeEngine):
    with recording(path, engine) as session:
        session.engine()
        session.run(["cat"], stdin=b"one")
    with ReplaySession(path) as session:
        with pytest.raises(NotRecorded, match=r"no answer to the command \['cat'\]"):
            session.run(["cat"], stdin=b"other")
        with pytest.raises(NotRecorded, match=r"no answer to GET /v1\.41/info"):
            session.engine().info()


def test_a_replay_only_reads_either(path: Path, engine: FakeEngine):
    with recording(path, engine) as session:
        session.engine()
    with ReplaySession(path) as session, pytest.raises(EngineError, match="audits only read"):
        session.engine().stop("x")


def test_refuses_a_file_that_is_no_recording(path: Path):
    path.write_text('{"schema": "other"}')
    with pytest.raises(ValueError, match="is not a recording"):
        ReplaySession(path)
