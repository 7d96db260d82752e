"""Everything that the engine's API tells of a host, as facts and gaps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import docker
import docker.errors

from scans.collectors.calls import Calls
from scans.collectors.engine import fields
from scans.collectors.engine.ask_containers import PROCESSES, Containers, with_processes
from scans.collectors.engine.ask_images import Images
from scans.collectors.engine.ask_swarm import AskedSwarm
from scans.collectors.engine.info import is_podman, read_engine
from scans.collectors.engine.networks import read_network
from scans.collectors.engine.plugins import read_plugins
from scans.collectors.engine.source import Source
from scans.collectors.engine.volumes import bound_paths, read_volume
from scans.collectors.gaps import UNREAD, Gaps
from scans.facts import (
    Clock,
    Container,
    Engine,
    Image,
    Network,
    Plugin,
    Swarm,
    Volume,
)

SECTIONS = ("engine", "containers", "images", "networks", "volumes", "swarm", "plugins")
"""The sections of the facts that the engine's API fills, as gaps name them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """The engine's sections of :class:`scans.facts.Facts`, named as there.

    ``clock`` is the host's by ``GET /info``; a probe's is better.
    """

    engine: Engine | None = None
    containers: tuple[Container, ...] | None = None
    images: tuple[Image, ...] | None = None
    networks: tuple[Network, ...] | None = None
    volumes: tuple[Volume, ...] | None = None
    swarm: Swarm | None = None
    clock: Clock | None = None


def read_engine_facts(
    client: docker.APIClient, calls: Calls, gaps: Gaps, *, processes: bool = False
) -> EngineFacts:
    """Ask for everything, several calls at a time; what fails is a gap.

    ``processes`` asks for each container's process list too, for hosts that have no shell.
    """
    source = Source(client, calls, gaps)
    # All lists at once; then what each object needs, as soon as its list is there.
    containers, images, general = Containers(source), Images(source), _General(source)
    containers.inspect()
    images.inspect()
    swarm = AskedSwarm(source, general.info)
    volumes = general.volumes()
    networks = general.networks()
    found = containers.read(bound_paths(volumes or ()))
    if found is not None and processes:
        found = _with_processes(source, found, general)
    return EngineFacts(
        engine=general.engine(),
        containers=found,
        images=images.read(),
        networks=networks,
        volumes=volumes,
        swarm=swarm.read(networks or ()),
        clock=general.clock(),
    )


def _with_processes(
    source: Source, containers: tuple[Container, ...], general: "_General"
) -> tuple[Container, ...]:
    # What is asked depends on the engine: Docker's question makes Podman enter the container.
    podman = source.gaps.attempt(PROCESSES, lambda: is_podman(general.version()))
    return containers if podman is None else with_processes(source, containers, podman=podman)


class _General:
    """The calls that need no list: asked for at once, read when needed."""

    def __init__(self, source: Source) -> None:
        client = source.client
        self._source = source
        self._version = source.ask(client.version)
        self._info = source.ask(_with_time, client.info)
        self._volumes = source.ask(client.volumes)
        self._networks = source.ask(client.networks)
        self._plugins = source.ask(client.plugins)

    def version(self) -> Any:
        """The answer to ``GET /version``. Raises one of gaps.UNREAD."""
        return self._source.answer(self._version)

    def info(self) -> Any:
        """The answer to ``GET /info``. Raises one of gaps.UNREAD."""
        return self._source.answer(self._info)[0]

    def engine(self) -> Engine | None:
        plugins = self._source.gaps.attempt("plugins", self._read_plugins)
        return self._source.gaps.attempt(
            "engine", lambda: read_engine(self.version(), self.info(), plugins)
        )

    def _read_plugins(self) -> tuple[Plugin, ...]:
        try:
            managed = self._source.answer(self._plugins)
        except docker.errors.NotFound:
            if not is_podman(self.version()):
                raise
            # Podman knows no managed plugins, and no such call.
            managed = []
        return read_plugins(managed, self.info())

    def volumes(self) -> tuple[Volume, ...] | None:
        def listed() -> Any:
            return fields.items(self._source.answer(self._volumes), "Volumes")

        return self._source.entries("volumes", listed, read_volume)

    def networks(self) -> tuple[Network, ...] | None:
        answer = partial(self._source.answer, self._networks)
        return self._source.entries("networks", answer, read_network)

    def clock(self) -> Clock | None:
        """The host's clock when it answered; None without a gap, for only a probe can tell well."""
        try:
            answer, asked_at = self._source.answer(self._info)
            host = fields.moment(answer, "SystemTime")
        except UNREAD:
            return None
        return None if host is None else Clock(host=host, auditor=asked_at)


def _with_time(call: Callable[[], Any]) -> tuple[Any, datetime]:
    """An answer, and our clock halfway between question and answer."""
    before = datetime.now(UTC)
    answer = call()
    return answer, before + (datetime.now(UTC) - before) / 2
