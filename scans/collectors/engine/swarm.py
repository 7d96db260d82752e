"""What ``GET /info`` says of the swarm, and its services, secrets and configs → :class:`Swarm`.

``GET /swarm`` is never asked: ``info.Swarm.Cluster`` holds the same but for the join tokens,
which are secrets.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509

from scans.collectors.engine import fields
from scans.collectors.engine.containers import capabilities
from scans.collectors.engine.secrets import redacted_map
from scans.facts import Network, Service, Swarm

NANOSECONDS = 1_000_000_000
_MODES = {
    "Replicated": "replicated",
    "Global": "global",
    "ReplicatedJob": "replicated-job",
    "GlobalJob": "global-job",
}


def local_state(info: Any) -> str:
    """``inactive``, ``pending``, ``active``, ``error`` or ``locked``. Raises Unexpected."""
    return fields.text(info, "Swarm", "LocalNodeState") or "inactive"


def is_manager(info: Any) -> bool:
    """Whether this node can tell of the whole swarm. Raises Unexpected."""
    return fields.flag(info, "Swarm", "ControlAvailable")


def read_swarm(
    info: Any,
    *,
    services: tuple[Service, ...] | None = None,
    secrets: tuple[str, ...] | None = None,
    configs: tuple[str, ...] | None = None,
) -> Swarm:
    """The swarm as this node sees it. Raises Unexpected."""
    here = fields.required_mapping(info, "Swarm")
    address = fields.text(here, "NodeAddr")
    if not is_manager(info):
        return Swarm(manager=False, advertise_address=address)
    cluster = fields.required_mapping(here, "Cluster")
    expiry = fields.optional_integer(cluster, "Spec", "CAConfig", "NodeCertExpiry")
    return Swarm(
        manager=True,
        managers=fields.optional_integer(here, "Managers"),
        nodes=fields.optional_integer(here, "Nodes"),
        advertise_address=address,
        autolock=fields.optional_flag(cluster, "Spec", "EncryptionConfig", "AutoLockManagers"),
        node_cert_expiry=None if expiry is None else expiry / NANOSECONDS,
        ca_created_at=_not_before(fields.raw_string(cluster, "TLSInfo", "TrustRoot")),
        services=services,
        secrets=secrets,
        configs=configs,
    )


def read_name(answer: Any) -> str:
    """The name of a secret or config; neither answer holds a secret's value. Raises Unexpected."""
    return fields.required_text(answer, "Spec", "Name")


def read_service(answer: Any, networks: Iterable[Network]) -> Service:
    """A service as specified, its networks by name where they are known. Raises Unexpected."""
    spec = fields.required_mapping(answer, "Spec")
    task = fields.mapping(spec, "TaskTemplate")
    container = fields.mapping(task, "ContainerSpec")
    limits = fields.mapping(task, "Resources", "Limits")
    return Service(
        name=fields.required_text(spec, "Name"),
        image=fields.text(container, "Image"),
        mode=_mode(spec),
        memory_limit=fields.integer(limits, "MemoryBytes"),
        cpu_limit=fields.integer(limits, "NanoCPUs"),
        pids_limit=fields.integer(limits, "Pids"),
        restart_condition=fields.text(task, "RestartPolicy", "Condition") or "any",
        restart_max_attempts=fields.integer(task, "RestartPolicy", "MaxAttempts"),
        read_only=fields.flag(container, "ReadOnly"),
        user=fields.text(container, "User"),
        secrets=tuple(
            fields.text(secret, "SecretName") for secret in fields.objects(container, "Secrets")
        ),
        networks=_networks(spec, task, {network.id: network.name for network in networks}),
        ports=_ports(spec),
        cap_add=capabilities(container, "CapabilityAdd"),
        labels=redacted_map(spec, "Labels"),
    )


def _mode(spec: fields.Object) -> str:
    for key in fields.mapping(spec, "Mode"):
        if key in _MODES:
            return _MODES[key]
    return "replicated"


def _networks(
    spec: fields.Object, task: fields.Object, names: Mapping[str, str]
) -> tuple[str, ...]:
    # Before API 1.25 they stood in the service itself.
    attached = fields.objects(task, "Networks") or fields.objects(spec, "Networks")
    targets = (fields.text(network, "Target") for network in attached)
    return tuple(names.get(target, target) for target in targets)


def _ports(spec: fields.Object) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {
            "protocol": fields.text(port, "Protocol", default="tcp"),
            "target_port": fields.integer(port, "TargetPort"),
            "published_port": fields.integer(port, "PublishedPort"),
            "publish_mode": fields.text(port, "PublishMode", default="ingress"),
        }
        for port in fields.objects(spec, "EndpointSpec", "Ports")
    )


def _not_before(pem: str) -> datetime | None:
    """When the swarm's root certificate was made; None if it can't be read."""
    try:
        return x509.load_pem_x509_certificate(pem.encode()).not_valid_before_utc
    except ValueError:
        return None
