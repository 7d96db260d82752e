"""Item 5: whether processes of containers can gain privileges by SUID files."""

from collections.abc import Iterator

from scans.checks.core import settings
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import DAEMON, container_subject, containers
from scans.checks.core.registry import check
from scans.checks.core.security_options import security_options
from scans.facts import Container, Engine, Facts, ProcessState

LISTS_NO_NEW_PRIVILEGES = (1, 43)
"""API version (Docker 24) since which ``info`` lists the option when it is on (moby #45320)."""


@check(
    "daemon-no-new-privileges",
    item=5,
    severity=Severity.LOW,
    cis=["2.15"],
    needs=["daemon", "engine"],
)
def daemon_no_new_privileges(facts: Facts) -> Iterator[Verdict]:
    """Containers get no-new-privileges by default."""
    default, evidence = _default_no_new_privileges(facts)
    if default:
        yield passed(DAEMON, "forbids new privileges by default", *evidence)
    else:
        yield failed(DAEMON, "allows new privileges by default", *evidence)


def _default_no_new_privileges(facts: Facts) -> tuple[bool, tuple[Evidence, ...]]:
    """What the daemon gives containers that don't say; raises as settings.value does.

    An engine that lists what is in force decides, also over a file changed since its start.
    """
    engine = facts.engine
    if engine is not None and engine.name == "docker":
        listed = engine.security_option("no-new-privileges") is not None
        if listed or _api_version(engine) >= LISTS_NO_NEW_PRIVILEGES:
            options = list(engine.security_options)
            info = Evidence("docker info: SecurityOptions", options, "name=no-new-privileges")
            declared = facts.daemon.effective("no-new-privileges") if facts.daemon else None
            if declared is None:
                return listed, (info,)
            source = f"{declared.source}: no-new-privileges"
            return listed, (info, Evidence(source, declared.value, expected=True))
    value, setting = settings.value(facts, "no-new-privileges", default=False)
    return value is True, (settings.evidence("no-new-privileges", value, setting, expected=True),)


def _api_version(engine: Engine) -> tuple[int, ...]:
    """``1.43`` as (1, 43); nothing of a version that is no such number."""
    parts = engine.api_version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()


@check(
    "container-no-new-privileges",
    item=5,
    severity=Severity.MEDIUM,
    cis=["5.26"],
    needs=["daemon", "engine", "containers"],
)
def container_no_new_privileges(facts: Facts) -> Iterator[Verdict]:
    """The processes of each container can't gain privileges by SUID files."""
    for container in containers(facts):
        process = container.process
        if process is not None and process.no_new_privileges is not None:
            yield _by_flag(container, process)
        else:
            yield _by_declared_flag(container, facts)


def _by_flag(container: Container, process: ProcessState) -> Verdict:
    subject = container_subject(container)
    declared = _declared_flag(container)
    flag = process.no_new_privileges
    evidence = (
        Evidence(f"/proc/{process.pid}/status: NoNewPrivs", flag, True),
        Evidence("docker inspect: HostConfig.SecurityOpt", list(container.security_options)),
    )
    if flag:
        return passed(subject, "can't gain new privileges", *evidence)
    if declared:
        return failed(subject, "can gain new privileges though it declares otherwise", *evidence)
    return failed(subject, "can gain new privileges", *evidence)


def _by_declared_flag(container: Container, facts: Facts) -> Verdict:
    subject = container_subject(container)
    declared = _declared_flag(container)
    options = Evidence(
        "docker inspect: HostConfig.SecurityOpt",
        list(container.security_options),
        "no-new-privileges",
    )
    if declared is None:
        return _by_default_flag(container, facts, options)
    if declared:
        return passed(subject, "declares no-new-privileges", options)
    return failed(subject, "declares no-new-privileges=false", options)


def _by_default_flag(container: Container, facts: Facts, options: Evidence) -> Verdict:
    subject = container_subject(container)
    try:
        default, evidence = _default_no_new_privileges(facts)
    except NotApplicable:  # Podman has no such default
        default, evidence = False, ()
    except Unreadable as missing:
        return unknown(
            subject,
            "does not declare no-new-privileges, and the default is not known: {missing}",
            options,
            missing=missing,
        )
    if default:
        return passed(subject, "gets no-new-privileges from the daemon", options, *evidence)
    return failed(subject, "does not get no-new-privileges", options, *evidence)


def _declared_flag(container: Container) -> bool | None:
    """The value of the last ``no-new-privileges`` option: alone it is true."""
    values = security_options(container, "no-new-privileges")
    return values[-1].lower() in ("", "true", "1", "t") if values else None
