"""How the probe is brought to a host: as root, with sudo, installed, or as any user."""

import fcntl
import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hosts.connections import ConnectionLost, open_session, parse_target
from hosts.connections.base import CommandResult
from scans.collectors.probe import INSTALLED, probe_digest, probe_script, run_probe
from tests.labhosts import Lab, LabHost

LAB = Path(__file__).parents[2] / "lab" / "lab"


class Answering:
    """A session whose host gives one answer to everything."""

    def __init__(self, result: CommandResult) -> None:
        self.result = result

    def run(self, argv: object, **options: object) -> CommandResult:
        return self.result


def answer(stdout: bytes = b"", stderr: bytes = b"", **fields: object) -> Answering:
    base: dict[str, object] = {"exit_status": 0, "duration": 0.1}
    return Answering(CommandResult(stdout=stdout, stderr=stderr, **(base | fields)))  # type: ignore[arg-type]


def test_the_digest_is_that_of_the_file_as_sha256sum_prints_it() -> None:
    assert probe_digest() == hashlib.sha256(probe_script()).hexdigest()
    assert probe_script().startswith(b"#!/bin/sh\n")


def test_reads_this_machine() -> None:
    with open_session(parse_target("local")) as session:
        output = run_probe(session, mode="user")
    assert output.problem is None
    assert output.sections["system"].whole


@pytest.mark.parametrize(
    ("cut", "reason"),
    [
        ("deadline", "the probe's time was up"),
        ("size", "the probe wrote more than it may"),
        ("connection", "the connection broke during the probe"),
    ],
)
def test_what_came_before_the_cut_is_kept_and_the_reason_told(cut: str, reason: str) -> None:
    nonce = "posture-" + "a" * 32
    said = f"{nonce} probe user 0 root\n\n{nonce} begin lsm 9\n\n{nonce} part values\nx".encode()
    session = answer(said, exit_status=None, cut=cut)
    output = run_probe(session, mode="user", nonce=nonce)  # type: ignore[arg-type]
    assert output.problem == reason
    assert output.level == "root"
    assert output.sections["lsm"].find("values") == b"x"
    assert not output.sections["lsm"].whole


def test_a_host_that_does_not_run_it_says_why() -> None:
    session = answer(stderr=b"This account is only for\ngit.\n", exit_status=1)
    output = run_probe(session, mode="user")  # type: ignore[arg-type]
    assert output.sections == {}
    assert output.problem == "the probe ended early with status 1: This account is only for git."


def test_a_broken_connection_is_raised() -> None:
    class Broken:
        def run(self, argv: object, **options: object) -> CommandResult:
            raise ConnectionLost("gone")

    with pytest.raises(ConnectionLost):
        run_probe(Broken(), mode="user")  # type: ignore[arg-type]


def test_root_is_root_with_and_without_sudo(lab: Lab) -> None:
    with lab.host("pod").open() as session:
        assert run_probe(session, mode="user").level == "root"
        output = run_probe(session, mode="sudo")
    assert (output.level, output.user, output.gaps) == ("root", "root", ())


def test_sudo_without_a_password_reads_as_root(lab: Lab) -> None:
    with lab.host("plain-operator").open() as session:
        output = run_probe(session, mode="sudo")
    assert (output.level, output.user, output.gaps) == ("sudo", "operator", ())
    assert output.problem is None


def test_sudo_is_not_used_unasked(lab: Lab) -> None:
    with lab.host("plain-operator").open() as session:
        assert run_probe(session, mode="user").level == "user"


def test_sudo_that_wants_a_password_is_told_and_the_rest_is_read(lab: Lab) -> None:
    with lab.host("plain-pwsudo").open() as session:
        output = run_probe(session, mode="sudo")
    assert output.level == "user"
    assert output.problem is None
    assert [gap.section for gap in output.gaps] == ["sudo"]
    assert output.gaps[0].reason == "sudo: a password is required; no probe is installed"


@pytest.fixture
def installed(lab: Lab) -> Iterator[LabHost]:
    """A host of the lab with the probe installed and a user who may run just that with sudo.

    One test at a time, also when several processes share the tests.
    """
    with (Path(tempfile.gettempdir()) / "posture-installed-probe.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install()
        try:
            entry = lab.host("plain").entry
            target = entry["target"].replace("auditor@", "probeonly@")
            yield LabHost(entry | {"target": target}, lab)
        finally:
            _as_root(f"rm -f {INSTALLED} /etc/sudoers.d/probeonly; userdel -rf probeonly", b"")


def _install() -> None:
    _as_root(
        "useradd -m -s /bin/sh probeonly"
        " && install -d -o probeonly /home/probeonly/.ssh"
        " && install -o probeonly /home/auditor/.ssh/authorized_keys /home/probeonly/.ssh/"
        f" && cat > {INSTALLED} && chmod 755 {INSTALLED}"
        f" && printf 'probeonly ALL=(root) NOPASSWD: sha256:%s {INSTALLED} \"\"\\n'"
        f" $(sha256sum {INSTALLED} | cut -d ' ' -f 1) > /etc/sudoers.d/probeonly"
        " && chmod 440 /etc/sudoers.d/probeonly && visudo -qcf /etc/sudoers.d/probeonly",
        probe_script(),
    )


def _as_root(script: str, stdin: bytes) -> None:
    command = [str(LAB), "exec", "plain", "sh", "-c", script]
    subprocess.run(command, input=stdin, check=True, capture_output=True, timeout=60)


def test_the_installed_probe_is_run_where_sudo_allows_just_that(installed: LabHost) -> None:
    with installed.open() as session:
        output = run_probe(session, mode="sudo")
    assert (output.level, output.user, output.gaps) == ("probe", "probeonly", ())
    assert output.problem is None
    assert {found.status for found in output.sections.values()} == {0}


def test_an_installed_probe_of_another_version_is_not_run(installed: LabHost) -> None:
    _as_root(f"echo '# changed' >> {INSTALLED}", b"")
    with installed.open() as session:
        output = run_probe(session, mode="sudo")
    assert output.level == "user"
    assert output.gaps[0].reason.endswith(
        f"{INSTALLED} is not the probe of this version and was not run"
    )


def test_an_installed_probe_that_its_user_can_change_is_not_run(installed: LabHost) -> None:
    _as_root(f"chmod 777 {INSTALLED}", b"")
    with installed.open() as session:
        output = run_probe(session, mode="sudo")
    assert output.level == "user"
    assert output.gaps[0].reason.endswith("can be written by the login user and was not run")
