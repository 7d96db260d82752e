"""Versions as binaries and package managers say them."""

import shutil
import subprocess

import pytest

from scans.collectors.host.reading import Missing
from scans.collectors.host.versions import parse_packages
from scans.collectors.probe import probe_script
from tests.scans.collectors.probing import SHELLS, section


def test_packages_have_the_versions_of_their_manager() -> None:
    answer = (
        "docker-ce 5:29.9.0-1~debian.12~bookworm\n"
        "containerd 0:1.7.27-1.el9\n"
        "package runc is not installed\n"
        "docker-engine 25.0.3-r1\n"
    )
    assert parse_packages(section("versions", {"packages": answer})) == {
        "docker-ce": "5:29.9.0-1~debian.12~bookworm",
        "containerd": "1.7.27-1.el9",
        "docker-engine": "25.0.3-r1",
    }


def test_no_package_is_installed_where_the_manager_knows_none() -> None:
    assert parse_packages(section("versions", {"packages": ""})) == {}


def test_packages_are_missing_without_a_package_manager() -> None:
    with pytest.raises(Missing, match="none of the known package managers"):
        parse_packages(section("versions", {"version runc": "runc version 1.1.5\n"}))


@pytest.mark.parametrize("shell", SHELLS)
def test_the_probe_reads_what_dpkg_says_of_this_machine(shell: str) -> None:
    if shutil.which("dpkg-query") is None:
        pytest.skip("this machine has no dpkg")
    program = SHELLS[shell]
    command = [*program, "-c", 'eval "$script"', "posture-probe", "versions"]
    done = subprocess.run(
        command,
        env={"script": probe_script().decode(), "nonce": "N", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    told = done.stdout.partition("\nN part packages\n")[2]
    found = parse_packages(section("versions", {"packages": told}))
    for name, version in found.items():
        asked = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True
        )
        assert asked.stdout == version
    installed = subprocess.run(["dpkg-query", "-W", "runc"], capture_output=True).returncode == 0
    assert ("runc" in found) == installed
