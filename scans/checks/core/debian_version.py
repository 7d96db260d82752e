"""The order of Debian's package versions, as deb-version(7) defines it."""

import re
from itertools import zip_longest

_CHUNKS = re.compile(r"(\D*)(\d*)", re.ASCII)


def is_older(version: str, other: str) -> bool:
    """Whether a version comes before another one."""
    return _key(version) < _key(other)


def _key(version: str) -> tuple[int, "_Part", "_Part"]:
    epoch, colon, rest = version.partition(":")
    if not colon or not (epoch.isascii() and epoch.isdecimal()):
        epoch, rest = "0", version
    upstream, dash, revision = rest.rpartition("-")
    if not dash:
        upstream, revision = rest, ""
    return int(epoch[:18]), _Part(upstream), _Part(revision)


class _Part:
    """An upstream version or a revision: words and numbers take turns."""

    def __init__(self, word: str) -> None:
        self._chunks = [
            ([_weight(char) for char in letters] + [0], int(digits[:4000] or "0"))
            for letters, digits in _CHUNKS.findall(word[:4000])
        ]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and not self < other and not other < self

    __hash__ = None  # type: ignore[assignment]  # ordered, never looked up

    def __lt__(self, other: "_Part") -> bool:
        nothing = ([0], 0)
        for mine, theirs in zip_longest(self._chunks, other._chunks, fillvalue=nothing):
            if mine != theirs:
                return mine < theirs
        return False


def _weight(char: str) -> int:
    """``~`` before the end of the word (0), then letters, then everything else."""
    if char == "~":
        return -1
    return ord(char) if char.isalpha() else ord(char) + 0x110000
