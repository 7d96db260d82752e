"""The steps of an image's history, as the instructions of its Dockerfile."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scans.facts import HistoryEntry

METADATA = frozenset(
    (
        "ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "SHELL", "STOPSIGNAL", "USER", "VOLUME",
    )
)  # fmt: skip
"""Instructions that make no layer."""
INSTRUCTIONS = METADATA | {"ADD", "COPY", "RUN", "WORKDIR"}

# the classic builder writes "/bin/sh -c #(nop)  ADD file:… in /"; BuildKit "ADD … / # buildkit"
CLASSIC = re.compile(
    r"\S+(?: -\S+| pipefail)*(?: /S)? (?:-c|/C) #\(nop\)\s+(?P<text>.*)", re.DOTALL
)

UPDATES = {
    "apt": {"update"},
    "apt-get": {"update"},
    "aptitude": {"update"},
    "apk": {"update"},
    "yum": {"makecache", "check-update"},
    "dnf": {"makecache", "check-update"},
    "microdnf": {"makecache"},
    "zypper": {"refresh", "ref"},
}
"""Package manager → subcommands that only fetch the package lists."""
INSTALLS = frozenset(
    (
        "add", "build-dep", "dist-upgrade", "dup", "full-upgrade", "groupinstall", "in", "install",
        "localinstall", "patch", "reinstall", "safe-upgrade", "source", "up", "upgrade",
    )
)  # fmt: skip
"""Subcommands that use the lists."""
TAKES_VALUE = frozenset(("-o", "-c", "-t", "-a", "-X", "-p", "--option", "--repository", "--root"))
"""Options of package managers whose value is a word of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its word in upper case, and what follows it."""

    word: str
    text: str


def steps(history: Sequence[HistoryEntry]) -> tuple[Step, ...]:
    """The steps of a history, the oldest first."""
    return tuple(_step(entry.created_by) for entry in _oldest_first(history))


def _oldest_first(history: Sequence[HistoryEntry]) -> Iterable[HistoryEntry]:
    """The engine's API gives the newest first; the times tell where someone turned it round."""
    if not history:
        return history
    first, last = history[0].created_at, history[-1].created_at
    turned = first is not None and last is not None and first < last
    return history if turned else reversed(history)


def _step(created_by: str) -> Step:
    classic = CLASSIC.match(created_by)
    text = (classic["text"] if classic else created_by).removesuffix("# buildkit").strip()
    word, _, rest = text.partition(" ")
    if word in INSTRUCTIONS:
        return Step(word, rest.strip())
    return Step("RUN", text)


def added(history: Sequence[HistoryEntry]) -> tuple[str, ...]:
    """The ADD instructions of an image, without the one that unpacks its base file system.

    That is the first step that makes a layer, if it adds something to ``/``.
    """
    layers = [step for step in steps(history) if step.word not in METADATA]
    if layers and layers[0].word == "ADD" and layers[0].text.split()[-1:] == ["/"]:
        layers = layers[1:]
    return tuple(f"ADD {step.text}" for step in layers if step.word == "ADD")


def lone_updates(history: Sequence[HistoryEntry]) -> tuple[str, ...]:
    """The RUN instructions that fetch package lists and install nothing."""
    return tuple(
        step.text for step in steps(history) if step.word == "RUN" and _only_updates(step.text)
    )


def _only_updates(command: str) -> bool:
    calls = tuple(_package_calls(command))
    updates = any(subcommand in UPDATES[manager] for manager, subcommand in calls)
    return updates and not any(subcommand in INSTALLS for _, subcommand in calls)


def _package_calls(command: str) -> Iterator[tuple[str, str]]:
    """(package manager, subcommand) of every call in a shell command."""
    for part in re.split(r"[;&|\n]+", command):
        words = [word.strip("\"'`(){}[],$") for word in part.split()]
        for position, word in enumerate(words):
            manager = word.rpartition("/")[2]
            if manager in UPDATES:
                yield manager, _subcommand(words[position + 1 :])
                break


def _subcommand(words: Iterable[str]) -> str:
    value_follows = False
    for word in words:
        if value_follows:
            value_follows = False
        elif word.startswith("-"):
            value_follows = word in TAKES_VALUE
        else:
            return word
    return ""
