"""Item 5: privileges of the daemon, of containers, and of those who command them."""

import re
from collections.abc import Iterator

from scans.checks.core import settings
from scans.checks.core.context import Context
from scans.checks.core.engine_sockets import engine_sockets, host_paths, reached_socket
from scans.checks.core.engines import docker_engine
from scans.checks.core.host_mounts import UNREAD_VOLUMES, unread_volumes
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.namespaces import remaps_by_default, uses_host
from scans.checks.core.reading import DAEMON, HOST, container_subject, containers, require
from scans.checks.core.registry import check, manual
from scans.facts import Container, Facts, Plugin, ProcessState


@check(
    "container-privileged", item=5, severity=Severity.CRITICAL, cis=["5.5"], needs=["containers"]
)
def container_privileged(facts: Facts) -> Iterator[Verdict]:
    """No container is started with --privileged."""
    for container in containers(facts):
        subject = container_subject(container)
        evidence = Evidence("docker inspect: HostConfig.Privileged", container.privileged, False)
        if container.privileged:
            yield failed(subject, "runs with --privileged", evidence)
        else:
            yield passed(subject, "runs without --privileged", evidence)


@check(
    "container-user",
    item=5,
    severity=Severity.MEDIUM,
    cis=["4.1"],
    needs=["kernel", "daemon", "engine", "containers"],
)
def container_user(facts: Facts) -> Iterator[Verdict]:
    """The main process of each container is no root on the host."""
    for container in containers(facts):
        if container.process is not None and container.process.uids:
            yield _by_uids(container, container.process)
        else:
            yield _by_declared_user(container, facts)


def _by_uids(container: Container, process: ProcessState) -> Verdict:
    subject = container_subject(container)
    evidence = (
        Evidence(f"/proc/{process.pid}/status: Uid", list(process.uids), "no 0"),
        _declared_user(container),
    )
    if 0 in process.uids:
        return failed(subject, "runs as root of the host", *evidence)
    uid = process.uids[0]
    if any(inside == 0 and outside == uid for inside, outside, _ in process.uid_map or ()):
        uid_map = Evidence(f"/proc/{process.pid}/uid_map", [list(e) for e in process.uid_map or ()])
        return passed(
            subject,
            "runs as root of a user namespace, which is uid {uid} on the host",
            *evidence,
            uid_map,
            uid=uid,
        )
    return passed(subject, "runs as uid {uid}", *evidence, uid=uid)


def _by_declared_user(container: Container, facts: Facts) -> Verdict:
    subject = container_subject(container)
    declared = _declared_user(container)
    uid = container.user_uid if container.user_uid is not None else _literal_uid(container.user)
    if uid is None:
        return unknown(
            subject,
            "the uid of its user {user} could not be resolved",
            declared,
            user=container.user,
        )
    if uid != 0:
        return passed(subject, "is started as uid {uid}", declared, uid=uid)
    host, why = uses_host(container, "user", facts)
    if host is None:
        return unknown(
            subject,
            "is started as root, and whether that is root of the host could not be read",
            declared,
            *why,
        )
    if host:
        return failed(subject, "is started as root of the host", declared, *why)
    return passed(subject, "is started as root of a user namespace", declared, *why)


def _declared_user(container: Container) -> Evidence:
    return Evidence("docker inspect: Config.User", container.user, "a user other than root")


def _literal_uid(user: str) -> int | None:
    """The uid of ``Config.User`` where it needs no passwd: empty, ``root`` or a number."""
    name = user.partition(":")[0].strip()
    if name in ("", "root"):
        return 0
    return int(name) if re.fullmatch(r"[0-9]{1,10}", name) else None


@check(
    "container-engine-socket",
    item=5,
    severity=Severity.CRITICAL,
    cis=["5.32"],
    needs=["access", "files", "daemon", "containers", "volumes"],
)
def container_engine_socket(facts: Facts) -> Iterator[Verdict]:
    """No container reaches an engine's socket, by itself or in a directory above it.

    A read-only mount makes no difference: connecting to a socket is no write.
    """
    sockets = engine_sockets(facts)
    for container in containers(facts):
        subject = container_subject(container)
        mounted = host_paths(container)
        evidence = Evidence(
            "docker inspect: Mounts[].Source", list(mounted), "no engine socket, nor above one"
        )
        reached = [(path, reached_socket(path, sockets)) for path in mounted]
        path, socket = next(((p, s) for p, s in reached if s is not None), ("", None))
        if socket is not None:
            yield failed(
                subject,
                "reaches the engine's socket {socket} through {path}",
                evidence,
                socket=socket,
                path=path,
            )
        elif unread := unread_volumes(container, facts):
            yield unknown(subject, UNREAD_VOLUMES, evidence, volumes=", ".join(unread))
        else:
            yield passed(subject, "reaches no engine's socket", evidence)


@check(
    "docker-group-members",
    item=5,
    severity=Severity.HIGH,
    cis=["1.1.2"],
    needs=["groups", "daemon", "engine"],
)
def docker_group_members(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Nobody is in the group that may use the engine's socket, primary members included, but
    those whom the policy trusts with root."""
    trusted = context.policy.host.trusted_docker_users
    _require_daemon_of_root(facts)
    name = _socket_group(facts)
    groups = require(facts, facts.groups, "groups", "the host's groups")
    gids = {group.gid for group in groups if name in (group.name, str(group.gid))}
    members = {
        member
        for group in groups
        if group.gid in gids
        for member in (*group.members, *group.primary_members)
    }
    members.discard("root")
    source = f"/etc/group, /etc/passwd: {name}"
    if not members:
        yield passed(HOST, "has nobody in the group {group}", Evidence(source, []), group=name)
    for member in sorted(members):
        subject = Subject("user", member)
        evidence = Evidence(source, sorted(members), list(trusted))
        if member in trusted:
            yield passed(
                subject, "is in the group {group}, as the policy allows", evidence, group=name
            )
            continue
        yield failed(
            subject,
            "is in the group {group} and so can become root of the host",
            evidence,
            group=name,
        )


def _require_daemon_of_root(facts: Facts) -> None:
    """Raise NotApplicable where no daemon of root gives its socket to a group."""
    if facts.engine is None:
        return
    if docker_engine(facts).rootless:
        raise NotApplicable("the daemon runs rootless: its socket makes nobody root of the host")


def _socket_group(facts: Facts) -> str:
    found = facts.daemon.effective("group") if facts.daemon is not None else None
    return str(found.value) if found is not None and found.value else "docker"


manual("container-exec-privileged", item=5, severity=Severity.MEDIUM, cis=["5.23"])
manual("container-exec-root", item=5, severity=Severity.LOW, cis=["5.24"])


@check(
    "daemon-authorization",
    item=5,
    severity=Severity.MEDIUM,
    cis=["2.13"],
    needs=["daemon", "engine"],
)
def daemon_authorization(facts: Facts) -> Iterator[Verdict]:
    """Requests to the daemon pass an authorization plugin that is really there."""
    value, setting = settings.value(facts, "authorization-plugins", [])
    names = [name for name in settings.as_list(value) if name]
    configured = settings.evidence("authorization-plugins", names, setting, "a plugin")
    if not names:
        yield failed(DAEMON, "authorizes every request: no authorization plugin is set", configured)
        return
    plugins = facts.engine.plugins if facts.engine is not None else None
    if plugins is None:
        yield unknown(
            DAEMON,
            "sets {plugins}, but the engine's plugins could not be read",
            configured,
            plugins=", ".join(names),
        )
        return
    present = Evidence("docker plugin ls; docker info: Plugins", _enabled(plugins), names)
    missing = [name for name in names if not _is_enabled(name, plugins)]
    if missing:
        yield failed(
            DAEMON,
            "sets {plugins}, which is not installed or not enabled",
            configured,
            present,
            plugins=", ".join(missing),
        )
    else:
        yield passed(
            DAEMON,
            "asks {plugins} about each request",
            configured,
            present,
            plugins=", ".join(names),
        )


def _enabled(plugins: tuple[Plugin, ...]) -> list[str]:
    return [p.name for p in plugins if p.kind == "authorization" and p.enabled]


def _is_enabled(name: str, plugins: tuple[Plugin, ...]) -> bool:
    """Whether an authorization plugin is enabled; ``opa`` and ``opa:latest`` are the same one."""
    wanted = name.removesuffix(":latest")
    return wanted in (enabled.removesuffix(":latest") for enabled in _enabled(plugins))


@check("daemon-experimental", item=5, severity=Severity.LOW, cis=["2.19"], needs=["engine"])
def daemon_experimental(facts: Facts) -> Iterator[Verdict]:
    """The daemon runs without experimental features."""
    on = docker_engine(facts).experimental
    evidence = Evidence("docker info: ExperimentalBuild", on, False)
    if on:
        yield failed(DAEMON, "runs with experimental features", evidence)
    else:
        yield passed(DAEMON, "runs without experimental features", evidence)


@check("daemon-user", item=5, severity=Severity.LOW, cis=["2.1"], needs=["daemon", "engine"])
def daemon_user(facts: Facts) -> Iterator[Verdict]:
    """The daemon runs rootless, or at least maps root of its containers to nobody."""
    remapped, evidence = remaps_by_default(facts)
    if remapped is None or facts.engine is not None:
        docker_engine(facts)  # unreadable, or not applicable to Podman
    if facts.engine is not None and facts.engine.rootless:
        yield passed(DAEMON, "runs rootless", *evidence)
    elif remapped:
        yield passed(DAEMON, "runs its containers under unprivileged user ids", *evidence)
    else:
        yield failed(DAEMON, "runs as root, and so do its containers", *evidence)
