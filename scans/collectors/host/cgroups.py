"""Which container a process belongs to, by its cgroup's path."""

import re

from scans.collectors.frames import Section
from scans.collectors.host.text import lines, text

_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def own_prefix(section: Section) -> str:
    """The cgroup of a host that is a container itself, by pid 1's path; otherwise empty."""
    for line in lines(section.find("own")):
        path = line.split(":", 2)[-1]
        found = list(_ID.finditer(path))
        if found:
            return path[: found[-1].end()]
    return ""


def container_ids(path: str, own: str) -> tuple[str, ...]:
    """The ids of containers on a cgroup's path below the host's own, the outermost first."""
    if own and path.startswith(own):
        path = path[len(own) :]
    return tuple(dict.fromkeys(_ID.findall(path)))


def members(section: Section) -> dict[int, tuple[str, ...]]:
    """Pid → ids of the containers it is in, of the ``processes`` section."""
    own = own_prefix(section)
    found: dict[int, tuple[str, ...]] = {}
    for line in lines(section.find("members")):
        pid, content = of_process(line)
        ids = container_ids(content.split(":", 2)[-1], own)
        if pid is not None and ids:
            found[pid] = ids
    return found


def of_process(line: str) -> tuple[int | None, str]:
    """``/proc/PID/FILE:CONTENT`` → (pid, content)."""
    name, _, content = line.partition(":")
    word = name.split("/")[2] if name.startswith("/proc/") and name.count("/") >= 3 else ""
    return (int(word), content) if _is_pid(word) else (None, content)


def by_process(data: bytes | None, ending: str) -> dict[int, list[str]]:
    """Pid → the lines of its file ``ending``, as ``grep -H`` prints them."""
    found: dict[int, list[str]] = {}
    last, contents = "", None  # the lines of a file follow one another
    for line in text(data or b"").split("\n"):
        name, _, content = line.partition(":")
        if name != last:
            pid = of_process(line)[0] if name.endswith(f"/{ending}") else None
            last, contents = name, None if pid is None else found.setdefault(pid, [])
        if contents is not None:
            contents.append(content)
    return found


def _is_pid(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= 10
