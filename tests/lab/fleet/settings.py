"""Where the lab keeps its things and which ports it publishes."""

import os
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
"""The folder `tests/lab` of the checkout."""

DEFAULT_DIR = "/var/cache/posture-lab"
DEFAULT_PORT_BASE = 2200


class LabError(Exception):
    """Something a person must know; its text is one plain sentence."""


class CannotRun(LabError):
    """This machine lacks what the lab needs; the text says what."""


@dataclass(frozen=True)
class Paths:
    """Every place the lab writes to, all of them under one folder outside the checkout."""

    root: Path

    @property
    def keys(self) -> Path:
        """SSH keys, certificate authorities and TLS material."""
        return self.root / "keys"

    @property
    def debs(self) -> Path:
        """Packages that debootstrap downloaded."""
        return self.root / "debs"

    @property
    def engine(self) -> Path:
        """State of the outer containerd and dockerd."""
        return self.root / "engine"

    @property
    def made(self) -> Path:
        """One file for each finished host: the digest of the definition it was made from."""
        return self.root / "made"

    @property
    def inventory(self) -> Path:
        """The machine-readable description of the running lab."""
        return self.root / "inventory.json"

    @property
    def known_hosts(self) -> Path:
        """The pinned keys of every host that runs sshd."""
        return self.root / "known_hosts"


def paths() -> Paths:
    """The lab's folder: `POSTURE_LAB_DIR`, or /var/cache/posture-lab."""
    return Paths(Path(os.environ.get("POSTURE_LAB_DIR", DEFAULT_DIR)).absolute())


def port_base() -> int:
    """The number that each host's port offset is added to: `POSTURE_LAB_PORT_BASE`, or 2200.

    Raises LabError when it is no number or leaves no room for the offsets.
    """
    text = os.environ.get("POSTURE_LAB_PORT_BASE", str(DEFAULT_PORT_BASE))
    if not text.isdecimal() or not 1024 <= int(text) <= 65000:
        raise LabError(
            f"POSTURE_LAB_PORT_BASE is {text!r}: give a whole number from 1024 to 65000."
        )
    return int(text)
