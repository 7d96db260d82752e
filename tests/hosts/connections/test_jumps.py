"""Jump hosts: several in a row, each verified and signed in to on its own."""

import threading
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from hosts.connections import (
    ConnectionFailed,
    ConnectOptions,
    HostKeyRefused,
    Jump,
    KnownHosts,
    Target,
    TargetError,
    open_session,
    parse_target,
)
from tests.hosts.connections.conftest import LOOPBACK, SSHServer, eventually, free_port


def through(server: SSHServer, **changes: object) -> Jump:
    return Jump(server.target, replace(server.options, **changes))


def open_transports() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if isinstance(thread, paramiko.Transport)]


@pytest.fixture
def target(start_server) -> SSHServer:
    return start_server()


def test_reaches_a_host_through_two_others(start_server, target: SSHServer):
    first, second = start_server(), start_server()
    with target.open(jumps=(through(first), through(second))) as session:
        result = session.run(["sh", "-c", "echo $SSH_CONNECTION"])
    assert result.stdout.split()[-1] == str(target.port).encode()
    assert "Accepted publickey" in (first.directory / "log").read_text()
    assert "Accepted publickey" in (second.directory / "log").read_text()


def test_closing_the_session_ends_every_hop(start_server, target: SSHServer):
    jump = start_server()
    session = target.open(jumps=(through(jump),))
    hop = session._connection.hops[0]
    session.close()
    assert not hop.is_active()


def test_verifies_the_jump_host_against_its_own_known_hosts(start_server, target: SSHServer):
    jump = start_server()
    with pytest.raises(HostKeyRefused) as error:
        target.open(jumps=(through(jump, known_hosts=KnownHosts()),))
    assert error.value.code == "host-key-unknown"
    assert str(error.value).startswith(f"Jump host {jump.target}: ")


def test_verifies_the_target_behind_the_jump_host(start_server, target: SSHServer):
    with pytest.raises(HostKeyRefused) as error:
        target.open(jumps=(through(start_server()),), known_hosts=KnownHosts())
    assert f"[{LOOPBACK}]:{target.port}" in error.value.reason
    assert "Jump host" not in error.value.reason


def test_tells_that_the_jump_host_refused_the_key(start_server, target: SSHServer):
    jump = start_server()
    with pytest.raises(ConnectionFailed) as error:
        target.open(jumps=(through(jump, identities=target.options.identities),))
    assert error.value.code == "auth-failed"
    assert str(error.value).startswith("Jump host")


def test_tells_that_the_jump_host_cannot_reach_the_target(start_server):
    jump = start_server()
    dead = Target("ssh", host=LOOPBACK, port=free_port(), user="root")
    with pytest.raises(ConnectionFailed) as error:
        open_session(dead, ConnectOptions(jumps=(through(jump),)))
    assert (error.value.code, error.value.retryable) == ("jump-failed", True)
    assert dead.address in error.value.reason


def test_tells_that_the_jump_host_forbids_forwarding(start_server, target: SSHServer):
    jump = start_server("AllowTcpForwarding no\n")
    with pytest.raises(ConnectionFailed) as error:
        target.open(jumps=(through(jump),))
    assert (error.value.code, error.value.retryable) == ("jump-failed", False)
    assert "AllowTcpForwarding" in error.value.reason


def test_a_failure_at_the_target_leaves_no_hop_open(start_server, target: SSHServer):
    jump = start_server()
    with pytest.raises(HostKeyRefused):
        target.open(jumps=(through(jump),), known_hosts=KnownHosts())
    assert eventually(lambda: not open_transports())


def test_refuses_a_jump_to_what_is_no_ssh_host(tmp_path: Path):
    hop = Jump(parse_target("unix:///run/docker.sock"), ConnectOptions())
    with pytest.raises(TargetError, match="must be an ssh:// target"):
        open_session(parse_target("ssh://root@db1"), ConnectOptions(jumps=(hop,)))


def test_refuses_a_jump_to_a_target_that_needs_none():
    hop = Jump(parse_target("ssh://root@db1"), ConnectOptions())
    with pytest.raises(TargetError, match="ssh:// targets alone"):
        open_session(parse_target("local"), ConnectOptions(jumps=(hop,)))
