"""Releases of kernels, as ``uname -r`` gives them, put in order.

Distributions name them differently: ``6.1.0-40-amd64``, ``5.15.0-119-generic``,
``5.14.0-427.13.1.el9_4.x86_64``, ``6.12.48+deb13-amd64``, ``6.6.54-0-lts``.
"""

import re
from collections.abc import Iterable

Rank = tuple[tuple[int, ...], tuple[int, ...]]


def rank(release: str) -> Rank:
    """Version and build as numbers that compare: ``6.1.0-40-amd64`` → ``((6, 1, 0), (40,))``."""
    version, build, _ = _parts(release)
    return _numbers(version), _numbers(build)


def flavour(release: str) -> frozenset[str]:
    """The words that tell builds of one version apart: ``generic``, ``rt``, ``cloud``, ``lts``.

    Tags of a distribution's release are none: they change with an update.
    """
    _, _, rest = _parts(release)
    words = re.findall(r"[a-z]{2,}", rest.lower())
    return frozenset(words) - {"deb", "bpo", "el", "fc", "amzn", "rc"}


def newest_of_flavour(running: str, installed: Iterable[str]) -> str | None:
    """The newest of the installed releases of the running one's flavour; None if there is none."""
    same = [release for release in installed if flavour(release) == flavour(running)]
    return max(same, key=rank, default=None)


def _parts(release: str) -> tuple[str, str, str]:
    found = re.match(r"(\d+(?:\.\d+)*)(?:-(\d+(?:\.\d+)*))?(.*)", release, re.DOTALL)
    return (found[1], found[2] or "", found[3]) if found else ("", "", release)


def _numbers(text: str) -> tuple[int, ...]:
    # a number longer than any kernel's is no number to compare
    return tuple(int(part) for part in text.split(".") if 0 < len(part) < 10)
