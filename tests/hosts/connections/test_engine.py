"""The engine's client, against engines that misbehave. For real ones see test_discovery.py."""

import gzip
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import docker.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.connections import (
    ConnectOptions,
    EngineError,
    EngineUnavailable,
    Limits,
    open_session,
    parse_target,
)
from hosts.connections.engine import EngineClient, parse_json
from tests.hosts.connections.fake_engine import VERSION, Answer, FakeEngine, respond

Start = Callable[..., EngineClient]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start an engine that answers as told; gives a client of it."""
    opened = []

    def start(treat: Answer, version: Answer | None = None, **limits: float) -> EngineClient:
        engine = FakeEngine(tmp_path / "engine.sock", treat, version)
        opened.append(engine)
        options = ConnectOptions(limits=Limits(**limits))
        session = open_session(parse_target(f"unix://{engine.path}"), options)
        opened.append(session)
        session.engine().fake = engine
        return session.engine()

    yield start
    for thing in reversed(opened):
        thing.close()


def say(body: bytes, status: str = "200 OK", headers: str = "") -> Answer:
    return lambda connection, path: connection.sendall(respond(body, status, headers))


def test_is_the_sdks_own_client(start: Start):
    client = start(say(b"[]"))
    assert isinstance(client, docker.APIClient)
    assert client.containers() == []


def test_speaks_the_version_the_engine_told(start: Start):
    client = start(say(b"[]"))
    client.containers()
    assert client.api_version == "1.41"
    assert "GET /v1.41/containers/json?" in client.fake.requests[-1]


def test_keeps_a_connection_for_the_next_request(start: Start):
    accepted = []

    def answer(connection: socket.socket, path: str) -> None:
        accepted.append(connection)
        connection.sendall(respond(b"{}"))

    client = start(answer)
    for _ in range(5):
        client.info()
    assert len({id(connection) for connection in accepted}) == 1


def test_asks_again_where_a_kept_connection_was_dropped(start: Start):
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(respond(b"{}"))
        connection.shutdown(socket.SHUT_RDWR)

    client = start(answer)
    assert [client.info() for _ in range(3)] == [{}, {}, {}]


def test_opens_no_more_connections_than_allowed(start: Start):
    open_now, most = [], []

    def answer(connection: socket.socket, path: str) -> None:
        open_now.append(connection)
        most.append(len(open_now))
        time.sleep(0.05)
        open_now.remove(connection)
        connection.sendall(respond(b"{}"))

    client = start(answer, engine_connections=3)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: client.info(), range(20)))
    assert 1 < max(most) <= 3


def test_an_error_status_is_the_sdks_error(start: Start):
    client = start(say(b'{"message": "boom"}', "500 Internal Server Error"))
    with pytest.raises(docker.errors.APIError, match="boom"):
        client.info()


def test_a_missing_container_is_the_sdks_error(start: Start):
    with pytest.raises(docker.errors.NotFound):
        start(say(b'{"message": "no such"}', "404 Not Found")).inspect_container("gone")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_sends_nothing_that_could_change_the_host(start: Start, method: str):
    client = start(say(b"{}"))
    before = len(client.fake.requests)
    with pytest.raises(EngineError, match="audits only read") as error:
        client.request(method, f"{client.base_url}/v1.41/containers/x")
    assert error.value.code == "engine-read-only"
    assert len(client.fake.requests) == before


def test_the_sdks_own_calls_cannot_change_the_host_either(start: Start):
    client = start(say(b"{}"))
    for change in (client.stop, client.remove_container, client.exec_start):
        with pytest.raises(EngineError, match="audits only read"):
            change("x")


# --- deadlines and caps ---


def refusal(client: EngineClient) -> EngineError:
    with pytest.raises(EngineError) as error:
        client.info()
    return error.value


def test_gives_up_on_an_engine_that_never_answers(start: Start):
    begun = time.monotonic()
    error = refusal(start(lambda connection, path: time.sleep(3), answer=0.5))
    assert (error.code, error.retryable) == ("engine-deadline", True)
    assert time.monotonic() - begun < 2


def test_gives_up_waiting_for_a_turn_while_others_hang(start: Start):
    client = start(lambda connection, path: time.sleep(3), answer=0.5, engine_connections=1)
    begun = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        codes = [error.code for error in pool.map(lambda _: refusal(client), range(3))]
    assert codes == ["engine-deadline"] * 3
    assert time.monotonic() - begun < 2


def test_gives_up_on_an_answer_that_drips(start: Start):
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" ")
            time.sleep(0.05)

    begun = time.monotonic()
    assert refusal(start(answer, answer=0.5)).code == "engine-deadline"
    assert time.monotonic() - begun < 2


def test_gives_up_on_headers_that_drip(start: Start):
    def answer(connection: socket.socket, path: str) -> None:
        for _ in range(100):
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: "[0:1])
            time.sleep(0.05)

    assert refusal(start(answer, answer=0.5)).code in ("engine-deadline", "engine-cut")


def test_refuses_an_answer_over_the_cap(start: Start):
    error = refusal(start(say(b'"' + b"x" * 2_000_000 + b'"'), answer_bytes=1_000_000))
    assert error.code == "engine-size"


def test_refuses_an_endless_answer_in_chunks(start: Start):
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    assert refusal(start(answer, answer_bytes=1_000_000)).code == "engine-size"


def test_the_cap_is_for_each_answer_not_for_all(start: Start):
    client = start(say(json.dumps({"ID": "x" * 600_000}).encode()), answer_bytes=1_000_000)
    assert [len(client.info()["ID"]) for _ in range(4)] == [600_000] * 4


def test_refuses_a_compressed_answer(start: Start):
    bomb = gzip.compress(b"0" * 50_000_000)
    error = refusal(start(say(bomb, headers="Content-Encoding: gzip\r\n")))
    assert error.code == "engine-answer"
    assert "compressed" in error.reason


def test_asks_for_answers_that_are_not_compressed(start: Start):
    client = start(say(b"{}"))
    client.info()
    assert "Accept-Encoding: identity" in client.fake.requests[-1]


def test_makes_no_room_for_a_length_that_is_only_announced(start: Start):
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900000000000000\r\n\r\n{}")

    assert refusal(start(answer, answer=0.5)).code == "engine-deadline"


def test_tells_that_an_answer_was_cut_off(start: Start):
    def answer(connection: socket.socket, path: str) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"a": ')
        connection.shutdown(socket.SHUT_RDWR)

    error = refusal(start(answer))
    assert (error.code, error.retryable) == ("engine-cut", True)


def test_follows_no_redirect(start: Start):
    client = start(say(b"", "302 Found", "Location: http://169.254.169.254/latest\r\n"))
    assert refusal(client).code == "engine-answer"
    assert len(client.fake.requests) == 2


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b'{"a": ', b"[" * 500_000, b'{"a":' * 500_000, b"1" * 10_000],
    ids=["empty", "text", "cut", "deep-list", "deep-object", "digits"],
)
def test_refuses_a_body_that_is_not_usable_json(start: Start, body: bytes):
    assert refusal(start(say(body))).code == "engine-answer"


@pytest.mark.parametrize("part", [b"[],", b"{},", b"0,", b'{"a":{}},'])
def test_refuses_json_of_too_many_parts(part: bytes):
    body = b"[" + part * 2_000_001 + b"0]"
    with pytest.raises(EngineError) as error:
        parse_json(body)
    assert error.value.code == "engine-size"


def test_replaces_what_is_no_valid_text():
    assert parse_json(b'{"\xff": "\\ud800x", "ok": "\\ud83d\\ude00"}') == {
        "�": "�x",
        "ok": "😀",
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_honest_json_is_read_as_it_is(value: object):
    assert parse_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_one_kind_of_error(body: bytes):
    try:
        answer = parse_json(body)
    except EngineError:
        return
    json.dumps(answer, ensure_ascii=False).encode()


# --- negotiation ---


@pytest.mark.parametrize(
    "version",
    [
        b"[]",
        b"{}",
        b'{"ApiVersion": 1}',
        b'{"ApiVersion": "1.41/../../images"}',
        b'{"ApiVersion": "1.41\\r\\nX: y"}',
        b'{"ApiVersion": ""}',
        b"nonsense",
    ],
)
def test_refuses_an_engine_that_tells_no_usable_version(start: Start, version: bytes):
    with pytest.raises(EngineUnavailable) as error:
        start(say(b"{}"), say(version))
    assert error.value.code == "engine-error"


def test_tells_that_the_engine_answers_errors(start: Start):
    with pytest.raises(EngineUnavailable, match="answers 500") as error:
        start(say(b"{}"), say(b'{"message": "boom"}', "500 Internal Server Error"))
    assert error.value.code == "engine-error"


def test_tells_that_the_engine_hangs(start: Start):
    with pytest.raises(EngineUnavailable, match="did not answer in time") as error:
        start(say(b"{}"), lambda connection, path: time.sleep(3), answer=0.3)
    assert error.value.retryable


# --- the environment of the service ---


def test_does_not_use_the_environments_proxy(start: Start, monkeypatch: pytest.MonkeyPatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "DOCKER_HOST"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert start(say(b"{}")).info() == {}


def test_does_not_use_the_services_docker_configuration(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    configuration = {"HttpHeaders": {"X-Leak": "1"}, "auths": {"r": {"auth": "bm90LWJhc2U2NA"}}}
    (tmp_path / "config.json").write_text(json.dumps(configuration))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    client = start(say(b"{}"))
    client.info()
    assert "X-Leak" not in client.fake.requests[-1]


def test_has_no_way_to_another_address(start: Start):
    client = start(say(b"{}"))
    with pytest.raises(EngineError):
        client.get("http://127.0.0.1:1/")
    with pytest.raises(EngineError):
        client.get("https://127.0.0.1:1/")


def test_version_is_asked_for_once(start: Start):
    client = start(say(json.dumps(VERSION).encode()))
    assert sum("GET /version" in request for request in client.fake.requests) == 1
