"""Item 7 over time and across the fleet: privileged files that are new, changed, gone or rare."""

from typing import Any

import pytest

import scans.checks.suid_drift  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.model import Result
from scans.checks.core.policy import HostPolicy, Policy
from scans.checks.core.record import FleetRarity, HostRecord
from scans.facts import Gap
from tests.factories import facts
from tests.scans.checks.judge import judge, verdict
from tests.scans.checks.privileged import UNOWNED, file, inventory

A, B = "a" * 64, "b" * 64

DRIFT = (("suid-baseline-drift", "suid_baseline"), ("suid-previous-drift", "suid_previous"))


@pytest.mark.parametrize(("check", "remembered"), DRIFT)
class TestDrift:
    def judge(self, check: str, remembered: str, now: Any, *before: Any) -> Result:
        context = Context(record=HostRecord(**{remembered: before}))
        return judge(check, facts(suid=now), context)

    def test_passes_the_same_files(self, check, remembered):
        same = file(sha256=A)
        assert self.judge(check, remembered, inventory(same), same).status == "pass"

    def test_fails_for_a_new_file(self, check, remembered):
        result = self.judge(check, remembered, inventory(file("/x")))
        found = verdict(result, "/x")
        assert (found.subject.kind, found.status) == ("file", "fail")
        assert found.evidence[0].observed is None
        assert found.evidence[1].observed["mode"] == "4755"

    def test_fails_for_a_file_that_is_gone(self, check, remembered):
        result = self.judge(check, remembered, inventory(), file("/x"))
        assert verdict(result, "/x").status == "fail"

    def test_fails_for_a_changed_file_and_says_what_changed(self, check, remembered):
        now = file("/x", sha256=A, mode=0o4777, uid=1000)
        found = verdict(self.judge(check, remembered, inventory(now), file("/x", sha256=A)), "/x")
        assert found.status == "fail"
        assert found.message.startswith("has other mode, owner than in ")

    def test_passes_an_update_of_the_package(self, check, remembered):
        result = self.judge(
            check, remembered, inventory(file("/x", sha256=B)), file("/x", sha256=A)
        )
        assert (result.status, verdict(result, "/x").status) == ("pass", "pass")

    def test_is_unknown_when_the_search_was_cut_short_and_found_no_change(self, check, remembered):
        same = file(sha256=A)
        result = self.judge(check, remembered, inventory(same, complete=False), same)
        assert result.status == "unknown"

    def test_fails_for_a_change_though_the_search_was_cut_short(self, check, remembered):
        result = self.judge(check, remembered, inventory(file("/x"), complete=False))
        assert result.status == "fail"

    def test_is_unknown_when_the_inventory_was_not_read(self, check, remembered):
        context = Context(record=HostRecord(**{remembered: ()}))
        gap = Gap(section="suid", reason="find: Permission denied")
        assert judge(check, facts(suid=None, gaps=(gap,)), context).status == "unknown"

    def test_does_not_apply_where_nothing_is_remembered(self, check, remembered):
        assert judge(check, facts(), Context(record=HostRecord())).status == "not_applicable"
        assert judge(check, facts()).reason == "an ad-hoc audit has no record"


class TestSuidRare:
    check = "suid-rare"

    reviewed = Policy(host=HostPolicy(reviewed_suid=("/opt/x",)))

    def judge(self, *files: Any, hosts: int = 500, seen: int = 1, **fields: Any) -> Result:
        context = Context(rarity=FleetRarity(hosts=hosts, by_digest={A: seen}))
        return judge(self.check, facts(suid=inventory(*files, **fields)), context)

    def judge_reviewed(self, *files: Any) -> Result:
        context = Context(policy=self.reviewed, rarity=FleetRarity(hosts=500, by_digest={}))
        return judge(self.check, facts(suid=inventory(*files)), context)

    def stray(self, **fields: Any) -> Any:
        return file("/opt/x", **({"sha256": A} | UNOWNED | fields))

    @pytest.mark.parametrize(
        ("hosts", "seen", "expected"),
        [
            (20, 1, "fail"),
            (20, 2, "pass"),
            (199, 1, "fail"),
            (199, 2, "pass"),
            (200, 2, "fail"),
            (300, 3, "fail"),
            (10_000, 3, "fail"),
            (10_000, 4, "pass"),
        ],
    )
    def test_rare_is_one_in_a_hundred_and_at_most_three(self, hosts, seen, expected):
        assert self.judge(self.stray(), hosts=hosts, seen=seen).status == expected

    def test_counts_this_host_though_the_fleet_does_not_know_its_file_yet(self):
        found = verdict(self.judge(self.stray(sha256=B)), "/opt/x")
        assert found.message == "is SUID, of no package, and on 1 of 500 hosts"

    def test_fails_for_an_altered_file_of_a_package(self):
        assert self.judge(file(provenance="altered", sha256=A)).status == "fail"

    def test_fails_for_a_file_with_capabilities_alone(self):
        carrier = self.stray(mode=0o755, capabilities="cap_net_raw=ep")
        assert self.judge(carrier).status == "fail"

    def test_passes_a_file_that_the_policy_names_as_reviewed(self):
        assert self.judge_reviewed(self.stray()).status == "pass"
        assert (
            self.judge_reviewed(self.stray(), file("/opt/y", sha256=A, **UNOWNED)).status == "fail"
        )

    def test_a_review_does_not_cover_an_altered_file_of_a_package(self):
        altered = file("/opt/x", provenance="altered", sha256=A)
        assert self.judge_reviewed(altered).status == "fail"

    def test_passes_files_as_packages_deliver_them(self):
        assert self.judge(file(sha256=A)).status == "pass"

    def test_ignores_what_a_nosuid_mount_makes_harmless(self):
        assert self.judge(self.stray(nosuid=True)).status == "pass"

    def test_is_unknown_for_a_file_whose_content_was_not_read(self):
        assert self.judge(self.stray(sha256=None)).status == "unknown"

    def test_is_unknown_for_a_rare_file_whose_package_was_not_determined(self):
        assert self.judge(self.stray(provenance="unknown")).status == "unknown"
        assert self.judge(self.stray(provenance="unknown"), seen=9).status == "pass"

    def test_is_unknown_when_the_search_was_cut_short(self):
        assert self.judge(complete=False).status == "unknown"

    def test_is_unknown_when_the_inventory_was_not_read(self):
        rarity = FleetRarity(hosts=500, by_digest={})
        assert judge(self.check, facts(suid=None), Context(rarity=rarity)).status == "unknown"

    def test_does_not_apply_to_a_small_fleet(self):
        result = self.judge(self.stray(), hosts=19)
        assert (result.status, "19 hosts" in (result.reason or "")) == ("not_applicable", True)

    def test_does_not_apply_without_a_fleet(self):
        assert judge(self.check, facts()).status == "not_applicable"
