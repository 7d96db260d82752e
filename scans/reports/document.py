"""One host's audit: its facts with their results, and the contract's JSON of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scans.advisories import current
from scans.checks import all_checks
from scans.checks.core.context import Context
from scans.checks.core.evaluate import evaluate
from scans.checks.core.model import Evidence, Result, Status, Verdict
from scans.checks.core.policy import DEFAULT as DEFAULT_POLICY
from scans.checks.core.policy import Policy
from scans.checks.core.scoring import Counters, count, count_by_item
from scans.facts import Facts

SCHEMA = "posture.results/1"


@dataclass(frozen=True, slots=True)
class HostReport:
    """A host's facts and how they were judged."""

    facts: Facts
    results: tuple[Result, ...]
    policy: Policy = DEFAULT_POLICY
    """What they were judged by."""

    @property
    def counters(self) -> Counters:
        """Counters over all results."""
        return count(self.results)

    @property
    def failures(self) -> tuple[Result, ...]:
        """Failed results, the heaviest first, then by item and id."""
        failed = (result for result in self.results if result.status is Status.FAIL)
        return tuple(sorted(failed, key=lambda r: (-r.severity.weight, r.item, r.check)))


def judge(facts: Facts, policy: Policy = DEFAULT_POLICY) -> HostReport:
    """Judge facts by the whole catalogue, a policy, and the advisories in use."""
    context = Context(policy=policy, advisories=current())
    return HostReport(facts, evaluate(facts, all_checks(), context), policy)


def document(report: HostReport) -> dict[str, Any]:
    """The contract ``posture.results/1`` for one host, ready for JSON.

    Shares are rounded to 4 places, or null when nothing was decided.
    """
    facts, counters = report.facts, report.counters
    engine = facts.engine
    return {
        "schema": SCHEMA,
        "host": facts.host,
        "target": facts.target,
        "started_at": timestamp(facts.started_at),
        "finished_at": timestamp(facts.finished_at),
        "engine": engine
        and {"name": engine.name, "version": engine.version, "api_version": engine.api_version},
        "compliance": share(counters.compliance),
        "coverage": share(counters.coverage),
        "items": [
            {"number": item.number, "slug": item.slug} | _counted(counted)
            for item, counted in count_by_item(report.results).items()
        ],
        "results": [_result(result) for result in report.results],
        "gaps": [_gap(gap.section, gap.subject, gap.reason, gap.hint) for gap in facts.gaps],
    }


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def share(value: float | None) -> float | None:
    """A share for output: 4 decimal places, None stays None."""
    return None if value is None else round(value, 4)


def _counted(counted: Counters) -> dict[str, Any]:
    return {
        "compliance": share(counted.compliance),
        "coverage": share(counted.coverage),
        "pass": counted.passed,
        "fail": counted.failed,
        "unknown": counted.unknown,
        "not_applicable": counted.not_applicable,
        "error": counted.error,
        "manual": counted.manual,
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "check": result.check,
        "item": result.item,
        "severity": result.severity.value,
        "cis": {version: list(numbers) for version, numbers in result.cis.items()},
        "status": result.status.value,
        "reason": result.reason,
        "subjects": [_verdict(verdict) for verdict in result.subjects],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": verdict.subject.kind,
        "name": verdict.subject.name,
        "status": verdict.status.value,
        "message": verdict.message,
        "evidence": [_evidence(evidence) for evidence in verdict.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "source": evidence.source,
        "observed": evidence.observed,
        "expected": evidence.expected,
    }


def _gap(section: str, subject: str | None, reason: str, hint: str | None) -> dict[str, Any]:
    entry = {"section": section, "reason": reason}
    if subject is not None:
        entry["subject"] = subject
    if hint is not None:
        entry["hint"] = hint
    return entry
