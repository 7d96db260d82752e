"""An engine being read: its client, its calls in flight, and the gaps found so far."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, TypeVar

import docker
import docker.errors

from scans.collectors.calls import Calls
from scans.collectors.engine import fields
from scans.collectors.gaps import UNREAD, Gaps

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed:
    """An object of a list: its id, and its name for people."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """The engine's API as the parts of a reading share it."""

    client: docker.APIClient
    calls: Calls
    gaps: Gaps

    def ask(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Start a call in another thread."""
        return self.calls.ask(call, *args, **kwargs)

    def answer(self, asked: Future[Any]) -> Any:
        """A call's answer. Raises one of gaps.UNREAD."""
        return self.calls.answer(asked)

    def entries(
        self,
        section: str,
        answer: Callable[[], Any],
        parse: Callable[[Any], T],
        subject: str | None = None,
    ) -> tuple[T, ...] | None:
        """Every entry of a list, parsed. One that can't be is a gap.

        None and a gap if there is no list; ``subject`` names it if it is but a part of a section.
        """
        found = self.gaps.attempt(section, lambda: list_of(answer()), subject)
        return None if found is None else tuple(self._parsed(section, found, parse))

    def _parsed(self, section: str, found: list[Any], parse: Callable[[Any], T]) -> Iterator[T]:
        for number, entry in enumerate(found, start=1):
            parsed = self.gaps.attempt(section, partial(parse, entry), _label(entry, number))
            if parsed is not None:
                yield parsed

    def each(
        self,
        section: str,
        objects: list[tuple[Listed, Callable[[], T]]],
        list_again: Callable[[], set[str]],
    ) -> tuple[T, ...]:
        """What each listed object reads as, in the list's order.

        An object that can't be read is a gap, unless a second look at the list says that it is
        gone by now. ``list_again`` returns the ids that are there; it may raise one of UNREAD.
        """
        found: list[T] = []
        failed: list[tuple[Listed, Exception]] = []
        for listed, read in objects:
            try:
                found.append(read())
            except UNREAD as error:
                failed.append((listed, error))
        there = _still_there([why for _, why in failed], list_again)
        for listed, why in failed:
            if there is None or listed.id in there:
                self.gaps.add(section, why, listed.name)
        return tuple(found)


def list_of(answer: Any) -> list[Any]:
    """The entries of an answer that is a list, or null for an empty one. Raises Unexpected."""
    return fields.items({"list": answer}, "list")


def _label(entry: Any, number: int) -> str:
    """What to call an entry that can't be parsed: its name or id if it has one."""
    for key in ("Name", "Id", "ID"):
        value = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(value, str) and value:
            return fields.line(value[:100])
    return f"number {number} of the list"


def _still_there(errors: list[Exception], list_again: Callable[[], set[str]]) -> set[str] | None:
    """The ids that a second look finds; None if it can't tell, or if no object is missing."""
    if not any(isinstance(error, docker.errors.APIError) for error in errors):
        return None
    try:
        return list_again()
    except UNREAD:
        return None
