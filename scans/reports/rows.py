"""Results as CSV: one row for each subject, safe to open in a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from scans.checks.core.model import Result, Verdict
from scans.prose import prose
from scans.reports.document import HostReport, timestamp
from scans.reports.text import visible

HEADER = (
    "host", "target", "finished_at", "item", "check", "title", "severity", "cis_1_8_0", "status",
    "subject_kind", "subject", "subject_status", "message", "evidence",
)  # fmt: skip

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(reports: Iterable[HostReport]) -> str:
    """All results of all hosts as CSV (RFC 4180) with a header row.

    A cell that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for report in reports:
        for result in report.results:
            writer.writerows([_safe(cell) for cell in row] for row in _rows(report, result))
    return out.getvalue()


def _rows(report: HostReport, result: Result) -> Iterator[tuple[str, ...]]:
    facts = report.facts
    head = (
        facts.host, facts.target, timestamp(facts.finished_at), str(result.item), result.check,
        prose(result.check).title, result.severity.value,
        " ".join(result.cis.get("1.8.0", ())), result.status.value,
    )  # fmt: skip
    if not result.subjects:
        yield (*head, "", "", "", result.reason or "", "")
    for verdict in result.subjects:
        yield (*head, *_subject(verdict))


def _subject(verdict: Verdict) -> tuple[str, ...]:
    evidence = [
        {"source": e.source, "observed": e.observed, "expected": e.expected}
        for e in verdict.evidence
    ]
    return (
        verdict.subject.kind, verdict.subject.name, verdict.status.value, verdict.message,
        json.dumps(evidence, ensure_ascii=False) if evidence else "",
    )  # fmt: skip


def _safe(cell: str) -> str:
    shown = visible(cell, limit=32_000)  # a cell of a spreadsheet holds 32,767 characters
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown
