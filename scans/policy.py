"""Reading a policy from TOML, with errors that name line and key.

::

    name = "Example Corp"

    [images]
    trusted_registries = ["registry.example", "docker.io/library"]

    [severity]
    container-healthcheck = "medium"

    [off]
    daemon-live-restore = "the fleet is swarm"

``docs/policy.md`` describes every key.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from scans.checks import all_checks
from scans.checks.core.model import Severity
from scans.checks.core.policy import Policy

_MAX_DAYS = 36_500


class PolicyError(ValueError):
    """A policy that can't be used; the text has one line per problem."""


def load(path: Path) -> Policy:
    """The policy in a file. Raises PolicyError, OSError."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise PolicyError(f"{path} is not UTF-8 text: {problem.reason}") from problem
    try:
        return parse(text)
    except PolicyError as problem:
        lines = "\n".join(f"{path}: {line}" for line in str(problem).splitlines())
        raise PolicyError(lines) from problem


def parse(text: str) -> Policy:
    """The policy in a TOML document. Raises PolicyError with a line for each problem."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PolicyError(f"this is no TOML: {problem}") from problem
    problems = [*_unknown_keys(document), *_unknown_checks(document), *_severities(document)]
    policy = Policy()
    if not problems:
        try:
            policy = msgspec.convert(document, type=Policy)
            problems = list(_unreasonable(document))
        except msgspec.ValidationError as problem:
            problems = [_readable(str(problem))]
    if problems:
        raise PolicyError("\n".join(_with_line(text, problem) for problem in problems))
    return policy


def _unknown_keys(document: Mapping[str, Any]) -> list[str]:
    """Keys that no policy has; msgspec would pass over them, and with them over a typing error."""
    known = {field.name: field for field in fields(Policy)}
    found = [f"{key}: there is no such key" for key in document if key not in known]
    for section in ("images", "containers", "host", "audits"):
        table = document.get(section, {})
        if isinstance(table, dict):
            allowed = {field.name for field in fields(getattr(Policy(), section))}
            found += [f"{section}.{k}: there is no such key" for k in table if k not in allowed]
    return found


def _unknown_checks(document: Mapping[str, Any]) -> list[str]:
    ids = {check.id for check in all_checks()}
    found = []
    for section in ("severity", "off"):
        table = document.get(section, {})
        if isinstance(table, dict):
            found += [f"{section}.{key}: there is no such check" for key in table if key not in ids]
    return found


def _severities(document: Mapping[str, Any]) -> list[str]:
    """What is no severity; said here, since msgspec does not name the key within a mapping."""
    known = [severity.value for severity in Severity]
    wanted = f"is one of {', '.join(known)}"
    overrides, open_days = document.get("severity", {}), _open_days(document)
    found = []
    if isinstance(overrides, dict):
        found += [f"severity.{k}: {wanted}" for k, value in overrides.items() if value not in known]
    for key, days in open_days.items():
        if key not in known:
            found.append(f"audits.max_open_days.{key}: {wanted}")
        elif not isinstance(days, int):
            found.append(f"audits.max_open_days.{key}: is a number of days")
    return found


def _open_days(document: Mapping[str, Any]) -> Mapping[str, Any]:
    audits = document.get("audits", {})
    days = audits.get("max_open_days", {}) if isinstance(audits, dict) else {}
    return days if isinstance(days, dict) else {}


def _unreasonable(document: Mapping[str, Any]) -> list[str]:
    """Values of the right type that make no sense."""
    found = []
    for key, value in document.get("audits", {}).items():
        numbers = value.values() if isinstance(value, dict) else [value]
        if key == "min_coverage":
            if not 0 <= value <= 1:
                found.append(f"audits.{key}: is a share from 0 to 1")
        elif not all(1 <= number <= _MAX_DAYS for number in numbers):
            found.append(f"audits.{key}: is a number from 1 to {_MAX_DAYS}")
    found += [
        f"off.{check}: say why it is switched off"
        for check, reason in document.get("off", {}).items()
        if not reason.strip()
    ]
    return found


def _readable(problem: str) -> str:
    """``Expected `int`, got `str` - at `$.audits.period_days``` → key first."""
    what, _, path = problem.partition(" - at ")
    key = path.strip("`").removeprefix("$.").removeprefix("$")
    return f"{key or 'document'}: {what[:1].lower()}{what[1:]}".replace("`", "")


def _with_line(text: str, problem: str) -> str:
    """The problem with the number of the line that its key stands in, where it can be found."""
    key = problem.partition(":")[0]
    section, _, name = re.sub(r"\[.*", "", key).rpartition(".")
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if header := re.fullmatch(r"\[\s*([^\]]+?)\s*\](\s*#.*)?", bare):
            current = header[1]
            if current == key:
                return f"line {number}: {problem}"
        dotted = current + "." if current else ""
        if re.match(rf"{re.escape(name)}\s*=|\"{re.escape(name)}\"\s*=", bare) and (
            current == section or not section
        ):
            return f"line {number}: {problem}"
        if bare.startswith(f"{key}=") or re.match(rf"{re.escape(key)}\s*=", dotted + bare):
            return f"line {number}: {problem}"
    return problem
