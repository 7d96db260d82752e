"""Results as SARIF 2.1.0 (OASIS), for code-scanning dashboards: one result per subject."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

from scans.checks import all_checks
from scans.checks.core.model import Result, Severity, Status, Verdict
from scans.checks.core.registry import Check
from scans.prose import prose
from scans.reports.document import HostReport, timestamp
from scans.reports.text import visible

SCHEMA_URI = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
INFORMATION_URI = "https://docs.docker.com/engine/security/"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_SECURITY_SEVERITY = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.0",
    Severity.LOW: "2.0",
}


def sarif_text(reports: Iterable[HostReport], version: str) -> str:
    """A SARIF log with one run per host. ``version`` is that of the program.

    Failures have kind ``fail``, what could not be read ``open``; passes are left out, the
    rules say what was looked for.
    """
    log = {
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [_run(report, version) for report in reports],
    }
    return json.dumps(log, indent=2) + "\n"


def _run(report: HostReport, version: str) -> dict[str, Any]:
    checks = all_checks()
    index = {check.id: position for position, check in enumerate(checks)}
    facts = report.facts
    return {
        "tool": {
            "driver": {
                "name": "Posture",
                "semanticVersion": version,
                "informationUri": INFORMATION_URI,
                "rules": [_rule(check) for check in checks],
            }
        },
        "automationDetails": {"id": f"posture/{visible(facts.host)}/"},
        "invocations": [
            {
                "executionSuccessful": True,
                "startTimeUtc": timestamp(facts.started_at),
                "endTimeUtc": timestamp(facts.finished_at),
                "toolExecutionNotifications": [_notification(report, n) for n in _gaps(report)],
            }
        ],
        "results": list(_results(report, index)),
    }


def _rule(check: Check) -> dict[str, Any]:
    words = prose(check.id)
    return {
        "id": check.id,
        "shortDescription": {"text": words.title},
        "fullDescription": {"text": words.why},
        "help": {"text": words.fix, "markdown": words.fix},
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
        "properties": {
            "security-severity": _SECURITY_SEVERITY[check.severity],
            "tags": [
                "security",
                f"posture/item-{check.item_number}-{check.item.slug}",
                *(f"cis-docker-{v}/{n}" for v, numbers in check.cis.items() for n in numbers),
            ],
        },
    }


def _gaps(report: HostReport) -> Iterator[str]:
    for gap in report.facts.gaps:
        about = f"{gap.section} ({gap.subject})" if gap.subject else gap.section
        yield f"{about} could not be read: {gap.reason}"


def _notification(report: HostReport, text: str) -> dict[str, Any]:
    return {"level": "warning", "message": {"text": visible(f"{report.facts.host}: {text}")}}


def _results(report: HostReport, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    for result in report.results:
        common = {"ruleId": result.check, "ruleIndex": index[result.check]}
        for verdict in result.subjects:
            if verdict.status is Status.FAIL:
                level = _LEVELS[result.severity]
                yield common | {"kind": "fail", "level": level} | _about(report, result, verdict)
            elif verdict.status in (Status.UNKNOWN, Status.ERROR):
                yield common | {"kind": "open", "level": "none"} | _about(report, result, verdict)
        if not result.subjects and result.status in (Status.UNKNOWN, Status.ERROR):
            text = {"message": {"text": visible(result.reason or result.status.value)}}
            yield common | {"kind": "open", "level": "none"} | text | _place(report, "host", "host")


def _about(report: HostReport, result: Result, verdict: Verdict) -> dict[str, Any]:
    subject = verdict.subject
    identity = "\0".join((report.facts.host, result.check, subject.kind, subject.name))
    digest = hashlib.sha256(identity.encode("utf-8", "backslashreplace")).hexdigest()
    return {
        "message": {"text": visible(f"{subject.kind} {subject.name}: {verdict.message}")},
        "partialFingerprints": {"postureFinding/v1": digest},
        "properties": {
            "evidence": [
                {"source": e.source, "observed": e.observed, "expected": e.expected}
                for e in verdict.evidence
            ]
        },
    } | _place(report, subject.kind, subject.name)


def _place(report: HostReport, kind: str, name: str) -> dict[str, Any]:
    host = visible(report.facts.host)
    return {
        "locations": [
            {
                "logicalLocations": [
                    {
                        "name": visible(name),
                        "fullyQualifiedName": f"{host}/{kind}/{visible(name)}",
                        "kind": "resource",
                    }
                ]
            }
        ]
    }
