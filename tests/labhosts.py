"""The lab's running hosts as tests and benchmarks reach them (see tests/lab/README.md)."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosts.connections import (
    TLS,
    ConnectOptions,
    Identity,
    Jump,
    KnownHosts,
    Session,
    Target,
    open_session,
    parse_target,
)

DEFAULT_DIR = "/var/cache/posture-lab"


class LabMissing(Exception):
    """The lab, or this host of it, does not run."""


@dataclass(frozen=True)
class LabHost:
    """One way to reach one host of the lab: an entry of the lab's inventory."""

    entry: dict[str, Any]
    lab: "Lab"

    @property
    def name(self) -> str:
        """The entry's name, for example ``plain-operator``."""
        return self.entry["name"]

    @property
    def target(self) -> Target:
        """Where it is."""
        return parse_target(self.entry["target"])

    @property
    def expected(self) -> Path | None:
        """The file of verdicts expected of it, written from its configuration."""
        return Path(self.entry["expected"]) if self.entry["expected"] else None

    def options(self, **changes: Any) -> ConnectOptions:
        """How to sign in, with some options changed."""
        entry = self.entry
        fields: dict[str, Any] = {
            "identities": self._identities(),
            "password": entry["password"] if not entry["identity"] else None,
            "sudo": entry["sudo"] == "nopasswd",
            "engine_socket": entry["engine_socket"],
        }
        if entry["known_hosts"]:
            fields["known_hosts"] = KnownHosts(files=(Path(entry["known_hosts"]),))
        if entry["tls"]:
            tls = entry["tls"]
            fields["tls"] = TLS(ca=tls["ca"], cert=tls["cert"], key=tls["key"])
        if entry["jump"]:
            hop = self.lab.at(entry["jump"])
            fields["jumps"] = (Jump(hop.target, hop.options()),)
        return ConnectOptions(**(fields | changes))

    def open(self, **changes: Any) -> Session:
        """An open session."""
        return open_session(self.target, self.options(**changes))

    def arguments(self) -> list[str]:
        """The same as arguments of ``manage.py audit``, secrets left out."""
        entry = self.entry
        words = [entry["target"]]
        for flag, value in (
            ("--identity", entry["identity"]),
            ("--known-hosts", entry["known_hosts"]),
            ("--jump", entry["jump"]),
            ("--engine-socket", entry["engine_socket"]),
            *((f"--tls-{name}", path) for name, path in (entry["tls"] or {}).items()),
        ):
            words += [flag, value] if value else []
        return [*words, "--sudo"] if entry["sudo"] == "nopasswd" else words

    def _identities(self) -> tuple[Identity, ...]:
        entry = self.entry
        if not entry["identity"]:
            return ()
        return (
            Identity(
                entry["identity"],
                passphrase=entry["passphrase"],
                certificate=entry["certificate"],
            ),
        )


@dataclass(frozen=True)
class Lab:
    """The running lab."""

    entries: tuple[dict[str, Any], ...]
    engine_socket: str
    """URL of the engine whose containers the hosts are."""

    def host(self, name: str) -> LabHost:
        """The way of that name. Raises LabMissing."""
        return self._first("name", name)

    def at(self, target: str) -> LabHost:
        """The way to that target. Raises LabMissing."""
        return self._first("target", target)

    def hosts(self) -> tuple[LabHost, ...]:
        """Every way to every host."""
        return tuple(LabHost(entry, self) for entry in self.entries)

    def _first(self, key: str, value: str) -> LabHost:
        for entry in self.entries:
            if entry[key] == value:
                return LabHost(entry, self)
        raise LabMissing(f"the lab has no {value} running; start it with: make lab")


def running_lab() -> Lab:
    """The lab as its inventory describes it. Raises LabMissing when it has none."""
    file = Path(os.environ.get("POSTURE_LAB_DIR", DEFAULT_DIR)) / "inventory.json"
    try:
        inventory = json.loads(file.read_text())
    except FileNotFoundError:
        raise LabMissing("the lab does not run; start it with: make lab") from None
    return Lab(tuple(inventory["hosts"]), inventory["engine_socket"])
