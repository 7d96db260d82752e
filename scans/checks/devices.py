"""Item 8: devices of the host in containers."""

import re
from collections.abc import Iterator

from scans.checks.core.context import Context
from scans.checks.core.host_mounts import UNREAD_VOLUMES, host_path, shown, unread_volumes
from scans.checks.core.model import (
    Evidence,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from scans.checks.core.paths import is_at_or_above, is_at_or_below, normalise
from scans.checks.core.policy import Policy, allows_device
from scans.checks.core.reading import container_subject, containers
from scans.checks.core.registry import check
from scans.facts import Container, Device, DeviceRequest, Facts, MountPoint

HARMLESS = frozenset(
    {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"}
)
"""Nodes that every container has of its own anyway."""

NO_DEVICES = ("/dev/shm", "/dev/log", "/dev/mqueue", "/dev/hugepages")  # noqa: S108 - judged, not used
"""What lies below /dev and is no device node."""

_MEMORY = r"mem|kmem|port"
_DISK = (
    r"(sd|vd|xvd)[a-z]+\d*|hd[a-z]\d*|nvme\d[np\d]*|mmcblk\d.*|dm-\d+|md\d+|sg\d+|loop(\d+|-control)"
    r"|(nbd|rbd|drbd|bcache|pmem|zd)\d.*"
)
_DISK_FOLDER = r"(mapper|disk|md|block|bsg|drbd|rbd|zvol)(/.*)?"
RAW = re.compile(f"/dev/({_MEMORY}|{_DISK}|{_DISK_FOLDER})", re.DOTALL)
"""Physical memory, I/O ports, disks and their partitions (Documentation/admin-guide/devices)."""

RULE = re.compile(r"([abc]) (\d+|\*):(\d+|\*) ([rwm]+)")
"""A device rule as Docker takes it (``--device-cgroup-rule``)."""

MEMORY = ("1", ("1", "2", "4", "*"))
"""Character devices 1:1 mem, 1:2 kmem, 1:4 port."""

# One cause, one finding: what --privileged gives is judged by container-raw-devices.
PRIVILEGED = Evidence("docker inspect: HostConfig.Privileged", observed=True, expected=False)


@check("container-devices", item=8, severity=Severity.MEDIUM, cis=["5.18"], needs=["containers"])
def container_devices(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers get no device node of the host by --device, but those that the policy allows."""
    for container in containers(facts):
        yield _devices(container, context.policy)


@check(
    "container-device-requests", item=8, severity=Severity.LOW, cis=["5.18"], needs=["containers"]
)
def container_device_requests(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers request no GPU or other device by CDI (--gpus, --device vendor/class=name)."""
    for container in containers(facts):
        yield _requests(container, context.policy)


@check("container-device-rules", item=8, severity=Severity.HIGH, needs=["containers"])
def container_device_rules(facts: Facts) -> Iterator[Verdict]:
    """Device rules of a container's cgroup open single devices, never a whole class."""
    for container in containers(facts):
        yield _rules(container)


@check("container-device-binds", item=8, severity=Severity.HIGH, needs=["containers", "volumes"])
def container_device_binds(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers do not mount /dev, what is below it, or a directory that holds it."""
    for container in containers(facts):
        yield _binds(container, facts, context.policy)


@check("container-raw-devices", item=8, severity=Severity.CRITICAL, needs=["containers", "volumes"])
def container_raw_devices(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers reach neither physical memory nor disks past the file system."""
    for container in containers(facts):
        yield _raw(container, facts, context.policy)


def _devices(container: Container, policy: Policy) -> Verdict:
    subject = container_subject(container)
    given = [device for device in container.devices if _node(device) not in HARMLESS]
    bad = [device for device in given if not allows_device(policy, _node(device))]
    evidence = _declared_devices(given, policy)
    if bad:
        shown = ", ".join(f"{_node(device)} ({device.permissions})" for device in bad)
        return failed(subject, "gets {devices}", evidence, devices=shown)
    if container.privileged:
        return not_applicable(subject, "gets every device by --privileged", PRIVILEGED, evidence)
    if given:
        return passed(subject, "gets only devices that the policy allows", evidence)
    return passed(subject, "gets no device of the host", evidence)


def _requests(container: Container, policy: Policy) -> Verdict:
    subject = container_subject(container)
    names = [name for request in container.device_requests for name in _requested(request)]
    bad = [name for name in names if not allows_device(policy, name)]
    allowed = list(policy.containers.allowed_devices)
    evidence = Evidence("docker inspect: HostConfig.DeviceRequests", names, allowed)
    if bad:
        return failed(subject, "requests {devices}", evidence, devices=", ".join(bad))
    if names:
        return passed(subject, "requests only devices that the policy allows", evidence)
    return passed(subject, "requests no device (GPU or CDI)", evidence)


def _requested(request: DeviceRequest) -> tuple[str, ...]:
    """What a request asks for, in the form of CDI, ``vendor/class=name``: ``--gpus all`` is
    ``nvidia.com/gpu=all``, and ``any`` stands for some number of them that the engine picks."""
    if request.driver == "cdi":
        return request.device_ids
    driver = request.driver or "nvidia"
    kind = f"{driver}.com/gpu" if "gpu" in request.capabilities else driver
    chosen = request.device_ids or ("all" if request.count < 0 else "any",)
    return tuple(f"{kind}={name}" for name in chosen)


def _rules(container: Container) -> Verdict:
    subject, rules = container_subject(container), container.device_cgroup_rules
    evidence = Evidence(
        "docker inspect: HostConfig.DeviceCgroupRules", list(rules), "single character devices"
    )
    wide = [rule for rule in rules if _is_wide(rule)]
    if wide:
        return failed(subject, "may use devices by {rules}", evidence, rules="; ".join(wide))
    if any(RULE.fullmatch(rule.strip()) is None for rule in rules):
        return unknown(subject, "has a device rule that could not be understood", evidence)
    if container.privileged:
        return not_applicable(subject, "gets every device by --privileged", PRIVILEGED, evidence)
    return passed(subject, "has no rule that opens disks, memory or a whole class", evidence)


def _binds(container: Container, facts: Facts, policy: Policy) -> Verdict:
    subject = container_subject(container)
    bound = [
        mount
        for mount in container.mounts
        if _binds_devices(path := host_path(mount)) and not allows_device(policy, path)
    ]
    evidence = _mounts(bound)
    if bound:
        paths = ", ".join(host_path(mount) for mount in bound)
        return failed(
            subject, "mounts {paths}, which holds the host's devices", evidence, paths=paths
        )
    if unread := unread_volumes(container, facts):
        return unknown(subject, UNREAD_VOLUMES, evidence, volumes=", ".join(unread))
    return passed(subject, "mounts no device of the host", evidence)


def _raw(container: Container, facts: Facts, policy: Policy) -> Verdict:
    subject = container_subject(container)
    if container.privileged:
        return failed(
            subject, "runs with --privileged and reaches the host's disks and memory", PRIVILEGED
        )
    devices = [
        device
        for device in container.devices
        if _is_raw(node := _node(device)) and not allows_device(policy, node)
    ]
    # The device cgroup refuses disks below a mounted /dev, unless a rule opens them.
    opened = any(_is_wide(rule) for rule in container.device_cgroup_rules)
    mounts = [
        mount
        for mount in container.mounts
        if (RAW.fullmatch(path := host_path(mount)) or (opened and _holds_devices(path)))
        and not allows_device(policy, path)
    ]
    evidence = (_declared_devices(devices, policy), _mounts(mounts))
    if devices or mounts:
        paths = [_node(device) for device in devices] + [host_path(mount) for mount in mounts]
        return failed(subject, "reaches raw devices: {paths}", *evidence, paths=", ".join(paths))
    if unread := unread_volumes(container, facts):
        return unknown(subject, UNREAD_VOLUMES, *evidence, volumes=", ".join(unread))
    return passed(subject, "reaches no raw device", *evidence)


def _node(device: Device) -> str:
    return normalise(device.host_path)


def _is_raw(node: str) -> bool:
    return RAW.fullmatch(node) is not None or _holds_devices(node)


def _holds_devices(path: str) -> bool:
    return bool(path) and is_at_or_above(path, "/dev")


def _binds_devices(path: str) -> bool:
    if not path or path in HARMLESS or any(is_at_or_below(path, p) for p in NO_DEVICES):
        return False
    return is_at_or_below(path, "/dev") or _holds_devices(path)


def _is_wide(rule: str) -> bool:
    """Whether a rule opens all devices, a block device, a whole class, or the host's memory."""
    parts = RULE.fullmatch(rule.strip())
    if parts is None:
        return False
    kind, major, minor = parts[1], parts[2], parts[3]
    return kind in "ab" or major == "*" or (major == MEMORY[0] and minor in MEMORY[1])


def _declared_devices(devices: list[Device], policy: Policy) -> Evidence:
    return Evidence(
        "docker inspect: HostConfig.Devices",
        [f"{_node(device)} {device.permissions}" for device in devices],
        list(policy.containers.allowed_devices),
    )


def _mounts(mounts: list[MountPoint]) -> Evidence:
    return Evidence(
        "docker inspect: Mounts",
        [f"{shown(m)} on {m.destination}" for m in mounts],
        [],
    )
