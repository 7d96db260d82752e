"""Finding the engine: what the account can see, what is asked, what is said when there is none."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hosts.connections import ConnectOptions, EngineUnavailable, open_session, parse_target
from hosts.connections.discovery import dial_stdio, explain_command
from tests.hosts.connections.conftest import SSHServer, eventually
from tests.hosts.connections.fake_engine import FakeEngine, respond


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    """Something that answers at a socket."""
    fake = FakeEngine(tmp_path / "engine.sock", lambda sock, path: sock.sendall(respond(b"{}")))
    yield fake
    fake.close()


def test_reaches_a_socket_over_the_open_ssh_connection(server: SSHServer, engine: FakeEngine):
    with server.open(engine_socket=str(engine.path)) as session:
        assert session.engine().info() == {}


def test_reaches_a_socket_on_this_machine(engine: FakeEngine):
    options = ConnectOptions(engine_socket=str(engine.path))
    with open_session(parse_target("local"), options) as session:
        assert session.engine().info() == {}


def test_sudo_is_not_needed_for_a_socket_that_is_open_to_the_user(
    server: SSHServer, engine: FakeEngine
):
    with server.open(engine_socket=str(engine.path), sudo=True) as session:
        assert session.engine().info() == {}


def test_the_client_is_made_once(server: SSHServer, engine: FakeEngine):
    with server.open(engine_socket=str(engine.path)) as session:
        assert session.engine() is session.engine()


def test_a_lost_ssh_connection_is_told_as_such(start_server, engine: FakeEngine):
    with start_server().open(engine_socket=str(engine.path)) as session:
        client = session.engine()
        session.transport.close()
        with pytest.raises(EngineUnavailable) as error:
            client.info()
    assert (error.value.code, error.value.retryable) == ("lost", True)


@pytest.fixture
def dockerd() -> Iterator[Path]:
    """A real engine of our own; gives its socket."""
    if os.geteuid() != 0 or not shutil.which("dockerd"):
        pytest.skip("needs root and dockerd")
    # Not in tmp_path: the paths of containerd's sockets may have 108 bytes at most.
    with tempfile.TemporaryDirectory(prefix="engine") as directory:
        yield from _run_dockerd(Path(directory))


def _run_dockerd(directory: Path) -> Iterator[Path]:
    sock, log_file = directory / "docker.sock", directory / "log"
    command = ["dockerd", "--host", f"unix://{sock}", "--pidfile", str(directory / "pid")]
    command += ["--data-root", str(directory / "data"), "--exec-root", str(directory / "exec")]
    command += ["--bridge=none", "--iptables=false", "--storage-driver=vfs"]
    with log_file.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            assert eventually(lambda: answers(sock), seconds=60), log_file.read_text()
            yield sock
        finally:
            process.terminate()
            process.wait()
            # It mounts its data root on itself, and may leave that behind.
            subprocess.run(["umount", "-q", str(directory / "data")], check=False)


def answers(sock: Path) -> bool:
    """Whether an engine serves requests there: it listens before it does."""
    try:
        open_session(parse_target(f"unix://{sock}")).close()
    except EngineUnavailable:
        return False
    return True


@pytest.mark.root
def test_a_real_engine_is_reached_by_every_way(dockerd: Path, start_server):
    def version(session) -> str:
        with session:
            return session.engine().version()["Version"]

    options = ConnectOptions(engine_socket=str(dockerd))
    by_socket = start_server()
    by_command = start_server("AllowStreamLocalForwarding no\n")
    versions = {
        "forwarded": version(by_socket.open(engine_socket=str(dockerd))),
        "dial-stdio": version(by_command.open(engine_socket=str(dockerd))),
        "local": version(open_session(parse_target("local"), options)),
        "unix": version(open_session(parse_target(f"unix://{dockerd}"))),
    }
    assert len(set(versions.values())) == 1, versions


Opened = Callable[[], object]


@pytest.fixture(params=["ssh", "local"])
def refusal(request, server: SSHServer) -> Callable[[Path], EngineUnavailable]:
    """What is said of a socket, over SSH and locally."""

    def ask(path: Path) -> EngineUnavailable:
        options = ConnectOptions(engine_socket=str(path))
        if request.param == "ssh":
            session = server.open(engine_socket=str(path))
        else:
            session = open_session(parse_target("local"), options)
        with session, pytest.raises(EngineUnavailable) as error:
            session.engine()
        return error.value

    return ask


def test_tells_that_an_engine_left_its_socket_behind(refusal, tmp_path: Path):
    stale = tmp_path / "stale.sock"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(stale))
    error = refusal(stale)
    assert (error.code, error.retryable) == ("engine-stopped", True)


def test_tells_that_there_is_no_socket(refusal, tmp_path: Path):
    error = refusal(tmp_path / "absent.sock")
    # Which of the two depends on whether this machine has an engine installed.
    installed = any(map(shutil.which, ("docker", "dockerd", "podman")))
    assert error.code == ("engine-stopped" if installed else "no-engine")


def test_tells_that_the_engine_answers_errors(refusal, tmp_path: Path):
    def boom(sock: socket.socket, path: str) -> None:
        sock.sendall(respond(b'{"message": "boom"}', "500 Internal Server Error"))

    fake = FakeEngine(tmp_path / "engine.sock", boom, boom)
    error = refusal(fake.path)
    fake.close()
    assert error.code == "engine-error"
    assert "500" in error.reason


def test_with_sudo_the_default_engine_needs_one_sudoers_line():
    argv = dial_stdio("/run/docker.sock", {"docker"}, sudo=True)
    assert argv == ["env", "LC_ALL=C", "sudo", "-n", "docker", "system", "dial-stdio"]


def test_without_sudo_the_socket_is_named_whatever_the_users_context():
    argv = dial_stdio("/run/docker.sock", {"docker"}, sudo=False)
    assert argv[2:] == ["docker", "-H", "unix:///run/docker.sock", "system", "dial-stdio"]


def test_another_socket_is_named_with_sudo_too():
    argv = dial_stdio("/srv/docker.sock", {"docker"}, sudo=True)
    assert argv[4:] == ["docker", "-H", "unix:///srv/docker.sock", "system", "dial-stdio"]


def test_podmans_socket_is_reached_by_podman():
    argv = dial_stdio("/srv/podman/podman.sock", {"docker", "podman"}, sudo=True)
    assert argv[4:] == ["podman", "--url", "unix:///srv/podman/podman.sock", "system", "dial-stdio"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("sudo: a password is required\n", "engine-permission"),
        ("Sorry, user u is not allowed to execute '/usr/bin/docker' as root", "engine-permission"),
        ("u is not in the sudoers file.", "engine-permission"),
        ("env: 'sudo': No such file or directory", "engine-permission"),
        ("permission denied while trying to connect to the Docker daemon", "engine-permission"),
        ("Cannot connect to the Docker daemon at unix:///x. Is it running?", "engine-stopped"),
        ("dial unix /run/docker.sock: connect: no such file or directory", "engine-stopped"),
    ],
)
def test_reads_the_complaint_of_a_command(said: str, code: str):
    error = explain_command(dial_stdio("/run/docker.sock", {"docker"}, sudo=True), said, "h1")
    assert error is not None
    assert error.code == code
    assert "h1" in error.reason


def test_does_not_guess_at_a_complaint_it_does_not_know():
    argv = dial_stdio("/run/docker.sock", {"docker"}, sudo=True)
    assert explain_command(argv, "something else", "h1") is None


def test_says_what_to_allow_in_sudoers():
    argv = dial_stdio("/run/docker.sock", {"docker"}, sudo=True)
    error = explain_command(argv, "sudo: a password is required", "h1")
    assert error is not None
    assert "NOPASSWD: docker system dial-stdio" in error.hint
