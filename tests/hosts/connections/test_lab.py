"""Every way to reach a real host, on the hosts of the lab (tests/lab)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hosts.connections import (
    TLS,
    AuthenticationFailed,
    ConnectionFailed,
    EngineUnavailable,
    HostKeyRefused,
    KnownHosts,
    open_session,
)
from hosts.connections.record import RecordingSession
from hosts.connections.replay import ReplaySession
from tests.hosts.connections.conftest import eventually
from tests.labhosts import Lab

# Names of the lab's inventory, and whether the account reaches the engine.
WITH_ENGINE = ["web", "hard", "pod", "inner", "plain-operator", "plain-member"]
WITHOUT_ENGINE = ["plain", "plain-password", "plain-encrypted", "plain-certified", "plain-pwsudo"]


@pytest.mark.parametrize("name", WITH_ENGINE + WITHOUT_ENGINE)
def test_runs_commands_on(lab: Lab, name: str):
    host = lab.host(name)
    with host.open() as session:
        assert session.run(["id", "-un"]).stdout.decode().strip() == host.target.user


@pytest.mark.parametrize("name", WITH_ENGINE)
def test_reaches_the_engine_of(lab: Lab, name: str):
    with lab.host(name).open() as session:
        client = session.engine()
        names = [entry["Names"][0].lstrip("/") for entry in client.containers(all=True)]
        with ThreadPoolExecutor(6) as pool:
            inspected = list(pool.map(client.inspect_container, names))
    assert names
    assert len(inspected) == len(names)


@pytest.mark.parametrize("name", WITHOUT_ENGINE)
def test_tells_that_the_account_may_not_use_the_engine_of(lab: Lab, name: str):
    with lab.host(name).open() as session, pytest.raises(EngineUnavailable) as error:
        session.engine()
    assert (error.value.code, error.value.retryable) == ("engine-permission", False)


def test_root_reaches_the_engine_with_sudo_too(lab: Lab):
    with lab.host("web").open(sudo=True) as session:
        assert session.engine().version()["ApiVersion"]


def test_podman_is_found_without_being_told_where(lab: Lab):
    for sudo in (False, True):
        with lab.host("pod").open(engine_socket=None, sudo=sudo) as session:
            components = session.engine().version()["Components"]
            assert components[0]["Name"] == "Podman Engine"


@pytest.mark.parametrize("name", ["plain", "plain-pwsudo"])
def test_tells_that_sudo_wants_a_password(lab: Lab, name: str):
    with lab.host(name).open(sudo=True) as session, pytest.raises(EngineUnavailable) as error:
        session.engine()
    assert error.value.code == "engine-permission"
    assert "sudo" in error.value.reason
    assert "NOPASSWD: docker system dial-stdio" in error.value.hint


def test_tells_that_a_password_is_wrong(lab: Lab):
    with pytest.raises(AuthenticationFailed) as error:
        lab.host("plain-password").open(password="not-the-password")
    assert (error.value.code, error.value.retryable) == ("auth-failed", False)
    assert "it accepts publickey, password" in error.value.reason
    assert "not-the-password" not in str(error.value)


def test_tells_that_a_user_does_not_exist(lab: Lab):
    host = lab.host("plain")
    with pytest.raises(AuthenticationFailed, match="check the user name"):
        open_session(replace(host.target, user="nobody-here"), host.options())


def test_tells_that_a_passphrase_is_wrong(lab: Lab):
    host = lab.host("plain-encrypted")
    (identity,) = host.options().identities
    with pytest.raises(ConnectionFailed) as error:
        host.open(identities=(replace(identity, passphrase="wrong"),))
    assert error.value.code == "key-passphrase"


def test_the_certificate_is_what_lets_the_user_in(lab: Lab, tmp_path: Path):
    host = lab.host("plain-certified")
    (identity,) = host.options().identities
    bare = tmp_path / "key"
    bare.write_bytes(Path(identity.key).read_bytes())
    with pytest.raises(AuthenticationFailed):
        host.open(identities=(replace(identity, key=str(bare), certificate=None),))


def test_refuses_a_lab_host_that_is_not_known(lab: Lab):
    with pytest.raises(HostKeyRefused) as error:
        lab.host("web").open(known_hosts=KnownHosts())
    assert error.value.fingerprint in error.value.reason


def test_a_command_that_was_cut_is_ended_on_the_host(lab: Lab):
    mark = "31.4159"
    with lab.host("plain").open() as session:
        cut = session.run(["sleep", mark], timeout=0.5)
        assert cut.cut == "deadline"
        running = ["sh", "-c", "for p in /proc/[0-9]*; do cat $p/cmdline; echo; done"]
        assert eventually(lambda: f"sleep\0{mark}".encode() not in session.run(running).stdout)


def test_reaches_an_engine_over_tls(lab: Lab):
    with lab.host("tls").open() as session:
        assert not session.can_run
        assert session.engine().containers(all=True)


def test_a_tls_engine_refuses_those_without_a_certificate(lab: Lab):
    host = lab.host("tls")
    tls = host.options().tls
    assert tls is not None
    for given, code in (
        (TLS(tls.ca), "tls-client-refused"),
        (TLS(), "tls-unknown-ca"),
        (None, "tls-required"),
    ):
        with pytest.raises(EngineUnavailable) as error:
            host.open(tls=given)
        assert error.value.code == code


def test_a_real_host_is_recorded_and_replayed(lab: Lab, tmp_path: Path):
    path = tmp_path / "web.json"

    def read(session) -> list[object]:
        client = session.engine()
        containers = sorted(client.containers(all=True), key=lambda entry: entry["Id"])
        kernel = session.run(["uname", "-r"]).stdout
        first = client.inspect_container(containers[0]["Id"])["Name"]
        return [kernel, client.api_version, [entry["Names"] for entry in containers], first]

    with RecordingSession(lab.host("web").open(), path) as session:
        live = read(session)
    with ReplaySession(path) as session:
        assert read(session) == live
