"""Pending updates. Answers of dnf, apk and zypper are written by hand, from their documentation."""

from datetime import UTC, datetime

import pytest

from scans.collectors.host.reading import Missing
from scans.collectors.host.updates import parse_updates
from tests.scans.collectors.probing import section


def test_apt_is_behind_where_a_security_suite_has_a_newer_version() -> None:
    offers = (
        "openssl 3.0.15-1~deb12u1 3.0.17-1~deb12u2\n"
        "bash 5.2.15-2+b7 5.2.15-2+b2\n"
        "curl 7.88.1-10+deb12u12 7.88.1-10+deb12u12\n"
        "docker.io 1:20 20.10\n"
    )
    parts = {"manager apt": "", "lists": "1795498536\n1795498000\n", "indexes": "x\n"}
    found = parse_updates(section("updates", {**parts, "security": offers, "read security": ""}))
    assert found.security == ("openssl",)
    assert found.lists_updated_at == datetime.fromtimestamp(1795498536, UTC)
    assert found.manager == "apt"


def test_apt_without_a_security_suite_is_missing_and_not_up_to_date() -> None:
    parts = {"manager apt": "", "lists": "1\n", "indexes": "x\n", "security": ""}
    with pytest.raises(Missing, match="no package list of a security suite"):
        parse_updates(section("updates", parts))


def test_dnf_names_the_packages_of_security_advisories() -> None:
    security = (
        "RHSA-2026:1234 Important/Sec. openssl-libs-1:3.0.7-28.el9_4.x86_64\n"
        "RHSA-2026:1234 Important/Sec. openssl-1:3.0.7-28.el9_4.x86_64\n"
        "RHSA-2026:2000 Moderate/Sec.  kernel-core-5.14.0-503.el9.x86_64\n"
    )
    pending = (
        "Available Upgrades\nopenssl.x86_64  1:3.0.7-28.el9_4  baseos\nvim.x86_64 9 appstream\n"
    )
    parts = {"manager dnf": "", "security": security, "read security": ""}
    found = parse_updates(section("updates", {**parts, "pending": pending, "read pending": ""}))
    assert found.security == ("openssl-libs", "openssl", "kernel-core")
    assert found.pending == 2


def test_apk_knows_newer_versions_and_not_which_mend_something() -> None:
    answer = (
        "Installed:                                Available:\nbusybox-1.36.1-r5      < 1.36.1-r7\n"
    )
    parts = {"manager apk": "", "pending": answer, "read pending": ""}
    found = parse_updates(section("updates", parts))
    assert (found.pending, found.security) == (1, None)


def test_zypper_names_security_patches() -> None:
    table = (
        "Repository | Name              | Category | Severity\n"
        "-----------+-------------------+----------+---------\n"
        "Update     | SUSE-SLE-2026-100 | security | important\n"
    )
    parts = {"manager zypper": "", "security": table, "read security": ""}
    assert parse_updates(section("updates", parts)).security == ("SUSE-SLE-2026-100",)


@pytest.mark.parametrize("manager", ["dnf", "yum", "apk", "zypper"])
def test_a_manager_that_fails_is_missing(manager: str) -> None:
    failed = section("updates", {f"manager {manager}": ""}, errors="Error: cache is empty")
    with pytest.raises(Missing, match="cache is empty"):
        parse_updates(failed)


def test_a_host_without_a_known_manager_is_missing() -> None:
    with pytest.raises(Missing):
        parse_updates(section("updates", {}))
