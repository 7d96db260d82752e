"""Item 14: Linux capabilities, of which a container should keep a minimum."""

from collections.abc import Iterator

from scans.checks.core.capabilities import (
    ALL,
    CAPABILITIES,
    DANGEROUS,
    DEFAULT,
    PODMAN_DEFAULT,
    mask,
    names,
)
from scans.checks.core.model import Evidence, Severity, Verdict, failed, passed
from scans.checks.core.namespaces import uses_host
from scans.checks.core.reading import container_subject, containers
from scans.checks.core.registry import check
from scans.facts import Container, Facts, ProcessState


@check("container-dangerous-capabilities", item=14, severity=Severity.HIGH, cis=["5.4"])
def container_dangerous_capabilities(facts: Facts) -> Iterator[Verdict]:
    """No container has, or can gain, a capability that reaches the host or other tenants."""
    for container in containers(facts):
        yield _judge(container, facts)


def _judge(container: Container, facts: Facts) -> Verdict:
    subject = container_subject(container)
    held, evidence = _held(container, facts)
    dangerous, declared = _dangerous(held), _dangerous(_declared(container, facts))
    found = ", ".join(dangerous)
    if not dangerous and declared:
        return passed(
            subject,
            "has no dangerous capability though it declares {names}",
            *evidence,
            names=", ".join(declared),
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
    return [name for name in DANGEROUS if held & mask((name,))]


@check("container-default-capabilities", item=14, severity=Severity.LOW, cis=["5.4"])
def container_default_capabilities(facts: Facts) -> Iterator[Verdict]:
    """Each container does without at least some of the capabilities that all get by default."""
    for container in containers(facts):
        subject = container_subject(container)
        held, evidence = _held(container, facts)
        dropped = names(DEFAULT & ~held)
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
        return _declared(container, facts), declared
    return _union(container.process), (*_sets(container.process), *declared)


def _union(process: ProcessState) -> int:
    return (
        process.cap_bounding
        | process.cap_permitted
        | process.cap_effective
        | process.cap_inheritable
        | process.cap_ambient
    )


def _sets(process: ProcessState) -> tuple[Evidence, ...]:
    status = f"/proc/{process.pid}/status"
    return (
        Evidence(f"{status}: CapEff", list(names(process.cap_effective))),
        Evidence(f"{status}: CapBnd", list(names(process.cap_bounding)), "few, none dangerous"),
    )


def _declared(container: Container, facts: Facts) -> int:
    """What the engine makes of ``Privileged``, ``CapAdd`` and ``CapDrop`` (moby,
    ``caps.TweakCapabilities``): ALL added starts from everything, ALL dropped from nothing."""
    if container.privileged:
        return ALL
    added, dropped = _mask(container.cap_add), _mask(container.cap_drop)
    if "ALL" in container.cap_add:
        return ALL & ~dropped
    if "ALL" in container.cap_drop:
        return added
    podman = facts.engine is not None and facts.engine.name == "podman"
    return (PODMAN_DEFAULT if podman else DEFAULT) & ~dropped | added


def _mask(declared: tuple[str, ...]) -> int:
    """The mask of declared names; one that is newer than our table has no known meaning."""
    return mask(name for name in declared if name in CAPABILITIES)
