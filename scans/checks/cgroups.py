"""Item 6: resource limits, against denial of service by one container."""

import re
from collections.abc import Iterator
from typing import Any

from scans.checks.core import settings
from scans.checks.core.limits import DOCKER_PARENTS, doubt_about
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import DAEMON, HOST, container_subject, containers, require
from scans.checks.core.registry import check
from scans.checks.core.restarts import MAX_RETRIES, by_specification
from scans.facts import Container, Facts, Service

DEFAULT_CPU_SHARES = 1024
"""Weight of a container that asks for none: asking for it limits nothing."""

ULIMITS = ("nofile", "nproc")
"""The limits whose excess hurts other containers: open files and processes."""

ORCHESTRATED = re.compile(r"/?(kubepods|ecs|nomad|libpod_parent)(/|$)")
"""Cgroups of orchestrators, with limits of their own; with systemd they are slices."""


@check(
    "container-memory-limit",
    item=6,
    severity=Severity.MEDIUM,
    cis=["5.11"],
    needs=["daemon", "engine", "containers"],
)
def container_memory_limit(facts: Facts) -> Iterator[Verdict]:
    """Each container has a limit of memory."""
    for container in containers(facts):
        subject = container_subject(container)
        limit = container.resources.memory
        declared = Evidence("docker inspect: HostConfig.Memory", limit, "more than 0")
        effective = container.process.memory_max if container.process is not None else None
        doubt = doubt_about(container, facts, declared, limited=limit > 0)
        if effective is not None:
            seen = Evidence("cgroup: memory limit in bytes", effective, "a limit")
            yield passed(subject, "has a memory limit", seen, declared)
        elif doubt is not None:
            yield doubt
        elif limit > 0:
            yield passed(subject, "has a memory limit", declared)
        else:
            yield failed(subject, "has no memory limit", declared)


@check(
    "container-cpu-limit",
    item=6,
    severity=Severity.MEDIUM,
    cis=["5.12"],
    needs=["daemon", "engine", "containers"],
)
def container_cpu_limit(facts: Facts) -> Iterator[Verdict]:
    """Each container's use of the CPU is limited, weighted or bound to some CPUs."""
    for container in containers(facts):
        subject = container_subject(container)
        given = container.resources
        shares = given.cpu_shares if given.cpu_shares != DEFAULT_CPU_SHARES else 0
        limited = bool(shares > 0 or given.cpu_quota > 0 or given.nano_cpus > 0 or given.cpuset)
        observed = {
            "CpuShares": given.cpu_shares,
            "CpuQuota": given.cpu_quota,
            "NanoCpus": given.nano_cpus,
            "CpusetCpus": given.cpuset,
        }
        declared = Evidence("docker inspect: HostConfig", observed, "one of them set")
        doubt = doubt_about(container, facts, declared, limited=limited)
        if doubt is not None:
            yield doubt
        elif limited:
            yield passed(subject, "has a CPU limit", declared)
        else:
            yield failed(subject, "has no CPU limit", declared)


@check(
    "container-pids-limit",
    item=6,
    severity=Severity.MEDIUM,
    cis=["5.29"],
    needs=["daemon", "engine", "containers"],
)
def container_pids_limit(facts: Facts) -> Iterator[Verdict]:
    """Each container's number of processes is limited."""
    for container in containers(facts):
        subject = container_subject(container)
        limit = container.resources.pids
        declared = Evidence("docker inspect: HostConfig.PidsLimit", limit, "more than 0")
        effective = container.process.pids_max if container.process is not None else None
        limited = limit is not None and limit > 0
        doubt = doubt_about(container, facts, declared, limited=limited)
        if effective is not None:
            seen = Evidence("cgroup: pids.max", effective, "a limit")
            yield passed(subject, "has a limit of processes", seen, declared)
        elif doubt is not None:
            yield doubt
        elif limited:
            yield passed(subject, "has a limit of processes", declared)
        else:
            yield failed(subject, "has no limit of processes", declared)


@check(
    "container-restart-policy",
    item=6,
    severity=Severity.LOW,
    cis=["5.15"],
    needs=["containers", "swarm"],
)
def container_restart_policy(facts: Facts) -> Iterator[Verdict]:
    """A container that keeps failing stays down: no restart, or on-failure with at most 5."""
    for container in containers(facts):
        if container.swarm_service:
            yield _task_restart(container, facts)
        else:
            yield _own_restart(container)


def _own_restart(container: Container) -> Verdict:
    subject = container_subject(container)
    name, retries = container.restart.name, container.restart.max_retries
    evidence = Evidence(
        "docker inspect: HostConfig.RestartPolicy",
        {"Name": name, "MaximumRetryCount": retries},
        f"no, or on-failure with 1 to {MAX_RETRIES} retries",
    )
    if name in ("", "no"):
        return passed(subject, "is not restarted", evidence)
    if name == "on-failure" and 0 < retries <= MAX_RETRIES:
        return passed(subject, "is restarted at most {retries} times", evidence, retries=retries)
    if name == "on-failure" and retries > MAX_RETRIES:
        return failed(subject, "is restarted up to {retries} times", evidence, retries=retries)
    return failed(subject, "is restarted without limit (policy {name})", evidence, name=name)


def _task_restart(container: Container, facts: Facts) -> Verdict:
    """Swarm restarts tasks by the service's specification; the container's own policy is idle."""
    subject = container_subject(container)
    service = _service(container.swarm_service, facts)
    if service is None:
        return unknown(subject, "is a task of a swarm service whose specification was not read")
    return by_specification(subject, service)


def _service(name: str, facts: Facts) -> Service | None:
    services = facts.swarm.services if facts.swarm is not None else None
    return next((service for service in services or () if service.name == name), None)


@check(
    "daemon-default-ulimits", item=6, severity=Severity.LOW, cis=["2.9"], needs=["daemon", "engine"]
)
def daemon_default_ulimits(facts: Facts) -> Iterator[Verdict]:
    """The daemon gives its containers finite limits of open files and processes."""
    value, setting = settings.value(facts, "default-ulimits", {})
    evidence = settings.evidence("default-ulimits", value, setting, "finite nofile or nproc")
    finite = [name for name, hard in _hard_limits(value).items() if name in ULIMITS and hard >= 0]
    if finite:
        names = ", ".join(sorted(finite))
        yield passed(DAEMON, "limits {names} by default", evidence, names=names)
    else:
        yield failed(DAEMON, "sets no finite default for nofile or nproc", evidence)


@check(
    "container-ulimits",
    item=6,
    severity=Severity.LOW,
    cis=["5.19"],
    needs=["daemon", "engine", "containers"],
)
def container_ulimits(facts: Facts) -> Iterator[Verdict]:
    """No container raises its limits of open files or processes above the daemon's default."""
    for container in containers(facts):
        yield _ulimits(container, facts)


def _ulimits(container: Container, facts: Facts) -> Verdict:
    subject = container_subject(container)
    given = {_ulimit_name(limit.name): limit.hard for limit in container.resources.ulimits}
    own = {name: hard for name, hard in given.items() if name in ULIMITS}
    evidence = Evidence("docker inspect: HostConfig.Ulimits (hard)", own, "at most the default")
    if not own:
        return passed(subject, "keeps the daemon's default limits", evidence)
    if boundless := sorted(name for name, hard in own.items() if hard < 0):
        return failed(subject, "has no limit of {names}", evidence, names=", ".join(boundless))
    try:
        value, setting = settings.value(facts, "default-ulimits", {})
    except NotApplicable:  # Podman has no daemon whose default could be exceeded
        return passed(subject, "sets finite limits of its own", evidence)
    except Unreadable as missing:
        return unknown(
            subject,
            "sets limits of its own, and the daemon's default is not known: {missing}",
            evidence,
            missing=missing,
        )
    default = settings.evidence("default-ulimits", value, setting, None)
    limits = {name: hard for name, hard in _hard_limits(value).items() if hard >= 0}
    higher = sorted(name for name, hard in own.items() if hard > limits.get(name, hard))
    if higher:
        return failed(
            subject,
            "raises {names} above the daemon's default",
            evidence,
            default,
            names=", ".join(higher),
        )
    return passed(subject, "sets limits of its own, none above the default", evidence, default)


def _ulimit_name(name: str) -> str:
    """``nofile``, which Podman calls ``RLIMIT_NOFILE``."""
    return name.lower().removeprefix("rlimit_")


def _hard_limits(value: Any) -> dict[str, int]:
    """Name → hard limit of ``default-ulimits``; -1 is unlimited.

    ``daemon.json`` has ``{"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 2048}}``, flags are
    ``nofile=1024:2048`` or ``nofile=1024``. What is neither limits nothing and is left out.
    """
    if isinstance(value, dict):
        rows = [(name, entry["Hard"]) for name, entry in value.items() if _has_hard(entry)]
    else:
        parts = [text.partition("=") for text in settings.as_list(value)]
        rows = [(name, limits.rpartition(":")[2]) for name, _, limits in parts]
    return {name: int(hard) for name, hard in rows if re.fullmatch(r"-?[0-9]{1,19}", str(hard))}


def _has_hard(entry: Any) -> bool:
    return isinstance(entry, dict) and "Hard" in entry


@check("container-cgroup-parent", item=6, severity=Severity.LOW, cis=["5.25"], needs=["containers"])
def container_cgroup_parent(facts: Facts) -> Iterator[Verdict]:
    """Each container lies below the engine's cgroup, or one that an orchestrator or systemd
    manages."""
    for container in containers(facts):
        subject = container_subject(container)
        parent = container.resources.cgroup_parent
        evidence = [Evidence("docker inspect: HostConfig.CgroupParent", parent, "the default")]
        if container.process is not None and container.process.cgroup:
            source = f"/proc/{container.process.pid}/cgroup"
            evidence.insert(0, Evidence(source, container.process.cgroup))
        yield _managed(subject, parent, evidence)


def _managed(subject: Subject, parent: str, evidence: list[Evidence]) -> Verdict:
    if not parent:
        return passed(subject, "lies below the engine's own cgroup", *evidence)
    if ORCHESTRATED.match(parent):
        return passed(subject, "lies below its orchestrator's {parent}", *evidence, parent=parent)
    if parent.endswith(".slice") and not parent.endswith("-.slice"):
        return passed(subject, "lies below systemd's {parent}", *evidence, parent=parent)
    return failed(subject, "was put below the cgroup {parent}", *evidence, parent=parent)


@check(
    "daemon-cgroup-parent", item=6, severity=Severity.LOW, cis=["2.11"], needs=["daemon", "engine"]
)
def daemon_cgroup_parent(facts: Facts) -> Iterator[Verdict]:
    """The daemon puts containers below its default cgroup."""
    value, setting = settings.value(facts, "cgroup-parent", "")
    evidence = settings.evidence("cgroup-parent", value, setting, "the default")
    if not value or value in DOCKER_PARENTS:
        yield passed(DAEMON, "keeps the default cgroup parent", evidence)
    else:
        yield failed(DAEMON, "puts all containers below {parent}", evidence, parent=value)


@check(
    "container-oom-killer",
    item=6,
    severity=Severity.MEDIUM,
    needs=["kernel", "engine", "containers"],
)
def container_oom_killer(facts: Facts) -> Iterator[Verdict]:
    """The kernel may end processes of each container when memory runs out."""
    version = _cgroup_version(facts)
    for container in containers(facts):
        subject = container_subject(container)
        given = container.resources
        evidence = (
            Evidence("docker inspect: HostConfig.OomKillDisable", given.oom_kill_disabled, False),
            Evidence("docker inspect: HostConfig.Memory", given.memory),
        )
        if not given.oom_kill_disabled:
            yield passed(subject, "leaves the OOM killer on", *evidence)
        elif version is not None and version[0] == 2:
            yield passed(
                subject, "asks for no OOM killer, which cgroup v2 ignores", *evidence, version[1]
            )
        elif given.memory <= 0:
            yield failed(
                subject,
                "disables the OOM killer without a memory limit: it can starve the host",
                *evidence,
            )
        else:
            yield failed(
                subject, "disables the OOM killer: at its memory limit it hangs", *evidence
            )


@check("host-cgroup-v2", item=6, severity=Severity.LOW, needs=["kernel", "engine"])
def host_cgroup_v2(facts: Facts) -> Iterator[Verdict]:
    """The host uses the unified cgroup hierarchy."""
    found = _cgroup_version(facts)
    if found is None:
        require(facts, facts.kernel, "kernel", "the cgroup version")
        raise Unreadable("the cgroup version could not be read")
    version, evidence = found
    if version == 2:
        yield passed(HOST, "uses cgroup v2", evidence)
    else:
        yield failed(HOST, "uses cgroup v1", evidence)


def _cgroup_version(facts: Facts) -> tuple[int, Evidence] | None:
    """The version by the host's mounts, or else by the engine."""
    if facts.kernel is not None and facts.kernel.cgroup_version is not None:
        version = facts.kernel.cgroup_version
        return version, Evidence("/sys/fs/cgroup: file system", version, 2)
    if facts.engine is not None and facts.engine.cgroup_version in ("1", "2"):
        version = int(facts.engine.cgroup_version)
        return version, Evidence("docker info: CgroupVersion", version, 2)
    return None
