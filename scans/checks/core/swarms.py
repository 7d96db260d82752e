"""The swarm that a host is in, for the checks of what its managers know."""

from scans.checks.core.engines import docker_engine
from scans.checks.core.model import NotApplicable, Subject, Unreadable
from scans.checks.core.reading import require
from scans.facts import Facts, Service, Swarm

SWARM = Subject("swarm", "swarm")


def managed_swarm(facts: Facts) -> Swarm:
    """The swarm as this host sees it as one of its managers.

    Raises NotApplicable outside of a swarm and on a worker, Unreadable where it was not read.
    """
    state = docker_engine(facts).swarm_state
    if state == "inactive":
        raise NotApplicable("the host is in no swarm")
    if state != "active":
        raise Unreadable(f"the swarm could not be read: its state on this host is {state}")
    if not docker_engine(facts).swarm_manager:
        raise NotApplicable("the host is a worker: the swarm is judged on its managers")
    return require(facts, facts.swarm, "swarm", "the swarm")


def services(facts: Facts) -> tuple[Service, ...]:
    """The services of the swarm; not applicable when it runs none."""
    found = managed_swarm(facts).services
    if found is None:
        raise Unreadable("the swarm's services could not be read")
    if not found:
        raise NotApplicable("the swarm runs no service")
    return found
