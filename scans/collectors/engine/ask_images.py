"""Asks for every image, and for its history."""

import re
from concurrent.futures import Future
from functools import partial
from typing import Any

from scans.collectors.engine import fields
from scans.collectors.engine.images import named, read_image, with_history
from scans.collectors.engine.source import Listed, Source, list_of
from scans.facts import Image

SECTION = "images"
HISTORY = "image-history"

_ID = re.compile(r"(sha256:)?[0-9a-f]{64}")


class Images:
    """The images of one engine. The list is asked for at once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._list = source.ask(source.client.images)
        self._asked: list[tuple[Listed, Future[Any], Future[Any]]] | None = None

    def inspect(self) -> None:
        """Ask for each image of the list, as soon as that is there."""
        source, client = self._source, self._source.client
        listed = source.entries(SECTION, partial(source.answer, self._list), _listed)
        if listed is not None:
            self._asked = [
                (
                    entry,
                    source.ask(client.inspect_image, entry.id),
                    source.ask(client.history, entry.id),
                )
                for entry in listed
            ]

    def read(self) -> tuple[Image, ...] | None:
        """The images that could be read; None if there is no list of them."""
        if self._asked is None:
            return None
        return self._source.each(
            SECTION,
            [(entry, partial(self._read, *asked)) for entry, *asked in self._asked],
            self._ids,
        )

    def _read(self, inspected: Future[Any], history: Future[Any]) -> Image:
        image = read_image(self._source.answer(inspected))
        whole = partial(self._with_history, image, history)
        return self._source.gaps.attempt(HISTORY, whole, image.name) or image

    def _with_history(self, image: Image, history: Future[Any]) -> Image:
        return with_history(image, self._source.answer(history))

    def _ids(self) -> set[str]:
        answer = self._source.answer(self._source.ask(self._source.client.images))
        return {_listed(entry).id for entry in list_of(answer)}


def _listed(entry: Any) -> Listed:
    """An entry of the list. Raises Unexpected: its id becomes part of further requests."""
    found = fields.required_text(entry, "Id")
    if _ID.fullmatch(found) is None:
        raise fields.Unexpected("Id is not an image's id")
    tags = named(fields.strings(entry, "RepoTags"))
    return Listed(id=found, name=tags[0] if tags else found.removeprefix("sha256:")[:12])
