"""Which of the host's files a check is about, by what they are to the engine."""

from dataclasses import dataclass

from scans.checks.core.model import NotApplicable, Unreadable
from scans.checks.core.paths import normalise
from scans.checks.core.reading import require
from scans.facts import Facts, FileStat


@dataclass(frozen=True, slots=True)
class Wanted:
    """The file of a role (see :class:`FileStat`)."""

    name: str
    """For a person: "the unit docker.service"."""
    role: str


def existing(facts: Facts, wanted: Wanted) -> tuple[FileStat, ...]:
    """The files that are there, or could not be looked at; each once, whatever its paths.

    Raises :class:`NotApplicable` where they were looked for and are absent, and
    :class:`Unreadable` where nobody looked.
    """
    looked_for = looked_up(facts, wanted)
    if not looked_for and facts.engine is not None and facts.engine.name == "podman":
        raise NotApplicable(f"Podman does without {wanted.name}")
    if not looked_for:
        raise Unreadable(f"{wanted.name} was not looked for")
    found = {
        normalise(file.resolved or file.path): file for file in looked_for if file.kind != "absent"
    }
    if not found:
        raise NotApplicable(f"this host does not have {wanted.name}")
    return tuple(found.values())


def looked_up(facts: Facts, wanted: Wanted) -> tuple[FileStat, ...]:
    """The entries of a role, those of absent files too. Raises :class:`Unreadable`."""
    files = require(facts, facts.files, "files", "owner and mode of the engine's files")
    return tuple(file for file in files if file.role == wanted.role)


def real_path(file: FileStat) -> str:
    """The path behind all symbolic links, as far as it is known."""
    return normalise(file.resolved or file.path)
