"""Item 13: seccomp, the filter of system calls."""

from collections.abc import Iterator, Mapping
from typing import Any

from scans.checks.core.engines import docker_engine
from scans.checks.core.model import (
    Evidence,
    Severity,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import DAEMON, HOST, container_subject, containers, require
from scans.checks.core.registry import check
from scans.checks.core.seccomp_filter import (
    FILTER,
    declared_off,
    is_filtered,
    own_profile,
    weakness,
)
from scans.facts import Container, Engine, Facts

BUILT_IN = ("builtin", "default")
"""What engines call the profile they bring: ``builtin`` since Docker 23, ``default`` before."""


@check("kernel-seccomp", item=13, severity=Severity.HIGH, needs=["kernel", "engine"])
def kernel_seccomp(facts: Facts) -> Iterator[Verdict]:
    """The kernel can filter system calls.

    Kernels before 4.14 filter without listing their actions; the engine lists seccomp then.
    """
    actions = facts.kernel.seccomp_actions if facts.kernel is not None else None
    listed = Evidence("/proc/sys/kernel/seccomp/actions_avail", list(actions or ()), "actions")
    engine = facts.engine
    if actions:
        yield passed(HOST, "has a kernel that filters system calls", listed)
    elif engine is not None and engine.security_option("seccomp") is not None:
        yield passed(HOST, "has a kernel that filters system calls", _info(engine))
    else:
        require(facts, facts.kernel, "kernel", "the kernel's seccomp actions")
        if engine is None:
            raise Unreadable(
                "the kernel lists no seccomp actions, and no engine tells whether it can"
            )
        yield failed(HOST, "has a kernel without seccomp filters", listed, _info(engine))


@check("daemon-seccomp-profile", item=13, severity=Severity.HIGH, cis=["2.18"], needs=["engine"])
def daemon_seccomp_profile(facts: Facts) -> Iterator[Verdict]:
    """The daemon's default profile is its own, or a custom one that forbids by default."""
    engine = docker_engine(facts)
    fields = engine.security_option("seccomp")
    info = _info(engine)
    profile = fields.get("profile", "") if fields is not None else None
    if profile is None:
        yield failed(DAEMON, "runs without seccomp", info)
    elif profile == "unconfined":
        yield failed(DAEMON, "gives containers no seccomp profile by default", info)
    elif profile in BUILT_IN:
        yield passed(DAEMON, "uses the engine's own seccomp profile", info)
    else:
        yield _by_profile(facts, profile, info)


def _by_profile(facts: Facts, profile: str, info: Evidence) -> Verdict:
    found = _custom_profile(facts)
    if found is None or not found.get("defaultAction"):
        return unknown(
            DAEMON, "uses the profile {profile}, which was not read", info, profile=profile
        )
    rules, allows = _rules(profile, found), weakness(found)
    if allows:
        return failed(
            DAEMON,
            "uses the profile {profile}, which allows {allows}",
            info,
            *rules,
            profile=profile,
            allows=allows,
        )
    return passed(
        DAEMON,
        "uses the profile {profile}, which forbids what it does not name",
        info,
        *rules,
        profile=profile,
    )


def _custom_profile(facts: Facts) -> Mapping[str, Any] | None:
    return facts.daemon.seccomp_profile if facts.daemon is not None else None


def _rules(name: str, profile: Mapping[str, Any]) -> tuple[Evidence, ...]:
    return (
        Evidence(f"{name}: defaultAction", profile.get("defaultAction"), "SCMP_ACT_ERRNO"),
        Evidence(f"{name}: dangerous system calls allowed", profile.get("dangerous") or [], []),
    )


@check(
    "container-seccomp",
    item=13,
    severity=Severity.HIGH,
    cis=["5.22"],
    needs=["daemon", "engine", "containers"],
)
def container_seccomp(facts: Facts) -> Iterator[Verdict]:
    """The system calls of each container are filtered, by a profile that is known to forbid."""
    for container in containers(facts):
        filtered = is_filtered(container)
        if filtered is None and container.running:
            yield _unread(container, facts)
        elif filtered is False:
            yield _unfiltered(container, facts)
        else:
            yield _filtered(container, facts)


def _unread(container: Container, facts: Facts) -> Verdict:
    subject, evidence = container_subject(container), _evidence(container, facts)
    reason = declared_off(container, facts)
    if reason is not None:
        return failed(subject, "is started without a filter ({reason})", *evidence, reason=reason)
    return unknown(subject, "whether its system calls are filtered could not be read", *evidence)


def _unfiltered(container: Container, facts: Facts) -> Verdict:
    subject, evidence = container_subject(container), _evidence(container, facts)
    reason = declared_off(container, facts)
    if reason is None:
        return failed(subject, "runs without a filter though it does not ask for that", *evidence)
    return failed(subject, "runs without a filter ({reason})", *evidence, reason=reason)


def _filtered(container: Container, facts: Facts) -> Verdict:
    """Of a filtered process, or a stopped container: which profile the filter comes from."""
    subject, evidence = container_subject(container), _evidence(container, facts)
    reason, profile = declared_off(container, facts), own_profile(container)
    if reason is not None and container.process is not None:
        return passed(
            subject, "is filtered though it asks not to be ({reason})", *evidence, reason=reason
        )
    if reason is not None:
        return failed(subject, "is started without a filter ({reason})", *evidence, reason=reason)
    if profile not in (None, *BUILT_IN):
        return _by_own_profile(container, profile, evidence)
    custom = _custom_profile(facts)
    allows = weakness(custom) if profile is None and custom is not None else ""
    if allows and custom is not None:
        return failed(
            subject,
            "is filtered by the daemon's profile, which allows {allows}",
            *evidence,
            *_rules("daemon's seccomp profile", custom),
            allows=allows,
        )
    return passed(subject, "has its system calls filtered", *evidence)


def _by_own_profile(
    container: Container, name: str | None, evidence: tuple[Evidence, ...]
) -> Verdict:
    subject, profile = container_subject(container), container.seccomp_profile
    if profile is None or not profile.get("defaultAction"):
        return unknown(
            subject,
            "is filtered by a profile of its own, {profile}, whose rules were not read",
            *evidence,
            profile=name,
        )
    rules, allows = _rules("own seccomp profile", profile), weakness(profile)
    if allows:
        return failed(
            subject,
            "is filtered by a profile of its own, which allows {allows}",
            *evidence,
            *rules,
            allows=allows,
        )
    return passed(
        subject,
        "is filtered by a profile of its own, which forbids what it does not name",
        *evidence,
        *rules,
    )


def _evidence(container: Container, facts: Facts) -> tuple[Evidence, ...]:
    declared = (
        Evidence("docker inspect: HostConfig.SecurityOpt", list(container.security_options)),
        Evidence("docker inspect: HostConfig.Privileged", container.privileged, False),
    )
    default = (_info(facts.engine),) if facts.engine is not None else ()
    if container.process is None:
        return (*declared, *default)
    source = f"/proc/{container.process.pid}/status: Seccomp"
    return (Evidence(source, container.process.seccomp, FILTER), *declared, *default)


def _info(engine: Engine) -> Evidence:
    options = list(engine.security_options)
    return Evidence("docker info: SecurityOptions", options, "name=seccomp,profile=builtin")
