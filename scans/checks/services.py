"""Item 9: services apart from each other, watched, and without logins of their own.

The checks of a swarm are in :mod:`scans.checks.swarm`.
"""

from collections.abc import Iterator

from scans.checks.core import settings
from scans.checks.core.context import Context
from scans.checks.core.engines import docker_engine
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from scans.checks.core.namespaces import Kind, uses_host
from scans.checks.core.reading import (
    DAEMON,
    HOST,
    container_subject,
    containers,
    require,
    running_containers,
)
from scans.checks.core.registry import check, manual
from scans.checks.core.servers import plain_name, server_kind
from scans.checks.core.service_tree import services_of
from scans.facts import Container, Facts, HostProcess, TopProcess

SHOWN = 20
"""How many processes of one name evidence lists."""

LOGIN_DAEMONS = frozenset(
    {"sshd", "sshd-session", "sshd-auth", "dropbear", "tinysshd", "telnetd", "utelnetd"}
    | {"in.telnetd", "rlogind", "in.rlogind", "rshd", "in.rshd", "rexecd", "in.rexecd"}
    | {"shellinaboxd", "ttyd", "xrdp", "vncserver", "Xvnc", "x11vnc"}
)
"""Programs that let a person log in over the network."""


@check(
    "container-host-pid",
    item=9,
    severity=Severity.HIGH,
    cis=["5.16"],
    needs=["kernel", "containers"],
)
def container_host_pid(facts: Facts) -> Iterator[Verdict]:
    """Containers do not see the processes of the host."""
    return _own_namespaces(facts, "pid")


@check(
    "container-host-ipc",
    item=9,
    severity=Severity.MEDIUM,
    cis=["5.17"],
    needs=["kernel", "containers"],
)
def container_host_ipc(facts: Facts) -> Iterator[Verdict]:
    """Containers do not share the host's shared memory, semaphores and message queues."""
    return _own_namespaces(facts, "ipc")


@check(
    "container-host-uts",
    item=9,
    severity=Severity.LOW,
    cis=["5.21"],
    needs=["kernel", "containers"],
)
def container_host_uts(facts: Facts) -> Iterator[Verdict]:
    """Containers do not share the host's name."""
    return _own_namespaces(facts, "uts")


@check("container-ssh", item=9, severity=Severity.MEDIUM, cis=["5.7"], needs=["containers"])
def container_ssh(facts: Facts) -> Iterator[Verdict]:
    """No container runs a daemon that people log in through."""
    for container in running_containers(facts):
        yield _login_daemons(container)


@check("container-healthcheck", item=9, severity=Severity.LOW, cis=["5.27"], needs=["containers"])
def container_healthcheck(facts: Facts) -> Iterator[Verdict]:
    """Running containers have a health check."""
    for container in running_containers(facts):
        subject, test = container_subject(container), list(container.health.test)
        evidence = Evidence("docker inspect: Config.Healthcheck.Test", test, "a command")
        if container.health.configured and test[:1] != ["NONE"]:
            yield passed(subject, "has a health check", evidence)
        else:
            yield failed(subject, "has no health check", evidence)


@check("container-health", item=9, severity=Severity.MEDIUM, needs=["containers"])
def container_health(facts: Facts) -> Iterator[Verdict]:
    """Running containers that have a health check are healthy."""
    for container in running_containers(facts):
        yield _health(container)


@check(
    "daemon-live-restore", item=9, severity=Severity.LOW, cis=["2.16"], needs=["daemon", "engine"]
)
def daemon_live_restore(facts: Facts) -> Iterator[Verdict]:
    """Containers keep running while the daemon restarts."""
    evidence = _live_restore(facts)
    if evidence[0].observed is True:
        yield passed(DAEMON, "keeps containers running while it restarts", *evidence)
    else:
        yield failed(DAEMON, "stops every container when it stops", *evidence)


@check("container-single-service", item=9, severity=Severity.LOW, needs=["containers"])
def container_single_service(facts: Facts) -> Iterator[Verdict]:
    """Each container runs one service."""
    for container in running_containers(facts):
        yield _single_service(container)


@check("host-dedicated", item=9, severity=Severity.LOW, needs=["processes"])
def host_dedicated(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The host runs containers and no servers beside them."""
    policy = context.policy.host
    if not policy.dedicated:
        raise NotApplicable("the policy lets container hosts run other services")
    processes = require(facts, facts.processes, "processes", "the host's processes")
    found: dict[str, list[HostProcess]] = {}
    for process in processes:
        name = plain_name(process.name)
        if server_kind(name) and not {name, process.name} & {*policy.allowed_services}:
            found.setdefault(name, []).append(process)
    for name, same in sorted(found.items()):
        yield failed(
            Subject("service", name),
            "runs beside the containers: {kind}",
            Evidence("/proc: pid and uid of its processes", [[p.pid, p.uid] for p in same[:SHOWN]]),
            kind=server_kind(name),
        )
    if not found:
        allowed = list(policy.allowed_services)
        evidence = Evidence("/proc: servers among the host's processes", [], allowed)
        yield passed(HOST, "runs no known server beside the containers", evidence)


manual("host-hardening", item=9, severity=Severity.MEDIUM, cis=["1.2.1"])


def _own_namespaces(facts: Facts, kind: Kind) -> Iterator[Verdict]:
    for container in containers(facts):
        subject = container_subject(container)
        shared, evidence = uses_host(container, kind, facts)
        if shared is None:
            yield unknown(subject, "its {kind} namespace could not be told", *evidence, kind=kind)
        elif shared:
            yield failed(subject, "uses the host's {kind} namespace", *evidence, kind=kind)
        else:
            yield passed(subject, "does not use the host's {kind} namespace", *evidence, kind=kind)


def _live_restore(facts: Facts) -> list[Evidence]:
    """What is in effect by the engine's word, then what its configuration says of the key."""
    key, info, config = "live-restore", facts.engine, facts.daemon
    if info is None:
        return [settings.evidence(key, *settings.value(facts, key, default=False), expected=True)]
    if docker_engine(facts).swarm_state == "active":
        raise NotApplicable("live restore does not work together with swarm mode")
    evidence = [Evidence("docker info: LiveRestoreEnabled", info.live_restore, expected=True)]
    row = config.effective(key) if config else None
    if row is not None:
        evidence.append(settings.evidence(key, row.value, row, expected=True))
    return evidence


def _single_service(container: Container) -> Verdict:
    subject, found = container_subject(container), services_of(container)
    if found is None:
        return unknown(subject, "which services it runs could not be told from its processes")
    names = sorted(found)
    evidence = Evidence("/proc: services among the container's processes", names, "one")
    if len(names) > 1:
        return failed(
            subject,
            "runs {count} services: {names}",
            evidence,
            count=len(names),
            names=", ".join(names),
        )
    return passed(subject, "runs one service", evidence)


def _login_daemons(container: Container) -> Verdict:
    subject = container_subject(container)
    if container.processes is None:
        return unknown(subject, "its processes could not be read")
    found = sorted({name for process in container.processes if (name := _login_daemon(process))})
    evidence = Evidence("/proc: login daemons among the container's processes", found, [])
    if found:
        return failed(subject, "runs {daemons}", evidence, daemons=", ".join(found))
    return passed(subject, "runs no login daemon", evidence)


def _login_daemon(process: TopProcess) -> str | None:
    """The login daemon that a process is, by its name or by the program it was started as.

    BusyBox started as ``busybox telnetd`` is one too; sshd writes ``sshd: …`` over its arguments.
    """
    words = [word.rpartition("/")[2].removesuffix(":") for word in process.command.split()[:2]]
    started = words[1:] if words[:1] == ["busybox"] else words[:1]
    return next((name for name in (process.name, *started) if name in LOGIN_DAEMONS), None)


def _health(container: Container) -> Verdict:
    subject, status = container_subject(container), container.health.status
    evidence = Evidence("docker inspect: State.Health.Status", status, "healthy")
    if not container.health.configured:
        return not_applicable(subject, "has no health check")
    if status == "unhealthy":
        return failed(subject, "is unhealthy", evidence)
    if status == "healthy":
        return passed(subject, "is healthy", evidence)
    return unknown(subject, "has no result of its health check yet", evidence)
