"""Which engine runs on the host, for checks of its daemon that the engine's API alone decides."""

from scans.checks.core.model import NotApplicable
from scans.checks.core.reading import engine
from scans.facts import Engine, Facts


def docker_engine(facts: Facts) -> Engine:
    """Docker as its API describes it.

    Raises NotApplicable for Podman, which has no daemon, and Unreadable when no engine was read.
    """
    found = engine(facts)
    if found.name == "podman":
        raise NotApplicable("Podman runs without a daemon")
    return found
