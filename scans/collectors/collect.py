"""Reads one host: its engine's API and the probe at the same time, joined into facts."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial

import docker

from hosts.connections.base import Session
from scans.collectors.calls import Calls, Deadline
from scans.collectors.engine.read import SECTIONS, EngineFacts, read_engine_facts
from scans.collectors.frames import ProbeOutput
from scans.collectors.gaps import UNREAD, Gaps, explain
from scans.collectors.host import HostFacts, parse_host
from scans.collectors.join import join_containers
from scans.collectors.probe import ProbeMode, run_probe
from scans.facts import Access, Clock, Facts, Gap

DEADLINE = 120.0
"""Seconds that one host may take. What is unread then is a gap."""

PROBE_HEADROOM = 5.0
"""Seconds by which the probe ends before the deadline, so that what it has read arrives."""

HOST_SECTIONS = tuple(
    field.name
    for field in fields(HostFacts)
    if field.name not in ("level", "user", "gaps", "containers")
)
"""The sections of the facts that the probe fills, as gaps name them."""

CONTAINER_PROBES = "container-probes"
"""The section of gaps about the effective state and the SUID files of containers."""

NO_ENGINE = "the engine's API could not be reached"
API_ONLY = "only the engine's API was reached; this is read on the host itself"
API_ONLY_HINT = "audit the host over SSH (ssh://user@host) or, on it, as local"


def collect(
    session: Session,
    *,
    host: str,
    engine_socket: str | None = None,
    seconds: float = DEADLINE,
    progress: Callable[[str], None] | None = None,
) -> Facts:
    """Read a host over an open session. What can't be read is a gap; no failure of it raises.

    ``host`` is its name in the inventory, ``engine_socket`` where its engine was told to listen if
    that is not the usual place. ``progress`` is told in a few words what is being done.
    Returns within ``seconds`` even if the host hangs; closing the session then ends the threads
    that still wait for it.
    """
    started_at = datetime.now(UTC)
    tell = progress or _tell_nobody
    deadline, gaps = Deadline(seconds), Gaps()
    with Calls(deadline) as calls, Calls(deadline, 1) as beside:
        connecting = calls.ask(session.engine)
        probing = _start_probe(session, beside, deadline)
        tell("reading the engine")
        engine = _read_engine(session, connecting, calls, gaps)
        tell("reading the host")
        probed = _read_host(probing, calls, gaps, engine_socket)
    tell("putting the facts together")
    return _facts(
        engine,
        probed,
        gaps,
        access=_access(session, probed, engine_socket),
        host=host,
        target=str(session.target),
        started_at=started_at,
    )


def _tell_nobody(_: str) -> None:
    """Stands for a progress that nobody asked for."""


def _read_engine(
    session: Session, connecting: Future[docker.APIClient], calls: Calls, gaps: Gaps
) -> EngineFacts:
    client = gaps.attempt("engine", partial(calls.answer, connecting))
    if client is None:
        hint = gaps.found[-1].hint
        for section in SECTIONS:
            if section != "engine":
                gaps.note(Gap(section=section, reason=NO_ENGINE, hint=hint))
        return EngineFacts()
    return read_engine_facts(client, calls, gaps, processes=not session.can_run)


def _start_probe(
    session: Session, calls: Calls, deadline: Deadline
) -> Future[tuple[ProbeOutput, datetime]] | None:
    """The probe under way, with our clock at its beginning; None if the target has no shell."""
    if not session.can_run:
        return None
    mode: ProbeMode = "sudo" if session.sudo else "user"

    def probe() -> tuple[ProbeOutput, datetime]:
        begun_at = datetime.now(UTC)
        timeout = max(1.0, deadline.left - PROBE_HEADROOM)
        return run_probe(session, mode=mode, timeout=timeout), begun_at

    return calls.ask(probe)


def _read_host(
    probing: Future[tuple[ProbeOutput, datetime]] | None,
    calls: Calls,
    gaps: Gaps,
    engine_socket: str | None,
) -> HostFacts | None:
    """What the probe read; None and a gap for each of its sections if nothing."""
    reason: str = API_ONLY
    hint: str | None = API_ONLY_HINT
    if probing is not None:
        try:
            output, begun_at = calls.answer(probing)
            return parse_host(output, now=begun_at, engine_socket=engine_socket)
        except UNREAD as error:
            reason, hint = explain(error)
    for section in (*HOST_SECTIONS, CONTAINER_PROBES):
        gaps.note(Gap(section=section, reason=reason, hint=hint))
    return None


def _access(session: Session, probed: HostFacts | None, engine_socket: str | None) -> Access:
    target = session.target
    return Access(
        level="api" if probed is None else probed.level,
        user=(None if probed is None else probed.user) or target.user or None,
        engine_socket=engine_socket or target.path or None,
    )


def _facts(
    engine: EngineFacts,
    probed: HostFacts | None,
    gaps: Gaps,
    *,
    access: Access,
    host: str,
    target: str,
    started_at: datetime,
) -> Facts:
    """Both halves in one."""
    sections = {name: getattr(probed, name) for name in HOST_SECTIONS} if probed else {}
    clock: Clock | None = sections.pop("clock", None) or engine.clock
    found = (*(probed.gaps if probed else ()), *gaps.found)
    if clock is not None:
        found = tuple(gap for gap in found if gap.section != "clock")
    containers = engine.containers
    if containers is not None:
        containers = join_containers(containers, probed.containers if probed else None)
    return Facts(
        host=host,
        target=target,
        started_at=started_at,
        finished_at=datetime.now(UTC),
        access=access,
        gaps=found,
        clock=clock,
        engine=engine.engine,
        containers=containers,
        images=engine.images,
        networks=engine.networks,
        volumes=engine.volumes,
        swarm=engine.swarm,
        **sections,
    )
