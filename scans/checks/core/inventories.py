"""Inventories of privileged files as checks ask for them: which files count, and how a person
reads them."""

from collections.abc import Iterable

from scans.checks.core.model import Evidence, NotApplicable, Subject, Unreadable
from scans.checks.core.reading import require
from scans.facts import Facts, PrivilegedFile, SuidInventory

SHOWN = 20
"""How many paths evidence lists: a container can hold any number of SUID files."""


def host_inventory(facts: Facts) -> SuidInventory:
    """The inventory of the host. Raises :class:`Unreadable`."""
    return require(facts, facts.suid, "suid", "the SUID and SGID files of the host")


def packaged(inventory: SuidInventory) -> SuidInventory:
    """The inventory of a host whose files can be compared with packages.

    Raises :class:`NotApplicable` where there is no package manager, and :class:`Unreadable`
    where it could not be asked.
    """
    if inventory.package_manager == "none":
        raise NotApplicable("the host has no package manager to compare its files with")
    if inventory.package_manager is None:
        raise Unreadable("the host's package manager could not be asked")
    return inventory


def set_id_files(inventory: SuidInventory) -> tuple[PrivilegedFile, ...]:
    """Files whose SUID or SGID bit the kernel honours: not those on a nosuid mount."""
    return tuple(file for file in inventory.files if file.mode & 0o6000 and not file.nosuid)


def writable_by_others(file: PrivilegedFile, root_group: int = 0) -> bool:
    """Whether someone else than its owner and root's group may write it."""
    return bool(file.mode & 0o002) or bool(file.mode & 0o020 and file.gid != root_group)


def file_subject(file: PrivilegedFile) -> Subject:
    """The file by its path."""
    return Subject("file", file.path)


def bits(file: PrivilegedFile) -> str:
    """``SUID``, ``SGID``, ``SUID and SGID``; for neither, what it carries instead."""
    set_bits = (("SUID", 0o4000), ("SGID", 0o2000))
    named = " and ".join(name for name, bit in set_bits if file.mode & bit)
    return named or "a file with capabilities"


def about(file: PrivilegedFile) -> tuple[Evidence, ...]:
    """What was read of a file: mode, owner, package, digest."""
    return (
        Evidence(f"stat {file.path}: mode", f"{file.mode:04o}"),
        Evidence(f"stat {file.path}: owner and group", f"{file.uid}:{file.gid}"),
        Evidence("package database: owner and state", [file.package, file.provenance]),
        Evidence("sha256sum", file.sha256),
    )


def listed(files: Iterable[PrivilegedFile]) -> Evidence:
    """Some files of a container, the first :data:`SHOWN` by name."""
    found = tuple(files)
    shown = [f"{file.mode:04o} {file.uid}:{file.gid} {file.path}" for file in found[:SHOWN]]
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return Evidence("find -xdev -perm /6000 in the container's root", shown + more)
