"""Runs the probe on a host: one command, one answer."""

from typing import Literal

from hosts.connections.base import Session
from scans.collectors.frames import ProbeOutput

ProbeMode = Literal["user", "sudo"]
"""``user`` reads as the login user; ``sudo`` tries ``sudo -n`` for the streamed probe, then the
installed probe, and says so in a gap when neither is allowed. A root login is ``root`` in both."""


def run_probe(
    session: Session, *, mode: ProbeMode, nonce: str | None = None, timeout: float = 60.0
) -> ProbeOutput:
    """Run the probe on the session's host and split what it wrote.

    ``timeout`` in seconds is for the whole probe. ``nonce`` is for tests. Raises NoShell if the
    target has no shell and ConnectionLost if the connection broke before anything was read.
    """
    raise NotImplementedError
