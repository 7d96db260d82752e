"""Item 11: engines, kernels and systems of release lines that still get security fixes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from scans.checks.core.advisories import Advisories, Line
from scans.checks.core.context import Context, advisories
from scans.checks.core.installed import installed
from scans.checks.core.kernel_build import SOMEBODY, kernel_build
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Status,
    Subject,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import DAEMON, HOST, require
from scans.checks.core.registry import check
from scans.checks.core.upstream_version import parse
from scans.facts import Facts

ROLLING = frozenset(("arch", "manjaro", "opensuse-tumbleweed", "gentoo", "void"))
"""Distributions (``ID`` of os-release) without releases: their only line is always supported."""


@dataclass(frozen=True, slots=True)
class Running:
    """A component as it runs, before its line is looked up."""

    subject: Subject
    component: str
    text: str
    """Its version as it says it."""
    source: str
    """Where it says so."""


@check(
    "docker-version-supported",
    item=11,
    severity=Severity.HIGH,
    cis=["1.2.2"],
    needs=["packages", "engine"],
)
def docker_version_supported(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The engine is of a release line that gets security fixes."""
    engine = installed(facts, "docker")
    running = Running(DAEMON, "docker", engine.text, engine.source)
    yield _judge(running, advisories(context), facts)


@check(
    "containerd-supported",
    item=11,
    severity=Severity.MEDIUM,
    needs=["packages", "daemon", "engine"],
)
def containerd_supported(facts: Facts, context: Context) -> Iterator[Verdict]:
    """containerd is of a release line that gets security fixes."""
    containerd = installed(facts, "containerd")
    if containerd.upstream is False:
        raise NotApplicable("containerd is a package of the distribution: see os-supported")
    subject = Subject("component", "containerd")
    running = Running(subject, "containerd", containerd.text, containerd.source)
    yield _judge(running, advisories(context), facts)


@check("kernel-supported", item=11, severity=Severity.HIGH, needs=["system", "kernel", "packages"])
def kernel_supported(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The kernel is of a line that kernel.org still fixes; vendors look after their own."""
    kernel = require(facts, facts.kernel, "kernel", "the kernel")
    build = kernel_build(kernel, facts)
    if build.vendor not in (None, SOMEBODY):
        raise NotApplicable(f"the kernel is a build of {build.vendor}: see os-supported")
    running = Running(HOST, "kernel", kernel.release, "uname -r")
    judged = _judge(running, advisories(context), facts)
    if build.vendor == SOMEBODY and judged.status is Status.FAIL:
        yield unknown(
            HOST,
            "verify with who built it: is {version}, of a line that kernel.org does not fix",
            *judged.evidence,
            version=kernel.release,
        )
    else:
        yield judged


@check("os-supported", item=11, severity=Severity.HIGH, needs=["system"])
def os_supported(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The distribution's release gets security updates."""
    system = require(facts, facts.system, "system", "the system")
    data = advisories(context)
    evidence = Evidence("/etc/os-release: PRETTY_NAME", system.os_name)
    if system.os_id in ROLLING:
        yield passed(HOST, "runs a distribution without releases", evidence)
    elif not system.os_id or not data.lines_of(system.os_id):
        yield unknown(
            HOST, "runs a distribution of unknown support: {name}", evidence, name=system.os_name
        )
    elif not system.os_version:
        yield unknown(HOST, "runs {name}, which names no release", evidence, name=system.os_name)
    else:
        source = "/etc/os-release: VERSION_ID"
        yield _judge(Running(HOST, system.os_id, system.os_version, source), data, facts)


def _judge(running: Running, data: Advisories, facts: Facts) -> Verdict:
    """One version by the lines of its component, on the day of the audit."""
    subject, text, today = running.subject, running.text, facts.started_at.date()
    lines = data.lines_of(running.component)
    current = [line.name for line in lines if not _is_over(line, today)]
    evidence = Evidence(running.source, text, " or ".join(current))
    version = parse(text)
    if version is None:
        return unknown(
            subject, "has a version that names no release line: {version}", evidence, version=text
        )
    if not lines:
        raise Unreadable(f"the advisories know no release line of {running.component}")
    line = data.line(running.component, version)
    if line is not None:
        return _judge_line(line, running, today, evidence)
    if data.is_newer_than_known(running.component, version):
        return unknown(
            subject, "is of a line newer than those known here: {version}", evidence, version=text
        )
    return failed(subject, "is {version}, of a line without security fixes", evidence, version=text)


def _judge_line(line: Line, running: Running, today: date, said: Evidence) -> Verdict:
    subject, text, evidence = running.subject, running.text, (said, *_terms(line))
    if not _is_over(line, today):
        return passed(
            subject, "is {version}, of a line that gets security fixes", *evidence, version=text
        )
    if line.extended_until is not None and today <= line.extended_until:
        return unknown(
            subject,
            "is {version}, which gets security fixes only with {service}: verify that it has it",
            *evidence,
            version=text,
            service=line.extended_by,
        )
    return failed(
        subject, "is {version}, of a line without security fixes", *evidence, version=text
    )


def _is_over(line: Line, today: date) -> bool:
    return line.supported_until is not None and today > line.supported_until


def _terms(line: Line) -> Iterator[Evidence]:
    until = line.supported_until
    yield Evidence(
        f"release line {line.name}: security fixes until",
        until.isoformat() if until else None,
    )
    if line.extended_until is not None:
        yield Evidence(f"with {line.extended_by}: until", line.extended_until.isoformat())
