"""Item 15: containers of several tenants on one host, kept apart."""

from collections.abc import Iterator

from scans.checks.core import settings
from scans.checks.core.context import Context
from scans.checks.core.engines import docker_engine
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Verdict,
    failed,
    passed,
)
from scans.checks.core.namespaces import Kind, sharing_container
from scans.checks.core.reading import (
    DAEMON,
    HOST,
    container_subject,
    containers,
    networks,
    require,
)
from scans.checks.core.registry import check
from scans.checks.core.tenants import owner, owners_word, tenant
from scans.facts import Container, Facts, Network

ICC = "com.docker.network.bridge.enable_icc"

SHARED_KINDS: tuple[tuple[Kind, str], ...] = (
    ("net", "NetworkMode"),
    ("pid", "PidMode"),
    ("ipc", "IpcMode"),
)

SHOWN = 20
"""How many containers of one tenant evidence lists."""

SPRAWL_SHARE, SPRAWL_COUNT = 0.25, 10
"""Stopped containers are too many when they are more than both."""


@check(
    "daemon-icc",
    item=15,
    severity=Severity.MEDIUM,
    cis=["2.2"],
    needs=["daemon", "engine", "networks"],
)
def daemon_icc(facts: Facts) -> Iterator[Verdict]:
    """Containers on the default bridge can't reach each other unless they are linked."""
    if facts.engine is not None:
        docker_engine(facts)
    evidence = _icc(facts)
    if evidence[0].observed is False:
        yield passed(DAEMON, "keeps containers on the default bridge apart", *evidence)
    elif any(row.observed is False for row in evidence):
        yield failed(
            DAEMON,
            "lets containers on the default bridge reach each other, though configured otherwise",
            *evidence,
        )
    else:
        yield failed(DAEMON, "lets containers on the default bridge reach each other", *evidence)


@check("container-shared-namespaces", item=15, severity=Severity.MEDIUM, needs=["containers"])
def container_shared_namespaces(facts: Facts) -> Iterator[Verdict]:
    """Containers do not join the network, processes or IPC of another container."""
    for container in containers(facts):
        yield _shared_namespaces(container, facts)


@check("overlay-encryption", item=15, severity=Severity.MEDIUM, cis=["7.3"], needs=["networks"])
def overlay_encryption(facts: Facts) -> Iterator[Verdict]:
    """Overlay networks that services use between hosts are encrypted."""
    overlays = [n for n in networks(facts) if n.driver == "overlay" and not _is_ingress(n)]
    if not overlays:
        raise NotApplicable("there is no overlay network but the built-in ingress")
    for network in overlays:
        subject = Subject("network", network.name)
        # The driver looks for the option, whatever its value: "encrypted=" turns it on.
        encrypted = "encrypted" in network.options
        source = f"docker network inspect {network.name}: Options"
        evidence = Evidence(source, dict(network.options), "the option encrypted")
        if encrypted:
            yield passed(subject, "is encrypted between hosts", evidence)
        else:
            yield failed(subject, "carries its traffic between hosts in the clear", evidence)


@check("container-sprawl", item=15, severity=Severity.LOW, cis=["6.2"], needs=["containers"])
def container_sprawl(facts: Facts) -> Iterator[Verdict]:
    """Stopped containers are removed."""
    found = containers(facts)
    stopped = [container for container in found if not container.running]
    evidence = Evidence(
        "docker ps --all: containers that do not run, of all",
        [len(stopped), len(found)],
        f"at most {SPRAWL_COUNT}, or at most {SPRAWL_SHARE:.0%}",
    )
    numbers = {"stopped": len(stopped), "all": len(found)}
    if len(stopped) > SPRAWL_COUNT and len(stopped) > SPRAWL_SHARE * len(found):
        yield failed(HOST, "keeps {stopped} of {all} containers stopped", evidence, **numbers)
    else:
        yield passed(HOST, "keeps few stopped containers: {stopped} of {all}", evidence, **numbers)


@check("network-icc", item=15, severity=Severity.LOW, needs=["containers", "networks"])
def network_icc(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers of different projects or tenants do not meet on one bridge network."""
    bridges = [n for n in networks(facts) if n.driver == "bridge" and n.name != "bridge"]
    if not bridges:
        raise NotApplicable("there is no bridge network but the default one")
    found = require(facts, facts.containers, "containers", "the containers")
    for network in bridges:
        owners = {owner(c, context.policy) for c in found if network.name in c.networks}
        yield _bridge(network, sorted(filter(None, owners)), owners_word(context.policy))


@check("host-single-tenant", item=15, severity=Severity.HIGH, needs=["containers"])
def host_single_tenant(facts: Facts, context: Context) -> Iterator[Verdict]:
    """All containers of the host are of one tenant."""
    label = context.policy.containers.tenant_label
    if not label:
        raise NotApplicable("the policy names no label for tenants")
    source = f"docker inspect: Config.Labels.{label}"
    found: dict[str, list[str]] = {}
    for container in containers(facts):
        name = tenant(container, context.policy)
        if name is None:
            yield failed(
                container_subject(container),
                "has no tenant",
                Evidence(source, container.labels.get(label), "a tenant"),
            )
        else:
            found.setdefault(name, []).append(container.name)
    evidence = Evidence(
        f"{source}: containers by tenant", {k: v[:SHOWN] for k, v in sorted(found.items())}, "one"
    )
    if len(found) > 1:
        names = ", ".join(sorted(found))
        yield failed(HOST, "runs containers of several tenants: {names}", evidence, names=names)
    elif found:
        yield passed(HOST, "runs containers of one tenant", evidence)


def _bridge(network: Network, owners: list[str], word: str) -> Verdict:
    subject = Subject("network", network.name)
    connects = network.options.get(ICC, "true").strip().lower() != "false"
    evidence = (
        Evidence(f"docker network inspect {network.name}: {ICC}", connects, expected=False),
        Evidence(f"docker inspect: {word} of the containers on it", owners, "at most one"),
    )
    if len(owners) < 2:
        return passed(
            subject, "connects containers of at most one of the {word}", *evidence, word=word
        )
    if not connects:
        return passed(subject, "keeps its containers apart", *evidence)
    return failed(
        subject,
        "connects containers of several {word}: {owners}",
        *evidence,
        word=word,
        owners=", ".join(owners),
    )


def _icc(facts: Facts) -> list[Evidence]:
    """Whether the default bridge connects its containers: the network's own option decides,
    as it is in effect; then what is configured."""
    evidence = []
    bridge = next((n for n in facts.networks or () if n.name == "bridge"), None)
    if facts.networks is not None and bridge is None:
        raise NotApplicable("the daemon has no default bridge")
    if bridge is not None and ICC in bridge.options:
        connected = bridge.options[ICC].strip().lower() != "false"
        evidence.append(
            Evidence(f"docker network inspect bridge: {ICC}", connected, expected=False)
        )
    if not evidence:
        value, setting = settings.value(facts, "icc", default=True)
        return [settings.evidence("icc", value, setting, expected=False)]
    row = facts.daemon.effective("icc") if facts.daemon else None
    if row is not None:
        evidence.append(settings.evidence("icc", row.value, row, expected=False))
    return evidence


def _shared_namespaces(container: Container, facts: Facts) -> Verdict:
    subject = container_subject(container)
    evidence, shared = [], []
    for kind, field in SHARED_KINDS:
        mode = getattr(container.namespaces, {"net": "network"}.get(kind, kind))
        evidence.append(Evidence(f"docker inspect: HostConfig.{field}", mode, "its own"))
        if mode.startswith("container:"):
            other = sharing_container(container, kind, facts)
            shared.append((kind, other.name if other else "a container that is gone"))
    if not shared:
        return passed(subject, "joins no namespace of another container", *evidence)
    return failed(
        subject,
        "joins namespaces of other containers: {shared}",
        *evidence,
        shared=", ".join(f"{kind} of {name}" for kind, name in shared),
    )


def _is_ingress(network: Network) -> bool:
    return network.ingress or network.name == "ingress"
