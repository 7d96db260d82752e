"""Item 17: that audits see everything, at a time and by advisories that can be relied on."""

from collections.abc import Iterator
from datetime import timedelta

from scans.checks.core.context import Context, advisories
from scans.checks.core.model import (
    Evidence,
    Severity,
    Subject,
    Verdict,
    failed,
    passed,
)
from scans.checks.core.reading import HOST, require
from scans.checks.core.registry import check
from scans.facts import Facts, Gap

SHOWN = 20
"""How many gaps of one section evidence lists: there may be one for each container."""

SECTIONS = (
    "system clock kernel lsm updates mounts accounts groups subuid subgid files listeners processes"
    " firewall audit suid daemon engine containers images networks volumes"
)
"""Sections that every host has; a swarm is only there where one is."""


@check(
    "audit-complete",
    item=17,
    severity=Severity.MEDIUM,
    needs=[
        "system",
        "clock",
        "kernel",
        "lsm",
        "updates",
        "mounts",
        "accounts",
        "groups",
        "subuid",
        "subgid",
        "files",
        "listeners",
        "processes",
        "firewall",
        "audit",
        "suid",
        "daemon",
        "engine",
        "containers",
        "images",
        "networks",
        "volumes",
    ],
)
def audit_complete(facts: Facts) -> Iterator[Verdict]:
    """Everything that the audit asked for could be read."""
    sections: dict[str, list[Gap]] = {}
    for gap in (*facts.gaps, *_unexplained(facts)):
        sections.setdefault(gap.section, []).append(gap)
    for section, gaps in sections.items():
        yield failed(
            Subject("gap", section),
            "could not be read: {reason}",
            *map(_gap, gaps[:SHOWN]),
            reason=gaps[0].reason,
        )
    if not sections:
        yield passed(HOST, "was read completely", Evidence("gaps of this audit", 0, 0))


@check("host-clock", item=17, severity=Severity.LOW, needs=["clock"])
def host_clock(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The host's clock agrees with the auditor's: otherwise logs of several hosts cannot be put
    in order."""
    most = context.policy.audits.clock_max_offset_seconds
    offset = require(facts, facts.clock, "clock", "the host's clock").offset
    evidence = Evidence(
        "date -u: seconds ahead of the auditor's clock",
        round(offset, 1),
        f"at most {most} either way",
    )
    if abs(offset) > most:
        yield failed(HOST, "has a clock that is {seconds} s off", evidence, seconds=round(offset))
    else:
        yield passed(HOST, "has the right time", evidence)


@check("advisories-current", item=17, severity=Severity.MEDIUM)
def advisories_current(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The advisories that hosts are judged by are recent: what became known since is missed."""
    most = timedelta(days=context.policy.audits.advisories_max_age_days)
    dated = advisories(context).date
    wanted = f"at most {most.days} days old"
    evidence = Evidence("date of the advisories", dated.isoformat(), wanted)
    age = facts.started_at.date() - dated
    subject = Subject("audit", "advisories")
    if age > most:
        yield failed(subject, "are {days} days old", evidence, days=age.days)
    else:
        yield passed(subject, "are of {day}", evidence, day=dated.isoformat())


def _unexplained(facts: Facts) -> Iterator[Gap]:
    """Sections that are missing although nobody noted why."""
    explained = {gap.section for gap in facts.gaps}
    if facts.engine is not None and facts.engine.name == "podman":
        explained.add("daemon")  # Podman has none
    for section in SECTIONS.split():
        if getattr(facts, section) is None and section not in explained:
            yield Gap(section=section, reason="no reason was recorded")


def _gap(gap: Gap) -> Evidence:
    about = f"{gap.section}: {gap.subject}" if gap.subject else gap.section
    hint = f" ({gap.hint})" if gap.hint else ""
    return Evidence(about, gap.reason + hint, "readable")
