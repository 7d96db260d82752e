"""Readers for the engine's JSON, which is as hostile as anything else that a host answers.

Each takes an object and the path of keys to a value. A key that is missing or null gives the
default, for engines leave out what they don't know or what is empty. A value of another kind
raises :class:`Unexpected`: guessing there would turn a broken answer into a passed check.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Object = Mapping[str, Any]

# Far above what any engine answers; paths end at PATH_MAX = 4096.
MAX_TEXT = 4096
MAX_BLOCK = 16_384
# The kernel takes 128 KiB an argument; the longest text is a seccomp profile within an option.
MAX_STRING = 1_000_000
MAX_ITEMS = 10_000
MAX_DEPTH = 10
MAX_INTEGER = 2**63 - 1

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_BLOCK = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?\s?(Z|z|[+-]\d\d:\d\d)"
)


class Unexpected(ValueError):
    """An answer of another shape than any engine's; the message is one clause without values."""


def find(source: Any, *path: str) -> Any:
    """The value at ``path``, or None where it or an object on the way is missing or null."""
    value = source
    for depth, key in enumerate(path):
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _unexpected(path[:depth], "an object")
        value = value.get(key)
    return value


def mapping(source: Any, *path: str) -> Object:
    """An object; empty by default."""
    value = find(source, *path)
    if value is None:
        return {}
    return _mapping(value, path)


def required_mapping(source: Any, *path: str) -> Object:
    """An object that every engine gives."""
    return _mapping(find(source, *path), path)


def text(source: Any, *path: str, default: str = "") -> str:
    r"""One line of text: control characters are written as ``\xNN``.

    Longer than any real value is unexpected, for a cut path or name would be another one.
    """
    value = find(source, *path)
    return default if value is None else _text(value, path)


def required_text(source: Any, *path: str) -> str:
    """Text that every engine gives and that is not empty."""
    value = text(source, *path)
    if not value:
        raise _unexpected(path, "there")
    return value


def raw_string(source: Any, *path: str) -> str:
    """Text as it is, for redaction and cutting; empty by default."""
    value = find(source, *path)
    return "" if value is None else _string(value, path)


def integer(source: Any, *path: str, default: int = 0) -> int:
    """A whole number of at most 64 bits, with its sign."""
    value = optional_integer(source, *path)
    return default if value is None else value


def optional_integer(source: Any, *path: str) -> int | None:
    """As :func:`integer`, None if it is missing."""
    value = find(source, *path)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_INTEGER:
        raise _unexpected(path, "a whole number of 64 bits")
    return value


def flag(source: Any, *path: str, default: bool = False) -> bool:
    """A boolean."""
    value = optional_flag(source, *path)
    return default if value is None else value


def optional_flag(source: Any, *path: str) -> bool | None:
    """As :func:`flag`, None if it is missing."""
    value = find(source, *path)
    if value is not None and not isinstance(value, bool):
        raise _unexpected(path, "a boolean")
    return value


def required_flag(source: Any, *path: str) -> bool:
    """A boolean that every engine gives."""
    value = optional_flag(source, *path)
    if value is None:
        raise _unexpected(path, "there")
    return value


def strings(source: Any, *path: str) -> tuple[str, ...]:
    """A list of lines of text; empty by default."""
    return optional_strings(source, *path) or ()


def optional_strings(source: Any, *path: str) -> tuple[str, ...] | None:
    """As :func:`strings`, None if it is missing."""
    value = find(source, *path)
    if value is None:
        return None
    return tuple(_text(item, path) for item in _items(value, path))


def raw_strings(source: Any, *path: str) -> list[str]:
    """A list of texts as they are, for redaction and cutting; empty by default."""
    value = find(source, *path)
    if isinstance(value, str):
        # Some engines write a command of one word without the list.
        value = [value]
    return [_string(item, path) for item in _items([] if value is None else value, path)]


def items(source: Any, *path: str) -> list[Any]:
    """A list of anything; empty by default."""
    value = find(source, *path)
    return _items([] if value is None else value, path)


def objects(source: Any, *path: str) -> tuple[Object, ...]:
    """A list of objects; empty by default."""
    return tuple(_mapping(item, path) for item in items(source, *path))


def texts_by_name(source: Any, *path: str) -> dict[str, str]:
    """An object whose values are texts; empty by default."""
    found = mapping(source, *path)
    if len(found) > MAX_ITEMS:
        raise _unexpected(path, "of a usual length")
    return {
        line(key): block("" if value is None else _string(value, path))
        for key, value in found.items()
    }


def tree(source: Any, *path: str) -> Object:
    """An object with anything in it, down to a depth that any real one stays above."""
    found: dict[str, Any] = _branch(dict(mapping(source, *path)), path, MAX_DEPTH)
    return found


def names(source: Any, *path: str) -> tuple[str, ...]:
    """The keys of an object whose values don't matter, such as ``ExposedPorts``."""
    return tuple(_text(key, path) for key in mapping(source, *path))


def moment(source: Any, *path: str) -> datetime | None:
    """A time as RFC 3339 text or seconds since 1970; None if missing or Go's zero time."""
    value = find(source, *path)
    match value:
        case None | "":
            return None
        case bool():
            raise _unexpected(path, "a time")
        case int() | float():
            return _since_1970(value, path)
        case str():
            return _rfc3339(value, path)
    raise _unexpected(path, "a time")


def line(value: str) -> str:
    r"""Text for one line: control characters are written as ``\xNN``."""
    return _CONTROL.sub(_escaped, value)


def block(value: str, limit: int = MAX_BLOCK) -> str:
    """Text that may have several lines, cut at ``limit`` characters."""
    cut = value if len(value) <= limit else value[: limit - 1] + "…"
    return _CONTROL_IN_BLOCK.sub(_escaped, cut)


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """The values without repetition, in their order."""
    return tuple(dict.fromkeys(values))


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


def _string(value: Any, path: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise _unexpected(path, "text")
    if len(value) > MAX_STRING:
        raise _unexpected(path, "of a usual length")
    return value


def _text(value: Any, path: tuple[str, ...]) -> str:
    if len(_string(value, path)) > MAX_TEXT:
        raise _unexpected(path, "of a usual length")
    return line(value)


def _mapping(value: Any, path: tuple[str, ...]) -> Object:
    if not isinstance(value, dict):
        raise _unexpected(path, "an object")
    return value


def _branch(value: Any, path: tuple[str, ...], depth: int) -> Any:
    if depth == 0:
        raise _unexpected(path, "of a usual depth")
    match value:
        case dict():
            return {line(key): _branch(item, path, depth - 1) for key, item in value.items()}
        case list():
            return [_branch(item, path, depth - 1) for item in _items(value, path)]
        case str():
            return block(value)
        case int() if abs(value) > MAX_INTEGER:
            raise _unexpected(path, "of a usual size")
    return value


def _items(value: Any, path: tuple[str, ...]) -> list[Any]:
    if not isinstance(value, list):
        raise _unexpected(path, "a list")
    if len(value) > MAX_ITEMS:
        raise _unexpected(path, "of a usual length")
    return value


def _since_1970(seconds: float, path: tuple[str, ...]) -> datetime | None:
    if seconds <= 0:
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        raise _unexpected(path, "a time") from None


def _rfc3339(value: str, path: tuple[str, ...]) -> datetime | None:
    found = _RFC3339.fullmatch(value)
    if found is None:
        raise _unexpected(path, "a time")
    day, clock, fraction, zone = found.groups()
    if day.startswith("0001-"):
        return None
    micro = (fraction or "0").ljust(6, "0")[:6]
    offset = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{micro}{offset}").astimezone(UTC)
    except (OverflowError, ValueError):
        raise _unexpected(path, "a time") from None


def _unexpected(path: tuple[str, ...], what: str) -> Unexpected:
    return Unexpected(f"{'.'.join(path) or 'it'} is not {what}")
