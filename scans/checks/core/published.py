"""Ports of containers that are published on the host."""

from scans.checks.core.addresses import join_port
from scans.checks.core.model import Evidence
from scans.facts import Container, Facts, PublishedPort


def host_address(facts: Facts, port: PublishedPort) -> str:
    """The address of a published port; where none is given, the daemon's ``ip`` applies."""
    default = facts.daemon.effective("ip") if facts.daemon else None
    return port.host_ip or (str(default.value) if default else "")


def listed(container: Container, expected: str) -> Evidence:
    """A container's published ports as evidence."""
    ports = [shown(port) for port in container.ports]
    return Evidence("docker inspect: NetworkSettings.Ports", ports, expected)


def shown(port: PublishedPort) -> str:
    """A port for a person: ``0.0.0.0:8080->80/tcp``."""
    host = join_port(port.host_ip, port.host_port)
    return f"{host}->{port.container_port}/{port.protocol}"
