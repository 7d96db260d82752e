"""Whose build the running kernel is, and which version of upstream's it can be compared with.

``uname -r`` of a vendor's kernel says little: ``5.15.0-119-generic`` has years of fixes that 5.15.0
lacks. Debian's says more, since ``uname -v`` names the package, whose version has upstream's.
"""

import re
from dataclasses import dataclass

from scans.checks.core.model import Evidence
from scans.checks.core.upstream_version import Version, parse
from scans.facts import Facts, Kernel

_VANILLA = re.compile(r"\d+(?:\.\d+){1,2}(?:-rc\d+)?")
_DEBIAN = re.compile(r"Debian (\d\S*)")
_VENDORS = (
    (re.compile(r"-Ubuntu\b"), "Ubuntu"),
    (re.compile(r"uek"), "Oracle"),
    (re.compile(r"\.el\d"), "the maker of this enterprise Linux"),
    (re.compile(r"\.fc\d"), "Fedora"),
    (re.compile(r"\.amzn\d"), "Amazon Linux"),
    (re.compile(r"\.(?:azl|cm)\d|microsoft"), "Microsoft"),
    (re.compile(r"-pve\b"), "Proxmox"),
    (re.compile(r"linuxkit"), "LinuxKit"),
)
SOMEBODY = "who built this kernel"
"""The vendor of a kernel that has changes and names nobody."""
_MARKING = ("debian", "ubuntu", "rhel", "centos", "almalinux", "rocky", "ol", "fedora", "amzn")
"""Distributions whose kernels name them: another one on such a host is not theirs."""
_BACKPORTS = re.compile(r"\.el\d|uek|\.amzn\d")
_BACKPORTING = ("sles", "sled", "sle_hpc", "opensuse-leap", "rhel", "centos", "ol")


@dataclass(frozen=True, slots=True)
class KernelBuild:
    """The running kernel as somebody built it."""

    release: str
    vendor: str | None
    """Who built it with changes of their own; None for upstream's own release."""
    version: Version | None
    """Upstream's version that it has at least all fixes of."""
    package: str | None
    """Version of the distribution's package, where known."""
    backports: bool
    """Whether the vendor puts newer code, and with it newer flaws, into old versions."""

    def evidence(self, kernel: Kernel, expected: object = None) -> tuple[Evidence, ...]:
        """What the kernel says of itself, and the package it is."""
        said = (
            Evidence("uname -r", kernel.release, expected),
            Evidence("uname -v", kernel.version),
        )
        return said if self.package is None else (*said, Evidence("package linux", self.package))


def kernel_build(kernel: Kernel, facts: Facts) -> KernelBuild:
    """Who built the kernel, from its own words and the package that holds it."""
    release, version = kernel.release, parse(kernel.release)
    debian = _DEBIAN.search(kernel.version)
    if debian:
        return KernelBuild(release, "Debian", parse(debian[1]) or version, debian[1], False)
    if _VANILLA.fullmatch(release):
        return KernelBuild(release, None, version, None, False)
    os_id = facts.system.os_id if facts.system is not None else ""
    backports = bool(_BACKPORTS.search(release)) or os_id in _BACKPORTING
    package = (facts.packages or {}).get(f"linux-image-{release}")
    return KernelBuild(release, _vendor(kernel, facts), version, package, backports)


def _vendor(kernel: Kernel, facts: Facts) -> str:
    for mark, vendor in _VENDORS:
        if mark.search(f"{kernel.release} {kernel.version}"):
            return vendor
    if facts.system is None or facts.system.os_id in _MARKING:
        return SOMEBODY
    return facts.system.os_name or SOMEBODY
