"""Item 17 by what is remembered of the host."""

from datetime import timedelta
from typing import Any

import pytest

import scans.checks.audit_record  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.model import Result
from scans.checks.core.policy import AuditPolicy, Policy
from scans.checks.core.record import Expiring, HostRecord, OpenFinding
from tests.factories import NOW, facts
from tests.scans.checks.judge import judge, verdict
from tests.scans.checks.privileged import file, inventory

DAY = timedelta(days=1)
CHECKS = (
    "audit-period",
    "audit-failures",
    "findings-overdue",
    "waivers-expiring",
    "attestations-expiring",
    "suid-drift-reviewed",
)


def judge_record(
    check: str, policy: AuditPolicy | None = None, suid: Any = None, **record: Any
) -> Result:
    context = Context(policy=Policy(audits=policy or AuditPolicy()), record=HostRecord(**record))
    return judge(check, facts(suid=suid or inventory()), context)


@pytest.mark.parametrize("check", CHECKS)
def test_an_ad_hoc_audit_has_no_record_to_judge(check):
    result = judge(check, facts())
    assert (result.status, result.reason) == ("not_applicable", "an ad-hoc audit has no record")


class TestAuditPeriod:
    def judge(self, age: timedelta | None, policy: AuditPolicy | None = None, **record: Any):
        last = None if age is None else NOW - age
        return judge_record("audit-period", policy, last_complete_at=last, **record)

    def test_passes_within_the_period(self):
        assert self.judge(7 * DAY).status == "pass"

    def test_fails_when_the_last_complete_audit_is_longer_ago(self):
        result = self.judge(7 * DAY + timedelta(seconds=1))
        assert verdict(result, "host").message == "had no complete audit for 7 days"

    def test_takes_the_period_from_the_policy(self):
        assert self.judge(2 * DAY, AuditPolicy(period_days=1)).status == "fail"
        assert self.judge(20 * DAY, AuditPolicy(period_days=30)).status == "pass"

    def test_does_not_apply_to_the_first_audit(self):
        assert self.judge(None).status == "not_applicable"

    @pytest.mark.parametrize(
        "trace",
        [
            {"failed_since_complete": 1},
            {"suid_previous": ()},
            {
                "open_findings": (
                    OpenFinding(check="a", subject="s", severity="low", opened_at=NOW),
                )
            },
        ],
    )
    def test_fails_when_earlier_audits_were_never_complete(self, trace):
        assert self.judge(None, **trace).status == "fail"


class TestAuditFailures:
    @pytest.mark.parametrize(("count", "expected"), [(0, "pass"), (1, "pass"), (2, "fail")])
    def test_tolerates_a_single_failure(self, count, expected):
        assert judge_record("audit-failures", failed_since_complete=count).status == expected


class TestFindingsOverdue:
    def judge(self, *findings: OpenFinding, policy: AuditPolicy | None = None) -> Result:
        return judge_record("findings-overdue", policy, open_findings=findings)

    def finding(self, days: float, severity: str = "high", check: str = "daemon-icc"):
        return OpenFinding(
            check=check, subject="daemon", severity=severity, opened_at=NOW - days * DAY
        )

    @pytest.mark.parametrize(
        ("severity", "days"), [("critical", 7), ("high", 30), ("medium", 90), ("low", 365)]
    )
    def test_each_severity_has_its_own_time(self, severity, days):
        assert self.judge(self.finding(days, severity)).status == "pass"
        assert self.judge(self.finding(days + 0.1, severity)).status == "fail"

    def test_names_the_finding(self):
        found = verdict(self.judge(self.finding(31.5)), "daemon-icc: daemon")
        assert (found.subject.kind, found.message) == ("finding", "is high and open for 31 days")

    def test_takes_the_times_from_the_policy(self):
        policy = AuditPolicy(max_open_days={"high": 1})
        assert self.judge(self.finding(2), policy=policy).status == "fail"

    def test_does_not_judge_a_severity_that_the_policy_gives_no_time(self):
        policy = AuditPolicy(max_open_days={"critical": 1})
        assert self.judge(self.finding(999), policy=policy).status == "pass"

    def test_does_not_report_its_own_findings_again(self):
        assert self.judge(self.finding(999, check="findings-overdue")).status == "pass"

    def test_passes_without_findings(self):
        assert self.judge().status == "pass"


@pytest.mark.parametrize(
    ("check", "field"),
    [("waivers-expiring", "waivers"), ("attestations-expiring", "attestations")],
)
class TestExpiring:
    def judge(self, check: str, field: str, left: timedelta, policy: AuditPolicy | None = None):
        entry = Expiring(name="daemon-icc", expires_at=NOW + left)
        return verdict(judge_record(check, policy, **{field: (entry,)}), "daemon-icc")

    def test_passes_long_before_its_end(self, check, field):
        found = self.judge(check, field, 15 * DAY)
        assert (found.status, found.message) == ("pass", "holds until 2026-12-09")
        assert found.subject.kind == field.removesuffix("s")

    def test_fails_shortly_before_its_end(self, check, field):
        found = self.judge(check, field, 14 * DAY)
        assert (found.status, found.message) == ("fail", "ends in 14 days, on 2026-12-08")

    @pytest.mark.parametrize("left", [timedelta(0), -3 * DAY])
    def test_fails_after_its_end(self, check, field, left):
        found = self.judge(check, field, left)
        assert (found.status, found.message[:9]) == ("fail", "ended on ")

    def test_takes_the_notice_from_the_policy(self, check, field):
        policy = AuditPolicy(waiver_notice_days=3)
        assert self.judge(check, field, 14 * DAY, policy).status == "pass"
        assert self.judge(check, field, 3 * DAY, policy).status == "fail"

    def test_does_not_apply_where_there_is_none(self, check, field):
        assert judge_record(check).status == "not_applicable"


class TestSuidDriftReviewed:
    known, new = file("/usr/bin/su", sha256="a" * 64), file("/opt/x", sha256="b" * 64)

    def judge(self, suid: Any, age: int = 1, **record: Any) -> Result:
        base = {"suid_baseline": (self.known,), "suid_baseline_at": NOW - age * DAY}
        return judge_record("suid-drift-reviewed", suid=suid, **(base | record))

    def test_passes_files_that_were_accepted(self):
        assert self.judge(inventory(self.known)).status == "pass"

    def test_fails_without_a_baseline(self):
        result = self.judge(inventory(self.known), suid_baseline=None, suid_baseline_at=None)
        assert result.status == "fail"

    def test_fails_for_a_baseline_older_than_a_year(self):
        assert self.judge(inventory(self.known), age=365).status == "pass"
        assert self.judge(inventory(self.known), age=366).status == "fail"

    def test_passes_drift_that_this_audit_is_the_first_to_see(self):
        result = self.judge(inventory(self.known, self.new), suid_previous=(self.known,))
        assert result.status == "pass"

    def test_fails_for_drift_that_the_audit_before_saw_already(self):
        both = (self.known, self.new)
        assert self.judge(inventory(*both), suid_previous=both).status == "fail"

    def test_passes_drift_that_is_gone_again(self):
        before = (self.known, self.new)
        assert self.judge(inventory(self.known), suid_previous=before).status == "pass"

    def test_is_unknown_for_drift_when_the_audit_before_is_not_known(self):
        assert self.judge(inventory(self.known, self.new)).status == "unknown"

    def test_is_unknown_when_not_all_could_be_compared(self):
        assert self.judge(inventory(self.known, complete=False)).status == "unknown"
        assert self.judge(inventory(file("/usr/bin/su"))).status == "unknown"

    def test_is_unknown_when_the_inventory_was_not_read(self):
        record = HostRecord(suid_baseline=(), suid_baseline_at=NOW)
        context = Context(record=record)
        assert judge("suid-drift-reviewed", facts(suid=None), context).status == "unknown"
