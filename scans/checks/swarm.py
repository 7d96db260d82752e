"""Item 9 in swarm mode: managers, keys and certificates, and what services are given."""

from collections.abc import Iterator
from datetime import timedelta
from math import inf

from scans.checks.core.capabilities import DANGEROUS
from scans.checks.core.context import Context
from scans.checks.core.engines import docker_engine
from scans.checks.core.model import (
    Evidence,
    NeedsAttestation,
    NotApplicable,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    passed,
)
from scans.checks.core.policy import Policy
from scans.checks.core.reading import DAEMON
from scans.checks.core.registry import check
from scans.checks.core.swarms import SWARM, managed_swarm, services
from scans.facts import Facts, Service

NODE_CERTIFICATE_DAYS = 90
"""What swarm itself gives a node's certificate; CIS Docker 7.7 wants no longer."""

CA_MAX_AGE = timedelta(days=365)


@check("swarm-mode", item=9, severity=Severity.LOW, cis=["5.1"], needs=["engine", "swarm"])
def swarm_mode(facts: Facts) -> Iterator[Verdict]:
    """Swarm mode is on only where services use it."""
    state = docker_engine(facts).swarm_state
    evidence = Evidence("docker info: Swarm.LocalNodeState", state, "inactive")
    if state == "inactive":
        yield passed(DAEMON, "is in no swarm", evidence)
        return
    found = managed_swarm(facts).services
    if found is None:
        raise Unreadable("the swarm's services could not be read")
    listed = Evidence("docker service ls: number of services", len(found), "at least 1")
    if found:
        yield passed(DAEMON, "is in a swarm that runs services", evidence, listed)
    else:
        yield failed(DAEMON, "is in a swarm that runs no service", evidence, listed)


@check("swarm-managers", item=9, severity=Severity.LOW, cis=["7.1"], needs=["engine", "swarm"])
def swarm_managers(facts: Facts) -> Iterator[Verdict]:
    """A swarm has as many managers as it needs to survive the loss of one, and no more."""
    swarm = managed_swarm(facts)
    managers, nodes = swarm.managers, swarm.nodes
    if managers is None or nodes is None:
        raise Unreadable("the swarm's nodes could not be read")
    evidence = (
        Evidence("docker node ls: managers", managers, "1 of one node, otherwise 3, 5 or 7"),
        Evidence("docker node ls: nodes", nodes),
    )
    if managers > 7:
        yield failed(SWARM, "has {managers} managers, more than 7", *evidence, managers=managers)
    elif managers % 2 == 0:
        yield failed(
            SWARM, "has an even number of managers: {managers}", *evidence, managers=managers
        )
    elif managers == 1 and nodes > 1:
        yield failed(SWARM, "has one manager for {nodes} nodes", *evidence, nodes=nodes)
    else:
        yield passed(
            SWARM,
            "has {managers} managers for {nodes} nodes",
            *evidence,
            managers=managers,
            nodes=nodes,
        )


@check("swarm-autolock", item=9, severity=Severity.MEDIUM, cis=["7.5"], needs=["engine", "swarm"])
def swarm_autolock(facts: Facts) -> Iterator[Verdict]:
    """A manager that restarts needs a key from outside before it decrypts the swarm's state."""
    locked = managed_swarm(facts).autolock
    if locked is None:
        raise Unreadable("whether the swarm's managers are locked could not be read")
    evidence = Evidence(
        "docker swarm inspect: Spec.EncryptionConfig.AutoLockManagers", locked, expected=True
    )
    if locked:
        yield passed(SWARM, "locks its managers when they restart", evidence)
    else:
        yield failed(SWARM, "keeps the key of its state beside the state", evidence)


@check("swarm-secrets", item=9, severity=Severity.LOW, cis=["7.4"], needs=["engine", "swarm"])
def swarm_secrets(facts: Facts) -> Iterator[Verdict]:
    """The swarm's services get their secrets as secrets."""
    users = [service.name for service in services(facts) if service.secrets]
    evidence = Evidence(
        "docker service inspect: services with Secrets", users, "those that need a secret"
    )
    if users:
        yield passed(SWARM, "has {count} services that use secrets", evidence, count=len(users))
    else:
        yield failed(SWARM, "has no service that uses a secret", evidence)


@check(
    "swarm-node-certificates", item=9, severity=Severity.LOW, cis=["7.7"], needs=["engine", "swarm"]
)
def swarm_node_certificates(facts: Facts) -> Iterator[Verdict]:
    """Certificates of the swarm's nodes are renewed often."""
    seconds = managed_swarm(facts).node_cert_expiry
    if seconds is None or not 0 < seconds < inf:
        raise Unreadable("how long the certificates of the swarm's nodes are valid was not read")
    days = seconds / timedelta(days=1).total_seconds()
    evidence = Evidence(
        "docker info: Swarm.Cluster.Spec.CAConfig.NodeCertExpiry, in days",
        round(days, 1),
        f"at most {NODE_CERTIFICATE_DAYS}",
    )
    if days > NODE_CERTIFICATE_DAYS:
        yield failed(
            SWARM, "gives its nodes certificates for {days} days", evidence, days=round(days)
        )
    else:
        yield passed(SWARM, "renews the certificates of its nodes in time", evidence)


@check("swarm-ca-rotation", item=9, severity=Severity.LOW, cis=["7.8"], needs=["engine", "swarm"])
def swarm_ca_rotation(facts: Facts) -> Iterator[Verdict]:
    """The swarm's root certificate was made within a year."""
    made = managed_swarm(facts).ca_created_at
    if made is None:
        raise Unreadable("the swarm's root certificate could not be read")
    days = (facts.started_at - made).days
    evidence = Evidence(
        "docker info: Swarm.Cluster.TLSInfo.TrustRoot, valid from",
        made.isoformat(),
        f"at most {CA_MAX_AGE.days} days before the audit",
    )
    if facts.started_at - made > CA_MAX_AGE:
        yield failed(SWARM, "has had its root certificate for {days} days", evidence, days=days)
    else:
        yield passed(SWARM, "renewed its root certificate within a year", evidence)


@check("swarm-key-rotation", item=9, severity=Severity.LOW, cis=["7.6"], needs=["engine", "swarm"])
def swarm_key_rotation(facts: Facts) -> Iterator[Verdict]:
    """The key that unlocks managers is rotated; the engine does not tell when it was."""
    locked = managed_swarm(facts).autolock
    if locked is None:
        raise Unreadable("whether the swarm's managers are locked could not be read")
    if not locked:
        raise NotApplicable("the swarm's managers are not locked: there is no key to rotate")
    raise NeedsAttestation("the engine does not tell when the key that unlocks managers was made")


@check("swarm-data-plane", item=9, severity=Severity.LOW, cis=["7.9"], needs=["engine", "swarm"])
def swarm_data_plane(facts: Facts) -> Iterator[Verdict]:
    """Containers' traffic between nodes has an interface apart from that of the managers.

    The engine keeps ``--data-path-addr`` to itself, so that a person has to tell.
    """
    nodes = managed_swarm(facts).nodes
    if nodes is None:
        raise Unreadable("the swarm's nodes could not be read")
    if nodes == 1:
        raise NotApplicable("the swarm has a single node: no traffic leaves it")
    raise NeedsAttestation("the engine does not tell which address its nodes were given for data")


@check("service-privileges", item=9, severity=Severity.MEDIUM, needs=["engine", "swarm"])
def service_privileges(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Services of the swarm ask for no capability that reaches the host or other tenants."""
    for service in services(facts):
        yield _privileges(service, context.policy)


def _privileges(service: Service, policy: Policy) -> Verdict:
    subject = Subject("service", service.name)
    allowed = policy.containers.allowed_capabilities
    evidence = Evidence(
        "docker service inspect: ContainerSpec.CapabilityAdd",
        list(service.cap_add),
        list(allowed) or "none that is dangerous",
    )
    dangerous = [
        name
        for name in service.cap_add
        if name == "ALL" or (name in DANGEROUS and name not in allowed)
    ]
    if dangerous:
        return failed(
            subject, "asks for {capabilities}", evidence, capabilities=", ".join(dangerous)
        )
    return passed(subject, "asks for no dangerous capability", evidence)
