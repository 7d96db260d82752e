"""The report a person reads in a terminal: the score, the 17 items, what to fix first."""

from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scans.checks.core.model import Result, Severity, Status, Verdict
from scans.checks.core.policy import DEFAULT
from scans.checks.core.scoring import Counters, count_by_item
from scans.prose import prose
from scans.reports.document import HostReport
from scans.reports.text import visible

SHOWN_SUBJECTS = 4
BAR_WIDTH = 16

_SEVERITY_STYLE = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
}


def print_report(console: Console, report: HostReport) -> None:
    """Print one host's report. Everything that came from the host is shown as plain text."""
    for part in _parts(report):
        console.print(part)


def _parts(report: HostReport) -> Iterator[RenderableType]:
    yield _head(report)
    yield _items(report)
    yield Text()
    if report.failures:
        yield Text("What to fix, worst first", style="bold")
        for result in report.failures:
            yield Padding(_failure(result), (0, 0, 1, 0))
    yield from _not_decided(report)


def _head(report: HostReport) -> RenderableType:
    facts, counters = report.facts, report.counters
    name = Text.assemble((visible(facts.host), "bold"), "  ", (visible(facts.target), "dim"))
    score = Text.assemble(
        ("Compliance ", "bold"), (_percent(counters.compliance), _colour(counters.compliance)),
        "   ", ("Coverage ", "bold"), (_percent(counters.coverage), "bold"),
        f"   {counters.failed} failed, {counters.passed} passed, {counters.unknown} unknown, "
        f"{counters.not_applicable} not applicable",
        f", {counters.manual} to attest" if counters.manual else "",
        f", {counters.error} errors" if counters.error else "",
    )  # fmt: skip
    return Group(Text(), name, Text(_description(report), style="dim"), score)


def _description(report: HostReport) -> str:
    facts, parts = report.facts, []
    if facts.system:
        parts.append(facts.system.os_name)
    if facts.kernel:
        parts.append(f"kernel {facts.kernel.release}")
    if facts.engine:
        parts.append(f"{facts.engine.name} {facts.engine.version}")
    if facts.containers is not None:
        running = sum(container.running for container in facts.containers)
        parts.append(f"{running} of {len(facts.containers)} containers running")
    seconds = (facts.finished_at - facts.started_at).total_seconds()
    parts.append(f"read as {facts.access.user or facts.access.level} in {seconds:.1f} s")
    if report.policy != DEFAULT:
        parts.append(f"policy {report.policy.name}")
    return " · ".join(visible(part, 80) for part in parts)


def _items(report: HostReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("#", justify="right")
    table.add_column("Item", no_wrap=True)
    table.add_column("Compliance", no_wrap=True)
    for heading in ("fail", "pass", "unknown", "n/a"):
        table.add_column(heading, justify="right")
    for item, counted in count_by_item(report.results).items():
        table.add_row(
            str(item.number), item.title_en, _bar(counted), _number(counted.failed, "red"),
            _number(counted.passed, "green"), _number(counted.unknown + counted.error, "yellow"),
            _number(counted.not_applicable, "dim"),
        )  # fmt: skip
    return table


def _bar(counted: Counters) -> Text:
    compliance = counted.compliance
    if compliance is None:
        return Text(f"{'·' * BAR_WIDTH}    –", style="dim")
    full = round(compliance * BAR_WIDTH)
    return Text.assemble(
        ("━" * full, _colour(compliance)), ("─" * (BAR_WIDTH - full), "bright_black"),
        f" {_percent(compliance):>4}",
    )  # fmt: skip


def _failure(result: Result) -> RenderableType:
    cis = result.cis.get("1.8.0", ())
    title = Text.assemble(
        (f" {result.severity.value} ", _SEVERITY_STYLE[result.severity]), " ",
        (prose(result.check).title, "bold"),
        (f"  {result.check}" + (f" · CIS {', '.join(cis)}" if cis else ""), "dim"),
    )  # fmt: skip
    failing = [verdict for verdict in result.subjects if verdict.status is Status.FAIL]
    lines: list[RenderableType] = [_subject_line(v) for v in failing[:SHOWN_SUBJECTS]]
    if len(failing) > SHOWN_SUBJECTS:
        more = f"… and {len(failing) - SHOWN_SUBJECTS} more (--format json lists all)"
        lines.append(Text(more, style="dim"))
    lines.append(Text.assemble(("Fix: ", "green"), _first_step(prose(result.check).fix)))
    return Group(title, Padding(Group(*lines), (0, 0, 0, 2)))


def _subject_line(verdict: Verdict) -> Text:
    subject = verdict.subject
    named = (
        visible(subject.name)
        if subject.kind == subject.name
        else visible(f"{subject.kind} {subject.name}")
    )
    return Text.assemble((named, "bold"), f" {visible(verdict.message)}")


def _first_step(markdown: str) -> str:
    """The first step of a remedy on one line: its first paragraph and, where that leads up to a
    command or a setting, the first line of it."""
    lines = markdown.splitlines()
    paragraph: list[str] = []
    in_code = False
    for line in lines:
        if line.startswith("```"):
            if in_code:
                break
            in_code = True
        elif in_code and line.strip() and not line.startswith("#") and line[-1] != ":":
            if not paragraph or paragraph[-1].endswith(":"):
                paragraph.append(line.strip())
            break
        elif not in_code and paragraph and (not line.strip() or line.startswith("- ")):
            if not paragraph[-1].endswith(":"):
                break
        elif not in_code and line.strip():
            paragraph.append(line.strip().removeprefix("- "))
    return " ".join(paragraph).replace("`", "")


def _not_decided(report: HostReport) -> Iterable[RenderableType]:
    unknown = [r for r in report.results if r.status in (Status.UNKNOWN, Status.ERROR)]
    if unknown:
        yield Text(f"Not decided: {len(unknown)} checks", style="bold yellow")
        for reason, checks in _by_reason(unknown).items():
            yield Padding(Text.assemble(visible(reason), (f"  {', '.join(checks)}", "dim")), (0, 2))
    if report.facts.gaps:
        yield Text("What could not be read", style="bold yellow")
    for gap in report.facts.gaps:
        about = visible(f"{gap.section} ({gap.subject})" if gap.subject else gap.section)
        hint = (f"  → {visible(gap.hint)}", "green") if gap.hint else ""
        yield Padding(Text.assemble((about, "bold"), f": {visible(gap.reason)}", hint), (0, 2))


def _by_reason(results: list[Result]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for result in results:
        undecided = (v for v in result.subjects if v.status in (Status.UNKNOWN, Status.ERROR))
        reason = result.reason or next(v.message for v in undecided)
        grouped.setdefault(reason, []).append(result.check)
    return grouped


def _number(value: int, style: str) -> Text:
    return Text(str(value), style=style) if value else Text("·", style="bright_black")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _colour(share: float | None) -> str:
    if share is None:
        return "dim"
    return "green" if share >= 0.9 else "yellow" if share >= 0.6 else "red"
