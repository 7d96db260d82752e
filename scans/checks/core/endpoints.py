"""Where the daemon serves its API over TCP: as declared, and as the host's sockets show."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address

from scans.checks.core.addresses import is_wildcard, join_port, parse_host_url, split_port
from scans.checks.core.model import Evidence
from scans.checks.core.reading import daemon
from scans.checks.core.settings import IN_FORCE, as_list, require_all_layers
from scans.facts import Facts, Listener

PLAIN_PORT, TLS_PORT = 2375, 2376
"""Ports registered for the engine's API; dockerd's defaults without and with TLS."""
SWARM_PORTS = (2377, 7946)
"""What dockerd also listens on as a node of a swarm: cluster management and gossip."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A TCP address of the daemon's API, with how it is known."""

    address: str
    port: int
    evidence: tuple[Evidence, ...]
    doubt: str = ""
    """Why it may be something else than the API; empty for a certain one."""

    @property
    def url(self) -> str:
        """``tcp://address:port``."""
        return f"tcp://{join_port(self.address, self.port)}"


def tcp_endpoints(facts: Facts) -> tuple[Endpoint, ...]:
    """Every TCP address that the configuration names or where the daemon's process listens.

    Raises :class:`Unreadable` if none is found and some may have been missed, and
    :class:`NotApplicable` for Podman.
    """
    found = [*_hosts(facts), *_socket_unit(facts)]
    for seen in _listening(facts):
        known = next((n for n, declared in enumerate(found) if _same(declared, seen)), None)
        if known is None:
            found.append(seen)
        else:
            merged = (*found[known].evidence, *seen.evidence)
            found[known] = replace(found[known], evidence=merged)
    if not found and not _sockets_tell_all(facts):
        require_all_layers(facts)
    return tuple(found)


def _hosts(facts: Facts) -> Iterator[Endpoint]:
    config = daemon(facts)
    tls = any(setting and setting.value for setting in map(config.effective, ("tls", "tlsverify")))
    for setting in config.values("hosts"):
        if setting.layer not in IN_FORCE:
            continue
        for entry in as_list(setting.value):
            scheme, address, port = parse_host_url(entry)
            if scheme == "tcp":
                seen = Evidence(f"{setting.source}: hosts", entry, "no TCP address")
                yield Endpoint(address, port or (TLS_PORT if tls else PLAIN_PORT), (seen,))


def _socket_unit(facts: Facts) -> Iterator[Endpoint]:
    """``ListenStream=`` of docker.socket, which a running daemon takes over by ``fd://`` alone."""
    config = daemon(facts)
    hosts = [entry for row in config.values("hosts") for entry in as_list(row.value)]
    if config.running and config.argv and not any(host.startswith("fd:") for host in hosts):
        return
    for setting in config.listen_streams:
        for entry in as_list(setting.value):
            address, port = _stream(entry.strip())
            if port is not None:
                seen = Evidence(f"{setting.source}: ListenStream", entry, "no TCP address")
                yield Endpoint(address, port, (seen,))


def _stream(entry: str) -> tuple[str, int | None]:
    """Address and port of a TCP stream (systemd.socket(5)); a port alone is every address."""
    if entry.startswith(("/", "@", "%", "vsock:")):
        return entry, None
    if ":" not in entry:
        return split_port(f"[::]:{entry}")
    return split_port(entry)


def _listening(facts: Facts) -> Iterator[Endpoint]:
    explained = _explained_ports(facts)
    for listener in facts.listeners or ():
        if not listener.protocol.startswith("tcp"):
            continue
        doubt = _doubt(facts, listener)
        if doubt is None or listener.port in explained:
            continue
        where = join_port(listener.address, listener.port)
        seen = Evidence(f"listening sockets of the host: {listener.process}", where)
        yield Endpoint(listener.address.strip("[]"), listener.port, (seen,), doubt)


def _doubt(facts: Facts, listener: Listener) -> str | None:
    """Why a socket may not be the API's: empty if it is the daemon's, None if it is not."""
    pid = daemon(facts).pid
    if listener.process is None and (listener.pid is None or listener.pid != pid):
        on_api_port = listener.port in (PLAIN_PORT, TLS_PORT)
        return "which process listens could not be read" if on_api_port else None
    if listener.process != "dockerd" and (pid is None or listener.pid != pid):
        return None
    services = facts.swarm.services if facts.swarm else None
    in_swarm = facts.engine is None or facts.engine.swarm_state != "inactive"
    if facts.containers is None or (in_swarm and services is None):
        return "it may belong to a published port"
    return ""


def _explained_ports(facts: Facts) -> set[int]:
    """Ports where dockerd listens for something else than its API: it holds the published ports
    that no proxy holds, and those of swarm services; its metrics; the swarm itself."""
    ports = {*SWARM_PORTS}
    for container in facts.containers or ():
        ports.update(port.host_port for port in container.ports)
    if facts.swarm:
        ports.update(filter(None, [split_port(facts.swarm.listen_address)[1]]))
        for service in facts.swarm.services or ():
            ports.update(
                p for row in service.ports if isinstance(p := row.get("published_port"), int)
            )
    metrics = daemon(facts).effective("metrics-addr")
    if metrics is not None:
        ports.update(filter(None, [split_port(str(metrics.value))[1]]))
    return ports


def _same(declared: Endpoint, seen: Endpoint) -> bool:
    """Whether a socket is a declared address: the same one, or of a name that may mean it."""
    if declared.port != seen.port:
        return False
    if is_wildcard(declared.address) or is_wildcard(seen.address):
        return is_wildcard(declared.address) and is_wildcard(seen.address)
    try:
        return ip_address(declared.address) == ip_address(seen.address)
    except ValueError:
        return True


def _sockets_tell_all(facts: Facts) -> bool:
    """Whether the process behind every listening socket is known."""
    if facts.listeners is None:
        return False
    return all(row.process is not None for row in facts.listeners if row.protocol.startswith("tcp"))
