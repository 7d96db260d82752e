"""Files that give privileges to whoever runs them: SUID, SGID, file capabilities."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivilegedFile:
    """One SUID or SGID file, or a file with capabilities (capabilities(7))."""

    path: str
    """Absolute path within its root; bytes that are no UTF-8 are kept by surrogateescape-free
    ``\\xNN`` escapes, control characters are escaped the same way."""
    mode: int
    """Permission bits including 0o4000 and 0o2000."""
    uid: int
    gid: int
    size: int
    sha256: str | None = None
    """None when it could not be read or the budget was spent."""
    capabilities: str | None = None
    """Text of ``getcap``, for example ``cap_net_raw=ep``."""
    package: str | None = None
    """Package that owns it; None when no package does or the system has no package manager."""
    provenance: Literal["unchanged", "altered", "unowned", "unknown"] = "unknown"
    """Owned and as packaged, owned but altered, owned by no package, or not determined
    (also: owned, without a recorded digest)."""
    nosuid: bool = False
    """Lies on a mount with ``nosuid``, so the kernel ignores its bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuidInventory:
    """The privileged files under one root."""

    files: tuple[PrivilegedFile, ...]
    complete: bool
    """False when the time budget ended the search: absence then proves nothing."""
    capabilities_read: bool = False
    """Whether file capabilities could be listed (needs ``getcap`` on the host)."""
    package_manager: Literal["dpkg", "rpm", "apk", "none"] | None = None
