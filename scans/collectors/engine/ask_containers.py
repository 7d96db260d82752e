"""Asks for every container, and for their processes where nothing else tells them."""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any

import docker.errors

from scans.collectors.engine import fields
from scans.collectors.engine.containers import is_id, read_container
from scans.collectors.engine.processes import DOCKER_COLUMNS, PODMAN_COLUMNS, read_processes
from scans.collectors.engine.source import Listed, Source, list_of
from scans.facts import Container, TopProcess

SECTION = "containers"
PROCESSES = "container-processes"

Asked = list[tuple[Listed, Future[Any]]]


class Containers:
    """The containers of one engine. The list is asked for at once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._list = source.ask(source.client.containers, all=True)
        self._inspected: Asked | None = None

    def inspect(self) -> None:
        """Ask for each container of the list, as soon as that is there."""
        listed = self._source.entries(SECTION, partial(self._source.answer, self._list), _listed)
        if listed is not None:
            inspect = self._source.client.inspect_container
            self._inspected = [(entry, self._source.ask(inspect, entry.id)) for entry in listed]

    def read(self, bound: Mapping[str, str]) -> tuple[Container, ...] | None:
        """The containers that could be read; None if there is no list of them."""
        if self._inspected is None:
            return None
        return self._source.each(
            SECTION,
            [(entry, partial(self._read, asked, bound)) for entry, asked in self._inspected],
            self._ids,
        )

    def _read(self, asked: Future[Any], bound: Mapping[str, str]) -> Container:
        return read_container(self._source.answer(asked), bound)

    def _ids(self) -> set[str]:
        answer = self._source.answer(self._source.ask(self._source.client.containers, all=True))
        return {_listed(entry).id for entry in list_of(answer)}


def with_processes(
    source: Source, containers: tuple[Container, ...], *, podman: bool
) -> tuple[Container, ...]:
    """The containers, running ones with their processes as the engine lists them."""
    columns = PODMAN_COLUMNS if podman else DOCKER_COLUMNS
    asked = {
        container.id: source.ask(_top, source, container.id, columns)
        for container in containers
        if container.running
    }
    return tuple(
        replace(container, processes=_processes(source, container, asked[container.id]))
        if container.id in asked
        else container
        for container in containers
    )


def _top(source: Source, container_id: str, columns: str) -> Any:
    """The process table; with ps's usual columns if the host's ps knows no others."""
    try:
        return source.client.top(container_id, columns)
    except docker.errors.APIError:
        if columns == PODMAN_COLUMNS:
            raise
        return source.client.top(container_id)


def _processes(
    source: Source, container: Container, asked: Future[Any]
) -> tuple[TopProcess, ...] | None:
    read = partial(_read_processes, source, asked)
    return source.gaps.attempt(PROCESSES, read, container.name)


def _read_processes(source: Source, asked: Future[Any]) -> tuple[TopProcess, ...]:
    return read_processes(source.answer(asked))


def _listed(entry: Any) -> Listed:
    """An entry of the list. Raises Unexpected: its id becomes part of further requests."""
    found = fields.required_text(entry, "Id")
    if not is_id(found):
        raise fields.Unexpected("Id is not a container's id")
    names = (name.removeprefix("/") for name in fields.strings(entry, "Names"))
    # Links add names of the form other/alias.
    own = next((name for name in names if name and "/" not in name), found[:12])
    return Listed(id=found, name=own)
