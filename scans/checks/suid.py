"""Item 7: SUID and SGID files and file capabilities, on the host and in containers.

A bad file that was found fails even when the search ended early; that none was found proves
something only of a complete search.
"""

from collections.abc import Iterable, Iterator

from scans.checks.core.capabilities import mask, names
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
from scans.checks.core.privileged_files import (
    DANGEROUS_CAPABILITIES,
    DANGEROUS_PROGRAMS,
    SHIPPED_WITH_CAPABILITIES,
    permitted_capabilities,
)
from scans.checks.core.reading import HOST, container_subject, require, running_containers
from scans.checks.core.registry import check
from scans.checks.core.security_options import security_options
from scans.facts import Container, Facts, Mount, PrivilegedFile, SuidInventory

SHOWN = 20
"""How many paths evidence lists: a container can hold any number of SUID files."""

SET_ID = mask(("SETUID", "SETGID"))


@check("host-suid-unowned", item=7, severity=Severity.HIGH)
def host_suid_unowned(facts: Facts) -> Iterator[Verdict]:
    """Every SUID and SGID file of the host comes from a package."""
    inventory = _packaged(_host_inventory(facts))
    quiet = inventory.complete
    for file in _set_id_files(inventory):
        if file.provenance == "unowned":
            quiet = False
            yield failed(
                _subject(file),
                "is {bits} and belongs to no package",
                *_about(file),
                bits=_bits(file),
            )
        elif file.provenance == "unknown" and file.package is None:
            quiet = False
            yield unknown(
                _subject(file),
                "is {bits}, and its package could not be determined",
                *_about(file),
                bits=_bits(file),
            )
    yield from _cut_short(inventory)
    if quiet:
        yield passed(HOST, "every SUID and SGID file belongs to a package", _searched(inventory))


@check("host-suid-altered", item=7, severity=Severity.CRITICAL)
def host_suid_altered(facts: Facts) -> Iterator[Verdict]:
    """Packaged SUID and SGID files of the host are as their package delivered them."""
    inventory = _packaged(_host_inventory(facts))
    quiet = inventory.complete
    for file in _set_id_files(inventory):
        if file.provenance == "altered":
            quiet = False
            yield failed(
                _subject(file),
                "is {bits} and differs from package {package}",
                *_about(file),
                bits=_bits(file),
                package=file.package or "?",
            )
        elif file.provenance == "unknown":
            quiet = False
            yield unknown(
                _subject(file),
                "is {bits} and could not be compared with its package",
                *_about(file),
                bits=_bits(file),
            )
    yield from _cut_short(inventory)
    if quiet:
        yield passed(HOST, "no packaged SUID or SGID file was altered", _searched(inventory))


@check("host-suid-writable", item=7, severity=Severity.CRITICAL)
def host_suid_writable(facts: Facts) -> Iterator[Verdict]:
    """Nobody but root may write a SUID or SGID file of the host."""
    inventory = _host_inventory(facts)
    bad = [file for file in _set_id_files(inventory) if _writable_by_others(file)]
    for file in bad:
        yield failed(
            _subject(file),
            "is {bits} and writable by users other than its owner",
            *_about(file),
            bits=_bits(file),
        )
    yield from _cut_short(inventory)
    if not bad and inventory.complete:
        yield passed(
            HOST, "no SUID or SGID file is writable by group or others", _searched(inventory)
        )


@check("host-suid-dangerous", item=7, severity=Severity.HIGH)
def host_suid_dangerous(facts: Facts) -> Iterator[Verdict]:
    """No shell, interpreter, editor or copying tool of the host is SUID or SGID."""
    inventory = _host_inventory(facts)
    bad = [file for file in _set_id_files(inventory) if _program(file) in DANGEROUS_PROGRAMS]
    for file in bad:
        yield failed(
            _subject(file),
            "is {bits} and gives its user a shell or any file",
            *_about(file),
            bits=_bits(file),
        )
    yield from _cut_short(inventory)
    if not bad and inventory.complete:
        yield passed(
            HOST, "no program that gives a shell or any file is SUID or SGID", _searched(inventory)
        )


@check("host-file-capabilities", item=7, severity=Severity.HIGH)
def host_file_capabilities(facts: Facts) -> Iterator[Verdict]:
    """No file of the host carries capabilities that amount to root."""
    inventory = _host_inventory(facts)
    if not inventory.capabilities_read:
        raise Unreadable("file capabilities could not be listed: the host has no getcap")
    quiet = inventory.complete
    for file in inventory.files:
        verdict = None if file.nosuid or not file.capabilities else _file_capabilities(file)
        if verdict is not None:
            quiet = False
            yield verdict
    yield from _cut_short(inventory)
    if quiet:
        yield passed(
            HOST, "no file carries a capability that amounts to root", _searched(inventory)
        )


@check("container-suid", item=7, severity=Severity.MEDIUM, cis=["4.8"])
def container_suid(facts: Facts) -> Iterator[Verdict]:
    """SUID and SGID files of running containers are gone or without effect."""
    for container in running_containers(facts):
        yield _container_suid(container)


@check("container-suid-unowned", item=7, severity=Severity.HIGH)
def container_suid_unowned(facts: Facts) -> Iterator[Verdict]:
    """SUID and SGID files of running containers come from the image's packages."""
    for container in running_containers(facts):
        yield _container_unowned(container)


@check("temporary-nosuid", item=7, severity=Severity.MEDIUM)
def temporary_nosuid(facts: Facts) -> Iterator[Verdict]:
    """Directories that any user may write are mounted with nosuid, where they are mounts."""
    mounts = require(facts, facts.mounts, "mounts", "the mounted file systems")
    for target in ("/tmp", "/var/tmp", "/dev/shm", "/home"):  # noqa: S108 - judged, not used
        # of several mounts on one directory the last one is on top
        mount = next((m for m in reversed(mounts) if m.target == target), None)
        yield _nosuid(Subject("mount", target), mount)


def _host_inventory(facts: Facts) -> SuidInventory:
    return require(facts, facts.suid, "suid", "the SUID and SGID files of the host")


def _packaged(inventory: SuidInventory) -> SuidInventory:
    if inventory.package_manager == "none":
        raise NotApplicable("the host has no package manager to compare its files with")
    if inventory.package_manager is None:
        raise Unreadable("the host's package manager could not be asked")
    return inventory


def _set_id_files(inventory: SuidInventory) -> tuple[PrivilegedFile, ...]:
    """Files whose SUID or SGID bit the kernel honours: not those on a nosuid mount."""
    return tuple(file for file in inventory.files if file.mode & 0o6000 and not file.nosuid)


def _cut_short(inventory: SuidInventory) -> Iterator[Verdict]:
    if not inventory.complete:
        yield unknown(
            HOST,
            "the search for privileged files ended before it was complete",
            Evidence("find / -xdev -perm /6000: completed", observed=False, expected=True),
        )


def _searched(inventory: SuidInventory) -> Evidence:
    return Evidence(
        "find / -xdev -perm /6000 and getcap -r /: number of files", len(inventory.files)
    )


def _subject(file: PrivilegedFile) -> Subject:
    return Subject("file", file.path)


def _bits(file: PrivilegedFile) -> str:
    set_bits = (("SUID", 0o4000), ("SGID", 0o2000))
    return " and ".join(name for name, bit in set_bits if file.mode & bit)


def _about(file: PrivilegedFile) -> tuple[Evidence, ...]:
    return (
        Evidence(f"stat {file.path}: mode", f"{file.mode:04o}"),
        Evidence(f"stat {file.path}: owner and group", f"{file.uid}:{file.gid}"),
        Evidence("package database: owner and state", [file.package, file.provenance]),
        Evidence("sha256sum", file.sha256),
    )


def _writable_by_others(file: PrivilegedFile) -> bool:
    return bool(file.mode & 0o002) or bool(file.mode & 0o020 and file.gid != 0)


def _program(file: PrivilegedFile) -> str:
    """The program's name without its version: ``python3.11`` → ``python``."""
    name = file.path.rpartition("/")[2]
    return name if name in DANGEROUS_PROGRAMS else name.rstrip("-.0123456789")


def _file_capabilities(file: PrivilegedFile) -> Verdict | None:
    """A verdict about a file with capabilities, None for harmless ones."""
    source = Evidence(f"getcap {file.path}", file.capabilities)
    permitted = permitted_capabilities(file.capabilities or "")
    if permitted is None:
        return unknown(_subject(file), "carries capabilities that could not be understood", source)
    dangerous = permitted & DANGEROUS_CAPABILITIES
    if not dangerous or _shipped_so(file):
        return None
    return failed(
        _subject(file),
        "gives whoever runs it {capabilities}",
        source,
        *_about(file)[1:],
        capabilities=", ".join(names(dangerous)),
    )


def _shipped_so(file: PrivilegedFile) -> bool:
    known = file.path.rpartition("/")[2] in SHIPPED_WITH_CAPABILITIES
    return known and file.package is not None and file.provenance != "altered"


def _container_suid(container: Container) -> Verdict:
    subject, process = container_subject(container), container.process
    harmless = _without_effect(container)
    if harmless is not None:
        return harmless
    if container.suid is None:
        return unknown(subject, "its files could not be searched for SUID and SGID bits")
    found = _set_id_files(container.suid)
    if not found:
        return _nothing_found(container, container.suid)
    if process is None or process.no_new_privileges is None:
        return unknown(
            subject,
            "has {count} SUID or SGID files, and whether they have an effect could not be read",
            _listed(found),
            count=len(found),
        )
    status = f"/proc/{process.pid}/status"
    return failed(
        subject,
        "has {count} SUID or SGID files and may gain privileges by them",
        _listed(found),
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
        return passed(subject, "has no SUID or SGID file", _listed(()))
    return unknown(subject, "the search of its files ended before it was complete", _listed(()))


def _container_unowned(container: Container) -> Verdict:
    subject, inventory = container_subject(container), container.suid
    if inventory is None:
        return unknown(subject, "its files could not be searched for SUID and SGID bits")
    if inventory.package_manager == "none":
        return not_applicable(subject, "has no package manager to compare its files with")
    if inventory.package_manager is None:
        return unknown(subject, "its package database could not be read")
    found = _set_id_files(inventory)
    unowned = [file for file in found if file.provenance == "unowned"]
    if unowned:
        return failed(
            subject,
            "has {count} SUID or SGID files that belong to no package",
            _listed(unowned),
            count=len(unowned),
        )
    if not inventory.complete:
        return unknown(
            subject, "the search of its files ended before it was complete", _listed(found)
        )
    untold = [f for f in found if f.provenance == "unknown" and f.package is None]
    if untold:
        return unknown(
            subject,
            "has {count} SUID or SGID files whose package is not determined",
            _listed(untold),
            count=len(untold),
        )
    return passed(subject, "every SUID and SGID file belongs to a package", _listed(found))


def _listed(files: Iterable[PrivilegedFile]) -> Evidence:
    found = tuple(files)
    shown = [f"{file.mode:04o} {file.uid}:{file.gid} {file.path}" for file in found[:SHOWN]]
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return Evidence("find -xdev -perm /6000 in the container's root", shown + more)


def _nosuid(subject: Subject, mount: Mount | None) -> Verdict:
    if mount is None:
        return not_applicable(subject, "is no mount of its own")
    options = (*mount.options, *mount.super_options)
    evidence = Evidence("/proc/self/mountinfo: options", list(options), "nosuid")
    if "nosuid" in options:
        return passed(subject, "is mounted with nosuid", evidence)
    return failed(subject, "is mounted without nosuid", evidence)
