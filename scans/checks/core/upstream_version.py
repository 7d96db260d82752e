"""Versions as upstream projects number them: ``28.5.2``, ``1.4.0-rc.3``, ``1.0.0-rc95``.

Docker, containerd, runc and the kernel use the same form (semver.org, with fewer or more numbers).
Builds append marks of their own, which don't count: ``20.10.24+dfsg1``, ``17.06.2-ce``.
"""

import re
from dataclasses import dataclass
from functools import lru_cache, total_ordering

_FORM = re.compile(
    r"v?(?P<numbers>(?>\d{1,9}(?:\.\d{1,9}){0,3}))"
    r"(?:[-~.]?(?P<stage>dev|alpha|beta|rc)[-.]?(?P<count>\d{0,9}))?"
    r"(?![a-z0-9])",
    re.ASCII,
)
_STAGES = {"dev": 0, "alpha": 1, "beta": 2, "rc": 3, None: 4}


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A version as numbers that compare; a pre-release comes before its release."""

    numbers: tuple[int, ...]
    stage: int = _STAGES[None]
    count: int = 0

    def __lt__(self, other: "Version") -> bool:
        return self._key < other._key

    @property
    def line(self) -> tuple[int, ...]:
        """The release line: the first two numbers."""
        return self._padded[:2]

    def is_of(self, line: str) -> bool:
        """Whether it belongs to a line, given by its first numbers: ``29``, ``25.0``."""
        numbers = tuple(int(part) for part in line.split("."))
        return self._padded[: len(numbers)] == numbers

    @property
    def _padded(self) -> tuple[int, ...]:
        return (*self.numbers, 0, 0, 0, 0)[:4]

    @property
    def _key(self) -> tuple[tuple[int, ...], int, int]:
        return self._padded, self.stage, self.count


@lru_cache(maxsize=2048)
def parse(text: str) -> Version | None:
    """The version at the start of a text, or None if there is none."""
    found = _FORM.match(text)
    if found is None:
        return None
    numbers = tuple(int(part) for part in found["numbers"].split("."))
    return Version(numbers, _STAGES[found["stage"]], int(found["count"] or 0))
