"""Asks a swarm's manager for what it knows of the whole swarm."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from scans.collectors.engine.source import Source
from scans.collectors.engine.swarm import (
    is_manager,
    local_state,
    read_name,
    read_service,
    read_swarm,
)
from scans.facts import Gap, Network, Swarm

SECTION = "swarm"

T = TypeVar("T")

_HINTS = {
    "locked": "unlock it: docker swarm unlock",
    "pending": "audit the host again when it has joined the swarm",
}


class AskedSwarm:
    """What was asked of the swarm of one engine, which its answer to ``GET /info`` decides."""

    def __init__(self, source: Source, info: Callable[[], Any]) -> None:
        self._source = source
        self._state = source.gaps.attempt(SECTION, lambda: local_state(info()))
        self._info = info
        self._lists: dict[str, Future[Any]] = {}
        if self._state == "active" and source.gaps.attempt(SECTION, lambda: is_manager(info())):
            client = source.client
            self._lists = {
                "services": source.ask(client.services),
                "secrets": source.ask(client.secrets),
                "configs": source.ask(client.configs),
            }

    def read(self, networks: Iterable[Network]) -> Swarm | None:
        """The swarm; None without a gap if the engine is in none."""
        if self._state in (None, "inactive"):
            return None
        if self._state != "active":
            self._source.gaps.note(
                Gap(
                    section=SECTION,
                    reason=f"the engine's part in its swarm is {self._state}",
                    hint=_HINTS.get(self._state),
                )
            )
            return None
        services = self._entries("services", partial(read_service, networks=tuple(networks)))
        secrets = self._entries("secrets", read_name)
        configs = self._entries("configs", read_name)
        return self._source.gaps.attempt(
            SECTION,
            lambda: read_swarm(self._info(), services=services, secrets=secrets, configs=configs),
        )

    def _entries(self, kind: str, parse: Callable[[Any], T]) -> tuple[T, ...] | None:
        """One of the manager's lists; None on a worker, which is no gap."""
        if kind not in self._lists:
            return None
        answer = partial(self._source.answer, self._lists[kind])
        return self._source.entries(SECTION, answer, parse, subject=kind)
