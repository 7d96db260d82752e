"""Linux capabilities: names and bits, what engines give by default, and which ones are dangerous.

Numbers are those of ``linux/capability.h``, meanings those of capabilities(7).
"""

from collections.abc import Iterable, Mapping

CAPABILITIES: tuple[str, ...] = (
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
)
"""Names without ``CAP_``; the position is the number of the capability."""


def mask(names: Iterable[str]) -> int:
    """The bit mask of some capabilities, given without ``CAP_``.

    Raises ValueError for a name that is not in :data:`CAPABILITIES`.
    """
    bits = 0
    for name in names:
        if name not in CAPABILITIES:
            raise ValueError(f"there is no capability {name!r}")
        bits |= 1 << CAPABILITIES.index(name)
    return bits


def names(mask: int) -> tuple[str, ...]:
    """The names of the capabilities in a bit mask, in the order of their bits.

    A bit newer than :data:`CAPABILITIES` appears as its number.
    """
    known = len(CAPABILITIES)
    return tuple(
        CAPABILITIES[bit] if bit < known else str(bit)
        for bit in range(mask.bit_length())
        if mask >> bit & 1
    )


ALL: int = (1 << len(CAPABILITIES)) - 1

DEFAULT: int = mask(
    (
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "NET_RAW",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    )
)
"""What Docker gives a container that asks for nothing (moby, ``caps.DefaultCapabilities``)."""

PODMAN_DEFAULT: int = DEFAULT & ~mask(("AUDIT_WRITE", "MKNOD", "NET_RAW"))
"""What Podman gives (containers.conf(5), ``default_capabilities``)."""

DANGEROUS: Mapping[str, str] = {
    "SYS_ADMIN": "mounts file systems, enters namespaces and configures most of the kernel",
    "SYS_MODULE": "loads code into the kernel",
    "SYS_RAWIO": "reads and writes physical memory and I/O ports",
    "SYS_PTRACE": "reads and changes the memory of other processes",
    "DAC_READ_SEARCH": "reads any file, and opens files of the host by their handles",
    "BPF": "loads BPF programs into the kernel",
    "PERFMON": "observes the kernel and all processes through perf and BPF",
    "NET_ADMIN": "changes interfaces, routes and firewall rules",
    "MAC_ADMIN": "changes the policy of the mandatory access control",
    "MAC_OVERRIDE": "ignores the policy of the mandatory access control",
    "SYS_BOOT": "reboots the host or loads another kernel",
    "SYS_TIME": "sets the host's clock",
    "SYS_RESOURCE": "exceeds quotas and resource limits",
    "SYSLOG": "reads the kernel's log and addresses, and clears the log",
    "AUDIT_CONTROL": "turns the kernel's auditing off or changes its rules",
    "AUDIT_READ": "reads the kernel's audit log",
    "CHECKPOINT_RESTORE": "restores processes with chosen ids and follows other processes' links",
    "IPC_OWNER": "reads and writes System V IPC objects of every user",
    "SYS_PACCT": "switches process accounting on and off",
    "SYS_TTY_CONFIG": "hangs up and reconfigures terminals",
}
"""Capabilities beyond the default that reach the host or other tenants → what they allow,
the worst first."""
