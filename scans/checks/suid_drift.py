"""Item 7 over time and across the fleet: privileged files that are new, changed, gone or rare."""

from collections.abc import Iterable, Iterator

from scans.checks.core.context import Context
from scans.checks.core.drift import Difference, drift
from scans.checks.core.inventories import about, bits, file_subject, host_inventory
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.reading import HOST
from scans.checks.core.record import FleetRarity, remembered
from scans.checks.core.registry import check
from scans.facts import Facts, PrivilegedFile, SuidInventory

FLEET_MIN = 20
"""Hosts: of fewer, nothing can be called rare."""
RARE_SHARE, RARE_COUNT = 100, 3
"""Rare is what at most one host in a hundred has, and never more than three hosts."""


@check("suid-baseline-drift", item=7, severity=Severity.HIGH, needs=["suid"])
def suid_baseline_drift(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The host's privileged files are those that a person accepted."""
    baseline = remembered(context.record).suid_baseline
    if baseline is None:
        raise NotApplicable("no baseline of privileged files was accepted for this host")
    return _drifted(baseline, host_inventory(facts), "the accepted baseline")


@check("suid-previous-drift", item=7, severity=Severity.MEDIUM, needs=["suid"])
def suid_previous_drift(facts: Facts, context: Context) -> Iterator[Verdict]:
    """The host's privileged files are those of the audit before."""
    previous = remembered(context.record).suid_previous
    if previous is None:
        raise NotApplicable("no earlier audit read the privileged files of this host completely")
    return _drifted(previous, host_inventory(facts), "the audit before")


@check("suid-rare", item=7, severity=Severity.LOW, needs=["suid"])
def suid_rare(facts: Facts, context: Context) -> Iterator[Verdict]:
    """No privileged file outside the packages is found on this host and hardly anywhere else."""
    rarity = context.rarity
    if rarity is None:
        raise NotApplicable("there is no fleet to compare this host with")
    if rarity.hosts < FLEET_MIN:
        raise NotApplicable(
            f"the files of {rarity.hosts} hosts are known: {FLEET_MIN} are needed to call one rare"
        )
    inventory = host_inventory(facts)
    reviewed = context.policy.host.reviewed_suid
    verdicts = tuple(filter(None, (_rare(file, rarity, reviewed) for file in inventory.files)))
    yield from verdicts
    if not inventory.complete:
        yield unknown(HOST, "the search for privileged files ended before it was complete")
    elif not verdicts:
        yield passed(
            HOST,
            "no privileged file outside the packages is rare",
            Evidence("hosts whose privileged files are known", rarity.hosts),
        )


def _drifted(
    before: Iterable[PrivilegedFile], inventory: SuidInventory, since: str
) -> Iterator[Verdict]:
    known = tuple(before)
    quiet = True
    for difference in drift(known, inventory):
        quiet = quiet and difference.kind == "updated"
        yield _difference(difference, since)
    if not inventory.complete:
        yield unknown(HOST, "the search for privileged files ended before it was complete")
    elif quiet:
        counts = Evidence(
            f"privileged files: now, and in {since}", [len(inventory.files), len(known)]
        )
        yield passed(HOST, "has the privileged files of {since}", counts, since=since)


def _difference(found: Difference, since: str) -> Verdict:
    subject, evidence = Subject("file", found.path), _both(found)
    match found.kind:
        case "added":
            return failed(subject, "is not in {since}", *evidence, since=since)
        case "removed":
            return failed(
                subject, "is gone, or lost its privileges, since {since}", *evidence, since=since
            )
        case "updated":
            return passed(
                subject, "was updated with its package since {since}", *evidence, since=since
            )
        case "changed":
            return failed(
                subject,
                "has other {changes} than in {since}",
                *evidence,
                changes=", ".join(found.changes),
                since=since,
            )
    return unknown(subject, "could not be compared with {since}", *evidence, since=since)


def _both(found: Difference) -> tuple[Evidence, ...]:
    return (Evidence("before", _told(found.before)), Evidence("now", _told(found.now)))


def _told(file: PrivilegedFile | None) -> dict[str, object] | None:
    if file is None:
        return None
    return {
        "mode": f"{file.mode:04o}",
        "owner": f"{file.uid}:{file.gid}",
        "size": file.size,
        "sha256": file.sha256,
        "capabilities": file.capabilities,
        "package": file.package,
    }


def _rare(file: PrivilegedFile, rarity: FleetRarity, reviewed: tuple[str, ...]) -> Verdict | None:
    """A verdict about a file that no package vouches for, None for all others."""
    if file.nosuid or file.provenance == "unchanged":
        return None
    if file.provenance == "unknown" and file.package is not None:
        return None
    if file.package is None and file.path in reviewed:
        return passed(file_subject(file), "was reviewed", *about(file))
    if file.sha256 is None:
        return unknown(
            file_subject(file),
            "is {bits} whose content was not read",
            *about(file),
            bits=bits(file),
        )
    most = min(max(rarity.hosts // RARE_SHARE, 1), RARE_COUNT)
    hosts = max(rarity.by_digest.get(file.sha256, 0), 1)
    seen = Evidence("hosts with the same content, of all", [hosts, rarity.hosts], f"above {most}")
    if hosts > most:
        return passed(file_subject(file), "is on {hosts} hosts", seen, *about(file), hosts=hosts)
    if file.provenance == "unknown":
        return unknown(
            file_subject(file),
            "is on {hosts} of {all} hosts, and its package could not be determined",
            seen,
            *about(file),
            hosts=hosts,
            all=rarity.hosts,
        )
    return failed(
        file_subject(file),
        "is {bits}, {origin}, and on {hosts} of {all} hosts",
        seen,
        *about(file),
        bits=bits(file),
        origin="of no package" if file.provenance == "unowned" else "altered",
        hosts=hosts,
        all=rarity.hosts,
    )
