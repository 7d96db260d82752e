"""The lab's host that benchmarks scale, and what an audit costs it."""

import subprocess
from pathlib import Path

import docker

from tests.labhosts import LabHost, running_lab

LAB = Path(__file__).parent.parent / "tests" / "lab" / "lab"
CGROUPS = Path("/sys/fs/cgroup")


def scaled(containers: int) -> LabHost:
    """The host ``bench`` with exactly that many running containers."""
    subprocess.run([LAB, "scale", str(containers)], check=True, capture_output=True)
    return running_lab().host("bench")


def cpu_seconds(host: LabHost) -> float:
    """CPU time that everything on the host has used since it started, in seconds.

    The host is a container, so its cgroup's counter holds sshd, the engine, its containers and
    the probe.
    """
    ident = _container_id(host)
    for counter in CGROUPS.glob(f"cpuacct/**/*{ident}*/cpuacct.usage"):
        return int(counter.read_text()) / 1e9
    for stat in CGROUPS.glob(f"**/*{ident}*/cpu.stat"):
        fields = dict(line.split() for line in stat.read_text().splitlines())
        return int(fields["usage_usec"]) / 1e6
    raise RuntimeError(f"no cgroup of {host.name} counts its CPU time")


def _container_id(host: LabHost) -> str:
    client = docker.DockerClient(base_url=host.lab.engine_socket)
    try:
        return client.containers.get(host.entry["container"]).id
    finally:
        client.close()
