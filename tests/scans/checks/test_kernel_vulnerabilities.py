"""Known vulnerabilities of kernels: upstream's by its version, vendors' by what they say."""

from dataclasses import replace
from typing import Any

import pytest

import scans.checks.vulnerabilities  # noqa: F401
from scans.facts import Facts
from tests.factories import container, engine, facts, kernel, process, system
from tests.scans.checks.advised import judge_advised, one, status

CHECK = "kernel-vulnerabilities"

VENDORS = [
    ("5.15.0-25-generic", "#25-Ubuntu SMP", system(os_id="ubuntu", os_version="22.04")),
    ("5.14.0-70.el9.x86_64", "#1 SMP PREEMPT", system(os_id="rhel", os_version="9.4")),
    ("4.18.0-553.el8_10.x86_64", "#1 SMP", system(os_id="almalinux", os_version="8.10")),
    ("5.3.18-57-default", "#1 SMP", system(os_id="sles", os_version="15.3")),
    ("5.10.50-44.131.amzn2.x86_64", "#1 SMP", system(os_id="amzn", os_version="2")),
    ("5.10.0-8-amd64", "#1 SMP Debian 5.10.46-4 (2021-08-03)", system(os_version="11")),
    ("6.1.0-9-amd64", "#1 SMP Debian 6.1.20-1 (2023-04-01)", system(os_version="13")),
    ("5.15.68-0-lts", "#1-Alpine SMP", system(os_id="alpine", os_version="3.16.2")),
    ("5.10.16.3-microsoft-standard-WSL2", "#1 SMP", system()),
    ("5.4.1-mine", "#7 SMP", system()),
]

ADMIN = container(process=process(cap_bounding=0x1FFFFFFFFFF))


def host(release: str, version: str = "#1 SMP", **sections: Any) -> Facts:
    fields = sections.pop("of", {})
    base = {"containers": (ADMIN,), "packages": {}}
    return facts(kernel=kernel(release=release, version=version, **fields), **(base | sections))


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("5.10.101", "fail"),
        ("5.10.102", "absent"),
        ("5.12.1", "fail"),
        ("5.15.24", "fail"),
        ("5.16.11", "absent"),
        ("5.4.100", "absent"),
        ("5.17", "absent"),
        ("6.12.80", "absent"),
    ],
)
def test_upstreams_kernel_is_judged_by_its_version(release, expected):
    assert status(CHECK, "CVE-2022-0847", host(release)) == expected


@pytest.mark.parametrize(("release", "version", "os"), VENDORS)
def test_a_vendors_kernel_never_fails_by_its_release_alone(release, version, os):
    target = host(release, version, system=os, of={"cgroup_version": 1})
    result = judge_advised(CHECK, target)
    assert result.status == "unknown"
    assert not [row for row in result.subjects if row.status == "fail"]
    assert [row for row in result.subjects if row.message.startswith("verify with the vendor")]


def test_an_enterprise_kernel_may_have_flaws_newer_than_its_version():
    rhel = system(os_id="rhel", os_version="8.4")
    target = host("4.18.0-305.el8.x86_64", system=rhel)
    assert status(CHECK, "CVE-2022-0847", target) == "unknown"


def test_a_vendors_kernel_is_safe_from_what_its_base_has_fixed():
    ubuntu = system(os_id="ubuntu", os_version="24.04")
    target = host("6.8.0-31-generic", "#31-Ubuntu SMP", system=ubuntu)
    assert status(CHECK, "CVE-2024-1086", target) == "absent"


@pytest.mark.parametrize(
    ("package", "expected"),
    [("6.1.164-1", "fail"), ("6.1.170-1", "absent"), ("6.1.187-1", "absent")],
)
def test_debians_package_is_judged_by_debians_fix(package, expected):
    target = host("6.1.0-40-amd64", f"#1 SMP PREEMPT_DYNAMIC Debian {package} (2026-09-20)")
    old = replace(target, engine=engine(version="29.4.2"))
    assert status(CHECK, "CVE-2026-31431", old) == expected


def test_debian_had_a_fix_before_upstreams_line():
    fixed = host("6.1.0-10-amd64", "#1 SMP Debian 6.1.38-1 (2023-07-14)")
    assert status(CHECK, "CVE-2023-35001", fixed) == "absent"


def test_a_backported_kernel_of_another_line_is_for_debian_to_tell():
    target = host("6.12.38+bpo-amd64", "#1 SMP Debian 6.12.38-1~bpo12+1 (2025-08-01)")
    old = replace(target, engine=engine(version="29.4.2"))
    assert status(CHECK, "CVE-2026-31431", old) == "unknown"


@pytest.mark.parametrize(("version", "expected"), [(1, "fail"), (2, "pass")])
def test_the_release_agent_needs_cgroup_v1(version, expected):
    target = host("5.15.19", of={"cgroup_version": version})
    assert status(CHECK, "CVE-2022-0492", target) == expected


def test_netfilter_needs_a_capability():
    target = host("6.6.14", containers=(container(),))
    row = one(CHECK, "CVE-2024-1086", target)
    assert row.status == "pass"
    assert "no container can have NET_ADMIN" in row.message


def test_a_container_without_seccomp_gets_it_by_itself():
    target = host("6.6.14", containers=(container(process=process(seccomp=0)),))
    assert status(CHECK, "CVE-2024-1086", target) == "fail"


def test_a_blocked_module_is_out_of_reach():
    fields = {"modules_blocked": ("esp4", "esp6"), "modules_builtin": ()}
    target = host("6.6.137", of=fields)
    assert status(CHECK, "CVE-2026-43284", target) == "pass"


def test_a_blocked_module_that_is_built_in_is_not():
    fields = {"modules_blocked": ("esp4", "esp6"), "modules_builtin": ("esp4",)}
    target = host("6.6.137", of=fields)
    assert status(CHECK, "CVE-2026-43284", target) == "fail"


def test_copy_fail_is_out_of_reach_behind_a_newer_docker():
    old = host("6.6.136", engine=engine(version="29.4.2"))
    new = host("6.6.136", engine=engine(version="29.4.3"))
    assert status(CHECK, "CVE-2026-31431", old) == "fail"
    assert status(CHECK, "CVE-2026-31431", new) == "pass"


def test_is_unknown_for_a_release_without_a_version():
    result = judge_advised(CHECK, host("unknown"))
    assert result.status == "unknown"


def test_what_was_not_read_leaves_it_open():
    target = host("6.6.14", containers=None)
    row = one(CHECK, "CVE-2024-1086", target)
    assert row.status == "unknown"
    assert "whether a container can have NET_ADMIN was not read" in row.message
