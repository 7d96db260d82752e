"""The capabilities that a container has or can gain, by its process or by its declaration."""

from scans.checks.core.capabilities import ALL, CAPABILITIES, DEFAULT, PODMAN_DEFAULT, mask
from scans.checks.core.policy import Policy
from scans.facts import Container, Facts, ProcessState


def held_capabilities(container: Container, facts: Facts) -> int:
    """The mask of a container's capabilities: of its main process where it was read."""
    if container.process is None:
        return declared_capabilities(container, facts)
    return capabilities_of(container.process)


def capabilities_of(process: ProcessState) -> int:
    """What a process has or can gain: the bounding set limits what it gains by executing a file
    (capabilities(7)); the other sets are what it has already."""
    return (
        process.cap_bounding
        | process.cap_permitted
        | process.cap_effective
        | process.cap_inheritable
        | process.cap_ambient
    )


def declared_capabilities(container: Container, facts: Facts) -> int:
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


def allowed_capabilities(policy: Policy) -> int:
    """The mask of what the policy lets containers have."""
    return _mask(tuple(name.upper() for name in policy.containers.allowed_capabilities))
