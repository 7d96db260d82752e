"""The host's part of the facts, from the probe's output. Pure functions: no I/O, no clock."""

from scans.collectors.host.model import ContainerProbe, HostFacts
from scans.collectors.host.parse import parse_host

__all__ = ["ContainerProbe", "HostFacts", "parse_host"]
