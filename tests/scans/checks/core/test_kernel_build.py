"""Whose build the running kernel is."""

import pytest

from scans.checks.core.kernel_build import SOMEBODY, KernelBuild, kernel_build
from scans.checks.core.upstream_version import parse
from tests.factories import facts, kernel, system


def build(release: str, version: str = "#1 SMP", **sections) -> KernelBuild:
    target = facts(kernel=kernel(release=release, version=version), **sections)
    assert target.kernel is not None
    return kernel_build(target.kernel, target)


@pytest.mark.parametrize("release", ["6.12.80", "7.1", "7.2.0-rc3", "5.10.102"])
def test_a_plain_release_is_upstreams(release):
    assert build(release).vendor is None


@pytest.mark.parametrize(
    ("release", "version", "vendor"),
    [
        ("6.1.0-40-amd64", "#1 SMP Debian 6.1.153-1 (2026-09-20)", "Debian"),
        ("6.12.48+deb13-amd64", "#1 SMP Debian 6.12.48-1 (2026-09-20)", "Debian"),
        ("5.15.0-119-generic", "#129-Ubuntu SMP Fri Aug 2 19:25:20 UTC 2024", "Ubuntu"),
        ("5.15.0-1064-aws", "#70~20.04.1-Ubuntu SMP", "Ubuntu"),
        ("5.14.0-427.13.1.el9_4.x86_64", "#1 SMP", "the maker of this enterprise Linux"),
        ("5.15.0-205.149.5.1.el9uek.x86_64", "#2 SMP", "Oracle"),
        ("6.11.4-301.fc41.x86_64", "#1 SMP", "Fedora"),
        ("6.1.112-122.189.amzn2023.x86_64", "#1 SMP", "Amazon Linux"),
        ("6.8.12-4-pve", "#1 SMP", "Proxmox"),
        ("5.15.167.4-microsoft-standard-WSL2", "#1 SMP", "Microsoft"),
        ("6.10.14-linuxkit", "#1 SMP", "LinuxKit"),
        ("6.6.54-0-lts", "#1-Alpine SMP", "Alpine Linux v3.20"),
        ("6.1.90+", "#1 SMP", "Alpine Linux v3.20"),
    ],
)
def test_a_marked_release_is_a_vendors(release, version, vendor):
    alpine = system(os_id="alpine", os_version="3.20.3", os_name="Alpine Linux v3.20")
    assert build(release, version, system=alpine).vendor == vendor


def test_debians_package_names_the_upstream_version():
    found = build("6.1.0-40-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2026-09-20)")
    assert found.version == parse("6.1.153")
    assert found.package == "6.1.153-1"


def test_ubuntus_package_is_that_of_the_running_kernel():
    packages = {"linux-image-5.15.0-119-generic": "5.15.0-119.129", "runc": "1.1.12"}
    found = build("5.15.0-119-generic", "#129-Ubuntu SMP", packages=packages)
    assert found.package == "5.15.0-119.129"


@pytest.mark.parametrize("release", ["4.18.0-553.el8_10.x86_64", "5.10.226-214.amzn2.x86_64"])
def test_enterprise_kernels_take_newer_code_into_old_versions(release):
    assert build(release).backports


def test_suses_kernels_do_too():
    suse = system(os_id="sles", os_version="15.6", os_name="SUSE Linux Enterprise Server 15 SP6")
    assert build("6.4.0-150600.23.25-default", system=suse).backports


def test_debians_and_ubuntus_do_not():
    assert not build("6.1.0-40-amd64", "Debian 6.1.153-1").backports
    assert not build("5.15.0-119-generic", "#129-Ubuntu SMP").backports


@pytest.mark.parametrize("host", [None, system(os_id="debian", os_name="Debian 12")])
def test_a_kernel_that_names_nobody_is_not_the_distributions(host):
    assert build("6.18.44-custom", system=host).vendor == SOMEBODY
