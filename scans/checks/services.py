"""Item 9: services apart from each other, watched, and without logins of their own."""

from collections.abc import Iterator

from scans.checks.core import settings
from scans.checks.core.engines import docker_engine
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
from scans.checks.core.namespaces import Kind, uses_host
from scans.checks.core.reading import (
    DAEMON,
    container_subject,
    containers,
    require,
    running_containers,
)
from scans.checks.core.registry import check
from scans.facts import Container, Facts, Swarm, TopProcess

LOGIN_DAEMONS = frozenset(
    {"sshd", "sshd-session", "sshd-auth", "dropbear", "tinysshd", "telnetd", "utelnetd"}
    | {"in.telnetd", "rlogind", "in.rlogind", "rshd", "in.rshd", "rexecd", "in.rexecd"}
    | {"shellinaboxd", "ttyd", "xrdp", "vncserver", "Xvnc", "x11vnc"}
)
"""Programs that let a person log in over the network."""

SWARM = Subject("swarm", "swarm")


@check("container-host-pid", item=9, severity=Severity.HIGH, cis=["5.16"])
def container_host_pid(facts: Facts) -> Iterator[Verdict]:
    """Containers do not see the processes of the host."""
    return _own_namespaces(facts, "pid")


@check("container-host-ipc", item=9, severity=Severity.MEDIUM, cis=["5.17"])
def container_host_ipc(facts: Facts) -> Iterator[Verdict]:
    """Containers do not share the host's shared memory, semaphores and message queues."""
    return _own_namespaces(facts, "ipc")


@check("container-host-uts", item=9, severity=Severity.LOW, cis=["5.21"])
def container_host_uts(facts: Facts) -> Iterator[Verdict]:
    """Containers do not share the host's name."""
    return _own_namespaces(facts, "uts")


@check("container-ssh", item=9, severity=Severity.MEDIUM, cis=["5.7"])
def container_ssh(facts: Facts) -> Iterator[Verdict]:
    """No container runs a daemon that people log in through."""
    for container in running_containers(facts):
        yield _login_daemons(container)


@check("container-healthcheck", item=9, severity=Severity.LOW, cis=["5.27"])
def container_healthcheck(facts: Facts) -> Iterator[Verdict]:
    """Running containers have a health check."""
    for container in running_containers(facts):
        subject, test = container_subject(container), list(container.health.test)
        evidence = Evidence("docker inspect: Config.Healthcheck.Test", test, "a command")
        if container.health.configured and test[:1] != ["NONE"]:
            yield passed(subject, "has a health check", evidence)
        else:
            yield failed(subject, "has no health check", evidence)


@check("container-health", item=9, severity=Severity.MEDIUM)
def container_health(facts: Facts) -> Iterator[Verdict]:
    """Running containers that have a health check are healthy."""
    for container in running_containers(facts):
        yield _health(container)


@check("daemon-live-restore", item=9, severity=Severity.LOW, cis=["2.16"])
def daemon_live_restore(facts: Facts) -> Iterator[Verdict]:
    """Containers keep running while the daemon restarts."""
    evidence = _live_restore(facts)
    if evidence[0].observed is True:
        yield passed(DAEMON, "keeps containers running while it restarts", *evidence)
    else:
        yield failed(DAEMON, "stops every container when it stops", *evidence)


@check("swarm-mode", item=9, severity=Severity.LOW, cis=["5.1"])
def swarm_mode(facts: Facts) -> Iterator[Verdict]:
    """Swarm mode is on only where services use it."""
    state = docker_engine(facts).swarm_state
    evidence = Evidence("docker info: Swarm.LocalNodeState", state, "inactive")
    if state == "inactive":
        yield passed(DAEMON, "is in no swarm", evidence)
        return
    services = _managed_swarm(facts).services
    if services is None:
        raise Unreadable("the swarm's services could not be read")
    listed = Evidence("docker service ls: number of services", len(services), "at least 1")
    if services:
        yield passed(DAEMON, "is in a swarm that runs services", evidence, listed)
    else:
        yield failed(DAEMON, "is in a swarm that runs no service", evidence, listed)


@check("swarm-managers", item=9, severity=Severity.LOW, cis=["7.1"])
def swarm_managers(facts: Facts) -> Iterator[Verdict]:
    """A swarm has as many managers as it needs to survive the loss of one, and no more."""
    swarm = _managed_swarm(facts)
    managers, nodes = swarm.managers, swarm.nodes
    if managers is None or nodes is None:
        raise Unreadable("the swarm's nodes could not be read")
    evidence = (
        Evidence("docker node ls: managers", managers, "1 of one node, otherwise 3, 5 or 7"),
        Evidence("docker node ls: nodes", nodes),
    )
    if managers > 7:
        yield failed(SWARM, "has {managers} managers, more than 7", *evidence, managers=managers)
    elif managers % 2 == 0:
        yield failed(
            SWARM, "has an even number of managers: {managers}", *evidence, managers=managers
        )
    elif managers == 1 and nodes > 1:
        yield failed(SWARM, "has one manager for {nodes} nodes", *evidence, nodes=nodes)
    else:
        yield passed(
            SWARM,
            "has {managers} managers for {nodes} nodes",
            *evidence,
            managers=managers,
            nodes=nodes,
        )


@check("swarm-autolock", item=9, severity=Severity.MEDIUM, cis=["7.5"])
def swarm_autolock(facts: Facts) -> Iterator[Verdict]:
    """A manager that restarts needs a key from outside before it decrypts the swarm's state."""
    locked = _managed_swarm(facts).autolock
    if locked is None:
        raise Unreadable("whether the swarm's managers are locked could not be read")
    evidence = Evidence(
        "docker swarm inspect: Spec.EncryptionConfig.AutoLockManagers", locked, expected=True
    )
    if locked:
        yield passed(SWARM, "locks its managers when they restart", evidence)
    else:
        yield failed(SWARM, "keeps the key of its state beside the state", evidence)


@check("swarm-secrets", item=9, severity=Severity.LOW, cis=["7.4"])
def swarm_secrets(facts: Facts) -> Iterator[Verdict]:
    """The swarm's services get their secrets as secrets."""
    services = _managed_swarm(facts).services
    if services is None:
        raise Unreadable("the swarm's services could not be read")
    if not services:
        raise NotApplicable("the swarm runs no service")
    users = [service.name for service in services if service.secrets]
    evidence = Evidence(
        "docker service inspect: services with Secrets", users, "those that need a secret"
    )
    if users:
        yield passed(SWARM, "has {count} services that use secrets", evidence, count=len(users))
    else:
        yield failed(SWARM, "has no service that uses a secret", evidence)


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


def _managed_swarm(facts: Facts) -> Swarm:
    """The swarm as this host sees it as one of its managers."""
    state = docker_engine(facts).swarm_state
    if state == "inactive":
        raise NotApplicable("the host is in no swarm")
    if state != "active":
        raise Unreadable(f"the swarm could not be read: its state on this host is {state}")
    if not docker_engine(facts).swarm_manager:
        raise NotApplicable("the host is a worker: the swarm is judged on its managers")
    return require(facts, facts.swarm, "swarm", "the swarm")
