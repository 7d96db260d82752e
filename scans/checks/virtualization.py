"""Item 16: hardware virtualization around and inside the host."""

from collections.abc import Iterator

from scans.checks.core.model import (
    Evidence,
    Severity,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import (
    DAEMON,
    HOST,
    container_subject,
    engine,
    require,
    running_containers,
)
from scans.checks.core.registry import check
from scans.facts import Container, Facts, TopProcess

MACHINES = frozenset(
    {"kvm", "amazon", "qemu", "bochs", "xen", "uml", "vmware", "oracle", "microsoft", "zvm"}
    | {"parallels", "bhyve", "qnx", "acrn", "powervm", "apple", "sre", "google", "vm-other", "wsl"}
)
CONTAINERS = frozenset(
    {"docker", "podman", "lxc", "lxc-libvirt", "systemd-nspawn", "openvz", "rkt", "proot"}
    | {"pouch", "container-other"}
)
"""Words of systemd-detect-virt(1). ``wsl`` counts as a machine: WSL 2 is one."""

SANDBOXES = ("kata", "runsc", "gvisor", "sysbox", "krun", "firecracker")
"""Parts of runtimes' names: a kernel of its own, or in user space, or a user namespace always."""

ENGINES = frozenset({"dockerd", "containerd", "crio", "k3s", "k3s-server", "rke2", "kubelet"})


@check("host-virtualized", item=16, severity=Severity.LOW)
def host_virtualized(facts: Facts) -> Iterator[Verdict]:
    """The host is a virtual machine: an escape from a container ends in that machine."""
    found = require(facts, facts.system, "system", "the system").virtualization
    if found is None:
        raise Unreadable("whether the host is a virtual machine could not be told")
    evidence = Evidence("systemd-detect-virt", found, "a virtual machine")
    if found in MACHINES:
        yield passed(HOST, "is a virtual machine ({kind})", evidence, kind=found)
    elif found in CONTAINERS:
        yield failed(HOST, "is itself a container ({kind})", evidence, kind=found)
    elif found == "none":
        yield failed(HOST, "is a physical machine", evidence)
    else:
        yield unknown(HOST, "is of a kind that is not known here: {kind}", evidence, kind=found)


@check("sandboxed-runtime", item=16, severity=Severity.LOW)
def sandboxed_runtime(facts: Facts) -> Iterator[Verdict]:
    """A runtime with stronger isolation than namespaces is there for untrusted workloads."""
    found = engine(facts)
    evidence = Evidence(
        "docker info: Runtimes", sorted(found.runtimes), "Kata Containers, gVisor or Sysbox too"
    )
    sandboxes = sorted(name for name in found.runtimes if _is_sandbox(name))
    if sandboxes:
        yield passed(DAEMON, "offers {runtimes}", evidence, runtimes=", ".join(sandboxes))
    else:
        yield failed(DAEMON, "offers no sandboxed runtime", evidence)


@check("docker-in-docker", item=16, severity=Severity.MEDIUM)
def docker_in_docker(facts: Facts) -> Iterator[Verdict]:
    """No container runs a container engine of its own."""
    for container in running_containers(facts):
        yield _nested_engine(container)


def _nested_engine(container: Container) -> Verdict:
    subject = container_subject(container)
    if container.processes is None:
        return unknown(subject, "its processes could not be read")
    found = sorted({process.name for process in container.processes if _is_engine(process)})
    evidence = Evidence("/proc: engines among the container's processes", found, [])
    if found:
        return failed(subject, "runs {engines}", evidence, engines=", ".join(found))
    return passed(subject, "runs no container engine", evidence)


def _is_sandbox(runtime: str) -> bool:
    return any(part in runtime.lower() for part in SANDBOXES)


def _is_engine(process: TopProcess) -> bool:
    serves = "system service" in process.command
    return process.name in ENGINES or (process.name == "podman" and serves)
