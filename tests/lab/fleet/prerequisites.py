"""What the machine must have before a lab can run on it, and installing what is missing."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.settings import CannotRun, LabError
from fleet.shell import run, succeeds

COMMANDS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "containerd": "containerd",
    "runc": "runc",
    "debootstrap": "debootstrap",
    "ssh-keygen": "openssh-client",
    "openssl": "openssl",
    "ip": "iproute2",
}
"""Each command the lab calls and the Debian package that brings it."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
POLICY = Path("/usr/sbin/policy-rc.d")


def check() -> None:
    """Make sure that this machine can run the lab; installs missing packages.

    Raises CannotRun when it can't: not root, not Debian, or a package that apt-get won't install.
    """
    require_root()
    if not Path("/etc/debian_version").exists() or shutil.which("apt-get") is None:
        raise CannotRun("The lab needs Debian with apt-get; this machine is something else.")
    packages = missing_packages()
    if packages:
        install(packages)
    still = missing_packages()
    if still:
        raise CannotRun(f"The lab needs the Debian package {still[0]}, which has not appeared.")


def require_root() -> None:
    """Raises CannotRun unless we are root."""
    if os.geteuid() != 0:
        raise CannotRun("The lab needs root: run it as root or with sudo.")


def missing_packages() -> list[str]:
    """The Debian packages whose commands are not on this machine, sorted."""
    missing = {package for command, package in COMMANDS.items() if shutil.which(command) is None}
    if "docker.io" in missing and shutil.which("docker") is None and has_package("docker-cli"):
        missing.add("docker-cli")
    if not KEYRING.exists():
        missing.add("debian-archive-keyring")
    return sorted(missing)


def has_package(name: str) -> bool:
    """Whether apt knows a package: from trixie on the docker client is one of its own."""
    return succeeds(["apt-cache", "show", "--no-all-versions", name])


def install(packages: list[str]) -> None:
    """Install packages without starting what they bring. Raises CannotRun when apt-get refuses."""
    print(f"Installing {', '.join(packages)}", file=sys.stderr)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with no_services_started():
        try:
            run(["apt-get", "update", "-q"], quiet)
            run(["apt-get", "install", "-qy", "--no-install-recommends", *packages], quiet)
        except LabError as refusal:
            names = ", ".join(packages)
            raise CannotRun(f"The lab needs the Debian packages {names}: {refusal}") from refusal
    if "docker.io" in packages and Path("/run/systemd/system").exists():
        # The package enables its units for the next boot, and nobody asked this machine for that.
        run(["systemctl", "disable", "docker.service", "docker.socket", "containerd.service"])


@contextmanager
def no_services_started() -> Iterator[None]:
    """Tell the package scripts not to start services, unless the machine says so already."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()
