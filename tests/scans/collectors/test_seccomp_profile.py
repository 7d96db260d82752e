"""What a seccomp profile lets through."""

import json
from typing import Any

import pytest

from scans.collectors.seccomp_profile import read_profile


def read(*rules: Any, action: str = "SCMP_ACT_ERRNO") -> dict[str, Any]:
    found = read_profile(json.dumps({"defaultAction": action, "syscalls": list(rules)}))
    assert found is not None
    return dict(found)


def rule(*names: str, action: str = "SCMP_ACT_ALLOW", **more: Any) -> dict[str, Any]:
    return {"names": list(names), "action": action, **more}


def test_counts_what_is_allowed() -> None:
    found = read(rule("read", "write"), rule("read"), rule("mount", action="SCMP_ACT_ERRNO"))
    assert found == {"defaultAction": "SCMP_ACT_ERRNO", "allowed": 2, "dangerous": []}


@pytest.mark.parametrize("action", ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"])
def test_names_dangerous_calls_that_are_let_through(action: str) -> None:
    found = read(rule("read", "unshare", "mount", action=action), rule("keyctl", action=action))
    assert found["dangerous"] == ["keyctl", "mount", "unshare"]


def test_reads_the_single_names_of_old_profiles() -> None:
    assert read({"name": "bpf", "action": "SCMP_ACT_ALLOW"})["dangerous"] == ["bpf"]


def test_a_call_that_a_capability_opens_is_not_dangerous() -> None:
    assert read(rule("mount", includes={"caps": ["CAP_SYS_ADMIN"]}))["dangerous"] == []


def test_a_call_that_only_an_architecture_or_kernel_limits_is_dangerous() -> None:
    limits = {"arches": ["amd64"], "minKernel": "4.8", "caps": []}
    assert read(rule("mount", includes=limits))["dangerous"] == ["mount"]


def test_a_call_that_is_judged_by_its_arguments_is_not_dangerous() -> None:
    assert read(rule("unshare", args=[{"index": 0, "value": 0}]))["dangerous"] == []


def test_calls_that_the_engines_own_profile_allows_are_not_dangerous() -> None:
    assert read(rule("ptrace", "process_vm_readv", "chroot", "clone"))["dangerous"] == []


@pytest.mark.parametrize("text", ["", "unconfined", "[]", "3", "{", "[" * 100_000])
def test_what_is_no_profile_is_none(text: str) -> None:
    assert read_profile(text) is None


@pytest.mark.parametrize(
    "profile",
    [
        {},
        {"syscalls": None},
        {"syscalls": [None, 3, {"names": 4, "action": "SCMP_ACT_ALLOW"}]},
        {"syscalls": [{"names": [None, {}], "action": ["SCMP_ACT_ALLOW"], "includes": 1}]},
    ],
)
def test_a_profile_of_another_shape_allows_nothing(profile: dict[str, Any]) -> None:
    found = read_profile(json.dumps(profile))
    assert found == {"defaultAction": "", "allowed": 0, "dangerous": []}


@pytest.mark.parametrize("action", ["SCMP_ACT_\n", "allow", "SCMP_ACT_" + "X" * 1000, 7, None])
def test_what_is_no_action_is_left_out(action: Any) -> None:
    assert read(action=action)["defaultAction"] == ""
