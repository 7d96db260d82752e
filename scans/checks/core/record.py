"""What the product remembers of a host, handed to the checks of item 17 and to those of drift.

An ad-hoc audit has no record; the checks that need one are then not applicable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scans.checks.core.model import NotApplicable
from scans.facts import PrivilegedFile


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFinding:
    """A failure that was seen before: when it was first seen, and how much it matters."""

    check: str
    subject: str
    severity: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """A waiver or attestation with its end."""

    name: str
    """What it is about: a check, with its subject where it has one."""
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRecord:
    """The history of one host before this audit."""

    last_complete_at: datetime | None = None
    """End of the last audit that covered enough; None if there was none."""
    failed_since_complete: int = 0
    """Audits since then that failed."""
    open_findings: tuple[OpenFinding, ...] = ()
    waivers: tuple[Expiring, ...] = ()
    attestations: tuple[Expiring, ...] = ()
    suid_baseline: tuple[PrivilegedFile, ...] | None = None
    """Accepted privileged files of the host; None if no baseline was accepted."""
    suid_baseline_at: datetime | None = None
    suid_previous: tuple[PrivilegedFile, ...] | None = None
    """Those of the audit before this one; None if there was none or they were not read whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRarity:
    """How many hosts of the fleet have a privileged file with the same content."""

    hosts: int
    """Hosts whose inventory is known, this one included."""
    by_digest: Mapping[str, int]
    """SHA-256 → number of those hosts that have it."""


def remembered(record: HostRecord | None) -> HostRecord:
    """The record. Raises NotApplicable for an ad-hoc audit, which has none."""
    if record is None:
        raise NotApplicable("an ad-hoc audit has no record")
    return record
