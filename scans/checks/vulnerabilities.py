"""Item 11: known vulnerabilities of the engine, its components and the kernel.

Each advisory that fits the version gets one of three answers: exploitable here, present but not
reachable here, or to be verified with whoever built the package, since distributions put fixes into
old versions. Those that do not fit are counted in one verdict.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scans.checks.core.advisories import Advisories, Advisory
from scans.checks.core.context import Context, advisories
from scans.checks.core.installed import Installed, installed
from scans.checks.core.kernel_build import KernelBuild, kernel_build
from scans.checks.core.model import (
    Evidence,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reachability import reach
from scans.checks.core.reading import require
from scans.checks.core.registry import check
from scans.checks.core.upstream_version import Version
from scans.facts import Facts

KERNEL = 11
"""The checklist item of all checks here."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a flaw is in what runs, as far as versions tell."""

    certain: bool
    """False where somebody else than upstream may have fixed it."""
    reason: str = ""
    """Whom to ask, where it is not certain."""


@check(
    "engine-vulnerabilities",
    item=KERNEL,
    severity=Severity.CRITICAL,
    needs=["system", "packages", "processes", "daemon", "engine", "networks"],
)
def engine_vulnerabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No known vulnerability of Docker Engine can be exploited here."""
    return _component(facts, context, "docker", installed(facts, "docker"))


@check(
    "containerd-vulnerabilities",
    item=KERNEL,
    severity=Severity.HIGH,
    needs=["system", "packages", "daemon", "engine"],
)
def containerd_vulnerabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No known vulnerability of containerd can be exploited here."""
    return _component(facts, context, "containerd", installed(facts, "containerd"))


@check(
    "runc-vulnerabilities",
    item=KERNEL,
    severity=Severity.CRITICAL,
    needs=["system", "packages", "daemon", "engine"],
)
def runc_vulnerabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No known vulnerability of runc can be exploited here."""
    return _component(facts, context, "runc", installed(facts, "runc"))


@check(
    "buildkit-vulnerabilities",
    item=KERNEL,
    severity=Severity.HIGH,
    needs=["system", "packages", "engine"],
)
def buildkit_vulnerabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No known vulnerability of BuildKit can be exploited here. It is part of dockerd and names no
    version, so its advisories give the versions of Docker Engine that it came and went with."""
    return _component(facts, context, "buildkit", installed(facts, "docker"))


@check(
    "kernel-vulnerabilities",
    item=KERNEL,
    severity=Severity.CRITICAL,
    needs=["system", "kernel", "packages"],
)
def kernel_vulnerabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No known vulnerability of the kernel lets a container out of its limits here."""
    kernel = require(facts, facts.kernel, "kernel", "the kernel")
    data, build = advisories(context), kernel_build(kernel, facts)
    if build.version is None:
        raise Unreadable(f"the kernel's release names no version: {build.release}")
    entries = data.of("kernel")
    present = {entry: _in_kernel(entry, build, build.version, facts) for entry in entries}
    return _verdicts("kernel", present, facts, data, build.evidence(kernel))


def _component(
    facts: Facts, context: Context, component: str, what: Installed
) -> Iterator[Verdict]:
    data = advisories(context)
    version = what.version
    if version is None:
        raise Unreadable(f"{what.text!r} is no version that can be compared")
    present = {
        entry: _in_component(entry, what, version, data, facts) for entry in data.of(component)
    }
    return _verdicts(component, present, facts, data, what.evidence())


def _in_component(
    entry: Advisory, what: Installed, version: Version, data: Advisories, facts: Facts
) -> Presence | None:
    """None where the flaw is not in it."""
    fixed = _fixed_by_package(entry, what.package, facts)
    if fixed is not None:
        return None if fixed else Presence(certain=True)
    if not entry.affects(version):
        return None
    if what.upstream is False:
        name = " ".join(what.package) if what.package else what.text
        return Presence(certain=False, reason=f"{name} is a distribution's package")
    if what.upstream is None:
        return Presence(certain=False, reason="whose build it is could not be told")
    line = data.line(what.component, version)
    if line is not None and line.maintained_by and not entry.has_own_fix(version):
        reason = f"the line {line.name} is maintained by {line.maintained_by}"
        return Presence(certain=False, reason=reason)
    return Presence(certain=not entry.verify, reason=entry.verify)


def _in_kernel(
    entry: Advisory, build: KernelBuild, version: Version, facts: Facts
) -> Presence | None:
    package = ("linux", build.package) if build.package else None
    fixed = _fixed_by_package(entry, package, facts)
    if fixed is not None:
        return None if fixed else Presence(certain=True)
    older = entry.predates(version) and not build.backports
    if older or not version < entry.fix_for(version):
        return None
    if build.vendor is not None:
        return Presence(certain=False, reason=f"{build.vendor} puts fixes into old versions")
    return Presence(certain=not entry.verify, reason=entry.verify)


def _fixed_by_package(
    entry: Advisory, package: tuple[str, str] | None, facts: Facts
) -> bool | None:
    """Whether a distribution's package has the fix, where the advisory says which one has."""
    if package is None or facts.system is None:
        return None
    name, version = package
    release = f"{facts.system.os_id} {facts.system.os_version}"
    for row in entry.packages:
        if row.os == release and row.name == name and row.concerns(version):
            return row.is_fixed(version)
    return None


def _verdicts(
    component: str,
    present: dict[Advisory, Presence | None],
    facts: Facts,
    data: Advisories,
    seen: tuple[Evidence, ...],
) -> Iterator[Verdict]:
    absent = [entry for entry, presence in present.items() if presence is None]
    for entry, presence in present.items():
        if presence is not None:
            yield _present(entry, presence, facts, (*seen, _advisory(entry, data)))
    if absent or not present:
        yield passed(
            Subject("component", component),
            "is not affected by {count} of {total} known vulnerabilities",
            *seen,
            Evidence(f"advisories of {data.date.isoformat()}", [entry.id for entry in absent]),
            count=len(absent),
            total=len(present),
        )


def _present(
    entry: Advisory, presence: Presence, facts: Facts, evidence: tuple[Evidence, ...]
) -> Verdict:
    subject, found = Subject("advisory", entry.id), reach(entry.reachable_when, facts)
    words = {"title": entry.title, "fixed": ", ".join(entry.fixed), "why": found.why}
    if found.holds is False and presence.certain:
        return passed(
            subject, "is present but not reachable here because {why} ({title})", *evidence, **words
        )
    if found.holds is False:
        return passed(
            subject,
            "may be present but is not reachable here because {why} ({title})",
            *evidence,
            **words,
        )
    if not presence.certain:
        return unknown(
            subject,
            "verify with the vendor: {reason} ({title}; upstream fixed it in {fixed})",
            *evidence,
            reason=presence.reason,
            **words,
        )
    if found.holds is None:
        return unknown(
            subject,
            "is present, and whether it is reachable could not be told: {why} ({title})",
            *evidence,
            **words,
        )
    return failed(subject, "is exploitable here: {title}; fixed in {fixed}", *evidence, **words)


def _advisory(entry: Advisory, data: Advisories) -> Evidence:
    told = {
        "severity": entry.severity.value,
        "introduced": list(entry.introduced),
        "fixed": list(entry.fixed),
        "packages": {f"{row.os}: {row.name}": row.fixed for row in entry.packages},
        "reachable_when": list(entry.reachable_when),
        "sources": list(entry.sources),
    }
    return Evidence(
        f"advisories of {data.date.isoformat()}: {entry.id}",
        {key: value for key, value in told.items() if value},
    )
