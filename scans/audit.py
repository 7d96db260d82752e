"""One host audited once: a session is opened, its facts are collected and named."""

from collections.abc import Callable
from dataclasses import replace

from hosts.connections import open_session
from hosts.connections.options import ConnectOptions
from hosts.connections.target import Target
from scans.collectors.collect import collect
from scans.facts import Facts


def read_host(
    target: Target, options: ConnectOptions, progress: Callable[[str], None] = lambda _: None
) -> Facts:
    """Connect to a host and read its facts.

    ``progress`` is called with a short phrase as each phase begins, from any thread. What can't
    be read is a gap in the facts; only a host that can't be reached at all raises
    :class:`hosts.connections.base.ConnectionFailed`.
    """
    progress("connecting")
    with open_session(target, options) as session:
        facts = collect(
            session, host=str(target), engine_socket=options.engine_socket, progress=progress
        )
    return replace(facts, host=_name(facts))


def _name(facts: Facts) -> str:
    """What the host calls itself, for a target that has no name in the inventory."""
    if facts.system and facts.system.hostname:
        return facts.system.hostname
    return facts.host
