"""What each way in shows, and what is said about the rest, on real hosts."""

import json

import pytest

from tests.integration.commands import audit, audited, gaps, statuses
from tests.labhosts import Lab


def test_several_hosts_are_audited_at_once_in_the_order_given(lab: Lab):
    web, pod = lab.host("web"), lab.host("pod")
    known = ["--identity", web.entry["identity"], "--known-hosts", web.entry["known_hosts"]]
    done = audit(pod.entry["target"], web.entry["target"], *known, "--format", "json")
    documents = json.loads(done.stdout)
    assert [d["host"] for d in documents] == ["pod", "web"]
    assert [d["engine"]["name"] for d in documents] == ["podman", "docker"]


def test_one_unreachable_target_does_not_lose_the_other(lab: Lab):
    web = lab.host("web")
    done = audit("tcp://127.0.0.1:1", *web.arguments(), "--format", "json")
    assert done.returncode == 3
    assert [d["host"] for d in json.loads(done.stdout)] == ["web"]
    assert done.stderr.startswith("tcp://127.0.0.1:1: ")


def test_a_login_without_rights_decides_what_it_can_and_passes_nothing_it_could_not_read(lab: Lab):
    document = audited(*lab.host("plain").arguments())
    found = statuses(document)
    assert "may not open /run/docker.sock" in gaps(document)["engine"]
    assert found["container-privileged"] == "unknown"
    assert found["host-cgroup-v2"] in ("pass", "fail")
    hints = [gap["hint"] for gap in document["gaps"] if "hint" in gap]
    assert any("sudo" in hint for hint in hints)


def test_sudo_shows_what_the_login_alone_does_not(lab: Lab):
    alone = audited(*lab.host("plain").arguments())
    with_sudo = audited(*lab.host("plain-operator").arguments())
    assert with_sudo["coverage"] > alone["coverage"] + 0.3


def test_sudo_that_wants_a_password_is_a_gap_and_the_rest_is_read(lab: Lab):
    document = audited(*lab.host("plain-pwsudo").arguments(), "--sudo")
    assert "password" in gaps(document)["sudo"]
    assert document["coverage"] > 0.2


def test_a_member_of_the_docker_group_reads_the_engine_without_sudo(lab: Lab):
    document = audited(*lab.host("plain-member").arguments())
    assert document["engine"]["version"].startswith("26.1.5")


@pytest.mark.parametrize(
    ("name", "secret", "variable"),
    [
        ("plain-password", "password", "POSTURE_SSH_PASSWORD"),
        ("plain-encrypted", "passphrase", "POSTURE_SSH_PASSPHRASE"),
    ],
)
def test_secrets_come_from_the_environment(lab: Lab, name: str, secret: str, variable: str):
    host = lab.host(name)
    document = audited(*host.arguments(), **{variable: host.entry[secret]})
    assert document["host"] == "plain"


def test_a_host_behind_a_jump_host_is_audited(lab: Lab):
    assert audited(*lab.host("inner").arguments())["engine"]["version"].startswith("28.5")


def test_an_unknown_host_key_ends_with_3_and_its_fingerprint(lab: Lab, tmp_path):
    web, empty = lab.host("web"), tmp_path / "known_hosts"
    empty.touch()
    arguments = [web.entry["target"], "--identity", web.entry["identity"]]
    done = audit(*arguments, "--known-hosts", str(empty))
    assert done.returncode == 3
    assert "SHA256:" in done.stderr
    assert empty.read_text() == ""


def test_facts_that_were_kept_are_judged_the_same_later(lab: Lab, tmp_path):
    file = tmp_path / "facts.json"
    first = audited(*lab.host("web").arguments(), "--facts-out", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    from tests.scans.management.command import manage

    [again] = json.loads(manage("evaluate", file, "--format", "json").stdout)
    assert again == first


def test_no_planted_secret_is_in_the_facts(lab: Lab, tmp_path):
    file = tmp_path / "facts.json"
    audited(*lab.host("web").arguments(), "--facts-out", str(file))
    assert "DB_PASSWORD" in file.read_text()
    for line in _planted(lab):
        assert line not in file.read_text()


def _planted(lab: Lab) -> list[str]:
    """Values of the variables that look like secrets, as the engine itself tells them."""
    from tests.integration.commands import in_host

    shown = in_host(
        "web",
        "for image in $(docker images -q); do docker inspect -f "
        "'{{range .Config.Env}}{{println .}}{{end}}' $image; done",
    )
    pairs = [line.partition("=") for line in shown.splitlines()]
    values = [v for name, _, v in pairs if "PASSWORD" in name or "KEY" in name or "TOKEN" in name]
    assert len(values) >= 2
    return values
