from typing import Any

import pytest

import scans.checks.capabilities  # noqa: F401 - registers its checks
from scans.checks.core.capabilities import DEFAULT as DEFAULT_SET
from scans.checks.core.capabilities import mask, names
from scans.checks.core.context import Context
from scans.checks.core.model import Result
from scans.checks.core.policy import ContainerPolicy, Policy
from scans.facts import Container
from tests.factories import (
    ALL_CAPABILITIES,
    DEFAULT_CAPABILITIES,
    HOST_NAMESPACES,
    container,
    engine,
    facts,
    process,
    without_process,
)
from tests.scans.checks.judge import judge, verdict

DANGEROUS = "container-dangerous-capabilities"
DEFAULT = "container-default-capabilities"


def judge_container(
    check_id: str, subject: Container, *, allowed: tuple[str, ...] = (), **sections: Any
) -> Result:
    policy = Policy(containers=ContainerPolicy(allowed_capabilities=allowed))
    return judge(check_id, facts(containers=(subject,), **sections), Context(policy=policy))


def bounded(bits: int, **fields: Any) -> Container:
    return container(process=process(cap_bounding=bits), **fields)


class TestDangerousCapabilities:
    def test_passes_with_the_default_set(self) -> None:
        assert judge_container(DANGEROUS, container()).status == "pass"

    @pytest.mark.parametrize("name", ["SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN", "DAC_READ_SEARCH"])
    def test_fails_with_a_dangerous_one_in_reach(self, name: str) -> None:
        subject = bounded(DEFAULT_CAPABILITIES | mask((name,)), cap_add=(name,))
        assert verdict(judge_container(DANGEROUS, subject), "web").message == (
            f"has dangerous capabilities: {name}"
        )

    @pytest.mark.parametrize("field", ["cap_effective", "cap_permitted", "cap_ambient"])
    def test_fails_with_a_dangerous_one_in_any_set(self, field: str) -> None:
        subject = container(process=process(**{field: mask(("SYS_ADMIN",))}))
        assert judge_container(DANGEROUS, subject).status == "fail"

    def test_a_privileged_container_fails_though_it_adds_nothing(self) -> None:
        assert (
            judge_container(DANGEROUS, bounded(ALL_CAPABILITIES, privileged=True)).status == "fail"
        )
        unread = without_process(container(privileged=True))
        assert judge_container(DANGEROUS, unread).status == "fail"

    def test_harmless_additions_pass(self) -> None:
        subject = bounded(DEFAULT_CAPABILITIES | mask(("IPC_LOCK",)), cap_add=("IPC_LOCK",))
        assert judge_container(DANGEROUS, subject).status == "pass"

    def test_what_the_policy_allows_passes_and_is_named(self) -> None:
        subject = bounded(DEFAULT_CAPABILITIES | mask(("NET_ADMIN",)), cap_add=("NET_ADMIN",))
        found = verdict(judge_container(DANGEROUS, subject, allowed=("NET_ADMIN",)), "web")
        assert (found.status, found.message) == (
            "pass",
            "has dangerous capabilities that the policy allows: NET_ADMIN",
        )

    def test_what_the_policy_does_not_allow_fails_beside_what_it_does(self) -> None:
        both = ("NET_ADMIN", "SYS_PTRACE")
        subject = bounded(DEFAULT_CAPABILITIES | mask(both), cap_add=both)
        found = verdict(judge_container(DANGEROUS, subject, allowed=("NET_ADMIN",)), "web")
        assert (found.status, found.message) == ("fail", "has dangerous capabilities: SYS_PTRACE")

    def test_the_process_decides_and_the_contradiction_is_said(self) -> None:
        more = verdict(judge_container(DANGEROUS, bounded(mask(("SYS_ADMIN",)))), "web")
        assert (more.status, more.message) == (
            "fail",
            "has dangerous capabilities that it does not declare: SYS_ADMIN",
        )
        less = verdict(judge_container(DANGEROUS, bounded(0, cap_add=("SYS_ADMIN",))), "web")
        assert (less.status, less.message) == (
            "pass",
            "has no dangerous capability though it declares SYS_ADMIN",
        )

    def test_says_when_they_reach_no_farther_than_a_user_namespace(self) -> None:
        own = process().namespaces | {"user": HOST_NAMESPACES["user"] + 1}
        subject = container(
            cap_add=("SYS_ADMIN",),
            process=process(cap_bounding=mask(("SYS_ADMIN",)), namespaces=own),
        )
        found = verdict(judge_container(DANGEROUS, subject), "web")
        assert found.status == "fail"
        assert "user namespace" in found.message

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({}, "pass"),
            ({"cap_add": ("SYS_ADMIN",)}, "fail"),
            ({"cap_add": ("ALL",)}, "fail"),
            ({"cap_add": ("CHOWN",), "cap_drop": ("ALL",)}, "pass"),
            ({"cap_add": ("SYS_ADMIN",), "cap_drop": ("ALL",)}, "fail"),
            ({"cap_add": ("NEWER_THAN_THE_TABLE",)}, "pass"),
        ],
    )
    def test_without_a_process_the_declaration_decides(
        self, fields: dict[str, Any], status: str
    ) -> None:
        assert judge_container(DANGEROUS, without_process(container(**fields))).status == status

    def test_is_unknown_when_the_containers_were_not_read(self) -> None:
        assert judge(DANGEROUS, facts(containers=None)).status == "unknown"


class TestDefaultCapabilities:
    def test_keeping_the_default_set_fails(self) -> None:
        assert judge_container(DEFAULT, container()).status == "fail"

    def test_a_privileged_container_keeps_all_and_more(self) -> None:
        assert judge_container(DEFAULT, bounded(ALL_CAPABILITIES, privileged=True)).status == "fail"

    def test_passes_and_names_what_was_dropped(self) -> None:
        subject = bounded(DEFAULT_CAPABILITIES & ~mask(("NET_RAW", "MKNOD")))
        found = verdict(judge_container(DEFAULT, subject), "web")
        assert (found.status, found.message) == ("pass", "does without NET_RAW, MKNOD")

    def test_to_drop_what_the_policy_allows_anyway_counts_for_nothing(self) -> None:
        subject = bounded(DEFAULT_CAPABILITIES & ~mask(("NET_RAW",)))
        assert judge_container(DEFAULT, subject).status == "pass"
        assert judge_container(DEFAULT, subject, allowed=("NET_RAW",)).status == "fail"

    def test_does_not_apply_where_the_policy_allows_all_of_them(self) -> None:
        result = judge_container(DEFAULT, container(), allowed=names(DEFAULT_SET))
        assert result.status == "not_applicable"

    def test_a_declared_drop_that_did_not_happen_fails(self) -> None:
        subject = bounded(DEFAULT_CAPABILITIES, cap_drop=("ALL",))
        assert judge_container(DEFAULT, subject).status == "fail"

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({}, "fail"),
            ({"cap_drop": ("NET_RAW",)}, "pass"),
            ({"cap_drop": ("ALL",)}, "pass"),
            ({"cap_drop": ("NET_RAW",), "cap_add": ("NET_RAW",)}, "fail"),
            ({"cap_drop": ("NET_RAW",), "cap_add": ("ALL",)}, "pass"),
            ({"cap_drop": ("SYS_ADMIN",)}, "fail"),
            ({"privileged": True, "cap_drop": ("ALL",)}, "fail"),
        ],
    )
    def test_without_a_process_the_declaration_decides(
        self, fields: dict[str, Any], status: str
    ) -> None:
        assert judge_container(DEFAULT, without_process(container(**fields))).status == status

    def test_podman_gives_less_by_default(self) -> None:
        subject = without_process(container())
        host = engine(name="podman")
        assert judge_container(DEFAULT, subject, engine=host).status == "pass"

    def test_is_unknown_when_the_containers_were_not_read(self) -> None:
        assert judge(DEFAULT, facts(containers=None)).status == "unknown"
