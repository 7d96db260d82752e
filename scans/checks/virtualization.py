"""Item 16: hardware virtualization around and inside the host."""

from collections.abc import Iterator

from scans.checks.core.context import Context
from scans.checks.core.host_mounts import host_path
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
from scans.checks.core.paths import normalise
from scans.checks.core.policy import Policy, allows_device
from scans.checks.core.reading import (
    DAEMON,
    HOST,
    container_subject,
    containers,
    engine,
    require,
    running_containers,
)
from scans.checks.core.registry import check
from scans.facts import Container, Facts, System, TopProcess

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

SHARED_KERNEL = frozenset(
    {"runc", "crun", "youki", "nvidia", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"}
)
"""Runtimes whose containers use the host's kernel by namespaces alone."""

KVM = "/dev/kvm"
NO = ("", "false", "0", "no")
"""Values of a label that say that it does not hold."""

ENGINES = frozenset({"dockerd", "containerd", "crio", "k3s", "k3s-server", "rke2", "kubelet"})


@check("host-virtualized", item=16, severity=Severity.LOW, needs=["system"])
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


@check("sandboxed-runtime", item=16, severity=Severity.LOW, needs=["engine"])
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


@check("docker-in-docker", item=16, severity=Severity.MEDIUM, needs=["containers"])
def docker_in_docker(facts: Facts) -> Iterator[Verdict]:
    """No container runs a container engine of its own."""
    for container in running_containers(facts):
        yield _nested_engine(container)


@check("nested-virtualization", item=16, severity=Severity.LOW, needs=["system", "containers"])
def nested_virtualization(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Neither virtual machines nor containers of the host run virtual machines of their own."""
    yield _nested_machines(require(facts, facts.system, "system", "the system"))
    try:
        found = containers(facts)
    except NotApplicable:
        return
    for container in found:
        yield _kvm(container, facts, context.policy)


@check("untrusted-sandboxed", item=16, severity=Severity.HIGH, needs=["containers"])
def untrusted_sandboxed(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers of untrusted workloads run in a sandboxed runtime."""
    label = context.policy.containers.untrusted_label
    if not label:
        raise NotApplicable("the policy names no label for untrusted workloads")
    untrusted = [c for c in containers(facts) if c.labels.get(label, "false").lower() not in NO]
    if not untrusted:
        raise NotApplicable(f"no container has the label {label}")
    for container in untrusted:
        yield _sandboxed(container, facts)


def _nested_machines(system: System) -> Verdict:
    nested = system.nested_virtualization
    evidence = Evidence(
        "/sys/module/kvm_intel or kvm_amd/parameters/nested", nested, expected=False
    )
    if nested:
        return failed(HOST, "lets virtual machines run virtual machines of their own", evidence)
    if nested is None and system.kvm_device:
        return unknown(HOST, "has /dev/kvm, and whether machines may nest was not read", evidence)
    return passed(HOST, "nests no virtual machines", evidence)


def _kvm(container: Container, facts: Facts, policy: Policy) -> Verdict:
    subject = container_subject(container)
    given = [d.host_path for d in container.devices if normalise(d.host_path) == KVM]
    mounted = [m.source for m in container.mounts if host_path(m) == KVM]
    evidence = (
        Evidence("docker inspect: HostConfig.Devices and Mounts", given + mounted, []),
        Evidence("docker inspect: HostConfig.Privileged", container.privileged, expected=False),
    )
    has_device = facts.system is None or facts.system.kvm_device is not False
    if (given or mounted) and allows_device(policy, KVM):
        return passed(subject, "gets /dev/kvm, as the policy allows", *evidence)
    if given or mounted or (container.privileged and has_device):
        return failed(subject, "may run virtual machines by /dev/kvm", *evidence)
    return passed(subject, "does not get /dev/kvm", *evidence)


def _sandboxed(container: Container, facts: Facts) -> Verdict:
    subject = container_subject(container)
    default = facts.engine.default_runtime if facts.engine is not None else ""
    runtime = container.runtime or default
    evidence = Evidence("docker inspect: HostConfig.Runtime", runtime, "a sandboxed runtime")
    if _is_sandbox(runtime):
        return passed(subject, "is untrusted and runs in {runtime}", evidence, runtime=runtime)
    if runtime.rpartition("/")[2] in SHARED_KERNEL:
        return failed(subject, "is untrusted and runs in {runtime}", evidence, runtime=runtime)
    return unknown(
        subject,
        "is untrusted, and whether its runtime is a sandbox is not known: {runtime}",
        evidence,
        runtime=runtime or "not told",
    )


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
