"""Audit rules. Loaded ones are written by hand: no kernel shows its rules to a container."""

import pytest

from scans.collectors.host.audit import parse_enabled, parse_loaded, parse_on_disk
from scans.collectors.host.reading import Missing
from scans.facts import AuditRule
from tests.scans.collectors.probing import section

LOADED = {
    "status": "enabled 2\nfailure 1\npid 612\n",
    "read status": "",
    "loaded": "-w /usr/bin/dockerd -p rwxa -k docker\n-a always,exit -S all -F dir=/etc/docker\n",
    "read loaded": "",
}


def test_reads_loaded_rules() -> None:
    found = parse_loaded(section("audit", LOADED), root=True)
    assert found[0] == AuditRule(text="-w /usr/bin/dockerd -p rwxa -k docker", source="kernel")
    assert len(found) == 2
    assert parse_enabled(section("audit", LOADED)) == 2


def test_no_rules_is_an_answer() -> None:
    parts = {"loaded": "No rules\n", "read loaded": ""}
    assert parse_loaded(section("audit", parts), root=True) == ()


@pytest.mark.parametrize(("root", "hint"), [(True, None), (False, "run with --sudo")])
def test_a_kernel_that_refuses_is_missing(*, root: bool, hint: str | None) -> None:
    said = "Error sending rule list data request (Operation not permitted)"
    refused = section("audit", {"status": "", "loaded": ""}, errors=said)
    with pytest.raises(Missing, match="Operation not permitted") as missing:
        parse_loaded(refused, root=root)
    assert missing.value.hint == hint


def test_without_auditctl_nobody_knows_the_kernels_rules() -> None:
    with pytest.raises(Missing, match="not installed"):
        parse_loaded(section("audit", {"missing auditctl": ""}), root=True)


def test_reads_rules_on_disk_with_their_file_and_without_comments() -> None:
    disk = (
        "/etc/audit/rules.d/docker.rules:# rules\n"
        "/etc/audit/rules.d/docker.rules:  -w /etc/docker -k docker\n"
    )
    found = parse_on_disk(section("audit", {"readable": "", "disk": disk}))
    assert found == (
        AuditRule(text="-w /etc/docker -k docker", source="/etc/audit/rules.d/docker.rules"),
    )


def test_rules_that_may_not_be_read_are_missing_and_no_folder_has_none() -> None:
    assert parse_on_disk(section("audit", {"absent /etc/audit": ""})) == ()
    for parts in ({"disk": ""}, {"readable": "", "unreadable /etc/audit/audit.rules": ""}):
        with pytest.raises(Missing):
            parse_on_disk(section("audit", parts))
