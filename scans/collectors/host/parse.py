"""Puts the parsers of all sections together."""

from datetime import datetime

from scans.collectors.frames import ProbeOutput
from scans.collectors.host.model import HostFacts


def parse_host(
    output: ProbeOutput, *, now: datetime, engine_socket: str | None = None
) -> HostFacts:
    """The host's facts from the probe's output. Never raises for what a host wrote.

    ``now`` is the auditor's time (aware, UTC) when the probe began on the host. ``engine_socket``
    is the path where the engine is spoken to, to choose among several daemons; None takes the one
    that listens on the default socket.
    """
    del now, engine_socket
    return HostFacts(level=output.level, user=output.user, gaps=output.gaps)
