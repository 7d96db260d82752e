"""Item 17: that audits see everything, and at a time that can be relied on."""

from datetime import timedelta

import pytest

import scans.checks.audits  # noqa: F401 - registers the checks
from scans.facts import Clock, Gap
from tests.factories import NOW, facts
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

    def test_is_unknown_when_the_clock_was_not_read(self):
        assert judge("host-clock", facts(clock=None)).status == "unknown"
