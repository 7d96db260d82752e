"""Item 17 by what is remembered of the host: audits in time, findings, waivers, drift reviewed.

An ad-hoc audit remembers nothing; none of these checks applies to it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scans.checks.core.context import Context
from scans.checks.core.drift import drift
from scans.checks.core.inventories import SHOWN, host_inventory
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import HOST
from scans.checks.core.record import Expiring, HostRecord, remembered
from scans.checks.core.registry import check
from scans.facts import Facts, SuidInventory

FAILURES_TOLERATED = 1
"""A single audit fails by a restart or a network that was down; two in a row need a look."""

BASELINE_MAX_AGE = timedelta(days=365)

OVERDUE = "findings-overdue"


@check("audit-period", item=17, severity=Severity.HIGH)
def audit_period(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The last complete audit before this one is not longer ago than the policy allows."""
    record, days = remembered(context.record), context.policy.audits.period_days
    last = record.last_complete_at
    if last is None and _is_first(record):
        raise NotApplicable("this is the first audit of the host")
    evidence = Evidence(
        "record: end of the last complete audit",
        last.isoformat() if last else None,
        f"within {days} days",
    )
    if last is None:
        yield failed(HOST, "was never audited completely", evidence)
    elif facts.started_at - last > timedelta(days=days):
        age = (facts.started_at - last).days
        yield failed(HOST, "had no complete audit for {days} days", evidence, days=age)
    else:
        yield passed(HOST, "is audited in time", evidence)


@check("audit-failures", item=17, severity=Severity.MEDIUM)
def audit_failures(facts: Facts, context: Context) -> Iterator[Verdict]:  # noqa: ARG001
    """Audits of the host do not fail again and again."""
    count = remembered(context.record).failed_since_complete
    evidence = Evidence(
        "record: failed audits since the last complete one", count, f"at most {FAILURES_TOLERATED}"
    )
    if count > FAILURES_TOLERATED:
        yield failed(HOST, "could not be audited {count} times in a row", evidence, count=count)
    else:
        yield passed(HOST, "can be audited", evidence)


@check(OVERDUE, item=17, severity=Severity.HIGH)
def findings_overdue(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No finding is open for longer than the policy allows for its severity."""
    limits = context.policy.audits.max_open_days
    # what this check itself reports would be reported again, for ever
    findings = [f for f in remembered(context.record).open_findings if f.check != OVERDUE]
    late = [
        finding
        for finding in findings
        if finding.severity in limits
        and facts.started_at - finding.opened_at > timedelta(days=limits[finding.severity])
    ]
    for finding in late:
        yield failed(
            Subject("finding", f"{finding.check}: {finding.subject}"),
            "is {severity} and open for {days} days",
            Evidence(
                "record: first seen",
                finding.opened_at.isoformat(),
                f"resolved or waived within {limits[finding.severity]} days",
            ),
            severity=finding.severity,
            days=(facts.started_at - finding.opened_at).days,
        )
    if not late:
        counts = Evidence("record: open findings", len(findings), dict(limits))
        yield passed(HOST, "has no finding that is open for too long", counts)


@check("waivers-expiring", item=17, severity=Severity.MEDIUM)
def waivers_expiring(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No waiver has ended or is about to end without anyone deciding what comes next."""
    waivers = remembered(context.record).waivers
    if not waivers:
        raise NotApplicable("no finding of this host is waived")
    for waiver in waivers:
        yield _expiring("waiver", waiver, facts.started_at, context)


@check("attestations-expiring", item=17, severity=Severity.LOW)
def attestations_expiring(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No attestation has ended or is about to end without anyone looking again."""
    attestations = remembered(context.record).attestations
    if not attestations:
        raise NotApplicable("nothing is attested for this host")
    for attestation in attestations:
        yield _expiring("attestation", attestation, facts.started_at, context)


@check("suid-drift-reviewed", item=17, severity=Severity.LOW, needs=["suid"])
def suid_drift_reviewed(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Someone looks at the host's privileged files: a baseline is accepted and kept current."""
    record = remembered(context.record)
    accepted = record.suid_baseline_at
    evidence = Evidence(
        "record: baseline of privileged files accepted",
        accepted.isoformat() if accepted else None,
        f"within {BASELINE_MAX_AGE.days} days",
    )
    if record.suid_baseline is None:
        yield failed(HOST, "has no accepted baseline of privileged files", evidence)
    elif accepted is not None and facts.started_at - accepted > BASELINE_MAX_AGE:
        days = (facts.started_at - accepted).days
        yield failed(HOST, "has a baseline that is {days} days old", evidence, days=days)
    else:
        yield _reviewed(record, host_inventory(facts), evidence)


def _is_first(record: HostRecord) -> bool:
    """Whether nothing came of an audit before."""
    remains = (record.failed_since_complete, record.open_findings, record.suid_previous is not None)
    return not any(remains)


def _expiring(kind: str, entry: Expiring, now: datetime, context: Context) -> Verdict:
    notice = context.policy.audits.waiver_notice_days
    subject, day = Subject(kind, entry.name), entry.expires_at.date()
    evidence = Evidence(
        "record: ends", entry.expires_at.isoformat(), f"more than {notice} days from now"
    )
    if entry.expires_at <= now:
        return failed(subject, "ended on {day}", evidence, day=day)
    left = (entry.expires_at - now).days
    if entry.expires_at - now <= timedelta(days=notice):
        return failed(subject, "ends in {days} days, on {day}", evidence, days=left, day=day)
    return passed(subject, "holds until {day}", evidence, day=day)


def _reviewed(record: HostRecord, inventory: SuidInventory, accepted: Evidence) -> Verdict:
    """Drift is unreviewed if the audit before saw it already; what is new now is not late yet."""
    now, told = _drifted(record, inventory)
    files = Evidence("privileged files that differ from the baseline", sorted(now)[:SHOWN])
    if not now and not told:
        return unknown(HOST, "could not be compared with its baseline completely", accepted)
    if not now:
        return passed(HOST, "has the privileged files that were accepted", accepted)
    if record.suid_previous is None:
        return unknown(
            HOST, "differs from its baseline, and since when is not known", files, accepted
        )
    whole = SuidInventory(files=record.suid_previous, complete=True, capabilities_read=True)
    earlier, _ = _drifted(record, whole)
    count = sum(earlier.get(path) == kind for path, kind in now.items())
    if count:
        return failed(
            HOST,
            "differs from its baseline in {count} files since before this audit",
            files,
            accepted,
            count=count,
        )
    return passed(HOST, "differs from its baseline since this audit alone", files, accepted)


def _drifted(record: HostRecord, inventory: SuidInventory) -> tuple[dict[str, str], bool]:
    """Path → how it differs from the baseline, and whether all could be compared."""
    found = tuple(drift(record.suid_baseline or (), inventory))
    told = inventory.complete and all(each.kind != "undecided" for each in found)
    differing = ("added", "removed", "changed")
    return {each.path: each.kind for each in found if each.kind in differing}, told
