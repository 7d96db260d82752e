"""Item 14: Linux capabilities, of which a container should keep a minimum."""

from collections.abc import Iterator

from scans.checks.core.capabilities import DANGEROUS, DEFAULT, mask, names
from scans.checks.core.context import Context
from scans.checks.core.held_capabilities import (
    allowed_capabilities,
    capabilities_of,
    declared_capabilities,
)
from scans.checks.core.model import Evidence, NotApplicable, Severity, Verdict, failed, passed
from scans.checks.core.namespaces import uses_host
from scans.checks.core.reading import container_subject, containers
from scans.checks.core.registry import check
from scans.facts import Container, Facts, ProcessState

_DANGEROUS_BITS = {name: mask((name,)) for name in DANGEROUS}


@check(
    "container-dangerous-capabilities",
    item=14,
    severity=Severity.HIGH,
    cis=["5.4"],
    needs=["kernel", "daemon", "engine", "containers"],
)
def container_dangerous_capabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No container has, or can gain, a capability that reaches the host or other tenants."""
    allowed = allowed_capabilities(context.policy)
    for container in containers(facts):
        yield _judge(container, facts, allowed)


def _judge(container: Container, facts: Facts, allowed: int) -> Verdict:
    subject = container_subject(container)
    held, evidence = _held(container, facts)
    dangerous = _dangerous(held & ~allowed)
    declared = _dangerous(declared_capabilities(container, facts) & ~allowed)
    found = ", ".join(dangerous)
    if not dangerous and declared:
        return passed(
            subject,
            "has no dangerous capability though it declares {names}",
            *evidence,
            names=", ".join(declared),
        )
    permitted = _dangerous(held & allowed)
    if not dangerous and permitted:
        return passed(
            subject,
            "has dangerous capabilities that the policy allows: {names}",
            *evidence,
            names=", ".join(permitted),
        )
    if not dangerous:
        return passed(subject, "has no dangerous capability", *evidence)
    meaning = Evidence("capabilities(7)", {name: DANGEROUS[name] for name in dangerous}, {})
    if not declared:
        return failed(
            subject,
            "has dangerous capabilities that it does not declare: {names}",
            *evidence,
            meaning,
            names=found,
        )
    if uses_host(container, "user", facts)[0] is False:
        return failed(
            subject,
            "has dangerous capabilities, though only over its user namespace: {names}",
            *evidence,
            meaning,
            names=found,
        )
    return failed(subject, "has dangerous capabilities: {names}", *evidence, meaning, names=found)


def _dangerous(held: int) -> list[str]:
    return [name for name, bit in _DANGEROUS_BITS.items() if held & bit]


@check(
    "container-default-capabilities",
    item=14,
    severity=Severity.LOW,
    cis=["5.4"],
    needs=["containers"],
)
def container_default_capabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Each container does without at least some of the capabilities that all get by default.

    To do without one that the policy allows anyway counts for nothing.
    """
    superfluous = DEFAULT & ~allowed_capabilities(context.policy)
    if not superfluous:
        raise NotApplicable("the policy allows every capability that containers get by default")
    for container in containers(facts):
        subject = container_subject(container)
        held, evidence = _held(container, facts)
        dropped = names(superfluous & ~held)
        if dropped:
            yield passed(subject, "does without {names}", *evidence, names=", ".join(dropped))
        else:
            yield failed(subject, "keeps all default capabilities", *evidence)


def _held(container: Container, facts: Facts) -> tuple[int, tuple[Evidence, ...]]:
    """The capabilities that the container's processes have or can gain, as a mask.

    The bounding set limits what a process gains by executing a file (capabilities(7)); the other
    sets are what it has already. Without a process, the engine's documented arithmetic on the
    declaration gives the same set.
    """
    declared = (
        Evidence("docker inspect: HostConfig.CapAdd", list(container.cap_add)),
        Evidence("docker inspect: HostConfig.CapDrop", list(container.cap_drop), ["ALL"]),
        Evidence("docker inspect: HostConfig.Privileged", container.privileged, False),
    )
    if container.process is None:
        return declared_capabilities(container, facts), declared
    return capabilities_of(container.process), (*_sets(container.process), *declared)


def _sets(process: ProcessState) -> tuple[Evidence, ...]:
    status = f"/proc/{process.pid}/status"
    return (
        Evidence(f"{status}: CapEff", list(names(process.cap_effective))),
        Evidence(f"{status}: CapBnd", list(names(process.cap_bounding)), "few, none dangerous"),
    )
