"""Item 6: what containers may take of the host's disks, and the drivers that store them."""

from collections.abc import Iterator

from scans.checks.core import settings
from scans.checks.core.data_root import data_root, nearest_mount
from scans.checks.core.engines import docker_engine
from scans.checks.core.limits import doubt_about
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from scans.checks.core.reading import DAEMON, container_subject, containers, engine, require
from scans.checks.core.registry import check
from scans.facts import Container, Facts

ALWAYS_LIMITS = frozenset(("devicemapper",))
"""Drivers that give each container a device of its own, of a fixed size."""
CAN_LIMIT = frozenset(("btrfs", "zfs"))
"""Drivers that take ``--storage-opt size`` on any host."""
CAN_LIMIT_ON_XFS = frozenset(("overlay", "overlay2", "vfs"))
"""Drivers that take it where the data root is XFS with project quotas."""
PROJECT_QUOTA = frozenset(("pquota", "prjquota"))
DEFAULT_BASE_SIZE = ("10g", "10gb")
"""What devicemapper gives each container unless ``dm.basesize`` says otherwise."""


@check("container-blkio-limit", item=6, severity=Severity.LOW, needs=["daemon", "containers"])
def container_blkio_limit(facts: Facts) -> Iterator[Verdict]:
    """Each container's use of disks is weighted or throttled."""
    for container in containers(facts):
        subject, given = container_subject(container), container.resources
        if given.blkio_limits:
            source, observed = "docker inspect: HostConfig.BlkioDevice*", "a limit per device"
        else:
            source, observed = "docker inspect: HostConfig.BlkioWeight", str(given.blkio_weight)
        limited = given.blkio_limits or given.blkio_weight > 0
        declared = Evidence(source, observed, "a weight, or a limit per device")
        doubt = doubt_about(container, facts, declared, limited=limited)
        if doubt is not None:
            yield doubt
        elif limited:
            yield passed(subject, "has a limit of block I/O", declared)
        else:
            yield failed(subject, "has no limit of block I/O", declared)


@check(
    "container-storage-quota",
    item=6,
    severity=Severity.LOW,
    needs=["mounts", "files", "engine", "containers"],
)
def container_storage_quota(facts: Facts) -> Iterator[Verdict]:
    """Each container's writable layer has a size that it can't exceed, where drivers have that."""
    for container in containers(facts):
        subject, size = container_subject(container), _size(container)
        declared = Evidence("docker inspect: HostConfig.StorageOpt.size", size, "a size")
        if _read_only(container):
            yield passed(subject, "can't write its root file system", declared)
        elif size:
            yield passed(subject, "has a root file system of at most {size}", declared, size=size)
        else:
            yield _by_default_size(subject, facts, declared)


def _size(container: Container) -> str:
    options = container.resources.storage_options
    return next((value for key, value in options.items() if key.lower() == "size"), "")


def _read_only(container: Container) -> bool:
    effective = container.process.root_read_only if container.process else None
    return container.read_only_rootfs if effective is None else effective


def _by_default_size(subject: Subject, facts: Facts, declared: Evidence) -> Verdict:
    """Whether the storage driver limits a container that asks for nothing, or could."""
    driver = engine(facts).storage_driver
    seen = Evidence("docker info: Driver", driver)
    if driver in ALWAYS_LIMITS:
        return passed(subject, "has a device of fixed size", declared, seen)
    if driver in CAN_LIMIT:
        return failed(subject, "may fill the disk of all containers", declared, seen)
    if driver not in CAN_LIMIT_ON_XFS:
        template = "can't be limited: the storage driver {driver} has no quotas"
        return not_applicable(subject, template, declared, seen, driver=driver)
    return _by_file_system(subject, facts, declared, seen)


def _by_file_system(subject: Subject, facts: Facts, *seen: Evidence) -> Verdict:
    mount = nearest_mount(facts.mounts or (), data_root(facts))
    if mount is None:
        return unknown(subject, "the file system that holds it could not be read", *seen)
    options = [*mount.options, *mount.super_options]
    held = Evidence(f"/proc/self/mountinfo: {mount.target}", [mount.fstype, *options], "xfs pquota")
    if mount.fstype != "xfs" or not PROJECT_QUOTA & set(options):
        template = "can't be limited: its file system is no XFS with project quotas"
        return not_applicable(subject, template, *seen, held)
    try:
        default = _storage_option(facts, "overlay2.size")
    except NotApplicable:  # Podman has no daemon
        return unknown(subject, "asks for no size; storage.conf was not read", *seen, held)
    except Unreadable as missing:
        template = "asks for no size, and the daemon's default is not known: {missing}"
        return unknown(subject, template, *seen, held, missing=missing)
    if default.observed:
        template = "has a root file system of at most {size}"
        return passed(subject, template, *seen, default, size=default.observed)
    return failed(subject, "may fill the disk of all containers", *seen, held)


def _storage_option(facts: Facts, name: str) -> Evidence:
    """One of the daemon's ``storage-opts``, the empty text where it is not set.

    Raises as settings.value does.
    """
    value, setting = settings.value(facts, "storage-opts", default=[])
    options = dict(entry.partition("=")[::2] for entry in settings.as_list(value))
    return settings.evidence(f"storage-opts {name}", options.get(name, ""), setting, None)


@check("daemon-storage-base-size", item=6, severity=Severity.LOW, cis=["2.12"], needs=["engine"])
def daemon_storage_base_size(facts: Facts) -> Iterator[Verdict]:
    """devicemapper's containers keep the base size, which can be raised and never lowered."""
    driver = docker_engine(facts).storage_driver
    if driver != "devicemapper":
        raise NotApplicable(f"only devicemapper has a base size; the storage driver is {driver}")
    size = _storage_option(facts, "dm.basesize")
    if not size.observed or size.observed.lower() in DEFAULT_BASE_SIZE:
        yield passed(DAEMON, "keeps the base size of containers", size)
    else:
        yield failed(
            DAEMON, "changes the base size of containers to {size}", size, size=size.observed
        )


@check("storage-driver-aufs", item=6, severity=Severity.LOW, cis=["2.6"], needs=["engine"])
def storage_driver_aufs(facts: Facts) -> Iterator[Verdict]:
    """aufs is no part of the kernel, and no part of Docker since 24."""
    yield _other_driver(facts, "aufs")


@check(
    "storage-driver-devicemapper", item=6, severity=Severity.MEDIUM, cis=["2.7"], needs=["engine"]
)
def storage_driver_devicemapper(facts: Facts) -> Iterator[Verdict]:
    """devicemapper is no part of Docker since 25."""
    yield _other_driver(facts, "devicemapper")


def _other_driver(facts: Facts, obsolete: str) -> Verdict:
    driver = docker_engine(facts).storage_driver
    require(facts, driver or None, "engine", "the storage driver")
    seen = Evidence("docker info: Driver", driver, f"not {obsolete}")
    if driver == obsolete:
        return failed(
            DAEMON, "stores containers with {driver}, which is obsolete", seen, driver=driver
        )
    return passed(DAEMON, "stores containers with {driver}", seen, driver=driver)
