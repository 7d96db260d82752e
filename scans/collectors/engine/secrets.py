"""Redaction of the engine's JSON on its way into facts: no secret value may pass here."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from hosts.connections.redact import redact_argv, redact_env, redact_json, secret_names
from hosts.connections.secret_shapes import is_a_secret, names_a_secret
from scans.collectors.engine import fields

UNNAMED = "(unnamed)"
"""Stands for a secret that is known by its form alone."""

_ASSIGNMENT = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]{0,100})=(\"[^\"]*\"|'[^']*'|[^\s;|&]+)")
_OPTION = re.compile(r"(?<!\S)--?([A-Za-z][\w-]{1,100})(?:=|\s+)(\"[^\"]*\"|'[^']*'|[^\s;|&-]\S*)")


def redacted_map(source: Any, *path: str) -> dict[str, str]:
    """Labels or options, with the values that look like secrets taken out. Raises Unexpected."""
    found: dict[str, str] = redact_json(fields.texts_by_name(source, *path))
    return found


def redacted_command(words: Sequence[str]) -> tuple[str, ...]:
    """A command's words, with the secrets among its arguments taken out."""
    return tuple(fields.block(word) for word in redact_argv(words))


def env_names(source: Any, *path: str) -> tuple[str, ...]:
    """The names of environment variables, never their values. Raises Unexpected."""
    entries = redact_env(fields.raw_strings(source, *path))
    return tuple(fields.line(entry.partition("=")[0]) for entry in entries)


def secrets_in_env(source: Any, *path: str) -> tuple[str, ...]:
    """Names of the environment variables that hold a secret. Raises Unexpected."""
    return tuple(fields.line(name) for name in secret_names(fields.raw_strings(source, *path)))


def secrets_in_command(command: str) -> Iterator[str]:
    """Names under which a command line holds secrets; a reference to a variable is none."""
    named = False
    for name, value in _ASSIGNMENT.findall(command):
        if not _is_reference(value) and secret_names([f"{name}={value}"]):
            named = True
            yield fields.line(name)
    for name, value in _OPTION.findall(command):
        if not _is_reference(value) and names_a_secret(name):
            named = True
            yield fields.line(name)
    if not named and is_a_secret(command):
        yield UNNAMED


def _is_reference(value: str) -> bool:
    return value.strip("\"'").startswith(("$", "/run/secrets/"))
