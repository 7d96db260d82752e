"""Item 10: what containers mount from the host, and what of /proc and /sys stays closed."""

from collections.abc import Iterator, Mapping

from scans.checks.core.context import Context
from scans.checks.core.data_root import data_root, nearest_mount
from scans.checks.core.engine_sockets import engine_sockets
from scans.checks.core.host_mounts import (
    UNREAD_VOLUMES,
    host_path,
    is_from_host,
    shown,
    unread_volumes,
)
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.paths import is_at_or_above, is_at_or_below, normalise
from scans.checks.core.reading import DAEMON, HOST, container_subject, containers, require
from scans.checks.core.registry import check
from scans.checks.core.shared_paths import SharedPaths, place
from scans.checks.core.tenants import owner, owners_word
from scans.facts import Container, Facts, MountPoint

WRITING, READING = "when written", "when read"

SENSITIVE: Mapping[str, str] = {
    "/bin": WRITING,
    "/boot": WRITING,
    "/dev": WRITING,
    "/lib": WRITING,
    "/lib64": WRITING,
    "/sbin": WRITING,
    "/sys": WRITING,
    "/usr": WRITING,
    "/etc": READING,
    "/home": READING,
    "/proc": READING,
    "/root": READING,
    "/run": READING,
    "/var/lib/containerd": READING,
    "/var/lib/containers": READING,
    "/var/lib/docker": READING,
}
"""Directories of the host that give it away, and whether reading alone does: by secrets,
sockets, or other containers' data. /var/run is /run."""

HARMLESS_FILES = frozenset(
    {"/dev/log", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
)
"""Below a sensitive directory and harmless even when written."""

PUBLIC_FILES = (
    "/etc/localtime",
    "/etc/timezone",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/os-release",
    "/etc/machine-id",
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
    "/etc/ca-certificates",
)
"""Below a sensitive directory and without secrets: harmless when only read."""

MASKED = (
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/sys/firmware",
)
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")
"""What every engine since 18.06 closes by default; newer ones close more."""

HIDDEN = frozenset(
    f"hidepid={value}" for value in ("1", "2", "4", "noaccess", "invisible", "ptraceable")
)
"""Options of /proc that hide what belongs to others (proc(5)); since Linux 5.8 by names."""


@check(
    "container-sensitive-mounts",
    item=10,
    severity=Severity.HIGH,
    cis=["5.6"],
    needs=["engine", "containers", "volumes"],
)
def container_sensitive_mounts(facts: Facts) -> Iterator[Verdict]:
    """Containers mount no directory of the host that gives it away."""
    sensitive = dict(SENSITIVE)
    if facts.engine is not None and facts.engine.root_dir:
        sensitive[normalise(facts.engine.root_dir)] = READING
    for container in containers(facts):
        yield _sensitive_mounts(container, facts, sensitive)


@check(
    "container-mount-propagation",
    item=10,
    severity=Severity.MEDIUM,
    cis=["5.20"],
    needs=["containers"],
)
def container_mount_propagation(facts: Facts) -> Iterator[Verdict]:
    """What a container mounts does not appear on the host."""
    for container in containers(facts):
        subject = container_subject(container)
        shared = [m for m in container.mounts if m.propagation in ("shared", "rshared")]
        evidence = Evidence(
            "docker inspect: Mounts.Propagation",
            [f"{m.source} on {m.destination}: {m.propagation}" for m in shared],
            [],
        )
        if shared:
            paths = ", ".join(m.destination for m in shared)
            yield failed(subject, "shares mounts with the host at {paths}", evidence, paths=paths)
        else:
            yield passed(subject, "has no mount with shared propagation", evidence)


@check(
    "container-read-only-rootfs", item=10, severity=Severity.LOW, cis=["5.13"], needs=["containers"]
)
def container_read_only_rootfs(facts: Facts) -> Iterator[Verdict]:
    """Containers can't write their own root file system."""
    for container in containers(facts):
        yield _root_file_system(container)


@check("container-masked-paths", item=10, severity=Severity.HIGH, needs=["containers"])
def container_masked_paths(facts: Facts) -> Iterator[Verdict]:
    """The dangerous parts of /proc and /sys are masked or read-only in containers."""
    for container in containers(facts):
        yield _closed_paths(container)


@check(
    "data-root-partition",
    item=10,
    severity=Severity.LOW,
    cis=["1.1.1"],
    needs=["mounts", "files", "daemon", "engine"],
)
def data_root_partition(facts: Facts) -> Iterator[Verdict]:
    """The engine's data has a file system of its own, so that it can't fill the system's."""
    path = data_root(facts)
    mounts = require(facts, facts.mounts, "mounts", "the mounted file systems")
    root, nearest = nearest_mount(mounts, "/"), nearest_mount(mounts, path)
    if root is None or nearest is None:
        raise Unreadable("the mounted file systems could not be read: none is on /")
    evidence = (
        Evidence(f"/proc/self/mountinfo: mount that holds {path}", nearest.target, "not /"),
        Evidence("/proc/self/mountinfo: its device", nearest.source, "not that of /"),
    )
    if nearest.target == "/":
        yield failed(DAEMON, "keeps {path} on the root file system", *evidence, path=path)
    elif nearest.source == root.source and nearest.source.startswith("/dev/"):
        yield failed(
            DAEMON, "keeps {path} on the device of the root file system", *evidence, path=path
        )
    else:
        yield passed(
            DAEMON,
            "keeps {path} on a file system of its own, {target}",
            *evidence,
            path=path,
            target=nearest.target,
        )


@check("proc-hidepid", item=10, severity=Severity.LOW, needs=["mounts"])
def proc_hidepid(facts: Facts) -> Iterator[Verdict]:
    """Users of the host see their own processes alone."""
    mounts = require(facts, facts.mounts, "mounts", "the mounted file systems")
    proc = next((m for m in reversed(mounts) if m.target == "/proc"), None)
    if proc is None:
        raise Unreadable("the mounted file systems could not be read: none is on /proc")
    options = (*proc.options, *proc.super_options)
    evidence = Evidence(
        "/proc/self/mountinfo: options of /proc", list(options), "hidepid=invisible"
    )
    if HIDDEN.intersection(options):
        yield passed(HOST, "hides the processes of other users", evidence)
    else:
        yield failed(HOST, "shows every user the processes of all", evidence)


@check("container-shared-volumes", item=10, severity=Severity.LOW, needs=["containers"])
def container_shared_volumes(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers of different projects or tenants share no writable path."""
    word = owners_word(context.policy)
    owned = [(c, name) for c in containers(facts) if (name := owner(c, context.policy))]
    if len({name for _, name in owned}) < 2:
        raise NotApplicable(f"no containers of several {word} run here")
    sockets = engine_sockets(facts)  # these have a check of their own
    paths = SharedPaths(
        (name, mount) for c, name in owned for mount in c.mounts if place(mount) not in sockets
    )
    for container, name in owned:
        yield _shared_volumes(container, name, paths, facts)


def _shared_volumes(container: Container, name: str, paths: SharedPaths, facts: Facts) -> Verdict:
    subject = container_subject(container)
    shared = {
        place(mount): list(others)
        for mount in container.mounts
        if (others := paths.others(name, mount))
    }
    evidence = Evidence("docker inspect: Mounts that others have too", shared, {})
    if shared:
        names = sorted({other for found in shared.values() for other in found})
        return failed(
            subject,
            "shares {paths} with {others}",
            evidence,
            paths=", ".join(shared),
            others=", ".join(names),
        )
    unread = unread_volumes(container, facts)
    if unread:
        return unknown(subject, UNREAD_VOLUMES, evidence, volumes=", ".join(unread))
    return passed(subject, "shares no writable path with others", evidence)


def _sensitive_mounts(container: Container, facts: Facts, sensitive: Mapping[str, str]) -> Verdict:
    subject = container_subject(container)
    from_host = [mount for mount in container.mounts if is_from_host(mount)]
    bad = [mount for mount in from_host if _gives_away(mount, sensitive)]
    evidence = Evidence(
        "docker inspect: Mounts", [shown(m) for m in bad or from_host], "no sensitive directory"
    )
    if bad:
        paths = ", ".join(shown(mount) for mount in bad)
        return failed(subject, "mounts {paths} of the host", evidence, paths=paths)
    if any(not host_path(mount) for mount in from_host):
        return unknown(subject, "has a mount whose path on the host is not known", evidence)
    if unread := unread_volumes(container, facts):
        return unknown(subject, UNREAD_VOLUMES, evidence, volumes=", ".join(unread))
    return passed(subject, "mounts no sensitive directory of the host", evidence)


def _gives_away(mount: MountPoint, sensitive: Mapping[str, str]) -> bool:
    path = host_path(mount)
    if not path or path in HARMLESS_FILES:
        return False
    if mount.read_only and any(is_at_or_below(path, public) for public in PUBLIC_FILES):
        return False
    dangers = {
        danger
        for directory, danger in sensitive.items()
        if is_at_or_below(path, directory) or is_at_or_above(path, directory)
    }
    return READING in dangers or (bool(dangers) and not mount.read_only)


def _root_file_system(container: Container) -> Verdict:
    subject, declared = container_subject(container), container.read_only_rootfs
    evidence = [Evidence("docker inspect: HostConfig.ReadonlyRootfs", declared, expected=True)]
    process = container.process
    effective = process.root_read_only if process else None
    if process and effective is not None:
        source = f"/proc/{process.pid}/mountinfo: / is read-only"
        evidence.insert(0, Evidence(source, effective, expected=True))
        if effective != declared:
            if effective:
                return passed(subject, "has a read-only root, though declared writable", *evidence)
            return failed(subject, "has a writable root, though declared read-only", *evidence)
    if declared:
        return passed(subject, "has a read-only root file system", *evidence)
    return failed(subject, "has a writable root file system", *evidence)


def _closed_paths(container: Container) -> Verdict:
    subject = container_subject(container)
    masked, read_only = container.masked_paths, container.readonly_paths
    evidence = (
        Evidence("docker inspect: HostConfig.MaskedPaths", _listed(masked), list(MASKED)),
        Evidence("docker inspect: HostConfig.ReadonlyPaths", _listed(read_only), list(READ_ONLY)),
    )
    if container.privileged:
        privileged = Evidence(
            "docker inspect: HostConfig.Privileged", observed=True, expected=False
        )
        return failed(subject, "runs with --privileged, which masks nothing", privileged, *evidence)
    if masked is None or read_only is None:
        return unknown(subject, "the engine does not tell which paths it masks", *evidence)
    # a masked path is closed for writing as well
    missing = [p for p in MASKED if not _covered(p, masked)]
    missing += [p for p in READ_ONLY if not _covered(p, (*masked, *read_only))]
    if missing:
        return failed(subject, "leaves open {paths}", *evidence, paths=", ".join(missing))
    return passed(subject, "masks what the engine masks by default", *evidence)


def _covered(path: str, closed: tuple[str, ...]) -> bool:
    return path in closed or any(is_at_or_below(path, parent) for parent in closed)


def _listed(paths: tuple[str, ...] | None) -> list[str] | None:
    return None if paths is None else list(paths)
