"""Facts to and from JSON, checked against their types."""

from typing import Any

import msgspec

from scans.facts import SCHEMA, Facts


class FactsError(ValueError):
    """A document is not facts that this version can read; the text says where and why."""


def encode(facts: Facts) -> bytes:
    """Facts as JSON (UTF-8, one line), the form of ``--facts-out`` and of snapshots."""
    return msgspec.json.encode(facts)


def decode(document: bytes) -> Facts:
    """Facts from JSON.

    Raises :class:`FactsError` for a document that is no JSON, of another schema or version, or
    has a value of the wrong type (named by its path).
    """
    try:
        head: Any = msgspec.json.decode(document)
        schema = head.get("schema") if isinstance(head, dict) else None
        if schema != SCHEMA:
            raise FactsError(f"this is no facts file: wanted schema {SCHEMA}, found {schema!r}")
        return msgspec.convert(head, type=Facts)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise FactsError(f"the facts can't be read: {problem}") from problem
