"""Whose namespace a container uses: its own, another container's, or the host's.

Where the probe saw the process, the inodes of its namespaces decide (namespaces(7)). Otherwise
the declared mode does, with ``container:`` references followed to their end.
"""

from typing import Literal

from scans.checks.core import settings
from scans.checks.core.model import Evidence, Unreadable
from scans.facts import Container, Facts, ProcessState

Kind = Literal["net", "pid", "ipc", "uts", "user"]
Answer = tuple[bool | None, tuple[Evidence, ...]]

_FIELDS: dict[Kind, tuple[str, str]] = {
    "net": ("network", "NetworkMode"),
    "pid": ("pid", "PidMode"),
    "ipc": ("ipc", "IpcMode"),
    "uts": ("uts", "UTSMode"),
    "user": ("user", "UsernsMode"),
}
"""Kind → attribute of NamespaceModes and key of HostConfig."""

_REFERENCE = "container:"


def uses_host(container: Container, kind: Kind, facts: Facts) -> Answer:
    """Whether a container uses the host's namespace of a kind, and how that is known.

    True or False; None when neither its process nor its declaration tells. The evidence has the
    effective state first, then the declared mode of each container in the chain.
    """
    chain = _chain(container, kind, facts)
    declared = tuple(_declaration(link, kind, container) for link in chain)
    # The process of the container itself decides; a joined one's stands in for it.
    for link in (container, chain[-1]):
        seen = _effective(link, kind, facts)
        if seen is not None:
            host, evidence = seen
            return host, (evidence, *declared)
    if _mode(chain[-1], kind).startswith(_REFERENCE):
        return None, declared
    if kind == "user" and not _mode(chain[-1], kind):
        remapped, reason = remaps_by_default(facts)
        return None if remapped is None else not remapped, (*declared, *reason)
    return _declared(chain[-1], kind, facts), declared


def sharing_container(container: Container, kind: Kind, facts: Facts) -> Container | None:
    """The other container whose namespace it declares to join, chains followed as far as they
    are known; None when it joins none, or one that is not among the containers."""
    chain = _chain(container, kind, facts)
    return chain[-1] if len(chain) > 1 else None


def remaps_by_default(facts: Facts) -> Answer:
    """Whether the engine gives containers a user namespace in which root is an unprivileged
    user of the host: ``userns-remap``, or an engine that runs rootless.

    The running engine's own word decides, then its process and configuration; None when none
    of them was read.
    """
    engine = facts.engine
    if engine is not None:
        options = Evidence(
            "docker info: SecurityOptions",
            list(engine.security_options),
            "name=userns or name=rootless",
        )
        return engine.userns_remap or engine.rootless, (options,)
    seen: tuple[Evidence, ...] = ()
    if facts.daemon is not None and facts.daemon.uid is not None:
        uid = facts.daemon.uid
        seen = (Evidence(f"/proc/{facts.daemon.pid}/status: Uid", uid, "not 0"),)
        if uid != 0:
            return True, seen
    try:
        remap, setting = settings.value(facts, "userns-remap", "")
    except Unreadable:
        return None, seen
    declared = settings.evidence("userns-remap", remap, setting, "a user")
    if not remap and not seen:  # it may still run as an unprivileged user
        return None, (declared,)
    return bool(remap), (*seen, declared)


def root_outside(process: ProcessState) -> int | None:
    """The host's uid that root is in the process's user namespace (user_namespaces(7)).

    None when its map has no root, or was not read: look at ``process.uid_map`` first.
    """
    for inside, outside, count in process.uid_map or ():
        if inside == 0 and count > 0:
            return outside
    return None


def _effective(container: Container, kind: Kind, facts: Facts) -> tuple[bool, Evidence] | None:
    process, kernel = container.process, facts.kernel
    if process is None or kernel is None:
        return None
    own, host = process.namespaces.get(kind), kernel.namespaces.get(kind)
    if own is None or host is None:
        return None
    return own == host, Evidence(f"/proc/{process.pid}/ns/{kind}", own, f"not {host}, the host's")


def _declared(container: Container, kind: Kind, facts: Facts) -> bool | None:
    mode = _mode(container, kind)
    if mode.startswith("ns:"):  # Podman: a namespace by its path, whoever it belongs to
        return None
    if kind == "user" and facts.engine is not None and facts.engine.rootless:
        return False  # "host" is the user namespace of the rootless engine
    return mode == "host" or (kind == "net" and "host" in container.networks)


def _declaration(link: Container, kind: Kind, container: Container) -> Evidence:
    of_another = "" if link is container else f" {link.name}"
    source = f"docker inspect{of_another}: HostConfig.{_FIELDS[kind][1]}"
    return Evidence(source, _mode(link, kind), "not host")


def _mode(container: Container, kind: Kind) -> str:
    mode: str = getattr(container.namespaces, _FIELDS[kind][0])
    return mode


def _chain(container: Container, kind: Kind, facts: Facts) -> list[Container]:
    """The container and those it joins, one after the other, each once."""
    chain = [container]
    while (joined := _joined(chain[-1], kind, facts)) is not None and joined not in chain:
        chain.append(joined)
    return chain


def _joined(container: Container, kind: Kind, facts: Facts) -> Container | None:
    """The container that a ``container:`` mode names by id, abbreviated id or name."""
    mode = _mode(container, kind)
    reference = mode.removeprefix(_REFERENCE).removeprefix("/")
    if not mode.startswith(_REFERENCE) or not reference:
        return None
    found = facts.containers or ()
    for candidate in found:
        if reference in (candidate.id, candidate.name):
            return candidate
    abbreviated = [candidate for candidate in found if candidate.id.startswith(reference)]
    return abbreviated[0] if len(abbreviated) == 1 else None
