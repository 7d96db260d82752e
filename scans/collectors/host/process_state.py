"""The effective state of containers' main processes."""

import re
from collections.abc import Mapping
from dataclasses import replace

from scans.collectors.frames import Section
from scans.collectors.host.cgroups import by_process, of_process, own_prefix
from scans.collectors.host.kernel import parse_namespaces
from scans.collectors.host.text import lines, number, values, visible
from scans.facts import ProcessState

# The kernel's "no limit" of cgroup v1 is the largest multiple of a page that fits.
_NO_LIMIT = 2**60

_NS_HEADER = re.compile(r"/proc/(\d{1,10}|self)/ns/:", re.ASCII)


def parse_states(
    section: Section, statuses: Mapping[int, Mapping[str, str]]
) -> dict[int, ProcessState]:
    """Pid → state, of the processes whose parent is outside their container."""
    cgroups = by_process(section.find("cgroups"), "cgroup")
    limits, own = values(section.find("limits")), own_prefix(section)
    maps = {
        kind: by_process(section.find("maps"), kind)
        for kind in ("uid_map", "gid_map", "attr/current")
    }
    namespaces, read_only = _namespaces(section), _read_only_roots(section)
    found: dict[int, ProcessState] = {}
    for pid in cgroups:
        state = _from_status(pid, statuses.get(pid, {}))
        if state is None:
            continue
        label = maps["attr/current"].get(pid)
        found[pid] = replace(
            state,
            uid_map=_id_map(maps["uid_map"].get(pid)),
            gid_map=_id_map(maps["gid_map"].get(pid)),
            lsm_label=visible(label[0].strip("\0 ")) if label else None,
            namespaces=namespaces.get(pid, {}),
            cgroup=visible(cgroups[pid][0].split(":", 2)[-1]),
            memory_max=_limit("memory", cgroups[pid], own, limits),
            pids_max=_limit("pids", cgroups[pid], own, limits),
            root_read_only=read_only.get(pid),
        )
    return found


def _from_status(pid: int, status: Mapping[str, str]) -> ProcessState | None:
    """The fields of /proc/PID/status, or None if the process had gone."""
    try:
        return ProcessState(
            pid=pid,
            uids=tuple(int(word[:10]) for word in status["Uid"].split()),
            gids=tuple(int(word[:10]) for word in status["Gid"].split()),
            cap_effective=int(status["CapEff"][:16], 16),
            cap_permitted=int(status["CapPrm"][:16], 16),
            cap_inheritable=int(status["CapInh"][:16], 16),
            cap_bounding=int(status["CapBnd"][:16], 16),
            cap_ambient=int(status.get("CapAmb", "0")[:16], 16),
            seccomp=number(status.get("Seccomp")),
            seccomp_filters=number(status.get("Seccomp_filters")),
            no_new_privileges=_flag(status.get("NoNewPrivs")),
            namespaces={},
        )
    except (KeyError, ValueError):
        return None


def _flag(value: str | None) -> bool | None:
    return None if value not in ("0", "1") else value == "1"


def _id_map(found: list[str] | None) -> tuple[tuple[int, int, int], ...] | None:
    if found is None:
        return None
    rows = [[number(word) for word in line.split()] for line in found]
    return tuple(
        (row[0], row[1], row[2])
        for row in rows
        if len(row) == 3 and row[0] is not None and row[1] is not None and row[2] is not None
    )


def _namespaces(section: Section) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    block: list[str] = []
    pid: int | None = None
    for line in [*lines(section.find("namespaces")), "/proc/self/ns/:"]:
        header = _NS_HEADER.fullmatch(line)
        if header is None:
            block.append(line)
            continue
        if pid is not None and (inodes := parse_namespaces("\n".join(block).encode())):
            found[pid] = inodes
        # The probe's own block is there so that ls heads each one even when there is just one.
        pid, block = None if header[1] == "self" else int(header[1]), []
    return found


def _read_only_roots(section: Section) -> dict[int, bool]:
    found: dict[int, bool] = {}
    for line in lines(section.find("mounts")):
        pid, mount = of_process(line)
        fields = mount.split(" ")
        if pid is not None and len(fields) > 6:
            found[pid] = "ro" in fields[5].split(",")
    return found


def _limit(controller: str, cgroup: list[str], own: str, limits: Mapping[str, str]) -> int | None:
    """The limit in a process's cgroup. ``limits`` is by the file's path."""
    for line in cgroup:
        fields = line.split(":", 2)
        if len(fields) < 3:
            continue
        path = fields[2].removeprefix(own)
        if fields[1] == "":
            file = f"/sys/fs/cgroup{path}/{controller}.max"
        elif controller in fields[1].split(","):
            name = "memory.limit_in_bytes" if controller == "memory" else "pids.max"
            file = f"/sys/fs/cgroup/{controller}{path}/{name}"
        else:
            continue
        value = number(limits.get(file))
        if value is not None:
            return value if value < _NO_LIMIT else None
    return None


def parse_users(section: Section) -> dict[str, dict[str, int]]:
    """Container id → name → uid of the container's own passwd, of the ``users`` section."""
    passwd = by_process(section.find("passwd"), "root/etc/passwd")
    found: dict[str, dict[str, int]] = {}
    for line in lines(section.find("roots")):
        container, _, word = line.partition(" ")
        users: dict[str, int] = {}
        for entry in passwd.get(number(word) or 0, ()):
            fields = visible(entry).split(":")
            uid = number(fields[2]) if len(fields) > 2 else None
            if uid is not None:
                users.setdefault(fields[0], uid)
        if users:
            found[container] = users
    return found
