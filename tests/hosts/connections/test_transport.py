"""Reaching a host: what goes wrong before a session is open."""

import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from hosts.connections import (
    ConnectionFailed,
    ConnectOptions,
    HostKeyRefused,
    KnownHosts,
    Limits,
    Target,
    open_session,
    parse_target,
)
from hosts.connections.known_hosts import HostKey
from tests.hosts.connections.conftest import LOOPBACK, SSHServer, fingerprint, free_port

QUICK = Limits(connect=0.5, banner=0.5, auth=0.5)
Trouble = Callable[[Callable[[socket.socket], None]], int]


def refusal(target: Target, options: ConnectOptions | None = None) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as error:
        open_session(target, options or ConnectOptions(limits=QUICK))
    return error.value


def at(port: int) -> Target:
    return Target("ssh", host=LOOPBACK, port=port, user="root")


# --- the network ---


def test_tells_that_nothing_listens():
    error = refusal(at(free_port()))
    assert (error.code, error.retryable) == ("refused", True)
    assert "Nothing listens" in error.reason


def test_tells_that_a_name_does_not_exist():
    error = refusal(parse_target("ssh://root@does-not-exist.invalid"))
    assert error.code == "dns"
    assert "does-not-exist.invalid" in error.reason


def test_gives_up_on_a_host_that_does_not_answer():
    with socket.create_server((LOOPBACK, 0), backlog=0) as full:
        port = full.getsockname()[1]
        # The kernel drops further connections while the queue of this one is full.
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex((LOOPBACK, port))
        start = time.monotonic()
        error = refusal(at(port))
        for sock in waiting:
            sock.close()
    assert (error.code, error.retryable) == ("timeout", True)
    assert time.monotonic() - start < 2


# --- the banner and the key exchange ---


def test_gives_up_on_a_host_that_accepts_and_never_answers(trouble: Trouble):
    start = time.monotonic()
    error = refusal(at(trouble(lambda sock: time.sleep(5))))
    assert (error.code, error.retryable) == ("banner-timeout", True)
    assert time.monotonic() - start < 2


def drip(data: bytes, interval: float) -> Callable[[socket.socket], None]:
    def treat(sock: socket.socket) -> None:
        for byte in data:
            sock.sendall(bytes([byte]))
            time.sleep(interval)

    return treat


def test_gives_up_on_a_banner_that_drips(trouble: Trouble):
    start = time.monotonic()
    error = refusal(at(trouble(drip(b"SSH-2.0-" + b"x" * 200, 0.1))))
    assert error.code == "banner-timeout"
    assert time.monotonic() - start < 2


def test_gives_up_on_lines_before_the_banner_that_drip(trouble: Trouble):
    start = time.monotonic()
    error = refusal(at(trouble(drip(b"hi\r\n" * 200, 0.05))))
    assert error.code == "banner-timeout"
    assert time.monotonic() - start < 2


def test_gives_up_on_a_key_exchange_that_never_comes(trouble: Trouble):
    def treat(sock: socket.socket) -> None:
        sock.sendall(b"SSH-2.0-tarpit\r\n")
        time.sleep(5)

    start = time.monotonic()
    error = refusal(at(trouble(treat)))
    assert (error.code, error.retryable) == ("timeout", True)
    assert "key exchange" in error.reason
    assert time.monotonic() - start < 2


def test_tells_that_another_kind_of_server_answers(trouble: Trouble):
    error = refusal(at(trouble(lambda sock: sock.sendall(b"HTTP/1.1 400 Bad Request\r\n" * 101))))
    assert error.code == "not-ssh"


def test_tells_that_the_host_hung_up(trouble: Trouble):
    assert refusal(at(trouble(lambda sock: None))).code in ("not-ssh", "lost")


def test_refuses_a_packet_that_no_server_sends(trouble: Trouble):
    def treat(sock: socket.socket) -> None:
        sock.sendall(b"SSH-2.0-bomb\r\n" + (0x7FFFFFFC).to_bytes(4) + b"\x04" + b"\x00" * 4096)
        time.sleep(5)

    assert refusal(at(trouble(treat))).code == "ssh-protocol"


def test_tries_anew_once_after_a_garbled_packet(trouble: Trouble):
    connections = []

    def treat(sock: socket.socket) -> None:
        connections.append(sock)
        sock.sendall(b"SSH-2.0-garbled\r\n" + (13).to_bytes(4) + b"\x00" * 64)
        time.sleep(0.2)

    assert refusal(at(trouble(treat))).code == "ssh-protocol"
    assert len(connections) == 2


def test_names_an_old_server_for_what_it_is(start_server):
    server = start_server("KexAlgorithms diffie-hellman-group14-sha1\n")
    error = refusal(server.target, server.options)
    assert (error.code, error.retryable) == ("old-ssh-server", False)
    assert "SHA-1" in error.reason


def test_names_a_server_with_sha1_host_keys_for_what_it_is(start_server):
    server = start_server("HostKeyAlgorithms ssh-rsa\n", host_key_types=("rsa",))
    assert refusal(server.target, server.options).code == "old-ssh-server"


# --- host keys ---


def test_shows_an_unknown_host_key_and_how_to_accept_it(server: SSHServer):
    error = refusal(server.target, replace(server.options, known_hosts=KnownHosts()))
    assert isinstance(error, HostKeyRefused)
    assert (error.code, error.retryable) == ("host-key-unknown", False)
    assert fingerprint(server.host_key()) in error.reason
    assert "add it to the known hosts" in error.reason


def test_refuses_a_changed_host_key_showing_both(server: SSHServer, tmp_path: Path):
    other = SSHServer(tmp_path / "other", port=server.port)
    error = refusal(
        server.target, replace(server.options, known_hosts=KnownHosts(files=(other.known_hosts,)))
    )
    assert error.code == "host-key-changed"
    assert fingerprint(server.host_key()) in error.reason
    assert fingerprint(other.host_key()) in error.reason


def test_does_not_sign_in_before_the_host_key_is_verified(server: SSHServer):
    log = server.directory / "log"
    before = log.read_text().count("Accepted")
    refusal(server.target, replace(server.options, known_hosts=KnownHosts()))
    assert log.read_text().count("Accepted") == before


def test_asks_for_the_kind_of_host_key_that_is_known(start_server):
    server = start_server(host_key_types=("ed25519", "ecdsa", "rsa"))
    for kind in server.host_key_types:
        server.trust(kind)
        with server.open() as session:
            assert session.host_key == " ".join(server.host_key(kind).read_text().split()[:2])


def test_accepts_a_new_host_key_once_and_then_knows_it(server: SSHServer, tmp_path: Path):
    file = tmp_path / "known_hosts"
    with server.open(known_hosts=KnownHosts(files=(file,), accept_new=True)):
        assert file.read_text().startswith(f"[{LOOPBACK}]:{server.port} ssh-ed25519 ")
    with server.open(known_hosts=KnownHosts(files=(file,))) as session:
        assert session.run(["true"]).exit_status == 0


def test_the_key_of_a_session_can_be_pinned(server: SSHServer):
    with server.open() as session:
        pinned = KnownHosts(pinned=(session.host_key,))
    with server.open(known_hosts=pinned) as session:
        assert session.run(["true"]).exit_status == 0


def test_a_key_is_known_by_the_bytes_paramiko_reads(server: SSHServer):
    """Guards the reading of the key from paramiko, on which all of the above rests."""
    with socket.create_connection((LOOPBACK, server.port)) as sock:
        transport = paramiko.Transport(sock)
        transport.start_client(timeout=10)
        key = transport.get_remote_server_key()
        transport.close()
    shown = HostKey(key.get_name(), key.asbytes())
    assert shown.fingerprint == fingerprint(server.host_key())
