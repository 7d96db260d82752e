"""Kernel settings that hinder privilege escalation, with the values that do.

Meanings are those of the kernel's Documentation/admin-guide/sysctl; the choice follows the
Kernel Self-Protection Project, without what takes a container host its function.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sysctl:
    """One setting: its name, the values that are accepted, and what other values allow."""

    name: str
    accepted: tuple[str, ...]
    why: str
    root_only: bool = False
    """The kernel lets root alone read it."""
    user_namespaces: bool = False
    """It takes user namespaces from ordinary users, which a rootless engine needs."""
    twin: str = ""
    """Another setting that closes the same: one of both is enough."""


SYSCTLS: tuple[Sysctl, ...] = (
    Sysctl("kernel.kptr_restrict", ("1", "2"), "addresses of the kernel are shown to every user"),
    Sysctl("kernel.dmesg_restrict", ("1",), "every user reads the kernel's log"),
    Sysctl(
        "kernel.unprivileged_bpf_disabled",
        ("1", "2"),
        "every user may load BPF programs into the kernel",
    ),
    Sysctl(
        "kernel.yama.ptrace_scope",
        ("1", "2", "3"),
        "a process may read the memory of any other one of its user",
    ),
    Sysctl("kernel.randomize_va_space", ("2",), "addresses of programs can be predicted"),
    Sysctl(
        "kernel.perf_event_paranoid",
        ("2", "3", "4"),
        "every user may measure the kernel and other processes",
    ),
    Sysctl(
        "kernel.sysrq",
        # bit masks without 8 (dumps of memory) and 64 (signals): off, sync, and the defaults of
        # Ubuntu and Debian
        ("0", "16", "176", "438"),
        "keys on the console dump memory and kill processes",
    ),
    Sysctl(
        "kernel.unprivileged_userns_clone",
        ("0",),
        "every user may make user namespaces, the way to most kernel exploits",
        user_namespaces=True,
        twin="kernel.apparmor_restrict_unprivileged_userns",
    ),
    Sysctl(
        "kernel.apparmor_restrict_unprivileged_userns",
        ("1",),
        "every program may make user namespaces, the way to most kernel exploits",
        user_namespaces=True,
        twin="kernel.unprivileged_userns_clone",
    ),
    Sysctl(
        "vm.unprivileged_userfaultfd",
        ("0",),
        "every user may halt the kernel in the midst of a copy, which races rely on",
    ),
    Sysctl(
        "vm.mmap_min_addr",
        ("4096", "32768", "65536"),
        "a program may map address 0, which makes errors of the kernel exploitable",
    ),
    Sysctl("fs.suid_dumpable", ("0", "2"), "SUID programs write their memory where users read it"),
    Sysctl(
        "fs.protected_symlinks",
        ("1",),
        "symbolic links of others in /tmp are followed",
        root_only=True,
    ),
    Sysctl(
        "fs.protected_hardlinks", ("1",), "users may link files that they can't own", root_only=True
    ),
    Sysctl(
        "fs.protected_fifos",
        ("1", "2"),
        "pipes that others made in /tmp are opened",
        root_only=True,
    ),
    Sysctl(
        "fs.protected_regular",
        ("1", "2"),
        "files that others made in /tmp are opened",
        root_only=True,
    ),
)

SYSCTLS_BY_NAME = {setting.name: setting for setting in SYSCTLS}
