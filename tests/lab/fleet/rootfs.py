"""The root file systems of the hosts: built once by debootstrap, kept as images of the engine."""

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fleet.engine import Engine
from fleet.prerequisites import KEYRING
from fleet.settings import SOURCE, LabError, Paths
from fleet.shell import run

COMMON_PACKAGES = (
    *("busybox-static", "ca-certificates", "iproute2", "iptables", "libcap2-bin"),
    *("openssh-server", "openssl", "procps", "sudo"),
)


@dataclass(frozen=True)
class RootFilesystem:
    """One entry of rootfs.toml."""

    name: str
    suite: str
    packages: tuple[str, ...]
    script: str | None = None

    @property
    def image(self) -> str:
        """The image's name; its tag changes with everything that decides the content."""
        recipe = json.dumps([self.suite, sorted({*COMMON_PACKAGES, *self.packages})])
        return f"posture-lab/{self.name}:{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def load(name: str) -> RootFilesystem:
    """Read one entry of rootfs.toml. Raises LabError when there is none of that name."""
    entries = tomllib.loads((SOURCE / "rootfs.toml").read_text())
    if name not in entries:
        raise LabError(f"rootfs.toml has no entry {name!r}; it has {', '.join(sorted(entries))}.")
    entry = entries[name]
    return RootFilesystem(name, entry["suite"], tuple(entry["packages"]), entry.get("script"))


def build(rootfs: RootFilesystem, engine: Engine, paths: Paths) -> None:
    """Make the image unless the engine has it already; takes about a minute."""
    if engine.docker("images", "-q", rootfs.image):
        return
    sys.stderr.write(f"Building the {rootfs.name} root file system\n")
    tree = paths.root / "build" / rootfs.name
    shutil.rmtree(tree, ignore_errors=True)
    tree.parent.mkdir(parents=True, exist_ok=True)
    downloads = paths.debs / rootfs.suite
    downloads.mkdir(parents=True, exist_ok=True)
    try:
        command = [
            *("debootstrap", "--variant=minbase", f"--keyring={KEYRING}"),
            *(f"--cache-dir={downloads}", f"--include={','.join(included(rootfs))}"),
            *(rootfs.suite, str(tree), mirror()),
        ]
        run([*command, rootfs.script] if rootfs.script else command, proxies())
        import_tree(tree, rootfs.image, engine)
    finally:
        shutil.rmtree(tree, ignore_errors=True)


def build_all(wanted: Iterable[RootFilesystem], engine: Engine, paths: Paths) -> None:
    """Make every image that is missing: the suites side by side, one suite's one after the other.

    Two debootstraps that share the folder of downloads would read each other's half files.
    """
    suites: dict[str, list[RootFilesystem]] = {}
    for entry in sorted(set(wanted), key=lambda entry: entry.name):
        suites.setdefault(entry.suite, []).append(entry)

    def build_suite(entries: list[RootFilesystem]) -> None:
        for entry in entries:
            build(entry, engine, paths)

    with ThreadPoolExecutor(len(suites)) as pool:
        list(pool.map(build_suite, suites.values()))


def included(rootfs: RootFilesystem) -> list[str]:
    """Every package beside the minimal base, sorted."""
    return sorted({*COMMON_PACKAGES, *rootfs.packages})


def import_tree(tree: Path, image: str, engine: Engine) -> None:
    """Turn a folder into an image, without the package files that apt keeps."""
    pack = ["tar", "-C", str(tree), "--exclude=./var/cache/apt/*", "--exclude=./proc/*", "-c", "."]
    unpack = ["docker", "-H", f"unix://{engine.socket}", "import", "-", image]
    with subprocess.Popen(pack, stdout=subprocess.PIPE) as tar:
        done = subprocess.run(unpack, stdin=tar.stdout, capture_output=True, text=True)
    if tar.returncode != 0 or done.returncode != 0:
        raise LabError(f"Could not import {image}: {done.stderr.strip() or 'tar failed'}.")


def mirror() -> str:
    """The archive that this machine's own apt uses for Debian's main component.

    Raises LabError when apt has no source for the machine's own release.
    """
    codename = run(["sh", "-c", '. /etc/os-release && printf %s "$VERSION_CODENAME"'])
    listing = run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"])
    sources = [line.split() for line in listing.splitlines()]
    for names in ((codename,), ("stable", "testing", "unstable", "sid")):
        for words in sources:
            if len(words) == 3 and words[1] in names and words[2] == "main":
                return words[0]
    raise LabError(
        f"apt on this machine has no source for Debian {codename} main: add one, since the "
        "root file systems are built from the same archive."
    )


def proxies() -> dict[str, str]:
    """The proxies that apt is configured with, in the form debootstrap's downloads obey."""
    found = {}
    for scheme in ("http", "https"):
        value = run(["apt-config", "shell", "value", f"Acquire::{scheme}::Proxy"])
        if value:
            found[f"{scheme}_proxy"] = value.partition("=")[2].strip("'\"")
    return found
