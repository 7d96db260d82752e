"""The prose of checks: what a check asks for, why, and how to fix it, per language.

One Markdown file per check and language, ``scans/checks/prose/<language>/<check id>.md``::

    # Containers run without --privileged
    ## Why
    ## Fix
    ## References
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh-hans")
FOLDER = Path(__file__).parent / "checks" / "prose"
HEADINGS = ("Why", "Fix", "References")


@dataclass(frozen=True, slots=True)
class Prose:
    """The words of one check in one language; bodies are Markdown."""

    title: str
    why: str
    fix: str
    references: str


@cache
def prose(check_id: str, language: str = "en") -> Prose:
    """The prose of a check. Raises FileNotFoundError if it has none in that language, and
    ValueError if the file is not of the form above."""
    path = FOLDER / language / f"{check_id}.md"
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, name: str = "prose") -> Prose:
    """Parse one file. Raises ValueError naming what is missing."""
    head, *parts = text.split("\n## ")
    title = head.strip().removeprefix("# ").strip()
    if not head.startswith("# ") or "\n" in title:
        raise ValueError(f"{name}: the first line must be '# Title'")
    bodies = {
        heading.strip(): body.strip() for heading, _, body in (p.partition("\n") for p in parts)
    }
    if tuple(bodies) != HEADINGS or not all(bodies.values()):
        raise ValueError(f"{name}: wants the sections {', '.join(HEADINGS)}, each with a text")
    return Prose(title, bodies["Why"], bodies["Fix"], bodies["References"])
