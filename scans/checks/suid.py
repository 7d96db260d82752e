"""Item 7: SUID and SGID files and file capabilities of the host, and mounts that void them.

A bad file that was found fails even when the search ended early; that none was found proves
something only of a complete search.
"""

from collections.abc import Iterator

from scans.checks.core.capabilities import names
from scans.checks.core.context import Context
from scans.checks.core.data_root import nearest_mount
from scans.checks.core.inventories import (
    SHOWN,
    about,
    bits,
    file_subject,
    host_inventory,
    packaged,
    set_id_files,
    writable_by_others,
)
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
from scans.checks.core.policy import Policy
from scans.checks.core.privileged_files import (
    DANGEROUS_CAPABILITIES,
    DANGEROUS_PROGRAMS,
    SHIPPED_WITH_CAPABILITIES,
    permitted_capabilities,
)
from scans.checks.core.reading import HOST, containers, require
from scans.checks.core.registry import check
from scans.facts import Facts, Mount, PrivilegedFile, SuidInventory


@check("host-suid-unowned", item=7, severity=Severity.HIGH, needs=["suid"])
def host_suid_unowned(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Every SUID and SGID file of the host comes from a package, or was reviewed."""
    inventory = packaged(host_inventory(facts))
    quiet = inventory.complete
    for file in set_id_files(inventory):
        if file.package is None and file.path in context.policy.host.reviewed_suid:
            quiet = False
            yield passed(
                file_subject(file),
                "is {bits}, belongs to no package and was reviewed",
                *about(file),
                bits=bits(file),
            )
        elif file.provenance == "unowned":
            quiet = False
            yield failed(
                file_subject(file),
                "is {bits} and belongs to no package",
                *about(file),
                bits=bits(file),
            )
        elif file.provenance == "unknown" and file.package is None:
            quiet = False
            yield unknown(
                file_subject(file),
                "is {bits}, and its package could not be determined",
                *about(file),
                bits=bits(file),
            )
    yield from _cut_short(inventory)
    if quiet:
        yield passed(HOST, "every SUID and SGID file belongs to a package", _searched(inventory))


@check("host-suid-altered", item=7, severity=Severity.CRITICAL, needs=["suid"])
def host_suid_altered(facts: Facts) -> Iterator[Verdict]:
    """Packaged SUID and SGID files of the host are as their package delivered them."""
    inventory = packaged(host_inventory(facts))
    quiet = inventory.complete
    for file in set_id_files(inventory):
        if file.provenance == "altered":
            quiet = False
            yield failed(
                file_subject(file),
                "is {bits} and differs from package {package}",
                *about(file),
                bits=bits(file),
                package=file.package or "?",
            )
        elif file.provenance == "unknown":
            quiet = False
            yield unknown(
                file_subject(file),
                "is {bits} and could not be compared with its package",
                *about(file),
                bits=bits(file),
            )
    yield from _cut_short(inventory)
    if quiet:
        yield passed(HOST, "no packaged SUID or SGID file was altered", _searched(inventory))


@check("host-suid-writable", item=7, severity=Severity.CRITICAL, needs=["suid"])
def host_suid_writable(facts: Facts) -> Iterator[Verdict]:
    """Nobody but root may write a SUID or SGID file of the host."""
    inventory = host_inventory(facts)
    bad = [file for file in set_id_files(inventory) if writable_by_others(file)]
    for file in bad:
        yield failed(
            file_subject(file),
            "is {bits} and writable by users other than its owner",
            *about(file),
            bits=bits(file),
        )
    yield from _cut_short(inventory)
    if not bad and inventory.complete:
        yield passed(
            HOST, "no SUID or SGID file is writable by group or others", _searched(inventory)
        )


@check("host-suid-dangerous", item=7, severity=Severity.HIGH, needs=["suid"])
def host_suid_dangerous(facts: Facts) -> Iterator[Verdict]:
    """No shell, interpreter, editor or copying tool of the host is SUID or SGID."""
    inventory = host_inventory(facts)
    bad = [file for file in set_id_files(inventory) if _program(file) in DANGEROUS_PROGRAMS]
    for file in bad:
        yield failed(
            file_subject(file),
            "is {bits} and gives its user a shell or any file",
            *about(file),
            bits=bits(file),
        )
    yield from _cut_short(inventory)
    if not bad and inventory.complete:
        yield passed(
            HOST, "no program that gives a shell or any file is SUID or SGID", _searched(inventory)
        )


@check("host-file-capabilities", item=7, severity=Severity.HIGH, needs=["suid"])
def host_file_capabilities(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No file of the host carries capabilities that amount to root."""
    inventory = host_inventory(facts)
    if not inventory.capabilities_read:
        raise Unreadable("file capabilities could not be listed: the host has no getcap")
    quiet = inventory.complete
    for file in inventory.files:
        if file.nosuid or not file.capabilities:
            continue
        verdict = _file_capabilities(file, context.policy)
        if verdict is not None:
            quiet = False
            yield verdict
    yield from _cut_short(inventory)
    if quiet:
        yield passed(
            HOST, "no file carries a capability that amounts to root", _searched(inventory)
        )


@check("temporary-nosuid", item=7, severity=Severity.MEDIUM, needs=["mounts"])
def temporary_nosuid(facts: Facts) -> Iterator[Verdict]:
    """Directories that any user may write are mounted with nosuid, where they are mounts."""
    mounts = require(facts, facts.mounts, "mounts", "the mounted file systems")
    for target in ("/tmp", "/var/tmp", "/dev/shm", "/home"):  # noqa: S108 - judged, not used
        # of several mounts on one directory the last one is on top
        mount = next((m for m in reversed(mounts) if m.target == target), None)
        yield _nosuid(Subject("mount", target), mount)


@check("volume-nosuid", item=7, severity=Severity.LOW, needs=["mounts", "containers"])
def volume_nosuid(facts: Facts) -> Iterator[Verdict]:
    """Volumes of containers lie on file systems whose SUID and SGID bits have no effect.

    What a container mounts takes the options of the mount that holds it on the host.
    """
    mounts = require(facts, facts.mounts, "mounts", "the mounted file systems")
    volumes = {
        mount.volume or mount.source: mount.source
        for container in containers(facts)
        for mount in container.mounts
        if mount.kind == "volume"
    }
    if not volumes:
        raise NotApplicable("no container uses a volume")
    held: dict[str, tuple[Mount, list[str]]] = {}
    for name, source in sorted(volumes.items()):
        holder = nearest_mount(mounts, source) if source else None
        if holder is None:
            yield unknown(Subject("volume", name), "where it lies on the host is not known")
        else:
            held.setdefault(holder.target, (holder, []))[1].append(name)
    for holder, found in held.values():
        yield _volumes_nosuid(holder, found)


def _volumes_nosuid(holder: Mount, volumes: list[str]) -> Verdict:
    options = (*holder.options, *holder.super_options)
    evidence = (
        Evidence(f"/proc/self/mountinfo: options of {holder.target}", list(options), "nosuid"),
        Evidence("docker inspect: volumes that lie on it", volumes[:SHOWN]),
    )
    subject, count = Subject("mount", holder.target), len(volumes)
    if "nosuid" in options:
        return passed(subject, "holds {count} volumes with nosuid", *evidence, count=count)
    return failed(subject, "holds {count} volumes without nosuid", *evidence, count=count)


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


def _program(file: PrivilegedFile) -> str:
    """The program's name without its version: ``python3.11`` → ``python``."""
    name = file.path.rpartition("/")[2]
    return name if name in DANGEROUS_PROGRAMS else name.rstrip("-.0123456789")


def _file_capabilities(file: PrivilegedFile, policy: Policy) -> Verdict | None:
    """A verdict about a file with capabilities, None for harmless ones."""
    source = Evidence(f"getcap {file.path}", file.capabilities)
    permitted = permitted_capabilities(file.capabilities or "")
    if permitted is None:
        return unknown(
            file_subject(file), "carries capabilities that could not be understood", source
        )
    dangerous = permitted & DANGEROUS_CAPABILITIES
    if not dangerous or _shipped_so(file):
        return None
    evidence, given = (source, *about(file)[1:]), ", ".join(names(dangerous))
    if file.path in policy.host.reviewed_suid:
        return passed(
            file_subject(file),
            "gives whoever runs it {capabilities}, and was reviewed",
            *evidence,
            capabilities=given,
        )
    return failed(
        file_subject(file), "gives whoever runs it {capabilities}", *evidence, capabilities=given
    )


def _shipped_so(file: PrivilegedFile) -> bool:
    known = file.path.rpartition("/")[2] in SHIPPED_WITH_CAPABILITIES
    return known and file.package is not None and file.provenance != "altered"


def _nosuid(subject: Subject, mount: Mount | None) -> Verdict:
    if mount is None:
        return not_applicable(subject, "is no mount of its own")
    options = (*mount.options, *mount.super_options)
    evidence = Evidence("/proc/self/mountinfo: options", list(options), "nosuid")
    if "nosuid" in options:
        return passed(subject, "is mounted with nosuid", evidence)
    return failed(subject, "is mounted without nosuid", evidence)
