"""Which services a container runs, by the tree of its processes."""

from collections.abc import Iterator, Mapping

from scans.checks.core.servers import SHELLS, is_helper, plain_name, server_kind
from scans.facts import Container, TopProcess


def services_of(container: Container) -> frozenset[str] | None:
    """Names of the services that a container runs; None where its processes don't tell.

    A service is what is started by nothing but init, supervisors and shells, or a known server
    below another program. Processes of one name are one service: workers look like that. What
    was started from outside (``docker exec``, health checks) is left out.
    """
    processes = container.processes
    if not processes:
        return None
    if any(process.parent is None for process in processes):
        return _without_parents(processes)
    by_pid = {process.pid: process for process in processes}
    if container.pid not in by_pid:
        return None
    found = set()
    for process in processes:
        above = _ancestors(process, by_pid, container.pid)
        if above is not None and _is_service(process, above):
            found.add(_program(process))
    return frozenset(found)


def _is_service(process: TopProcess, above: tuple[TopProcess, ...]) -> bool:
    if _helps(process):
        return False
    others = [_program(other) for other in above if not _helps(other)]
    if not others:
        return True
    name = _program(process)
    return server_kind(name) is not None and name not in others


def _without_parents(processes: tuple[TopProcess, ...]) -> frozenset[str] | None:
    """By names alone: several known servers are several services, a single name is one."""
    names = {_program(process) for process in processes if not _helps(process)}
    servers = {name for name in names if server_kind(name)}
    if len(servers) > 1:
        return frozenset(servers)
    return frozenset(names) if len(names) <= 1 else None


def _ancestors(
    process: TopProcess, by_pid: Mapping[int, TopProcess], main: int
) -> tuple[TopProcess, ...] | None:
    """The processes above one, the main process last; None if it does not descend from that."""
    if process.pid == main:
        return ()
    above: list[TopProcess] = []
    for parent in _upwards(process, by_pid):
        above.append(parent)
        if parent.pid == main:
            return tuple(above)
    return None


def _upwards(process: TopProcess, by_pid: Mapping[int, TopProcess]) -> Iterator[TopProcess]:
    seen = {process.pid}
    current = by_pid.get(process.parent or 0)
    while current is not None and current.pid not in seen:
        seen.add(current.pid)
        yield current
        current = by_pid.get(current.parent or 0)


def _helps(process: TopProcess) -> bool:
    """Also a script: its interpreter is the first word of its command line."""
    words = process.command.split()
    interpreter = words[0].rpartition("/")[2].removeprefix("-") if words else ""
    return is_helper(_program(process)) or interpreter in SHELLS


def _program(process: TopProcess) -> str:
    """The program without its version; BusyBox by the part that was asked for."""
    name = process.name
    words = [word.rpartition("/")[2] for word in process.command.split()[:2]]
    if name == "busybox" and words:
        name = words[-1] if words[0] == "busybox" else words[0]
    return plain_name(name)
