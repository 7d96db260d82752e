"""Results as JUnit XML, for pipelines: a suite per host, a case per check."""

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from scans.checks.core.model import Result, Status
from scans.prose import prose
from scans.reports.document import HostReport, timestamp
from scans.reports.text import visible


def junit_text(reports: Iterable[HostReport]) -> str:
    """JUnit XML as the common consumers read it.

    Failed checks are failures, errors of a check are errors; unknown and not applicable ones are
    skipped with their reason, so that neither looks like a pass.
    """
    root = ET.Element("testsuites", name="posture")
    for report in reports:
        root.append(_suite(report))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(report: HostReport) -> ET.Element:
    facts, counters = report.facts, report.counters
    duration = (facts.finished_at - facts.started_at).total_seconds()
    suite = ET.Element(
        "testsuite",
        name=visible(facts.host),
        hostname=visible(facts.target),
        timestamp=timestamp(facts.started_at),
        time=f"{duration:.3f}",
        tests=str(len(report.results)),
        failures=str(counters.failed),
        errors=str(counters.error),
        skipped=str(counters.unknown + counters.not_applicable),
    )
    for result in report.results:
        suite.append(_case(result))
    return suite


def _case(result: Result) -> ET.Element:
    name = f"{result.check}: {prose(result.check).title}"
    case = ET.Element("testcase", classname=f"item-{result.item:02d}", name=name, time="0")
    tag = {Status.FAIL: "failure", Status.ERROR: "error"}.get(result.status, "skipped")
    if result.status is not Status.PASS:
        summary = result.reason or _summary(result)
        outcome = ET.SubElement(case, tag, message=visible(f"{result.status}: {summary}"))
        if tag != "skipped":
            outcome.set("type", result.severity.value)
            outcome.text = "\n".join(_lines(result))
    return case


def _summary(result: Result) -> str:
    same = [verdict for verdict in result.subjects if verdict.status is result.status]
    first = f"{same[0].subject.name} {same[0].message}"
    return first if len(same) == 1 else f"{first} (and {len(same) - 1} more)"


def _lines(result: Result) -> Iterable[str]:
    for verdict in result.subjects:
        if verdict.status is result.status:
            subject = f"{verdict.subject.kind} {verdict.subject.name}"
            yield visible(f"{subject}: {verdict.message}")
    yield prose(result.check).fix
