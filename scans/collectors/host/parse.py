"""Puts the parsers of all sections together."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from scans.collectors.frames import ProbeOutput, Section
from scans.collectors.host.accounts import parse_accounts, parse_groups, parse_subids
from scans.collectors.host.audit import parse_enabled, parse_loaded, parse_on_disk
from scans.collectors.host.daemon import parse_daemon
from scans.collectors.host.files import parse_files
from scans.collectors.host.firewall import parse_firewall, why_unlisted
from scans.collectors.host.kernel import parse_kernel
from scans.collectors.host.listeners import parse_listeners
from scans.collectors.host.lsm import parse_lsm
from scans.collectors.host.model import ContainerProbe, HostFacts
from scans.collectors.host.mounts import parse_mounts
from scans.collectors.host.process_state import parse_users
from scans.collectors.host.processes import Processes, parse_processes
from scans.collectors.host.reading import SUDO_HINT, Missing, check_whole
from scans.collectors.host.suid import parse_container_suid, parse_host_suid
from scans.collectors.host.system import parse_clock, parse_system
from scans.collectors.host.updates import parse_updates
from scans.collectors.host.versions import parse_packages, parse_versions
from scans.facts import (
    AuditRules,
    DaemonConfig,
    Firewall,
    Gap,
    HostProcess,
    Lsm,
    Mount,
    SuidInventory,
)

T = TypeVar("T")

CONTAINERS = "container-probes"
"""The section of gaps about containers' processes and files."""


def parse_host(
    output: ProbeOutput, *, now: datetime, engine_socket: str | None = None
) -> HostFacts:
    """The host's facts from the probe's output. Never raises for what a host wrote.

    ``now`` is the auditor's time (aware, UTC) when the probe began on the host. ``engine_socket``
    is the path where the engine is spoken to, to choose among several daemons; None takes the one
    that listens on the default socket.
    """
    return _Parser(output).parse(now, engine_socket)


class _Parser:
    """Parses one output and collects what is missing from it."""

    def __init__(self, output: ProbeOutput) -> None:
        self._output = output
        self._root = output.level != "user"
        self._gaps = list(output.gaps)

    def parse(self, now: datetime, engine_socket: str | None) -> HostFacts:
        """All sections."""
        mounts = self._read("mounts", "mounts", parse_mounts)
        processes = self._read("processes", "processes", parse_processes)
        host = processes.host if processes else None
        daemon = self._daemon(engine_socket, host)
        return HostFacts(
            level=self._output.level,
            user=self._output.user,
            containers=self._containers(processes),
            system=self._read("system", "system", parse_system),
            clock=self._read("clock", "system", lambda section: parse_clock(section, now)),
            kernel=self._read("kernel", "kernel", parse_kernel),
            lsm=self._lsm(),
            updates=self._read("updates", "updates", parse_updates),
            packages=self._read("packages", "versions", parse_packages),
            mounts=mounts,
            accounts=self._read("accounts", "accounts", parse_accounts),
            groups=self._read("groups", "accounts", parse_groups),
            subuid=self._read("subuid", "accounts", lambda s: parse_subids(s, "/etc/subuid")),
            subgid=self._read("subgid", "accounts", lambda s: parse_subids(s, "/etc/subgid")),
            files=self._read("files", "files", lambda section: parse_files(section, daemon)),
            listeners=self._read("listeners", "listeners", parse_listeners),
            processes=host,
            firewall=self._firewall(),
            audit=self._audit(host),
            suid=self._suid(mounts or ()),
            daemon=daemon,
            gaps=self._all_gaps(),
        )

    def _section(self, name: str) -> Section:
        section = self._output.sections.get(name)
        if section is None:
            raise Missing(self._output.problem or "the probe did not read it")
        return section

    def _read(self, gap: str, name: str, parse: Callable[[Section], T]) -> T | None:
        """What ``parse`` makes of a whole section; None and a gap otherwise."""
        try:
            section = self._section(name)
            check_whole(section)
            return parse(section)
        except Missing as missing:
            self._gap(gap, missing.reason, missing.hint)
            return None

    def _gap(self, section: str, reason: str, hint: str | None = None) -> None:
        self._gaps.append(Gap(section=section, reason=reason, hint=hint))

    def _all_gaps(self) -> tuple[Gap, ...]:
        if not self._root:
            self._gap("listeners", "the processes of other users' sockets are hidden", SUDO_HINT)
        return tuple(self._gaps)

    def _lsm(self) -> Lsm | None:
        lsm = self._read("lsm", "lsm", parse_lsm)
        if lsm is not None and lsm.active is None:
            self._gap("lsm", "/sys/kernel/security/lsm can't be read, so the list is not known")
        if lsm is not None and lsm.apparmor_enabled and lsm.apparmor_profiles is None:
            self._gap("lsm", "AppArmor's profiles can't be listed", self._sudo_hint)
        return lsm

    @property
    def _sudo_hint(self) -> str | None:
        return None if self._root else SUDO_HINT

    def _daemon(
        self, engine_socket: str | None, processes: tuple[HostProcess, ...] | None
    ) -> DaemonConfig | None:
        versions = self._read("versions", "versions", parse_versions) or {}
        daemon = self._read(
            "daemon", "daemon", lambda section: parse_daemon(section, versions, engine_socket)
        )
        if daemon is None:
            return None
        if not daemon.running and processes is None:
            self._gap("daemon", "whether a daemon runs is not known without the processes")
            return None
        for source in daemon.sources:
            if source.problem == "it may not be read":
                self._gap("daemon", f"{source.path} may not be read", self._sudo_hint)
        return daemon

    def _firewall(self) -> Firewall | None:
        firewall = self._read("firewall", "firewall", parse_firewall)
        if firewall is not None and firewall.docker_user is None:
            reason = why_unlisted(self._section("firewall"))
            self._gap("firewall", f"the chain DOCKER-USER: {reason}", self._sudo_hint)
        return firewall

    def _audit(self, processes: tuple[HostProcess, ...] | None) -> AuditRules | None:
        running = None
        if processes is not None:
            running = any(process.name == "auditd" for process in processes)
        loaded = self._read("audit", "audit", lambda s: parse_loaded(s, root=self._root))
        enabled = self._read("audit", "audit", parse_enabled) if loaded is not None else None
        before = len(self._gaps)
        on_disk = self._read("audit", "audit", parse_on_disk)
        if self._gaps[before:] == self._gaps[before - 1 : before]:
            del self._gaps[before:]
        return AuditRules(loaded=loaded, on_disk=on_disk, auditd_running=running, enabled=enabled)

    def _suid(self, mounts: tuple[Mount, ...]) -> SuidInventory | None:
        """An inventory that was cut is kept: it says itself that it is not whole."""
        try:
            section = self._section("suid")
        except Missing as missing:
            self._gap("suid", missing.reason, missing.hint)
            return None
        inventory = parse_host_suid(section, mounts, root=self._root)
        if not self._root:
            self._gap("suid", "directories of other users were not searched", SUDO_HINT)
        elif not inventory.complete:
            self._cut("suid", section)
        if not inventory.capabilities_read:
            self._gap("suid", "file capabilities: getcap is not installed on the host")
        return inventory

    def _cut(self, gap: str, section: Section) -> None:
        try:
            check_whole(section)
        except Missing as missing:
            self._gap(gap, f"the search was not finished: {missing.reason}", missing.hint)
            return
        self._gap(gap, "the search was not finished")

    def _containers(self, processes: Processes | None) -> dict[str, ContainerProbe] | None:
        if processes is None:
            self._gap(CONTAINERS, "the host's processes could not be read")
            return None
        users = self._read(CONTAINERS, "users", parse_users) or {}
        if not processes.containers:
            return {}
        found = {
            container: ContainerProbe(
                states=processes.states.get(container, {}),
                processes=seen,
                users=users.get(container),
            )
            for container, seen in processes.containers.items()
        }
        return self._with_suid(found)

    def _with_suid(self, found: dict[str, ContainerProbe]) -> dict[str, ContainerProbe]:
        if not self._root:
            self._gap(
                CONTAINERS, "namespaces and files of containers are for root alone", SUDO_HINT
            )
            return found
        try:
            section = self._section("suid")
        except Missing as missing:
            self._gap(CONTAINERS, missing.reason, missing.hint)
            return found
        inventories = parse_container_suid(section)
        if not all(inventory.complete for inventory in inventories.values()):
            self._cut(CONTAINERS, section)
        return {
            container: replace(probe, suid=inventories.get(container))
            for container, probe in found.items()
        }
