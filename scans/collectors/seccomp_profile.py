"""What a seccomp profile lets through (the format of ``profiles/seccomp`` in moby)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

DANGEROUS = frozenset(
    {"bpf", "perf_event_open", "userfaultfd", "fanotify_init", "add_key", "keyctl", "request_key"}
    | {"init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load"}
    | {
        "unshare",
        "setns",
        "clone3",
        "open_by_handle_at",
        "pivot_root",
        "mount",
        "umount",
        "umount2",
    }
    | {"mount_setattr", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick"}
)
"""System calls that moby's own profile keeps from containers, or leaves to those with a capability:
they change namespaces, mounts and the kernel, or reach parts of it that escapes came through."""

PARTS = ("defaultAction", "allowed", "dangerous")

_ACTION = re.compile(r"SCMP_ACT_[A-Z_]{1,30}")

ALLOWING = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE")
"""Actions that let a call through (seccomp(2))."""


def read_profile(text: str) -> Mapping[str, Any] | None:
    """``defaultAction``, the number of ``allowed`` calls, and ``dangerous`` ones among them.

    None for what is no profile. A call counts as dangerous if it is allowed whatever its arguments
    and whatever capabilities the container has.
    """
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict):
        return None
    allowed: set[str] = set()
    dangerous: set[str] = set()
    for rule in _rules(parsed):
        if rule.get("action") not in ALLOWING:
            continue
        names = set(_names(rule))
        allowed |= names
        if not _is_conditional(rule):
            dangerous |= names & DANGEROUS
    return {
        "defaultAction": _action(parsed.get("defaultAction")),
        "allowed": len(allowed),
        "dangerous": sorted(dangerous),
    }


def _action(value: Any) -> str:
    """An action's name; empty for what is none."""
    return value if isinstance(value, str) and _ACTION.fullmatch(value) else ""


def _rules(profile: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    rules = profile.get("syscalls")
    return (rule for rule in (rules if isinstance(rules, list) else ()) if isinstance(rule, dict))


def _names(rule: Mapping[str, Any]) -> Iterator[str]:
    """Profiles of old engines have a single ``name``."""
    names = rule.get("names", [rule.get("name")])
    return (name for name in (names if isinstance(names, list) else ()) if isinstance(name, str))


def _is_conditional(rule: Mapping[str, Any]) -> bool:
    """Whether the rule looks at arguments, or is only for containers with a capability."""
    includes = rule.get("includes")
    return bool(rule.get("args")) or (isinstance(includes, dict) and bool(includes.get("caps")))
