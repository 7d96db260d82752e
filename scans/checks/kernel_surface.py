"""Item 11: how much of the kernel is open to attack, from root and from ordinary programs."""

from collections.abc import Iterator

from scans.checks.core.context import Context
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
from scans.checks.core.reading import HOST, require
from scans.checks.core.registry import check
from scans.checks.core.risky_modules import RISKY, plain
from scans.facts import Facts

LOCKED = ("integrity", "confidentiality")


@check("kernel-lockdown", item=11, severity=Severity.LOW, needs=["kernel", "lsm"])
def kernel_lockdown(facts: Facts) -> Iterator[Verdict]:
    """Not even root changes the running kernel (kernel_lockdown(7))."""
    kernel = require(facts, facts.kernel, "kernel", "the kernel")
    active = facts.lsm.active if facts.lsm is not None else None
    evidence = (
        Evidence("/sys/kernel/security/lockdown", kernel.lockdown, list(LOCKED)),
        Evidence("/sys/kernel/security/lsm", None if active is None else list(active)),
    )
    if kernel.lockdown in LOCKED:
        yield passed(HOST, "is locked down for {mode}", *evidence, mode=kernel.lockdown)
    elif kernel.lockdown is not None:
        yield failed(HOST, "lets root change the running kernel", *evidence)
    elif active is not None and "lockdown" not in active:
        yield failed(HOST, "has a kernel without lockdown", *evidence)
    else:
        yield unknown(HOST, "whether the kernel is locked down could not be read", *evidence)


@check("kernel-modules", item=11, severity=Severity.MEDIUM, needs=["kernel"])
def kernel_modules(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No kernel module is loaded that hosts hardly ever need and that was often attacked."""
    kernel = require(facts, facts.kernel, "kernel", "the kernel")
    if kernel.modules is None:
        raise Unreadable("there is no /proc/modules: what is built into this kernel is not listed")
    loaded = {plain(name) for name in kernel.modules}
    allowed = {plain(name) for name in context.policy.host.allowed_modules}
    for name in sorted(loaded & RISKY.keys()):
        yield _loaded(name, allowed)
    if not loaded & RISKY.keys():
        count = Evidence("/proc/modules: number of modules", len(loaded))
        yield passed(HOST, "has loaded no module that is rarely needed and often attacked", count)


def _loaded(name: str, allowed: set[str]) -> Verdict:
    subject, evidence = Subject("module", name), Evidence("/proc/modules", name, sorted(allowed))
    if name in allowed:
        return passed(subject, "is loaded, as the policy allows", evidence)
    return failed(subject, "is loaded: {why}", evidence, why=RISKY[name])
