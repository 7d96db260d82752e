"""The daemon's settings for checks: the value in force, and when a default may be assumed."""

import posixpath
from typing import Any

from scans.checks.core.model import Evidence, Unreadable
from scans.checks.core.reading import daemon
from scans.facts import Facts, Gap, Setting

IN_FORCE = ("argv", "daemon.json")
"""Layers that act on the running daemon."""


def value(facts: Facts, key: str, default: Any) -> tuple[Any, Setting | None]:
    """The value of a key in force, and the setting that gives it: None for dockerd's default.

    Raises :class:`Unreadable` where nothing sets it and a layer could not be read: what nobody
    saw is no default. Raises :class:`NotApplicable` for Podman.
    """
    found = daemon(facts).effective(key)
    if found is not None:
        return found.value, found
    require_all_layers(facts)
    return default, None


def evidence(key: str, observed: Any, setting: Setting | None, expected: Any) -> Evidence:
    """Where a value comes from: the file or command line that sets it, or dockerd's default."""
    source = setting.source if setting else "dockerd default"
    return Evidence(f"{source}: {key}", observed, expected)


def setting_list(facts: Facts, key: str) -> list[Evidence]:
    """What every layer in force lists under a key, each as evidence whose ``observed`` is a list.

    It says nothing of layers that could not be read: ask :func:`require_all_layers` before
    a judgement relies on what is not listed.
    """
    found = [row for row in daemon(facts).values(key) if row.layer in IN_FORCE]
    return [Evidence(f"{row.source}: {key}", as_list(row.value), []) for row in found] or [
        Evidence(f"dockerd default: {key}", [], [])
    ]


def as_list(entry: Any) -> list[str]:
    """A setting that may repeat, as a list of texts."""
    if isinstance(entry, list | tuple):
        return [str(part) for part in entry]
    return [] if entry is None else [str(entry)]


def require_all_layers(facts: Facts) -> None:
    """Raise :class:`Unreadable` if the running daemon's command line or ``daemon.json`` could
    not be read or understood: then an absent setting proves nothing."""
    config = daemon(facts)
    if config.running and not config.argv:
        raise Unreadable("the daemon's command line could not be read")
    for source in config.sources:
        if source.layer in IN_FORCE and source.problem:
            raise Unreadable(f"{source.path} could not be read: {source.problem}")
    for gap in facts.gaps:
        if gap.section == "daemon" and _hides_settings(gap):
            raise Unreadable(f"{gap.subject or 'the daemon'} could not be read: {gap.reason}")


def _hides_settings(gap: Gap) -> bool:
    """A gap about a certificate or a version hides no setting."""
    if gap.subject is None:
        return True
    return posixpath.basename(gap.subject) in ("daemon.json", "cmdline")
