"""Processes of the host and of its containers, from ``/proc`` alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from hosts.connections.redact import redact_argv
from scans.collectors.frames import Section
from scans.collectors.host.cgroups import by_process, members
from scans.collectors.host.process_state import parse_states
from scans.collectors.host.reading import Missing, needed
from scans.collectors.host.text import text, visible
from scans.facts import HostProcess, ProcessState, TopProcess

_LONGEST_COMMAND = 1000
_MOST_ARGUMENTS = 200


@dataclass(frozen=True, slots=True)
class Processes:
    """All processes that the probe saw, by whose they are."""

    host: tuple[HostProcess, ...]
    containers: Mapping[str, tuple[TopProcess, ...]]
    states: Mapping[str, Mapping[int, ProcessState]]
    """Container id → pid → state."""


def parse_processes(section: Section) -> Processes:
    """The ``processes`` section. Raises Missing, also where ``hidepid`` shows only one's own."""
    statuses = parse_statuses(needed(section, "status"))
    if 1 not in statuses:
        raise Missing("the host shows a user only its own processes (hidepid)")
    contained, commands = members(section), _commands(section.find("cmdline"))
    host: list[HostProcess] = []
    containers: dict[str, list[TopProcess]] = {}
    for pid, status in statuses.items():
        process = _process(pid, status, commands.get(pid, ""))
        if process is None:
            continue
        if pid not in contained and process.uid is not None:
            host.append(HostProcess(pid=pid, name=process.name, uid=process.uid))
        for container in contained.get(pid, ()):
            containers.setdefault(container, []).append(process)
    return Processes(
        host=tuple(host),
        containers={name: tuple(found) for name, found in containers.items()},
        states=_states_by_container(section, statuses, contained),
    )


def parse_statuses(data: bytes) -> dict[int, dict[str, str]]:
    """Pid → field → value of ``/proc/PID/status``."""
    found: dict[int, dict[str, str]] = {}
    for pid, fields in by_process(data, "status").items():
        pairs = (field.partition(":") for field in fields)
        found[pid] = {name: value.strip() for name, _, value in pairs}
    return found


def _process(pid: int, status: Mapping[str, str], command: str) -> TopProcess | None:
    uid = status.get("Uid", "").split()
    parent = status.get("PPid", "")
    try:
        return TopProcess(
            pid=pid,
            parent=int(parent[:10]) if parent else None,
            uid=int(uid[0][:10]),
            name=visible(status.get("Name", "")),
            command=command,
            cap_effective=int(status["CapEff"][:16], 16) if "CapEff" in status else None,
        )
    except (IndexError, ValueError):
        return None


def _commands(data: bytes | None) -> dict[int, str]:
    """Pid → command line without secrets. Each argument stands behind its file's path."""
    arguments: dict[int, list[str]] = {}
    for record in text(data or b"").split("\0"):
        head, colon, argument = record.partition("/cmdline:")
        pid = head.removeprefix("/proc/")
        if colon and pid.isascii() and pid.isdecimal() and len(pid) <= 10:
            arguments.setdefault(int(pid), []).append(argument)
    return {pid: _command(words) for pid, words in arguments.items()}


def _command(words: list[str]) -> str:
    shown = visible(" ".join(redact_argv(words[:_MOST_ARGUMENTS]))).strip()
    return shown if len(shown) <= _LONGEST_COMMAND else shown[: _LONGEST_COMMAND - 1] + "…"


def _states_by_container(
    section: Section,
    statuses: Mapping[int, Mapping[str, str]],
    contained: Mapping[int, tuple[str, ...]],
) -> dict[str, dict[int, ProcessState]]:
    found: dict[str, dict[int, ProcessState]] = {}
    for pid, state in parse_states(section, statuses).items():
        for container in contained.get(pid, ()):
            found.setdefault(container, {})[pid] = state
    return found
