"""What checks judge by besides the facts."""

from dataclasses import dataclass

from scans.checks.core.advisories import Advisories
from scans.checks.core.model import Unreadable
from scans.checks.core.policy import DEFAULT, Policy
from scans.checks.core.record import FleetRarity, HostRecord


@dataclass(frozen=True, slots=True)
class Context:
    """Data that was loaded outside, since checks read nothing themselves."""

    policy: Policy = DEFAULT
    """What the organisation decided; the defaults where it did not."""
    advisories: Advisories | None = None
    """None where none was given: then nothing is known of versions."""
    record: HostRecord | None = None
    """What is remembered of the host; None for an ad-hoc audit."""
    rarity: FleetRarity | None = None
    """None where no fleet is known."""


def advisories(context: Context) -> Advisories:
    """The advisories to judge versions by. Raises Unreadable where none were given."""
    if context.advisories is None:
        raise Unreadable("no advisories were given to judge versions by")
    return context.advisories
