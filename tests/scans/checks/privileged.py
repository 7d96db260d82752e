"""Privileged files for tests: SUID programs as packages deliver them, changed field by field."""

from typing import Any

from scans.facts import PrivilegedFile, SuidInventory

UNOWNED = {"package": None, "provenance": "unowned"}


def file(path: str = "/usr/bin/passwd", **fields: Any) -> PrivilegedFile:
    """A SUID root program as its package delivered it."""
    base = {
        "mode": 0o4755,
        "uid": 0,
        "gid": 0,
        "size": 1000,
        "package": "passwd",
        "provenance": "unchanged",
    }
    return PrivilegedFile(path=path, **(base | fields))


def inventory(*files: PrivilegedFile, **fields: Any) -> SuidInventory:
    base = {"complete": True, "capabilities_read": True, "package_manager": "dpkg"}
    return SuidInventory(files=files, **(base | fields))
