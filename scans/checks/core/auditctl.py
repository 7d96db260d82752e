"""Audit rules as the kernel means them (auditctl(8)): what a rule watches, and for what."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from scans.checks.core.files import real_path
from scans.checks.core.paths import is_at_or_below, normalise
from scans.facts import AuditRule, FileStat

ALL_ACCESS = frozenset("rwxa")
"""Read, write, execute, change of attributes: what a rule without permissions watches."""
FIELD = re.compile(r"(?P<name>\w+)(?P<operator>!=|>=|<=|&=|=|>|<|&)(?P<value>.*)", re.DOTALL)
NO_CONDITION = frozenset(("arch", "key"))
"""Fields of a rule that take nothing away from what it watches."""
MERGED = ("/bin/", "/lib/", "/lib64/", "/sbin/")
"""Directories that are links into /usr on systems with a merged /usr."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One rule that watches a path."""

    rule: AuditRule
    path: str
    recursive: bool
    """``-w`` and ``-F dir=`` watch all that is below, ``-F path=`` the one inode."""
    access: frozenset[str]
    conditions: tuple[str, ...] = ()
    """What narrows it: ``auid>=1000``, ``-S open`` …"""
    never: bool = False
    """It excludes from the records what it matches."""


@lru_cache(maxsize=4096)  # each rule is held against each of the engine's paths
def parse(rule: AuditRule) -> Watch | None:
    """The watch that a rule is; None for one that names no path, or is none at all."""
    if rule.text.lstrip().startswith("#"):
        return None
    watch = Watch(rule, "", False, ALL_ACCESS)
    for option, value in _options(rule.text):
        match option:
            case "-w":
                watch = replace(watch, path=value, recursive=True)
            case "-p":
                watch = replace(watch, access=frozenset(value))
            case "-a" | "-A":
                if "exit" not in value.split(","):
                    return None
                watch = replace(watch, never="never" in value.split(","))
            case "-F":
                watch = _with_field(watch, value)
            case "-S" if value != "all":
                watch = replace(watch, conditions=(*watch.conditions, f"-S {value}"))
            case "-C":
                watch = replace(watch, conditions=(*watch.conditions, value))
    return replace(watch, path=normalise(watch.path)) if watch.path.startswith("/") else None


def _options(text: str) -> Iterator[tuple[str, str]]:
    """(option, value) pairs; the value may be a word of its own or joined to its option."""
    words = iter(text.split())
    for word in words:
        if word.startswith("-") and len(word) > 1:
            yield word[:2], word[2:] or next(words, "")


def _with_field(watch: Watch, text: str) -> Watch:
    field = FIELD.fullmatch(text)
    if field is None or field["name"] in NO_CONDITION:
        return watch
    if field["operator"] == "=":
        match field["name"]:
            case "path":
                return replace(watch, path=field["value"], recursive=False)
            case "dir":
                return replace(watch, path=field["value"], recursive=True)
            case "perm":
                return replace(watch, access=frozenset(field["value"]))
    return replace(watch, conditions=(*watch.conditions, text))


def watches_of(
    rules: Iterable[AuditRule], file: FileStat, *, merged_usr: bool
) -> tuple[Watch, ...]:
    """The rules that record something about a file, in the kernel's order.

    The first rule that matches decides, so what follows a ``never`` for the same path is void.
    """
    found: list[Watch] = []
    for watch in filter(None, map(parse, rules)):
        if not _covers(watch, file, merged_usr=merged_usr):
            continue
        if not watch.never:
            found.append(watch)
        elif not watch.conditions and watch.access == ALL_ACCESS:
            break
    return tuple(found)


def _covers(watch: Watch, file: FileStat, *, merged_usr: bool) -> bool:
    """Compared on the real path: a rule on a symbolic link does not watch what it points to."""
    path, real = watch.path, real_path(file)
    if merged_usr and path.startswith(MERGED):
        path = f"/usr{path}"
    if path == real:
        return watch.recursive or file.kind != "directory"
    return watch.recursive and is_at_or_below(real, path)


def has_merged_usr(files: Iterable[FileStat]) -> bool:
    """Whether /lib and its like are links into /usr, as on every current distribution, unless
    a file that was read really lies there."""
    return not any((file.resolved or "").startswith(MERGED) for file in files)
