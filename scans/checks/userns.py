"""Item 12: user namespaces, so that root in a container is nobody on the host."""

from collections.abc import Iterator, Sequence

from scans.checks.core.engines import docker_engine
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
from scans.checks.core.namespaces import remaps_by_default, root_outside, uses_host
from scans.checks.core.reading import DAEMON, HOST, container_subject, containers, require, setting
from scans.checks.core.registry import check
from scans.facts import Container, Facts, ProcessState, SubidRange

ENOUGH_IDS = 65536
"""Ids that a container needs for all users of its image, nobody (65534) included."""


@check("daemon-userns", item=12, severity=Severity.MEDIUM, cis=["2.10"], needs=["daemon", "engine"])
def daemon_userns(facts: Facts) -> Iterator[Verdict]:
    """The daemon gives containers a user namespace: by userns-remap, or because it is rootless."""
    remapped, evidence = remaps_by_default(facts)
    if remapped is None or facts.engine is not None:
        docker_engine(facts)  # unreadable, or not applicable to Podman
    declared = setting(facts, "userns-remap") if facts.daemon is not None else None
    if remapped:
        yield passed(DAEMON, "gives containers a user namespace", *evidence)
    elif declared is not None and declared.value:
        yield failed(
            DAEMON,
            "is configured with userns-remap but runs without it; it needs a restart",
            *evidence,
            Evidence(f"{declared.source}: userns-remap", declared.value, "a user"),
        )
    else:
        yield failed(DAEMON, "runs containers in the host's user namespace", *evidence)


@check(
    "container-host-userns",
    item=12,
    severity=Severity.MEDIUM,
    cis=["5.31"],
    needs=["kernel", "daemon", "engine", "containers"],
)
def container_host_userns(facts: Facts) -> Iterator[Verdict]:
    """Root in each container is not root of the host, whoever the container runs as."""
    for container in containers(facts):
        if container.process is not None and container.process.uid_map:
            yield _by_uid_map(container, container.process)
        else:
            yield _by_namespace(container, facts)


def _by_uid_map(container: Container, process: ProcessState) -> Verdict:
    subject = container_subject(container)
    root = root_outside(process)
    lines = [list(line) for line in process.uid_map or ()]
    evidence = (
        Evidence(f"/proc/{process.pid}/uid_map", lines, "root inside is not root outside"),
        _declared(container),
    )
    if root is None:
        return passed(subject, "has no root in its user namespace", *evidence)
    if root != 0:
        return passed(subject, "has a root that is uid {uid} on the host", *evidence, uid=root)
    if container.namespaces.user == "host":
        return failed(subject, "opts out of user namespaces with --userns=host", *evidence)
    return failed(subject, "has a root that is root of the host", *evidence)


def _by_namespace(container: Container, facts: Facts) -> Verdict:
    subject = container_subject(container)
    host, evidence = uses_host(container, "user", facts)
    if host is None:
        return unknown(subject, "whose user namespace it uses could not be read", *evidence)
    if not host:
        return passed(subject, "has a user namespace that is not the host's", *evidence)
    if container.namespaces.user == "host":
        return failed(subject, "opts out of user namespaces with --userns=host", *evidence)
    return failed(subject, "uses the host's user namespace", *evidence)


def _declared(container: Container) -> Evidence:
    return Evidence("docker inspect: HostConfig.UsernsMode", container.namespaces.user, "not host")


@check(
    "subid-ranges",
    item=12,
    severity=Severity.MEDIUM,
    needs=["accounts", "groups", "subuid", "subgid", "daemon", "engine"],
)
def subid_ranges(facts: Facts) -> Iterator[Verdict]:
    """Subordinate ids of each user are enough, and are nobody else's (subuid(5), subgid(5))."""
    uids = require(facts, facts.subuid, "subuid", "/etc/subuid")
    gids = require(facts, facts.subgid, "subgid", "/etc/subgid")
    if not uids and not gids:
        yield _without_ranges(facts)
        return
    users = {str(account.uid): account.name for account in facts.accounts or ()}
    taken_uids = {account.uid: account.name for account in facts.accounts or ()}
    taken_gids = {group.gid: group.name for group in facts.groups or ()}
    for owner in sorted({users.get(row.owner, row.owner) for row in (*uids, *gids)}):
        subject = Subject("user", owner)
        found = (
            _problem(subject, "/etc/subuid", _by_owner(uids, users), taken_uids),
            _problem(subject, "/etc/subgid", _by_owner(gids, users), taken_gids),
        )
        evidence = (
            _ranges("/etc/subuid", _by_owner(uids, users).get(owner, [])),
            _ranges("/etc/subgid", _by_owner(gids, users).get(owner, [])),
        )
        problem = found[0] or found[1]
        yield problem or passed(subject, "has enough ids that are nobody else's", *evidence)


def _without_ranges(facts: Facts) -> Verdict:
    remapped, evidence = remaps_by_default(facts)
    if remapped is False:
        raise NotApplicable("no user has subordinate ids, and the daemon does not need any")
    empty = (_ranges("/etc/subuid", []), _ranges("/etc/subgid", []))
    return unknown(
        HOST,
        "has no subordinate ids in its files; where the engine has them from was not read",
        *empty,
        *evidence,
    )


def _problem(
    subject: Subject,
    file: str,
    owners: dict[str, list[SubidRange]],
    taken: dict[int, str],
) -> Verdict | None:
    """What is wrong with a user's ranges in one file, or None."""
    own = owners.get(subject.name, [])
    evidence = _ranges(file, own)
    for row in own:
        name = next((name for id_, name in sorted(taken.items()) if _holds(row, id_)), None)
        if name is not None:
            return failed(
                subject,
                "has subordinate ids in {file} that hold the id of {name}",
                evidence,
                file=file,
                name=name,
            )
        for other, ranges in sorted(owners.items()):
            if other != subject.name and any(_overlap(row, theirs) for theirs in ranges):
                return failed(
                    subject,
                    "shares subordinate ids in {file} with {other}",
                    evidence,
                    _ranges(f"{file}: {other}", ranges),
                    file=file,
                    other=other,
                )
    count = sum(row.count for row in own)
    if count < ENOUGH_IDS:
        return failed(
            subject,
            "has {count} subordinate ids in {file}, fewer than {enough}",
            evidence,
            count=count,
            file=file,
            enough=ENOUGH_IDS,
        )
    return None


def _by_owner(rows: Sequence[SubidRange], users: dict[str, str]) -> dict[str, list[SubidRange]]:
    """Owner's name → ranges; a file may name the owner by uid."""
    owners: dict[str, list[SubidRange]] = {}
    for row in rows:
        owners.setdefault(users.get(row.owner, row.owner), []).append(row)
    return owners


def _holds(row: SubidRange, id_: int) -> bool:
    return row.start <= id_ < row.start + row.count


def _overlap(one: SubidRange, other: SubidRange) -> bool:
    return one.start < other.start + other.count and other.start < one.start + one.count


def _ranges(source: str, rows: Sequence[SubidRange]) -> Evidence:
    shown = [f"{row.start}:{row.count}" for row in rows]
    return Evidence(source, shown, f"{ENOUGH_IDS} ids or more, nobody else's")
