"""What the engine's API says of the engine itself, its plugins and its swarm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """An engine plugin (``GET /plugins``) or one named in ``info.Plugins``."""

    name: str
    kind: str
    """``authorization``, ``volume``, ``network``, ``log``."""
    enabled: bool
    managed: bool = True
    """False for a legacy plugin (a socket or spec file) that the API only names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """``GET /version`` and ``GET /info``."""

    name: str
    """``docker`` or ``podman``."""
    version: str
    api_version: str
    min_api_version: str | None = None
    components: Mapping[str, str]
    """Component name as the API gives it → version (``containerd``, ``runc``, …)."""
    platform: str = ""
    """``Platform.Name``: ``Docker Engine - Community`` for Docker's own builds, else mostly empty.
    """
    os: str = "linux"
    kernel: str = ""
    root_dir: str
    """The data root, for example ``/var/lib/docker``."""
    storage_driver: str
    logging_driver: str
    cgroup_driver: str
    cgroup_version: str
    security_options: tuple[str, ...]
    """As given: ``name=seccomp,profile=builtin``, ``name=apparmor``, ``name=rootless`` …"""
    default_runtime: str
    runtimes: tuple[str, ...]
    live_restore: bool
    experimental: bool = False
    rootless: bool
    userns_remap: bool
    """``name=userns`` among the security options."""
    ipv4_forwarding: bool | None = None
    bridge_nf_iptables: bool | None = None
    registry_mirrors: tuple[str, ...] = ()
    insecure_registries: tuple[str, ...] = ()
    """Names and CIDRs, without the loopback default ``127.0.0.0/8`` and ``::1/128``."""
    default_address_pools: tuple[str, ...] = ()
    firewall_backend: str | None = None
    """``info.FirewallBackend.Driver`` (Engine 28 and later)."""
    warnings: tuple[str, ...] = ()
    """The engine's own warnings, for example about limits it can't enforce."""
    swarm_state: str = "inactive"
    """``LocalNodeState``: inactive, pending, active, error, locked."""
    swarm_manager: bool = False
    plugins: tuple[Plugin, ...] | None = None
    labels: tuple[str, ...] = ()

    def security_option(self, name: str) -> Mapping[str, str] | None:
        """The fields of one security option, or None if the engine does not list it.

        ``name=seccomp,profile=builtin`` → ``{"name": "seccomp", "profile": "builtin"}``.
        """
        return _options_by_name(self.security_options).get(name)


@lru_cache(maxsize=256)  # asked for every container
def _options_by_name(options: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """Name → fields, of several of one name the first."""
    found: dict[str, Mapping[str, str]] = {}
    for option in options:
        fields = dict(part.partition("=")[::2] for part in option.split(","))
        found.setdefault(fields.get("name", ""), fields)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A swarm service as specified (``GET /services``)."""

    name: str
    image: str
    mode: str
    """``replicated``, ``global`` or a job."""
    memory_limit: int = 0
    cpu_limit: int = 0
    """NanoCPUs; 0 is no limit."""
    pids_limit: int = 0
    restart_condition: str = "any"
    restart_max_attempts: int = 0
    read_only: bool = False
    user: str = ""
    secrets: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    ports: tuple[Mapping[str, Any], ...] = ()
    cap_add: tuple[str, ...] = ()
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swarm:
    """A swarm as one of its managers sees it; on a worker only the local state is known."""

    manager: bool
    managers: int | None = None
    nodes: int | None = None
    advertise_address: str = ""
    listen_address: str = ""
    autolock: bool | None = None
    node_cert_expiry: float | None = None
    """Seconds for which a node's certificate is valid."""
    ca_created_at: datetime | None = None
    secrets: tuple[str, ...] | None = None
    """Names only."""
    configs: tuple[str, ...] | None = None
    services: tuple[Service, ...] | None = None
    data_path_address: str = ""
