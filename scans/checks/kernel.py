"""Item 11: a kernel and a system that are up to date and hardened."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from scans.checks.core.context import Context
from scans.checks.core.kernel_settings import SYSCTLS, SYSCTLS_BY_NAME, Sysctl
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from scans.checks.core.reading import HOST, require
from scans.checks.core.registry import check
from scans.checks.core.releases import newest_of_flavour, rank
from scans.facts import Facts, Kernel, Updates

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


@check("kernel-reboot-pending", item=11, severity=Severity.MEDIUM, needs=["kernel"])
def kernel_reboot_pending(facts: Facts) -> Iterator[Verdict]:
    """The newest installed kernel is the one that runs."""
    kernel = _kernel(facts)
    installed = kernel.installed
    newest = newest_of_flavour(kernel.release, installed or ())
    evidence = (
        Evidence("uname -r", kernel.release, newest),
        Evidence("/lib/modules and /boot", None if installed is None else list(installed)),
        Evidence("/run/reboot-required or needs-restarting -r", kernel.reboot_required, False),
    )
    if newest is not None and rank(newest) > rank(kernel.release):
        yield failed(
            HOST,
            "runs {release} though {newest} is installed",
            *evidence,
            release=kernel.release,
            newest=newest,
        )
    elif kernel.reboot_required:
        yield failed(HOST, "asks for a reboot to finish its updates", *evidence)
    elif installed == ():
        raise NotApplicable("no kernel is installed here: the running one comes from outside")
    elif kernel.release in (installed or ()) or kernel.reboot_required is False:
        yield passed(HOST, "runs the newest kernel that is installed", *evidence)
    elif installed is None:
        yield unknown(HOST, "which kernels are installed could not be read", *evidence)
    else:
        yield unknown(HOST, "runs a kernel that is not among those installed", *evidence)


@check("host-security-updates", item=11, severity=Severity.HIGH, needs=["updates"])
def host_security_updates(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No security update waits to be installed."""
    oldest = facts.started_at - timedelta(days=context.policy.audits.package_lists_max_age_days)
    updates = require(facts, facts.updates, "updates", "the pending updates")
    source = f"{updates.manager}: pending security updates"
    evidence = (
        Evidence(source, None if updates.security is None else list(updates.security), []),
        _lists(updates, oldest),
    )
    if updates.security:
        yield failed(
            HOST, "waits for {count} security updates", *evidence, count=len(updates.security)
        )
    elif updates.security is None:
        yield unknown(
            HOST,
            "{manager} can't tell security updates from others",
            *evidence,
            manager=updates.manager,
        )
    elif updates.lists_updated_at is None:
        yield unknown(HOST, "how old its package lists are could not be read", *evidence)
    elif updates.lists_updated_at < oldest:
        yield unknown(
            HOST,
            "has package lists of {day}, too old to tell",
            *evidence,
            day=updates.lists_updated_at.date(),
        )
    else:
        yield passed(HOST, "has installed all security updates", *evidence)


@check("kernel-age", item=11, severity=Severity.MEDIUM, needs=["kernel"])
def kernel_age(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The running kernel was built lately, by default within a year: older ones lack the fixes
    made since."""
    most = timedelta(days=context.policy.audits.kernel_max_age_days)
    version = _kernel(facts).version
    built = build_date(version)
    if built is None or built > facts.started_at + timedelta(days=1):
        yield unknown(
            HOST, "names no date at which its kernel was built", Evidence("uname -v", version)
        )
        return
    days = (facts.started_at - built).days
    evidence = Evidence("uname -v", version, f"built within {most.days} days")
    if facts.started_at - built > most:
        yield failed(HOST, "runs a kernel built {days} days ago", evidence, days=days)
    else:
        yield passed(HOST, "runs a kernel built {days} days ago", evidence, days=days)


@check("kernel-sysctls", item=11, severity=Severity.MEDIUM, needs=["access", "kernel", "engine"])
def kernel_sysctls(facts: Facts) -> Iterator[Verdict]:
    """Kernel settings that hinder privilege escalation have hardened values."""
    kernel = _kernel(facts)
    for setting in SYSCTLS:
        yield _sysctl(setting, kernel, facts)


@check("kernel-mitigations", item=11, severity=Severity.MEDIUM, needs=["kernel"])
def kernel_mitigations(facts: Facts) -> Iterator[Verdict]:
    """The kernel mitigates every known vulnerability of the processor."""
    found = _kernel(facts).vulnerabilities
    if not found:
        raise Unreadable("this kernel does not report vulnerabilities of the processor")
    for name, sentence in found.items():
        subject = Subject("vulnerability", name)
        source = f"/sys/devices/system/cpu/vulnerabilities/{name}"
        evidence = Evidence(source, sentence, "Not affected or Mitigation")
        # the kernel writes "Vulnerable" for what is open and "vulnerable" for details
        if "Vulnerable" in sentence:
            yield failed(subject, "is not mitigated: {sentence}", evidence, sentence=sentence)
        elif sentence.startswith("Unknown") or not sentence.strip():
            yield unknown(subject, "the kernel can't tell: {sentence}", evidence, sentence=sentence)
        else:
            yield passed(subject, "is mitigated or absent: {sentence}", evidence, sentence=sentence)


def _kernel(facts: Facts) -> Kernel:
    return require(facts, facts.kernel, "kernel", "the kernel")


def _lists(updates: Updates, oldest: datetime) -> Evidence:
    at = updates.lists_updated_at
    wanted = f"after {oldest.date().isoformat()}"
    source = f"{updates.manager}: package lists fetched"
    return Evidence(source, at.isoformat() if at else None, wanted)


def _sysctl(setting: Sysctl, kernel: Kernel, facts: Facts) -> Verdict:
    subject = Subject("sysctl", setting.name)
    if setting.user_namespaces and facts.engine is not None and facts.engine.rootless:
        return not_applicable(subject, "the rootless engine needs user namespaces")
    value = kernel.sysctls.get(setting.name, "").strip()
    if not value:
        if setting.root_only and facts.access.level == "user":
            return unknown(subject, "does not exist in this kernel, or only root may read it")
        return not_applicable(subject, "does not exist in this kernel")
    evidence = Evidence(f"sysctl {setting.name}", value, list(setting.accepted))
    if value in setting.accepted:
        return passed(subject, "is {value}", evidence, value=value)
    twin = SYSCTLS_BY_NAME.get(setting.twin)
    other = kernel.sysctls.get(setting.twin, "").strip()
    if twin is not None and other in twin.accepted:
        same = Evidence(f"sysctl {twin.name}", other, list(twin.accepted))
        return passed(
            subject,
            "is {value}, which {twin} makes harmless",
            evidence,
            same,
            value=value,
            twin=twin.name,
        )
    return failed(subject, "is {value}: {why}", evidence, value=value, why=setting.why)


def build_date(version: str) -> datetime | None:
    """The day that ``uname -v`` names, at 0 h UTC: ``(2026-09-20)``, ``Fri Aug 2 19:25:20 UTC
    2024``, ``10 Oct 2024``; None without one. Builds that are made reproducible name a day
    long before (1970, 1980), which is no date."""
    iso = re.search(r"\b(\d{4})-(\d{2})-(\d{2})\b", version)
    ctime = re.search(rf"\b({MONTHS.replace(' ', '|')}) +(\d{{1,2}}) .*\b(\d{{4}})\b", version)
    mail = re.search(rf"\b(\d{{1,2}}) ({MONTHS.replace(' ', '|')}) (\d{{4}})\b", version)
    months = MONTHS.split()
    if iso:
        year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
    elif mail:
        year, month, day = int(mail[3]), months.index(mail[2]) + 1, int(mail[1])
    elif ctime:
        year, month, day = int(ctime[3]), months.index(ctime[1]) + 1, int(ctime[2])
    else:
        return None
    try:
        return datetime(year, month, day, tzinfo=UTC) if year >= 2000 else None
    except ValueError:
        return None
