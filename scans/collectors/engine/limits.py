"""What a container may use of its host, as declared: ``HostConfig`` → :class:`Resources`."""

from scans.collectors.engine import fields
from scans.collectors.engine.secrets import redacted_map
from scans.facts import Resources, RestartPolicy, Ulimit

_THROTTLES = (
    "BlkioDeviceReadBps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteIOps",
)


def resources(host: fields.Object) -> Resources:
    """Declared limits. Raises Unexpected."""
    return Resources(
        memory=fields.integer(host, "Memory"),
        memory_swap=fields.integer(host, "MemorySwap"),
        memory_reservation=fields.integer(host, "MemoryReservation"),
        cpu_shares=fields.integer(host, "CpuShares"),
        cpu_quota=fields.integer(host, "CpuQuota"),
        cpu_period=fields.integer(host, "CpuPeriod"),
        nano_cpus=fields.integer(host, "NanoCpus"),
        cpuset=fields.text(host, "CpusetCpus"),
        pids=fields.optional_integer(host, "PidsLimit"),
        blkio_weight=fields.integer(host, "BlkioWeight"),
        blkio_limits=any(fields.objects(host, key) for key in _THROTTLES),
        oom_kill_disabled=fields.flag(host, "OomKillDisable"),
        ulimits=_ulimits(host),
        storage_options=redacted_map(host, "StorageOpt"),
        cgroup_parent=fields.text(host, "CgroupParent"),
    )


def restart_policy(host: fields.Object) -> RestartPolicy:
    """``HostConfig.RestartPolicy``. Raises Unexpected."""
    return RestartPolicy(
        name=fields.text(host, "RestartPolicy", "Name") or "no",
        max_retries=fields.integer(host, "RestartPolicy", "MaximumRetryCount"),
    )


def _ulimits(host: fields.Object) -> tuple[Ulimit, ...]:
    return tuple(
        Ulimit(
            name=_ulimit_name(fields.text(ulimit, "Name")),
            soft=fields.integer(ulimit, "Soft"),
            hard=fields.integer(ulimit, "Hard"),
        )
        for ulimit in fields.objects(host, "Ulimits")
    )


def _ulimit_name(name: str) -> str:
    """``nofile``; Podman writes ``RLIMIT_NOFILE``."""
    return name.removeprefix("RLIMIT_").lower()
