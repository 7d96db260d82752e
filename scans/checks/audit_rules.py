"""Audit rules for the engine's files: section 1.1 of the CIS benchmark, as a table."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from scans.checks.core.auditctl import Watch, has_merged_usr, watches_of
from scans.checks.core.files import Wanted, existing, real_path
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
from scans.checks.core.reading import require
from scans.checks.core.registry import Check, add, check
from scans.facts import AuditRules, Facts, FileStat

LOGGING = 3
"""Item of the checklist."""
WANTED_ACCESS = frozenset("wa")
"""Writes and changes of attributes: what alters a file. Reads and executions are noise."""


@dataclass(frozen=True, slots=True)
class Row:
    """A path that has to be watched, with its check's id."""

    check_id: str
    cis: str
    severity: Severity
    wanted: Wanted


ROWS = (
    Row("audit-dockerd", "1.1.3", Severity.MEDIUM, Wanted("the binary dockerd", "dockerd")),
    Row("audit-run-containerd", "1.1.4", Severity.LOW,
        Wanted("the directory /run/containerd", "run-containerd")),
    Row("audit-data-root", "1.1.5", Severity.LOW, Wanted("the data root", "data-root")),
    Row("audit-etc-docker", "1.1.6", Severity.MEDIUM,
        Wanted("the directory /etc/docker", "etc-docker")),
    Row("audit-docker-service", "1.1.7", Severity.MEDIUM,
        Wanted("the unit docker.service", "docker-service")),
    Row("audit-containerd-sock", "1.1.8", Severity.MEDIUM,
        Wanted("containerd's socket", "containerd-sock")),
    Row("audit-docker-sock", "1.1.9", Severity.MEDIUM,
        Wanted("the engine's socket", "docker-sock")),
    Row("audit-etc-default-docker", "1.1.10", Severity.LOW,
        Wanted("the file /etc/default/docker", "etc-default-docker")),
    Row("audit-daemon-json", "1.1.11", Severity.MEDIUM,
        Wanted("the file daemon.json", "daemon-json")),
    Row("audit-containerd-config", "1.1.12", Severity.LOW,
        Wanted("containerd's config.toml", "containerd-config")),
    Row("audit-etc-sysconfig-docker", "1.1.13", Severity.LOW,
        Wanted("the file /etc/sysconfig/docker", "etc-sysconfig-docker")),
    Row("audit-containerd", "1.1.14", Severity.LOW,
        Wanted("the binary containerd", "containerd")),
    Row("audit-containerd-shim", "1.1.15", Severity.LOW,
        Wanted("the binary containerd-shim", "containerd-shim")),
    Row("audit-containerd-shim-runc-v1", "1.1.16", Severity.LOW,
        Wanted("the binary containerd-shim-runc-v1", "containerd-shim-runc-v1")),
    Row("audit-containerd-shim-runc-v2", "1.1.17", Severity.LOW,
        Wanted("the binary containerd-shim-runc-v2", "containerd-shim-runc-v2")),
    Row("audit-runc", "1.1.18", Severity.LOW, Wanted("the binary runc", "runc")),
)  # fmt: skip


def judge(row: Row, facts: Facts) -> Iterator[Verdict]:
    """The rules that the kernel has loaded decide; those on disk are only intended."""
    files = existing(facts, row.wanted)
    rules = require(facts, facts.audit, "audit", "the kernel's audit rules")
    merged_usr = has_merged_usr(facts.files or ())
    for file in files:
        loaded = watches_of(rules.loaded or (), file, merged_usr=merged_usr)
        on_disk = watches_of(rules.on_disk or (), file, merged_usr=merged_usr)
        if rules.loaded is None:
            yield _unread(facts, file, on_disk)
        elif file.kind == "unreadable" and not loaded:
            yield unknown(_subject(file), "whether it exists could not be read", *_seen(file, ()))
        else:
            yield _watched(rules, file, loaded, on_disk)


def _unread(facts: Facts, file: FileStat, on_disk: tuple[Watch, ...]) -> Verdict:
    """What a file of rules says may or may not be loaded."""
    reason = next((gap.reason for gap in facts.gaps if gap.section == "audit"), "no reason given")
    if not on_disk:
        template = "whether a rule is loaded could not be read: {reason}"
        return unknown(_subject(file), template, reason=reason)
    rule = on_disk[0].rule
    template = "has a rule in {source}; whether it is loaded could not be read: {reason}"
    seen = Evidence(rule.source, rule.text)
    return unknown(_subject(file), template, seen, source=rule.source, reason=reason)


def _watched(
    rules: AuditRules, file: FileStat, loaded: tuple[Watch, ...], on_disk: tuple[Watch, ...]
) -> Verdict:
    subject, seen = _subject(file), _seen(file, loaded)
    whole = [watch for watch in loaded if not watch.conditions]
    access = frozenset[str]().union(*(watch.access for watch in whole))
    if access >= WANTED_ACCESS:
        enabled = Evidence("auditctl -s: enabled", rules.enabled, "1 or 2")
        if rules.enabled == 0:
            return failed(subject, "has a rule, but auditing is switched off", *seen, enabled)
        return passed(subject, "is watched for writes and changed attributes", *seen, enabled)
    if access:
        shown = "".join(sorted(access))
        template = "is watched for {access} only, not for writes and changed attributes (wa)"
        return failed(subject, template, *seen, access=shown)
    if loaded:
        conditions = " ".join(loaded[0].conditions)
        template = "is watched under conditions only: {conditions}"
        return failed(subject, template, *seen, conditions=conditions)
    if on_disk:
        rule = on_disk[0].rule
        template = "has a rule in {source} that is not loaded"
        intended = Evidence(rule.source, rule.text)
        return failed(subject, template, *seen, intended, source=rule.source)
    return failed(subject, "is watched by no audit rule", *seen)


def _subject(file: FileStat) -> Subject:
    return Subject("file", file.path)


def _seen(file: FileStat, loaded: tuple[Watch, ...]) -> tuple[Evidence, ...]:
    texts = [watch.rule.text for watch in loaded]
    return (Evidence("auditctl -l", texts, f"-w {real_path(file)} -p wa"),)


NEEDS = ("files", "audit", "engine")

for _row in ROWS:
    add(Check(_row.check_id, LOGGING, _row.severity, (_row.cis,), partial(judge, _row), NEEDS))


@check(
    "audit-rules-persistent",
    item=LOGGING,
    severity=Severity.LOW,
    needs=["files", "audit", "engine"],
)
def audit_rules_persistent(facts: Facts) -> Iterator[Verdict]:
    """The rules that watch the engine's files now are those that the next start loads."""
    rules = require(facts, facts.audit, "audit", "the kernel's audit rules")
    loaded = require(facts, rules.loaded, "audit", "the audit rules that are loaded")
    on_disk = require(facts, rules.on_disk, "audit", "the files of audit rules")
    merged_usr, judged = has_merged_usr(facts.files or ()), False
    for file in _engine_files(facts):
        now = watches_of(loaded, file, merged_usr=merged_usr)
        later = watches_of(on_disk, file, merged_usr=merged_usr)
        if now or later:
            judged = True
            yield _kept(file, now, later)
    if not judged:
        raise NotApplicable("no audit rule watches a file of the engine")


def _engine_files(facts: Facts) -> Iterator[FileStat]:
    for row in ROWS:
        with suppress(NotApplicable):
            yield from existing(facts, row.wanted)


def _kept(file: FileStat, now: tuple[Watch, ...], later: tuple[Watch, ...]) -> Verdict:
    subject = _subject(file)
    seen = (
        Evidence("auditctl -l", [watch.rule.text for watch in now]),
        Evidence("/etc/audit", [f"{watch.rule.source}: {watch.rule.text}" for watch in later]),
    )
    lost, idle = _recorded(now) - _recorded(later), _recorded(later) - _recorded(now)
    if lost:
        return failed(subject, "is watched by a rule that no file keeps: a restart ends it", *seen)
    if idle:
        return failed(subject, "has a rule on disk that is not loaded", *seen)
    return passed(subject, "is watched now as after a restart", *seen)


def _recorded(watches: tuple[Watch, ...]) -> frozenset[tuple[str, bool]]:
    """Which accesses rules record, and whether only under conditions."""
    return frozenset(
        (access, bool(watch.conditions)) for watch in watches for access in watch.access
    )
