"""Item 11: how much of the kernel is open to attack, from root and from ordinary programs."""

from typing import Any

import pytest

import scans.checks.kernel_surface  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import HostPolicy, Policy
from scans.facts import Lsm
from tests.factories import facts, kernel
from tests.scans.checks.judge import judge, verdict


def lsm(*active: str) -> Lsm:
    return Lsm(active=active or None, apparmor_enabled=True, selinux="absent")


class TestKernelLockdown:
    def status(self, mode: str | None, **sections: Any) -> str:
        return judge("kernel-lockdown", facts(kernel=kernel(lockdown=mode), **sections)).status

    @pytest.mark.parametrize("mode", ["integrity", "confidentiality"])
    def test_passes_a_kernel_that_is_locked_down(self, mode):
        assert self.status(mode) == "pass"

    def test_fails_when_it_is_off(self):
        assert self.status("none") == "fail"

    def test_fails_for_a_kernel_whose_security_modules_do_not_include_it(self):
        assert self.status(None, lsm=lsm("capability", "apparmor")) == "fail"

    @pytest.mark.parametrize("modules", [None, lsm(), lsm("lockdown", "capability")])
    def test_is_unknown_when_neither_file_could_be_read(self, modules):
        assert self.status(None, lsm=modules) == "unknown"

    def test_is_unknown_when_the_kernel_was_not_read(self):
        assert judge("kernel-lockdown", facts(kernel=None)).status == "unknown"


class TestKernelModules:
    ALLOWING = Context(policy=Policy(host=HostPolicy(allowed_modules=("sctp", "af-802154"))))

    def result(self, *modules: str, context: Context | None = None) -> Any:
        return judge("kernel-modules", facts(kernel=kernel(modules=modules)), context)

    @pytest.mark.parametrize("modules", [(), ("overlay", "br_netfilter", "veth", "nf_tables")])
    def test_passes_what_container_hosts_need(self, modules):
        assert self.result(*modules).status == "pass"

    @pytest.mark.parametrize("name", ["sctp", "dccp", "rds", "tipc", "n_hdlc", "cramfs", "vivid"])
    def test_fails_for_each_that_is_rarely_needed(self, name):
        found = self.result("overlay", name)
        assert [(v.subject.kind, v.subject.name, v.status) for v in found.subjects] == [
            ("module", name, "fail")
        ]

    def test_says_what_speaks_against_it(self):
        assert "opening a socket" in verdict(self.result("tipc"), "tipc").message

    def test_takes_either_dash(self):
        assert self.result("batman-adv").status == "fail"
        assert self.result("af_802154", context=self.ALLOWING).status == "pass"

    def test_passes_what_the_policy_allows_and_nothing_else(self):
        found = self.result("sctp", "dccp", context=self.ALLOWING)
        assert verdict(found, "sctp").status == "pass"
        assert verdict(found, "dccp").status == "fail"

    @pytest.mark.parametrize("unread", [None, kernel(modules=None)])
    def test_is_unknown_for_a_kernel_that_lists_no_modules(self, unread):
        assert judge("kernel-modules", facts(kernel=unread)).status == "unknown"
