"""Signing in, against a real sshd. Passwords are tested on the lab's hosts (test_lab.py)."""

import getpass
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import paramiko
import pytest

from hosts.connections import (
    AuthenticationFailed,
    ConnectionFailed,
    Identity,
    Limits,
    Target,
    open_session,
)
from tests.hosts.connections.conftest import LOOPBACK, SSHServer, fingerprint, keygen


def refusal(server: SSHServer, **changes: object) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as error:
        server.open(**changes)
    return error.value


def signs_in(server: SSHServer, **changes: object) -> bool:
    with server.open(**changes) as session:
        return session.run(["true"]).exit_status == 0


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_signs_in_with_a_key(start_server, tmp_path: Path, kind: str):
    server = start_server()
    key = keygen(tmp_path / "key", kind=kind)
    server.authorized_keys.write_bytes(key.with_suffix(".pub").read_bytes())
    assert signs_in(server, identities=(Identity(str(key)),))


def test_signs_in_with_an_encrypted_key_given_as_text(start_server, tmp_path: Path):
    server = start_server()
    key = keygen(tmp_path / "key", passphrase="correct horse")
    server.authorized_keys.write_bytes(key.with_suffix(".pub").read_bytes())
    assert signs_in(server, identities=(Identity(key.read_text(), passphrase="correct horse"),))


def test_signs_in_with_a_certificate_alone(start_server, tmp_path: Path):
    ca, key = keygen(tmp_path / "ca"), keygen(tmp_path / "key")
    user = getpass.getuser()
    sign = ["ssh-keygen", "-q", "-s", str(ca), "-I", "test", "-n", user, f"{key}.pub"]
    subprocess.run(sign, check=True)
    server = start_server(f"TrustedUserCAKeys {ca}.pub\n")
    server.authorized_keys.write_text("")
    assert signs_in(server, identities=(Identity(str(key)),))


def test_tells_which_keys_were_refused_and_what_the_host_accepts(server: SSHServer, tmp_path: Path):
    wrong = keygen(tmp_path / "wrong")
    error = refusal(server, identities=(Identity(str(wrong)),))
    assert isinstance(error, AuthenticationFailed)
    assert (error.code, error.retryable) == ("auth-failed", False)
    assert fingerprint(wrong.with_suffix(".pub")) in error.reason
    assert "it accepts publickey:" in error.reason


def test_tries_the_next_key_after_a_refused_one(server: SSHServer, tmp_path: Path):
    wrong = keygen(tmp_path / "wrong")
    assert signs_in(server, identities=(Identity(str(wrong)), Identity(str(server.user_key))))


def test_passes_over_a_key_that_cannot_be_used_when_another_works(
    server: SSHServer, tmp_path: Path
):
    locked = keygen(tmp_path / "locked", passphrase="unknown")
    assert signs_in(server, identities=(Identity(str(locked)), Identity(str(server.user_key))))


def test_tells_why_the_only_key_cannot_be_used(server: SSHServer, tmp_path: Path):
    locked = keygen(tmp_path / "locked", passphrase="unknown")
    assert refusal(server, identities=(Identity(str(locked)),)).code == "key-passphrase"


def test_tells_of_an_unusable_key_beside_a_refused_one(server: SSHServer, tmp_path: Path):
    wrong = keygen(tmp_path / "wrong")
    locked = keygen(tmp_path / "locked", passphrase="unknown")
    error = refusal(server, identities=(Identity(str(wrong)), Identity(str(locked))))
    assert error.code == "auth-failed"
    assert "is encrypted: give its passphrase" in error.reason


def test_tells_that_nothing_was_given_to_sign_in_with(server: SSHServer):
    error = refusal(server, identities=())
    assert error.code == "auth-failed"
    assert "No key, agent or password is given" in error.reason


def test_tells_that_a_password_is_not_taken(server: SSHServer):
    error = refusal(server, identities=(), password="hunter2")
    assert "refused what was offered (the password); it accepts publickey" in error.reason
    assert "hunter2" not in error.reason


def test_tells_that_the_host_hung_up_after_too_many_keys(start_server, tmp_path: Path):
    server = start_server("MaxAuthTries 2\n")
    keys = tuple(Identity(str(keygen(tmp_path / f"key{n}"))) for n in range(4))
    error = refusal(server, identities=keys)
    assert error.code == "auth-failed"
    assert "closed the connection during sign-in" in error.reason


@pytest.fixture
def agent(server: SSHServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An SSH agent that holds the server's key."""
    sock = tmp_path / "agent"
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(sock)], stdout=subprocess.DEVNULL) as held:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(sock))
        while not sock.exists():
            time.sleep(0.01)
        subprocess.run(["ssh-add", "-q", str(server.user_key)], check=True, env=dict(os.environ))
        yield
        held.terminate()


@pytest.mark.usefixtures("agent")
def test_signs_in_with_a_key_of_the_agent(server: SSHServer):
    assert signs_in(server, identities=(), use_agent=True)


@pytest.mark.usefixtures("agent")
def test_leaves_the_agent_alone_unless_told(server: SSHServer):
    assert refusal(server, identities=()).code == "auth-failed"


def test_does_without_an_agent_that_is_not_there(
    server: SSHServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SSH_AUTH_SOCK", "/does/not/exist")
    assert refusal(server, identities=(), use_agent=True).code == "auth-failed"


class _NeverDecides(paramiko.ServerInterface):
    """A server that takes the sign-in's request and never answers it."""

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def check_auth_password(self, username: str, password: str) -> int:
        time.sleep(3)
        return paramiko.AUTH_FAILED


def test_gives_up_on_a_host_that_never_decides(tmp_path: Path, trouble):
    host_key = paramiko.Ed25519Key.from_private_key_file(str(keygen(tmp_path / "host")))
    done = threading.Event()

    def treat(sock) -> None:
        transport = paramiko.Transport(sock)
        transport.add_server_key(host_key)
        transport.start_server(server=_NeverDecides())
        done.wait(10)
        transport.close()

    target = Target("ssh", host=LOOPBACK, port=trouble(treat), user="root")
    start = time.monotonic()
    with pytest.raises(ConnectionFailed) as error:
        open_session(target, _password_options(host_key))
    done.set()
    assert (error.value.code, error.value.retryable) == ("timeout", True)
    assert "did not finish the sign-in in time" in error.value.reason
    assert time.monotonic() - start < 2.5


def _password_options(host_key: paramiko.PKey):
    from hosts.connections import ConnectOptions, KnownHosts

    pinned = KnownHosts(pinned=(f"{host_key.get_name()} {host_key.get_base64()}",))
    options = ConnectOptions(password="secret", known_hosts=pinned)
    return replace(options, limits=Limits(auth=0.5))
