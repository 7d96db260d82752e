"""What checks judge by besides the facts."""

from dataclasses import dataclass

from scans.checks.core.advisories import Advisories


@dataclass(frozen=True, slots=True)
class Context:
    """Data that was loaded outside, since checks read nothing themselves."""

    advisories: Advisories | None = None
    """None where none was given: then nothing is known of versions."""
