"""Item 11: a kernel and an engine that are up to date and hardened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import scans.checks.kernel  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import AuditPolicy, Policy
from scans.checks.kernel import build_date
from scans.facts import Access, Gap, Updates
from tests.factories import NOW, engine, facts, kernel
from tests.scans.checks.judge import judge, verdict


def deciding(policy: AuditPolicy | None) -> Context:
    """The context of an organisation with a policy of audits."""
    return Context(policy=Policy(audits=policy or AuditPolicy()))


@pytest.mark.parametrize(
    "check",
    [
        "kernel-reboot-pending",
        "kernel-age",
        "kernel-sysctls",
        "kernel-mitigations",
    ],
)
def test_is_unknown_when_the_kernel_was_not_read(check):
    gap = Gap(section="kernel", reason="the probe ended early")
    result = judge(check, facts(kernel=None, gaps=(gap,)))
    assert result.status == "unknown"
    assert "the probe ended early" in (result.reason or "")


class TestKernelRebootPending:
    def status(self, **fields: Any) -> str:
        return judge("kernel-reboot-pending", facts(kernel=kernel(**fields))).status

    def test_passes_when_the_newest_installed_runs(self):
        installed = ("6.1.0-9-amd64", "6.1.0-40-amd64")
        assert self.status(installed=installed, reboot_required=None) == "pass"

    def test_fails_when_a_newer_one_is_installed(self):
        assert self.status(installed=("6.1.0-40-amd64", "6.1.0-41-amd64")) == "fail"

    def test_fails_when_the_system_asks_for_a_reboot(self):
        assert self.status(reboot_required=True) == "fail"

    def test_fails_when_the_running_one_was_replaced(self):
        assert self.status(installed=("6.1.0-41-amd64",), reboot_required=None) == "fail"

    def test_ignores_newer_kernels_of_another_flavour(self):
        installed = ("6.1.0-40-amd64", "6.1.0-41-rt-amd64")
        assert self.status(installed=installed, reboot_required=None) == "pass"

    def test_believes_the_system_when_installed_kernels_were_not_read(self):
        assert self.status(installed=None, reboot_required=False) == "pass"

    def test_is_unknown_when_neither_was_read(self):
        assert self.status(installed=None, reboot_required=None) == "unknown"

    def test_is_unknown_when_the_running_one_is_not_installed(self):
        assert self.status(installed=("5.10.0-1-amd64",), reboot_required=None) == "unknown"

    def test_does_not_apply_where_the_kernel_comes_from_outside(self):
        assert self.status(installed=(), reboot_required=None) == "not_applicable"


class TestHostSecurityUpdates:
    def status(self, policy: AuditPolicy | None = None, /, **fields: Any) -> str:
        base = {"manager": "apt", "pending": 0, "security": (), "lists_updated_at": NOW}
        target = facts(updates=Updates(**(base | fields)))
        return judge("host-security-updates", target, deciding(policy)).status

    def test_passes_with_none_pending_and_fresh_lists(self):
        assert self.status(lists_updated_at=NOW - timedelta(days=6)) == "pass"

    def test_fails_with_one_pending(self):
        assert self.status(security=("openssl",)) == "fail"

    def test_fails_with_one_pending_even_in_old_lists(self):
        assert self.status(security=("openssl",), lists_updated_at=None) == "fail"

    def test_is_unknown_with_lists_older_than_a_week(self):
        assert self.status(lists_updated_at=NOW - timedelta(days=8)) == "unknown"

    @pytest.mark.parametrize(("days", "expected"), [(6, "unknown"), (8, "pass")])
    def test_takes_the_age_of_lists_from_the_policy(self, days, expected):
        policy = AuditPolicy(package_lists_max_age_days=days)
        assert self.status(policy, lists_updated_at=NOW - timedelta(days=7)) == expected

    def test_is_unknown_with_lists_of_unknown_age(self):
        assert self.status(lists_updated_at=None) == "unknown"

    def test_is_unknown_when_the_manager_cannot_tell_security_updates(self):
        assert self.status(security=None, pending=3) == "unknown"

    def test_is_unknown_when_updates_were_not_read(self):
        assert judge("host-security-updates", facts(updates=None)).status == "unknown"


class TestKernelAge:
    def status(self, version: str, policy: AuditPolicy | None = None) -> str:
        return judge("kernel-age", facts(kernel=kernel(version=version)), deciding(policy)).status

    def test_passes_a_kernel_of_this_year(self):
        assert self.status("#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2026-09-20)") == "pass"

    def test_fails_for_one_older_than_a_year(self):
        assert self.status("#129-Ubuntu SMP Fri Aug 2 19:25:20 UTC 2024") == "fail"

    @pytest.mark.parametrize(("days", "expected"), [(60, "fail"), (70, "pass")])
    def test_takes_the_age_from_the_policy(self, days, expected):
        policy = AuditPolicy(kernel_max_age_days=days)
        assert self.status("Debian 6.1.153-1 (2026-09-20)", policy) == expected

    @pytest.mark.parametrize(
        "version",
        [
            "#1 SMP PREEMPT_DYNAMIC @0",
            "",
            "#1-NixOS SMP Tue Jan  1 00:00:00 UTC 1980",
            "(2031-01-01)",
        ],
    )
    def test_is_unknown_without_a_date_that_can_be_true(self, version):
        assert self.status(version) == "unknown"


@pytest.mark.parametrize(
    ("version", "day"),
    [
        ("#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2026-09-20)", (2026, 9, 20)),
        ("#129~22.04.1-Ubuntu SMP Wed Aug  7 13:07:13 UTC 2024", (2024, 8, 7)),
        ("#1 SMP PREEMPT_DYNAMIC Fri Sep 27 11:06:45 EDT 2024", (2024, 9, 27)),
        ("#1-Alpine SMP PREEMPT_DYNAMIC Thu, 10 Oct 2024 13:05:57 +0000", (2024, 10, 10)),
    ],
)
def test_reads_build_dates_as_distributions_write_them(version, day):
    assert build_date(version) == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize("version", ["(2026-13-40)", "Mon Feb 31 00:00:00 UTC 2026", "2026"])
def test_a_date_that_is_none_is_no_build_date(version):
    assert build_date(version) is None


class TestKernelSysctls:
    def result(self, sysctls: dict[str, str], **sections: Any):
        return judge("kernel-sysctls", facts(kernel=kernel(sysctls=sysctls), **sections))

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("kernel.kptr_restrict", "1"),
            ("kernel.unprivileged_bpf_disabled", "2"),
            ("kernel.randomize_va_space", "2"),
            ("kernel.sysrq", "176"),
            ("vm.mmap_min_addr", " 65536\n"),
        ],
    )
    def test_passes_hardened_values(self, name, value):
        found = verdict(self.result({name: value}), name)
        assert (found.subject.kind, found.status) == ("sysctl", "pass")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("kernel.kptr_restrict", "0"),
            ("kernel.dmesg_restrict", "0"),
            ("kernel.sysrq", "1"),
            ("kernel.yama.ptrace_scope", "0"),
            ("fs.suid_dumpable", "1"),
            ("kernel.randomize_va_space", "1"),
            ("kernel.perf_event_paranoid", "-1"),
        ],
    )
    def test_fails_for_others_and_says_why(self, name, value):
        found = verdict(self.result({name: value}), name)
        assert found.status == "fail"
        assert found.message.startswith(f"is {value}: ")

    def test_does_not_concern_settings_that_the_kernel_lacks(self):
        found = verdict(self.result({}), "kernel.yama.ptrace_scope")
        assert found.status == "not_applicable"

    def test_is_unknown_for_what_only_root_may_read(self):
        login = Access(level="user", user="audit")
        found = verdict(self.result({}, access=login), "fs.protected_hardlinks")
        assert found.status == "unknown"

    def test_leaves_user_namespaces_to_a_rootless_engine(self):
        name = "kernel.unprivileged_userns_clone"
        found = verdict(self.result({name: "1"}, engine=engine(rootless=True)), name)
        assert found.status == "not_applicable"

    def test_accepts_that_apparmor_restricts_user_namespaces_instead(self):
        name, other = (
            "kernel.unprivileged_userns_clone",
            "kernel.apparmor_restrict_unprivileged_userns",
        )
        assert verdict(self.result({name: "1", other: "1"}), name).status == "pass"
        assert verdict(self.result({name: "1", other: "0"}), name).status == "fail"


class TestKernelMitigations:
    def status(self, sentence: str) -> str:
        found = kernel(vulnerabilities={"spectre_v2": sentence})
        return judge("kernel-mitigations", facts(kernel=found)).status

    @pytest.mark.parametrize(
        "sentence",
        [
            "Not affected",
            "Mitigation: PTI",
            "Mitigation: Clear CPU buffers; SMT vulnerable",
            "Mitigation: Retpolines; IBPB: conditional; BHI: Not affected",
        ],
    )
    def test_passes_what_is_mitigated(self, sentence):
        assert self.status(sentence) == "pass"

    @pytest.mark.parametrize(
        "sentence",
        [
            "Vulnerable",
            "Vulnerable: Clear CPU buffers attempted, no microcode",
            "KVM: Vulnerable",
            "Mitigation: Enhanced / Automatic IBRS; RSB filling; BHI: Vulnerable",
        ],
    )
    def test_fails_for_what_is_not(self, sentence):
        assert self.status(sentence) == "fail"

    def test_is_unknown_when_the_kernel_cannot_tell(self):
        assert self.status("Unknown: Dependent on hypervisor status") == "unknown"

    def test_is_unknown_for_kernels_that_do_not_report(self):
        result = judge("kernel-mitigations", facts(kernel=kernel(vulnerabilities={})))
        assert result.status == "unknown"
