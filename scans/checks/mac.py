"""Item 4: mandatory access control, by AppArmor or SELinux. One of the two is enough."""

from collections.abc import Iterator

from scans.checks.core.engines import docker_engine
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import (
    DAEMON,
    HOST,
    container_subject,
    require,
    running_containers,
    setting,
)
from scans.checks.core.registry import check
from scans.checks.core.security_options import security_options
from scans.facts import Container, Facts

UNCONFINED_TYPES = (
    "container_runtime_t",
    "docker_t",
    "initrc_t",
    "init_t",
    "kernel_t",
    "spc_t",
    "unconfined_service_t",
    "unconfined_t",
)
"""SELinux domains that confine nothing, or are the engine's own (container_selinux(8))."""


@check("host-lsm", item=4, severity=Severity.HIGH, needs=["lsm", "engine"])
def host_lsm(facts: Facts) -> Iterator[Verdict]:
    """The kernel enforces AppArmor or SELinux."""
    name, evidence = _enforced(facts)
    if name is not None:
        yield passed(HOST, "enforces {lsm}", *evidence, lsm=name)
    elif facts.lsm is not None and facts.lsm.selinux == "permissive":
        yield failed(HOST, "runs SELinux in permissive mode, which only logs", *evidence)
    else:
        yield failed(HOST, "runs neither AppArmor nor SELinux", *evidence)


@check(
    "container-lsm",
    item=4,
    severity=Severity.HIGH,
    cis=["5.2", "5.3"],
    needs=["lsm", "engine", "containers"],
)
def container_lsm(facts: Facts) -> Iterator[Verdict]:
    """Each running container is confined by the LSM that the kernel enforces."""
    name, _ = _enforced(facts)
    if name is None:
        raise NotApplicable("the kernel enforces neither AppArmor nor SELinux")
    for container in running_containers(facts):
        process = container.process
        if process is not None and process.lsm_label:
            yield _by_label(container, process.pid, process.lsm_label)
        else:
            yield _by_declaration(container, name)


@check("daemon-selinux", item=4, severity=Severity.MEDIUM, needs=["lsm", "engine"])
def daemon_selinux(facts: Facts) -> Iterator[Verdict]:
    """Where the kernel runs SELinux, the daemon labels its containers."""
    if facts.lsm is not None and facts.lsm.selinux in ("disabled", "absent"):
        raise NotApplicable("the kernel does not run SELinux")
    engine = docker_engine(facts)
    listed = engine.security_option("selinux") is not None
    if not listed:
        require(facts, facts.lsm, "lsm", "the kernel's LSM")
    evidence = [_info(engine.security_options, "name=selinux")]
    declared = setting(facts, "selinux-enabled") if facts.daemon is not None else None
    if declared is not None:
        evidence.append(Evidence(f"{declared.source}: selinux-enabled", declared.value, True))
    if listed:
        yield passed(DAEMON, "labels its containers for SELinux", *evidence)
    elif declared is not None and declared.value is True:
        yield failed(
            DAEMON,
            "is configured with selinux-enabled but runs without it; it needs a restart",
            *evidence,
        )
    else:
        yield failed(DAEMON, "runs without selinux-enabled", *evidence)


def _enforced(facts: Facts) -> tuple[str | None, tuple[Evidence, ...]]:
    """The LSM that the kernel enforces, or None.

    Without the host's word, the engine's list tells of AppArmor; of SELinux it does not say
    whether it enforces.
    """
    lsm = facts.lsm
    if lsm is None:
        if facts.engine is not None and facts.engine.security_option("apparmor") is not None:
            return "AppArmor", (_info(facts.engine.security_options, "name=apparmor"),)
        lsm = require(facts, lsm, "lsm", "the kernel's LSM")
    evidence = (
        Evidence("/sys/module/apparmor/parameters/enabled", lsm.apparmor_enabled, True),
        Evidence("/sys/fs/selinux/enforce", lsm.selinux, "enforcing"),
    )
    if lsm.apparmor_enabled:
        return "AppArmor", evidence[:1]
    if lsm.selinux == "enforcing":
        return "SELinux", evidence[1:]
    return None, evidence


def _by_label(container: Container, pid: int, label: str) -> Verdict:
    subject = container_subject(container)
    evidence = (
        Evidence(f"/proc/{pid}/attr/current", label, "a confining profile or domain"),
        *_declared_evidence(container),
    )
    if _confines(label):
        return passed(subject, "is confined by {label}", *evidence, label=label)
    if _declared_unconfined(container) is None:
        return failed(
            subject,
            "runs unconfined ({label}) though it does not ask for it",
            *evidence,
            label=label,
        )
    return failed(subject, "runs unconfined ({label})", *evidence, label=label)


def _by_declaration(container: Container, lsm: str) -> Verdict:
    subject = container_subject(container)
    reason = _declared_unconfined(container)
    evidence = _declared_evidence(container)
    if reason is not None:
        return failed(subject, "asks to run unconfined ({reason})", *evidence, reason=reason)
    return unknown(subject, "the {lsm} label of its process could not be read", *evidence, lsm=lsm)


def _confines(label: str) -> bool:
    """Whether a label of ``/proc/PID/attr/current`` confines its process.

    AppArmor writes ``profile (mode)`` or ``unconfined``; only the modes enforce and kill forbid
    anything (apparmor(7)). SELinux writes ``user:role:type:level``.
    """
    label = label.strip("\x00\n ")
    fields = label.split(":")
    if len(fields) >= 3 and not label.endswith(")"):
        return fields[2] not in UNCONFINED_TYPES
    _, _, mode = label.rpartition(" ")
    return mode in ("(enforce)", "(kill)")


def _declared_unconfined(container: Container) -> str | None:
    """What in the declaration takes the confinement away, or None."""
    apparmor = security_options(container, "apparmor")
    if container.apparmor_profile == "unconfined" or "unconfined" in apparmor[-1:]:
        return "apparmor=unconfined"
    for value in security_options(container, "label"):
        if value == "disable" or value.removeprefix("type:") in UNCONFINED_TYPES:
            return f"label={value}"
    if container.privileged and not apparmor:
        return "privileged"
    return None


def _declared_evidence(container: Container) -> tuple[Evidence, ...]:
    return (
        Evidence("docker inspect: AppArmorProfile", container.apparmor_profile, "not unconfined"),
        Evidence("docker inspect: ProcessLabel", container.process_label),
        Evidence("docker inspect: HostConfig.SecurityOpt", list(container.security_options)),
    )


def _info(options: tuple[str, ...], expected: str) -> Evidence:
    return Evidence("docker info: SecurityOptions", list(options), expected)
