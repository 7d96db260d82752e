"""Commands over SSH, against a real sshd."""

import hashlib
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hosts.connections import ConnectionLost, Limits, Session, open_session
from tests.hosts.connections.conftest import LOOPBACK, SSHServer, eventually


@pytest.fixture(scope="module")
def session(server: SSHServer) -> Iterator[Session]:
    with server.open() as opened:
        yield opened


def test_gives_both_streams_and_the_exit_status(session: Session):
    result = session.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.exit_status, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
    assert result.cut is None


@pytest.mark.parametrize(
    "argument", ["", " ", "'", '"', "$HOME", "a;b", "*", "\n", "\\", "é", "-n"]
)
def test_an_argument_arrives_as_it_was_given(session: Session, argument: str):
    assert session.run(["printf", "%s", argument]).stdout == argument.encode()


def test_gives_bytes_that_are_no_text(session: Session):
    result = session.run(["printf", r"\000\377\033"])
    assert result.stdout == b"\x00\xff\x1b"


def test_feeds_a_script_that_talks_while_it_is_read(session: Session):
    script = b"echo line; " * 6000  # 66 kB, more than a pipe holds
    result = session.run(["sh", "-s"], stdin=script)
    assert (result.exit_status, result.stdout) == (0, b"line\n" * 6000)


def test_feeds_and_reads_megabytes_at_once(session: Session):
    data = os.urandom(5_000_000)
    result = session.run(["cat"], stdin=data, max_bytes=6_000_000)
    assert hashlib.sha256(result.stdout).digest() == hashlib.sha256(data).digest()


def test_input_that_nobody_reads_does_no_harm(session: Session):
    result = session.run(["sh", "-c", "exec <&-; echo done"], stdin=b"x" * 5_000_000)
    assert (result.exit_status, result.stdout) == (0, b"done\n")


def test_drains_an_error_stream_that_is_larger_than_its_window(session: Session):
    result = session.run(
        ["sh", "-c", "head -c 5000000 /dev/zero >&2; echo done"], max_bytes=6_000_000
    )
    assert (len(result.stderr), result.stdout) == (5_000_000, b"done\n")


def test_cuts_a_command_at_its_deadline_and_keeps_what_it_said(session: Session):
    result = session.run(["sh", "-c", "echo begun; sleep 3"], timeout=0.5)
    assert (result.exit_status, result.stdout, result.cut) == (None, b"begun\n", "deadline")
    assert result.duration < 2


def test_cuts_a_command_that_drips(session: Session):
    drip = "while echo x; do sleep 0.05; done"
    result = session.run(["sh", "-c", drip], timeout=0.6)
    assert result.cut == "deadline"
    assert result.stdout.startswith(b"x\nx\n")
    assert result.duration < 2


def test_cuts_an_endless_output_at_the_cap_and_keeps_that_much(session: Session):
    result = session.run(["yes"], max_bytes=1000)
    assert (result.exit_status, result.stdout, result.cut) == (None, b"y\n" * 500, "size")


def test_the_cap_counts_both_streams_together(session: Session):
    result = session.run(["sh", "-c", "yes & yes >&2"], max_bytes=1000)
    assert len(result.stdout) + len(result.stderr) == 1000


def test_reads_100_megabytes(session: Session):
    result = session.run(
        ["head", "-c", "100000000", "/dev/zero"], timeout=120, max_bytes=100_000_000
    )
    assert (len(result.stdout), result.cut, result.exit_status) == (100_000_000, None, 0)


def test_an_output_of_just_the_cap_is_whole(session: Session):
    result = session.run(["printf", "12345"], max_bytes=5)
    assert (result.stdout, result.cut) == (b"12345", None)


def test_a_command_that_does_not_exist_has_the_shells_status(session: Session):
    assert session.run(["does-not-exist"]).exit_status == 127


def test_a_command_killed_by_a_signal_has_no_status(session: Session):
    result = session.run(["sh", "-c", "echo before; kill -9 $$"])
    assert (result.exit_status, result.stdout) == (None, b"before\n")
    assert result.cut == "connection"


def test_runs_several_commands_at_once_on_one_connection(session: Session):
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: session.run(["echo", str(n)]), range(40)))
    assert [result.stdout for result in results] == [b"%d\n" % n for n in range(40)]


def test_runs_many_commands_one_after_the_other(session: Session):
    """Channels left to the garbage collector kill a connection; these are closed."""
    assert all(session.run(["true"]).exit_status == 0 for _ in range(50))


def test_waits_for_a_free_channel_on_a_host_that_allows_few(start_server):
    with start_server("MaxSessions 1\n").open() as session, ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda n: session.run(["echo", str(n)]), range(3)))
    assert [result.stdout for result in results] == [b"0\n", b"1\n", b"2\n"]


def test_says_so_when_a_host_allows_no_commands(start_server):
    session = start_server("MaxSessions 0\n").open()
    with session, pytest.raises(ConnectionLost, match="check MaxSessions"):
        session.run(["true"], timeout=0.5)


def test_an_account_without_a_shell_gives_its_refusal_as_output(start_server):
    server = start_server("ForceCommand echo no shell here; exit 1\n")
    with server.open() as session:
        result = session.run(["true"])
    assert (result.exit_status, result.stdout) == (1, b"no shell here\n")


# --- the connection breaks ---


class Relay:
    """A TCP relay in front of a server, to cut or stall the line at will."""

    def __init__(self, port: int) -> None:
        self.listener = socket.create_server((LOOPBACK, 0))
        self.port = self.listener.getsockname()[1]
        self.upstream = port
        self.ends: list[socket.socket] = []
        self.stalled = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        client, _ = self.listener.accept()
        server = socket.create_connection((LOOPBACK, self.upstream))
        self.ends = [client, server]
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                while self.stalled.is_set():
                    time.sleep(0.02)
                sink.sendall(data)
        except OSError:
            self.cut()

    def cut(self) -> None:
        for end in [*self.ends, self.listener]:
            end.close()


@pytest.fixture
def relay(server: SSHServer) -> Iterator[Relay]:
    relay = Relay(server.port)
    yield relay
    relay.stalled.clear()
    relay.cut()


def through(relay: Relay, server: SSHServer, **changes: object) -> Session:
    # The known hosts name the server's own port, so its key is pinned here.
    with server.open() as direct:
        pinned = replace(server.options.known_hosts, pinned=(direct.host_key,))
    options = replace(server.options, known_hosts=pinned, **changes)
    return open_session(replace(server.target, port=relay.port), options)


def test_a_connection_cut_in_mid_command_keeps_what_was_read(
    relay: Relay, server: SSHServer, tmp_path: Path
):
    begun = tmp_path / "begun"

    def cut() -> None:
        eventually(begun.exists)
        time.sleep(0.2)  # for the output to arrive
        _shut(relay)

    with through(relay, server) as session:
        threading.Thread(target=cut).start()
        script = f"echo begun; sleep 0.1; touch {begun}; sleep 5"
        result = session.run(["sh", "-c", script], timeout=20)
    assert (result.exit_status, result.stdout, result.cut) == (None, b"begun\n", "connection")
    assert result.duration < 5


def _shut(relay: Relay) -> None:
    for end in relay.ends:
        end.shutdown(socket.SHUT_RDWR)


def test_nothing_runs_on_a_lost_connection(relay: Relay, server: SSHServer):
    with through(relay, server) as session:
        _shut(relay)
        assert eventually(lambda: not session.transport.is_active())
        with pytest.raises(ConnectionLost) as error:
            session.run(["true"])
    assert (error.value.code, error.value.retryable) == ("lost", True)


def test_a_line_that_stalls_does_not_hold_up_a_command(relay: Relay, server: SSHServer):
    with through(relay, server) as session:
        relay.stalled.set()
        start = time.monotonic()
        result = session.run(["true"], timeout=0.5)
        assert (result.exit_status, result.cut) == (None, "deadline")
        assert time.monotonic() - start < 2


def test_a_line_that_stalls_under_a_large_input_does_not_hold_up_a_command(
    relay: Relay, server: SSHServer
):
    with through(relay, server) as session:
        threading.Timer(0.3, relay.stalled.set).start()
        start = time.monotonic()
        result = session.run(["sh", "-c", "cat >/dev/null"], stdin=b"x" * 300_000_000, timeout=1)
        assert (result.exit_status, result.cut) == (None, "deadline")
        assert time.monotonic() - start < 5


def test_a_line_that_stalls_does_not_hold_up_closing(relay: Relay, server: SSHServer):
    session = through(relay, server)
    relay.stalled.set()
    start = time.monotonic()
    session.close()
    assert time.monotonic() - start < 2


def test_sends_keepalives_on_an_idle_connection(relay: Relay, server: SSHServer):
    with through(relay, server, limits=Limits(keepalive=1)):
        client, _ = relay.ends
        time.sleep(0.5)
        relay.stalled.set()  # what comes now stays visible in the relay's buffer
        assert eventually(lambda: _waiting(client), seconds=4)


def _waiting(sock: socket.socket) -> bool:
    try:
        return bool(sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    except BlockingIOError:
        return False


def test_closing_twice_does_no_harm(server: SSHServer):
    session = server.open()
    session.close()
    session.close()
    with pytest.raises(ConnectionLost):
        session.run(["true"])


def test_a_server_that_is_stopped_loses_the_session(start_server):
    server = start_server()
    with server.open() as session:
        pid = int(session.run(["sh", "-c", "echo $PPID"]).stdout)
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not session.transport.is_active())
        with pytest.raises(ConnectionLost):
            session.run(["true"])
