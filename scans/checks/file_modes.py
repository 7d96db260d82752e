"""Owner and mode of the engine's files: section 3 of the CIS benchmark, as a table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from scans.checks.core import settings
from scans.checks.core.files import Wanted, existing, looked_up, real_path
from scans.checks.core.model import (
    Evidence,
    NotApplicable,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    passed,
    unknown,
)
from scans.checks.core.paths import is_at_or_below
from scans.checks.core.reading import daemon
from scans.checks.core.registry import Check, add
from scans.facts import Facts, FileStat

PRIVILEGES, NETWORK = 5, 2
"""Items of the checklist."""
PERMISSIONS, ALL_BITS = 0o777, 0o7777
LIST_OTHERS = 0o005
"""What others need to list a directory."""
SYSTEM_FOLDERS = ("/etc", "/lib", "/opt", "/run", "/usr", "/var")
"""Where a user's rootless engine keeps nothing of its own."""


@dataclass(frozen=True, slots=True)
class Row:
    """A file with its two checks, ``<slug>-owner`` and ``<slug>-mode``."""

    slug: str
    wanted: Wanted
    item: int
    owner_cis: str
    mode_cis: str
    allowed: int
    """Permission bits it may have."""
    severity: Severity = Severity.MEDIUM
    mode_severity: Severity | None = None
    groups: tuple[str, ...] = ()
    """Groups that may own it beside root's."""
    setting: str = ""
    """Key of the configuration that names it: without the key there is no such file."""


ROWS = (
    Row("docker-service", Wanted("the unit docker.service", "docker-service"),
        PRIVILEGES, "3.1", "3.2", 0o644),
    Row("docker-socket-unit", Wanted("the unit docker.socket", "docker-socket-unit"),
        PRIVILEGES, "3.3", "3.4", 0o644),
    Row("etc-docker", Wanted("the directory /etc/docker", "etc-docker"),
        PRIVILEGES, "3.5", "3.6", 0o755),
    Row("registry-cert", Wanted("a registry's certificate", "registry-cert"),
        PRIVILEGES, "3.7", "3.8", 0o444),
    Row("tls-ca", Wanted("the daemon's TLS authority", "tls-ca"),
        NETWORK, "3.9", "3.10", 0o444, setting="tlscacert"),
    Row("tls-cert", Wanted("the daemon's TLS certificate", "tls-cert"),
        NETWORK, "3.11", "3.12", 0o444, setting="tlscert"),
    Row("tls-key", Wanted("the daemon's TLS key", "tls-key"),
        NETWORK, "3.13", "3.14", 0o400, Severity.HIGH, setting="tlskey"),
    Row("docker-sock", Wanted("the engine's socket", "docker-sock"),
        NETWORK, "3.15", "3.16", 0o660, Severity.HIGH, Severity.CRITICAL, ("docker",)),
    Row("daemon-json", Wanted("the file daemon.json", "daemon-json"),
        PRIVILEGES, "3.17", "3.18", 0o644),
    Row("etc-default-docker", Wanted("the file /etc/default/docker", "etc-default-docker"),
        PRIVILEGES, "3.19", "3.20", 0o644),
    Row("etc-sysconfig-docker", Wanted("the file /etc/sysconfig/docker", "etc-sysconfig-docker"),
        PRIVILEGES, "3.21", "3.22", 0o644),
    Row("containerd-sock", Wanted("containerd's socket", "containerd-sock"),
        NETWORK, "3.23", "3.24", 0o660, Severity.HIGH),
)  # fmt: skip


def judge_owner(row: Row, facts: Facts) -> Iterator[Verdict]:
    """Owner root and group root (or one that the row allows); in rootless mode its user's."""
    for file in _files(row, facts):
        subject = Subject("file", file.path)
        if file.uid is None or file.gid is None:
            yield unknown(subject, "its owner could not be read")
            continue
        owner = f"{file.owner or file.uid}:{file.group or file.gid}"
        expected = " or ".join(f"root:{group}" for group in ("root", *row.groups))
        seen = Evidence(f"stat {real_path(file)}: owner", owner, expected)
        users = {0, *_rootless_users(facts, file)}
        own_groups = _groups_of(users, facts)
        if file.uid not in users:
            yield failed(subject, "belongs to {owner}, not to root", seen, owner=owner)
        elif file.group in row.groups or file.gid in own_groups:
            yield passed(subject, "belongs to {owner}", seen, owner=owner)
        elif file.uid != 0 and facts.accounts is None:
            yield unknown(subject, "the group of its owner could not be read", seen)
        else:
            yield failed(subject, "belongs to the group of {owner}", seen, owner=owner)


def judge_mode(row: Row, facts: Facts) -> Iterator[Verdict]:
    """No permission bit beyond those allowed: 0606 is more than 0644, though a smaller number."""
    for file in _files(row, facts):
        subject = Subject("file", file.path)
        if file.mode is None:
            yield unknown(subject, "its mode could not be read")
            continue
        allowed = _allowed(row, file)
        # on a directory the set-id and sticky bits give nobody a right to its content
        relevant = PERMISSIONS if file.kind == "directory" else ALL_BITS
        mode, limit = f"{file.mode:04o}", f"{allowed:04o}"
        seen = Evidence(f"stat {real_path(file)}: mode", mode, f"no bit beyond {limit}")
        if file.mode & relevant & ~allowed:
            template = "has mode {mode}, more than {limit}"
            yield failed(subject, template, seen, mode=mode, limit=limit)
        else:
            yield passed(subject, "has mode {mode}", seen, mode=mode)


def _files(row: Row, facts: Facts) -> tuple[FileStat, ...]:
    if not looked_up(facts, row.wanted):
        if row.setting:
            _explain_missing_tls(row, facts)
        if row.wanted.role == "registry-cert":
            _explain_missing_certificates(facts)
    return existing(facts, row.wanted)


def _explain_missing_tls(row: Row, facts: Facts) -> None:
    """Raise NotApplicable if the daemon does without TLS, Unreadable if that is not known."""
    config = daemon(facts)
    used = (config.effective(key) for key in (row.setting, "tls", "tlsverify"))
    if not any(setting and setting.value for setting in used):
        settings.require_all_layers(facts)
        raise NotApplicable("the daemon is configured without TLS")


def _explain_missing_certificates(facts: Facts) -> None:
    """Raise NotApplicable if no registry has a certificate here, Unreadable if nobody could look:
    a directory that may not be listed looks empty."""
    as_root = facts.access.level != "user"
    for folder in looked_up(facts, Wanted("", "registry-certs")):
        listed = as_root or (folder.mode is not None and folder.mode & LIST_OTHERS == LIST_OTHERS)
        if folder.kind == "unreadable" or (folder.kind == "directory" and not listed):
            raise Unreadable(f"the directory {folder.path} could not be read")
    raise NotApplicable("no certificate of a registry is installed")


def _allowed(row: Row, file: FileStat) -> int:
    """A registry's private key is for its owner alone; its certificate is for everyone."""
    is_key = row.slug == "registry-cert" and file.path.endswith(".key")
    return 0o400 if is_key else row.allowed


def _rootless_users(facts: Facts, file: FileStat) -> set[int]:
    """Who runs a rootless engine owns its files: those in the user's run-time directory, and
    those of the daemon's user anywhere but in the system's own directories."""
    path = real_path(file)
    in_runtime_directory = re.match(r"/run/user/([1-9][0-9]{0,9})/", path)
    if in_runtime_directory:
        return {int(in_runtime_directory[1])}
    if facts.daemon is None or not facts.daemon.uid:
        return set()
    of_the_system = any(is_at_or_below(path, folder) for folder in SYSTEM_FOLDERS)
    return set() if of_the_system else {facts.daemon.uid}


def _groups_of(users: set[int], facts: Facts) -> set[int]:
    """Root's group, and the primary groups of users."""
    return {0} | {account.gid for account in facts.accounts or () if account.uid in users}


MODE_NEEDS = ("access", "files", "daemon", "engine")
OWNER_NEEDS = (*MODE_NEEDS, "accounts")

for _row in ROWS:
    add(
        Check(
            f"{_row.slug}-owner",
            _row.item,
            _row.severity,
            (_row.owner_cis,),
            partial(judge_owner, _row),
            OWNER_NEEDS,
        )
    )
    add(
        Check(
            f"{_row.slug}-mode",
            _row.item,
            _row.mode_severity or _row.severity,
            (_row.mode_cis,),
            partial(judge_mode, _row),
            MODE_NEEDS,
        )
    )
