"""Item 6: limits of swarm services, whichever node their tasks run on."""

from collections.abc import Iterator

from scans.checks.core.model import Evidence, Severity, Subject, Verdict, failed, passed
from scans.checks.core.registry import check
from scans.checks.core.restarts import by_specification
from scans.checks.core.swarms import services
from scans.facts import Facts, Service


@check("service-limits", item=6, severity=Severity.MEDIUM, needs=["engine", "swarm"])
def service_limits(facts: Facts) -> Iterator[Verdict]:
    """Each service specifies how much memory, CPU and how many processes a task may use."""
    for service in services(facts):
        limits = {
            "memory": service.memory_limit,
            "CPU": service.cpu_limit,
            "processes": service.pids_limit,
        }
        missing = [name for name, limit in limits.items() if limit <= 0]
        source = "docker service inspect: TaskTemplate.Resources.Limits"
        seen = Evidence(source, limits, "each more than 0")
        if missing:
            names = ", ".join(missing)
            yield failed(_subject(service), "has no limit of {names}", seen, names=names)
        else:
            yield passed(_subject(service), "limits memory, CPU and processes", seen)


@check("service-restart", item=6, severity=Severity.LOW, needs=["engine", "swarm"])
def service_restart(facts: Facts) -> Iterator[Verdict]:
    """A service that keeps failing stays down; also one whose tasks run on other nodes."""
    for service in services(facts):
        yield by_specification(_subject(service), service)


def _subject(service: Service) -> Subject:
    return Subject("service", service.name)
