"""systemd's unit files of the engine, with their drop-ins: systemd.unit(5), systemd.syntax(7)."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname

_PRECEDENCE = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
_PREFIXES = "@-:+!|"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value that a unit file gives a key."""

    value: str
    path: str


def effective_files(unit: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """The paths of a unit and its drop-ins that count, in the order in which they are read.

    ``files`` is path → content. Directories in order of precedence; a file hides those of the
    same name further down. Drop-ins are sorted by name, whatever their directory.
    """
    main = next((path for place in _PRECEDENCE if (path := f"{place}/{unit}") in files), None)
    if main is None:
        main = next((path for path in files if basename(path) == unit), None)
    drop_ins: dict[str, str] = {}
    for place in _PRECEDENCE:
        for path in files:
            if dirname(path) == f"{place}/{unit}.d":
                drop_ins.setdefault(basename(path), path)
    found = [drop_ins[name] for name in sorted(drop_ins)]
    return (*([main] if main else []), *found)


def assignments(
    unit: str, files: Mapping[str, str], section: str, key: str
) -> tuple[Assignment, ...]:
    """All values of a key after resets: an empty assignment forgets those before it."""
    found: list[Assignment] = []
    for path in effective_files(unit, files):
        for inside, name, value in _parse(files[path]):
            if inside == section and name == key:
                if value:
                    found.append(Assignment(value, path))
                else:
                    found.clear()
    return tuple(found)


def _parse(content: str) -> Iterator[tuple[str, str, str]]:
    """(section, key, value) of each assignment. A backslash at the end continues a line."""
    section, pending = "", ""
    for raw in content.split("\n"):
        line = raw.rstrip()
        if line.lstrip().startswith(("#", ";")):
            continue
        if line.endswith("\\"):
            pending += f"{line[:-1]} "
            continue
        line, pending = (pending + line).strip(), ""
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
            continue
        key, equals, value = line.partition("=")
        if equals:
            yield section, key.strip(), value.strip()


def environment_file(content: str) -> dict[str, str]:
    """``NAME=value`` lines of an environment file, also with ``export`` as sysvinit's have them."""
    found: dict[str, str] = {}
    for _, key, value in _parse(content):
        name = key.removeprefix("export ").strip()
        if re.fullmatch(r"\w+", name, re.ASCII):
            found[name] = " ".join(split(value))
    return found


def environment(found: Iterable[Assignment]) -> dict[str, str]:
    """Variables of ``Environment=`` lines, each several quoted ``NAME=value`` words."""
    pairs = (word.partition("=") for line in found for word in split(line.value))
    return {name: value for name, equals, value in pairs if equals}


def split(value: str) -> list[str]:
    """Words of a command, with quotes; just at blanks where the quotes don't match."""
    try:
        return shlex.split(value, comments=False)
    except ValueError:
        return value.split()


def command(value: str) -> list[str]:
    """The words of an ``ExecStart=`` without its prefixes."""
    return split(value.lstrip(_PREFIXES))


def expand(words: Iterable[str], variables: Mapping[str, str]) -> list[tuple[str, str | None]]:
    """Words with variables put in, each with the name of the variable it came from, or None.

    ``$NAME`` as a word of its own becomes several words, anywhere else it stays within its word;
    unknown variables are empty.
    """
    found: list[tuple[str, str | None]] = []
    for word in words:
        whole = _VARIABLE.fullmatch(word)
        if whole and whole[2]:
            found += [(part, whole[2]) for part in split(variables.get(whole[2], ""))]
            continue
        names = [match[1] or match[2] for match in _VARIABLE.finditer(word)]
        replaced = _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), word)
        found.append((replaced, names[0] if names else None))
    return found
