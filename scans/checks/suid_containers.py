"""Item 7 in containers: SUID and SGID files and file capabilities, and whether they have an effect.

A bad file that was found fails even when the search ended early; that none was found proves
something only of a complete search.
"""

from collections.abc import Iterator

from scans.checks.core.capabilities import mask, names
from scans.checks.core.inventories import SHOWN, listed, set_id_files, writable_by_others
from scans.checks.core.model import (
    Evidence,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from scans.checks.core.privileged_files import DANGEROUS_CAPABILITIES, permitted_capabilities
from scans.checks.core.reading import container_subject, running_containers
from scans.checks.core.registry import check
from scans.checks.core.security_options import security_options
from scans.facts import Container, Facts, PrivilegedFile, ProcessState, SuidInventory

SET_ID = mask(("SETUID", "SETGID"))


@check("container-suid", item=7, severity=Severity.MEDIUM, cis=["4.8"], needs=["containers"])
def container_suid(facts: Facts) -> Iterator[Verdict]:
    """SUID and SGID files of running containers are gone or without effect."""
    for container in running_containers(facts):
        yield _container_suid(container)


@check("container-suid-unowned", item=7, severity=Severity.HIGH, needs=["containers"])
def container_suid_unowned(facts: Facts) -> Iterator[Verdict]:
    """SUID and SGID files of running containers come from the image's packages."""
    for container in running_containers(facts):
        yield _container_unowned(container)


@check("container-suid-altered", item=7, severity=Severity.HIGH, needs=["containers"])
def container_suid_altered(facts: Facts) -> Iterator[Verdict]:
    """SUID and SGID files of running containers are as their packages delivered them."""
    for container in running_containers(facts):
        yield _container_altered(container)


@check("container-suid-writable", item=7, severity=Severity.HIGH, needs=["containers"])
def container_suid_writable(facts: Facts) -> Iterator[Verdict]:
    """Nobody but root may write a SUID or SGID file of a running container."""
    for container in running_containers(facts):
        yield _container_writable(container)


@check("container-file-capabilities", item=7, severity=Severity.MEDIUM, needs=["containers"])
def container_file_capabilities(facts: Facts) -> Iterator[Verdict]:
    """No file of a running container hands out capabilities that amount to root there."""
    for container in running_containers(facts):
        yield _container_capabilities(container)


def _container_suid(container: Container) -> Verdict:
    subject, process = container_subject(container), container.process
    harmless = _without_effect(container)
    if harmless is not None:
        return harmless
    if container.suid is None:
        return unknown(subject, "its files could not be searched for SUID and SGID bits")
    found = set_id_files(container.suid)
    if not found:
        return _nothing_found(container, container.suid)
    if process is None or process.no_new_privileges is None:
        return unknown(
            subject,
            "has {count} SUID or SGID files, and whether they have an effect could not be read",
            listed(found),
            count=len(found),
        )
    status = f"/proc/{process.pid}/status"
    return failed(
        subject,
        "has {count} SUID or SGID files and may gain privileges by them",
        listed(found),
        Evidence(f"{status}: NoNewPrivs", observed=False, expected=True),
        Evidence(f"{status}: CapBnd", list(names(process.cap_bounding & SET_ID)), []),
        count=len(found),
    )


def _without_effect(container: Container) -> Verdict | None:
    """A pass where SUID and SGID bits change nothing, whatever files there are."""
    subject, process = container_subject(container), container.process
    if process is None:
        declared = security_options(container, "no-new-privileges")
        if not declared or declared[-1].lower() not in ("", "true"):
            return None
        options = list(container.security_options)
        evidence = Evidence("docker inspect: HostConfig.SecurityOpt", options, "no-new-privileges")
        return passed(subject, "declares no-new-privileges, which voids SUID and SGID", evidence)
    status = f"/proc/{process.pid}/status"
    if process.no_new_privileges:
        evidence = Evidence(f"{status}: NoNewPrivs", observed=True, expected=True)
        return passed(subject, "runs with no-new-privileges, which voids SUID and SGID", evidence)
    if not process.cap_bounding & SET_ID:
        bounding = list(names(process.cap_bounding))
        evidence = Evidence(f"{status}: CapBnd", bounding, "neither SETUID nor SETGID")
        return passed(subject, "has dropped SETUID and SETGID", evidence)
    return None


def _nothing_found(container: Container, inventory: SuidInventory) -> Verdict:
    subject = container_subject(container)
    if inventory.complete:
        return passed(subject, "has no SUID or SGID file", listed(()))
    return unknown(subject, "the search of its files ended before it was complete", listed(()))


def _container_unowned(container: Container) -> Verdict:
    subject, inventory = container_subject(container), container.suid
    if inventory is None or inventory.package_manager in (None, "none"):
        return _without_packages(container)
    found = set_id_files(inventory)
    unowned = [file for file in found if file.provenance == "unowned"]
    if unowned:
        return failed(
            subject,
            "has {count} SUID or SGID files that belong to no package",
            listed(unowned),
            count=len(unowned),
        )
    untold = [f for f in found if f.provenance == "unknown" and f.package is None]
    if not inventory.complete or untold:
        return _undecided(container, inventory, untold)
    return passed(subject, "every SUID and SGID file belongs to a package", listed(found))


def _container_altered(container: Container) -> Verdict:
    subject, inventory = container_subject(container), container.suid
    if inventory is None or inventory.package_manager in (None, "none"):
        return _without_packages(container)
    found = set_id_files(inventory)
    altered = [file for file in found if file.provenance == "altered"]
    if altered:
        return failed(
            subject,
            "has {count} SUID or SGID files that differ from their package",
            listed(altered),
            count=len(altered),
        )
    untold = [file for file in found if file.provenance == "unknown"]
    if not inventory.complete or untold:
        return _undecided(container, inventory, untold)
    return passed(subject, "no packaged SUID or SGID file was altered", listed(found))


def _without_packages(container: Container) -> Verdict:
    subject = container_subject(container)
    if container.suid is None:
        return unknown(subject, "its files could not be searched for SUID and SGID bits")
    if container.suid.package_manager == "none":
        return not_applicable(subject, "has no package manager to compare its files with")
    return unknown(subject, "its package database could not be read")


def _undecided(
    container: Container, inventory: SuidInventory, untold: list[PrivilegedFile]
) -> Verdict:
    subject = container_subject(container)
    if not inventory.complete:
        return _incomplete(container, inventory)
    return unknown(
        subject,
        "has {count} SUID or SGID files that could not be compared with packages",
        listed(untold),
        count=len(untold),
    )


def _incomplete(container: Container, inventory: SuidInventory) -> Verdict:
    return unknown(
        container_subject(container),
        "the search of its files ended before it was complete",
        listed(set_id_files(inventory)),
    )


def _container_writable(container: Container) -> Verdict:
    subject, inventory = container_subject(container), container.suid
    if inventory is None:
        return unknown(subject, "its files could not be searched for SUID and SGID bits")
    root = _root_group(container)
    found = set_id_files(inventory)
    certain = (
        [file for file in found if writable_by_others(file, root)]
        if root is not None
        else [file for file in found if file.mode & 0o002]
    )
    if certain:
        return failed(
            subject,
            "has {count} SUID or SGID files that others than root may write",
            listed(certain),
            count=len(certain),
        )
    if not inventory.complete:
        return _incomplete(container, inventory)
    doubtful = [file for file in found if root is None and file.mode & 0o020]
    if doubtful:
        return unknown(
            subject,
            "has SUID or SGID files that a group may write, and which group is root's is not known",
            listed(doubtful),
        )
    return passed(subject, "only root may write its SUID and SGID files", listed(found))


def _root_group(container: Container) -> int | None:
    """The host's number of the container's group root: inventories have the host's numbers."""
    if container.process is None or container.process.gid_map is None:
        return None
    for inside, outside, count in container.process.gid_map:
        if inside == 0 and count > 0:
            return outside
    return None


def _container_capabilities(container: Container) -> Verdict:
    subject, inventory, process = container_subject(container), container.suid, container.process
    if process is not None and process.no_new_privileges:
        evidence = Evidence(f"/proc/{process.pid}/status: NoNewPrivs", observed=True, expected=True)
        return passed(subject, "runs with no-new-privileges, which voids capabilities", evidence)
    if inventory is None:
        return unknown(subject, "its files could not be searched for capabilities")
    if not inventory.capabilities_read:
        return unknown(subject, "capabilities of its files could not be listed: no getcap")
    carriers = [file for file in inventory.files if file.capabilities and not file.nosuid]
    given, understood = _given(carriers)
    evidence = Evidence(
        "getcap -r in the container's root",
        [f"{file.path} {file.capabilities}" for file in carriers[:SHOWN]],
    )
    if given and process is None:
        return unknown(subject, "has files with capabilities whose effect is not known", evidence)
    # a process gains no capability beyond its bounding set (capabilities(7))
    if process is not None and given & process.cap_bounding:
        return _hands_out(container, process, given, evidence)
    if not understood:
        return unknown(subject, "has files with capabilities that were not understood", evidence)
    if not inventory.complete:
        return _incomplete(container, inventory)
    return passed(subject, "no file gives a capability that amounts to root", evidence)


def _given(carriers: list[PrivilegedFile]) -> tuple[int, bool]:
    """The dangerous capabilities that files give, as a mask, and whether all were understood."""
    permitted = [permitted_capabilities(file.capabilities or "") for file in carriers]
    given = 0
    for one in permitted:
        given |= one or 0
    return given & DANGEROUS_CAPABILITIES, None not in permitted


def _hands_out(
    container: Container, process: ProcessState, given: int, evidence: Evidence
) -> Verdict:
    bounding = Evidence(f"/proc/{process.pid}/status: CapBnd", list(names(process.cap_bounding)))
    return failed(
        container_subject(container),
        "has files that give whoever runs them {capabilities}",
        evidence,
        bounding,
        capabilities=", ".join(names(given & process.cap_bounding)),
    )
