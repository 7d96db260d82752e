"""The format ``posture.advisories/1``: TOML → :class:`Advisories`, with errors that name the place.

``[[line]]`` entries are release lines, ``[[advisory]]`` entries vulnerabilities; their keys are the
fields of :class:`scans.checks.core.advisories.Line` and :class:`Advisory`.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from scans.checks.core.advisories import Advisories, Advisory, FixedPackage, Line
from scans.checks.core.model import Severity
from scans.checks.core.reachability import is_known
from scans.checks.core.upstream_version import Version
from scans.checks.core.upstream_version import parse as parse_version

FORMAT = "posture.advisories/1"
COMPONENTS = ("docker", "containerd", "runc", "buildkit", "kernel")

T = TypeVar("T")

_ID = re.compile(r"CVE-\d{4}-\d{4,7}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}")
_LINE_NAME = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,2}")
_RELEASE = re.compile(r"(?:debian|ubuntu) \d{1,3}(?:\.\d{1,3})?")


class AdvisoriesError(Exception):
    """The data can't be used; the text is a sentence on where and why."""


class _Wrong(Exception):
    """A value that is not as it must be."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key = key


def parse(text: str) -> Advisories:
    """Parse and validate a whole file. Raises AdvisoriesError naming line, entry and key."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise AdvisoriesError(f"it is no valid TOML: {problem}") from problem
    try:
        _only(document, ("format", "date", "advisory", "line"))
        if document.get("format") != FORMAT:
            raise _Wrong("format", f"must be {FORMAT!r}")
        dated = _date(document, "date")
        if dated is None:
            raise _Wrong("date", "is missing")
    except _Wrong as wrong:
        where = _key_line(text.splitlines(), 0, wrong.key)
        raise AdvisoriesError(f"line {where}: {wrong.key} {wrong}") from wrong
    found = Advisories(
        date=dated,
        advisories=_entries(document, "advisory", "id", _advisory, text),
        lines=_entries(document, "line", "name", _line, text),
    )
    _refuse_twins(found, text)
    return found


def _entries(
    document: Mapping[str, Any],
    table: str,
    name: str,
    build: Callable[[Mapping[str, Any]], T],
    text: str,
) -> tuple[T, ...]:
    rows = document.get(table)
    if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
        raise AdvisoriesError(f"it has no [[{table}]] entries")
    built: list[T] = []
    for index, row in enumerate(rows):
        try:
            built.append(build(row))
        except _Wrong as wrong:
            where = _locate(text, table, index, wrong.key)
            called = f"[[{table}]] {row.get(name, f'number {index + 1}')}"
            raise AdvisoriesError(f"line {where}: {called}: {wrong.key} {wrong}") from wrong
    return tuple(built)


def _locate(text: str, table: str, index: int, key: str) -> int:
    """The line of a key in the entry of that index, or of the entry's header. From 1."""
    rows = text.splitlines()
    headers = [n for n, row in enumerate(rows) if row.split("#")[0].strip() == f"[[{table}]]"]
    return _key_line(rows, headers[index], key) if index < len(headers) else 1


def _key_line(rows: list[str], start: int, key: str) -> int:
    for number in range(start, len(rows)):
        row = rows[number].strip()
        if row.startswith("[[") and number > start:
            break
        if re.match(rf"{re.escape(key)}\s*=", row):
            return number + 1
    return start + 1


def _advisory(row: Mapping[str, Any]) -> Advisory:
    _only(row, Advisory.__dataclass_fields__)
    if not _ID.fullmatch(_text(row, "id")):
        raise _Wrong("id", "must be a CVE or GHSA number")
    if _text(row, "component") not in COMPONENTS:
        raise _Wrong("component", f"must be one of {', '.join(COMPONENTS)}")
    entry = Advisory(
        id=_text(row, "id"),
        component=_text(row, "component"),
        title=_text(row, "title"),
        severity=_severity(row),
        introduced=_texts(row, "introduced"),
        fixed=_texts(row, "fixed", needed=True),
        reachable_when=_conditions(row),
        packages=_packages(row),
        verify=_text(row, "verify", needed=False),
        sources=_texts(row, "sources", needed=True),
    )
    _check_ranges(entry)
    return entry


def _check_ranges(entry: Advisory) -> None:
    """Each line has at most one start and one fix, in order, and starts before it is fixed."""
    starts, fixes = _versions(entry.introduced, "introduced"), _versions(entry.fixed, "fixed")
    for start in starts:
        if start >= entry.fix_for(start):
            raise _Wrong("introduced", "must be older than the fixed version of the same line")
    if starts and fixes and fixes[0] < starts[0]:
        raise _Wrong("fixed", "has a version older than all that are affected")


def _versions(texts: tuple[str, ...], key: str) -> list[Version]:
    found: list[Version] = []
    for text in texts:
        version = parse_version(text)
        if version is None:
            raise _Wrong(key, f"has {text!r}, which is no version")
        if found and not found[-1] < version:
            raise _Wrong(key, f"has {text!r} out of order; the oldest comes first")
        if found and found[-1].line == version.line:
            raise _Wrong(key, f"has two versions of the line of {text!r}")
        found.append(version)
    return found


def _conditions(row: Mapping[str, Any]) -> tuple[str, ...]:
    found = _texts(row, "reachable_when")
    for condition in found:
        if not is_known(condition):
            raise _Wrong("reachable_when", f"has the unknown condition {condition!r}")
    return found


def _packages(row: Mapping[str, Any]) -> tuple[FixedPackage, ...]:
    rows = row.get("packages", [])
    wanted = {"os", "name", "fixed"}
    if not isinstance(rows, list) or any(
        not isinstance(each, dict) or set(each) != wanted for each in rows
    ):
        raise _Wrong("packages", "must be a list of tables with os, name and fixed")
    for each in rows:
        if not _RELEASE.fullmatch(_text(each, "os")):
            raise _Wrong("packages", f"has os {each['os']!r}, not like 'debian 12'")
    return tuple(FixedPackage(**{key: _text(each, key) for key in wanted}) for each in rows)


def _severity(row: Mapping[str, Any]) -> Severity:
    try:
        return Severity(_text(row, "severity"))
    except ValueError:
        raise _Wrong("severity", f"must be one of {', '.join(Severity)}") from None


def _line(row: Mapping[str, Any]) -> Line:
    _only(row, Line.__dataclass_fields__)
    if not _LINE_NAME.fullmatch(_text(row, "name")):
        raise _Wrong("name", "must be numbers with dots: 29, 25.0")
    line = Line(
        component=_text(row, "component"),
        name=_text(row, "name"),
        supported_until=_date(row, "supported_until"),
        extended_until=_date(row, "extended_until"),
        extended_by=_text(row, "extended_by", needed=False),
        maintained_by=_text(row, "maintained_by", needed=False),
        sources=_texts(row, "sources", needed=True),
    )
    if (line.extended_until is None) != (not line.extended_by):
        raise _Wrong("extended_by", "and extended_until go together")
    if line.extended_until is not None and (
        line.supported_until is None or line.extended_until <= line.supported_until
    ):
        raise _Wrong("extended_until", "must be later than supported_until")
    return line


def _refuse_twins(found: Advisories, text: str) -> None:
    for table, names in (
        ("advisory", [f"{entry.component} {entry.id}" for entry in found.advisories]),
        ("line", [f"{line.component} {line.name}" for line in found.lines]),
    ):
        for index, name in enumerate(names):
            if name in names[:index]:
                where = _locate(text, table, index, "")
                raise AdvisoriesError(f"line {where}: [[{table}]] {name} is there twice")


def _only(row: Mapping[str, Any], known: Any) -> None:
    for key in row:
        if key not in known:
            raise _Wrong(key, "is not a key that is known here")


def _text(row: Mapping[str, Any], key: str, *, needed: bool = True) -> str:
    value = row.get(key, None if needed else "")
    if not isinstance(value, str) or (needed and not value.strip()):
        raise _Wrong(key, "must be a text" if key in row else "is missing")
    if not value.isprintable():
        raise _Wrong(key, "must be printable, on one line")
    return value


def _texts(row: Mapping[str, Any], key: str, *, needed: bool = False) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise _Wrong(key, "must be a list of texts")
    if needed and not value:
        raise _Wrong(key, "must not be empty" if key in row else "is missing")
    return tuple(value)


def _date(row: Mapping[str, Any], key: str) -> date | None:
    value = row.get(key)
    if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
        raise _Wrong(key, "must be a date: 2026-11-24, without quotes")
    return value
