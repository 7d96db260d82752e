"""Item 17: that audits see everything, at a time and by advisories that can be relied on."""

from dataclasses import replace
from datetime import timedelta

import pytest

import scans.checks.audits  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import DEFAULT, AuditPolicy, Policy
from scans.facts import Clock, Gap
from tests.factories import NOW, engine, facts
from tests.scans.checks.advised import SHIPPED_DATA
from tests.scans.checks.judge import judge, verdict


class TestAuditComplete:
    def test_passes_without_gaps(self):
        assert judge("audit-complete", facts()).status == "pass"

    def test_fails_for_each_section_with_a_gap(self):
        gaps = (
            Gap(section="auditd", reason="Operation not permitted", hint="run with --sudo"),
            Gap(section="suid", reason="the time budget was spent"),
        )
        result = judge("audit-complete", facts(gaps=gaps))
        assert [v.subject.name for v in result.subjects] == ["auditd", "suid"]
        found = verdict(result, "auditd")
        assert (found.subject.kind, found.status) == ("gap", "fail")
        assert found.message == "could not be read: Operation not permitted"
        assert found.evidence[0].observed == "Operation not permitted (run with --sudo)"

    def test_fails_for_a_section_that_is_missing_without_a_gap(self):
        found = verdict(judge("audit-complete", facts(suid=None)), "suid")
        assert found.message == "could not be read: no reason was recorded"

    def test_names_a_section_with_a_gap_once(self):
        gaps = (Gap(section="suid", reason="Permission denied"),)
        (only,) = judge("audit-complete", facts(suid=None, gaps=gaps)).subjects
        assert only.message == "could not be read: Permission denied"

    def test_does_not_miss_the_daemon_that_podman_lacks(self):
        podman = facts(engine=engine(name="podman"), daemon=None)
        assert judge("audit-complete", podman).status == "pass"

    def test_keeps_the_identity_of_a_finding_free_of_container_ids(self):
        gaps = tuple(Gap(section="containers", reason="gone", subject=c * 64) for c in "abc")
        (only,) = judge("audit-complete", facts(gaps=gaps)).subjects
        assert (only.subject.name, len(only.evidence)) == ("containers", 3)

    def test_takes_braces_in_what_a_host_answered_as_text(self):
        gaps = (Gap(section="info", reason="{0.__class__} {reason}"),)
        (only,) = judge("audit-complete", facts(gaps=gaps)).subjects
        assert only.message == "could not be read: {0.__class__} {reason}"


class TestHostClock:
    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [(0, "pass"), (60, "pass"), (-60, "pass"), (61, "fail"), (-3600, "fail")],
    )
    def test_allows_a_minute_either_way(self, seconds, expected):
        clock = Clock(host=NOW + timedelta(seconds=seconds), auditor=NOW)
        assert judge("host-clock", facts(clock=clock)).status == expected

    @pytest.mark.parametrize(("seconds", "expected"), [(5, "pass"), (6, "fail")])
    def test_allows_what_the_policy_does(self, seconds, expected):
        strict = Context(policy=Policy(audits=AuditPolicy(clock_max_offset_seconds=5)))
        clock = Clock(host=NOW + timedelta(seconds=seconds), auditor=NOW)
        assert judge("host-clock", facts(clock=clock), strict).status == expected

    def test_is_unknown_when_the_clock_was_not_read(self):
        assert judge("host-clock", facts(clock=None)).status == "unknown"


class TestAdvisoriesCurrent:
    def status(self, age: int, policy: Policy = DEFAULT) -> str:
        dated = replace(SHIPPED_DATA, date=NOW.date() - timedelta(days=age))
        context = Context(advisories=dated, policy=policy)
        return judge("advisories-current", facts(), context).status

    @pytest.mark.parametrize("days", [-1, 0, 90])
    def test_passes_data_of_the_last_90_days(self, days):
        assert self.status(days) == "pass"

    @pytest.mark.parametrize("days", [91, 1000])
    def test_fails_for_older_data(self, days):
        assert self.status(days) == "fail"

    @pytest.mark.parametrize(("days", "expected"), [(10, "pass"), (11, "fail")])
    def test_allows_the_age_that_the_policy_does(self, days, expected):
        strict = Policy(audits=AuditPolicy(advisories_max_age_days=10))
        assert self.status(days, strict) == expected

    def test_is_unknown_without_any(self):
        assert judge("advisories-current", facts()).status == "unknown"
