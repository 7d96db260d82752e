"""Files that the daemon's configuration names: a seccomp profile, containerd's settings."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from scans.collectors.host.text import visible
from scans.facts import Setting


def containerd_config(content: str | None) -> Mapping[str, Any] | None:
    """``version`` and ``disabled_plugins`` of containerd's config.toml, or None if not read."""
    if content is None:
        return None
    try:
        parsed = tomllib.loads(content)
    except (ValueError, RecursionError):
        return None
    disabled = parsed.get("disabled_plugins", [])
    return {
        "version": parsed.get("version") if isinstance(parsed.get("version"), int) else None,
        "disabled_plugins": [visible(str(name)) for name in disabled]
        if isinstance(disabled, list)
        else [],
    }


def seccomp_profile(
    settings: Sequence[Setting], files: Mapping[str, str]
) -> Mapping[str, Any] | None:
    """The default profile that the running daemon was given; None where it is a built-in one."""
    for setting in settings:
        if setting.key == "seccomp-profile" and setting.layer in ("argv", "daemon.json"):
            path = str(setting.value)
            return _profile(path, files.get(path)) if path.startswith("/") else None
    return None


def _profile(path: str, content: str | None) -> Mapping[str, Any]:
    """What a profile does by default and how many system calls it allows; None if not read."""
    found: dict[str, Any] = {"path": visible(path), "defaultAction": None, "allowed": None}
    try:
        parsed = json.loads(content or "")
    except (ValueError, RecursionError):
        return found
    if not isinstance(parsed, dict):
        return found
    found["defaultAction"] = visible(str(parsed.get("defaultAction", "")))
    rules = parsed.get("syscalls")
    allowed: set[str] = set()
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, dict) and rule.get("action") == "SCMP_ACT_ALLOW":
            names = rule.get("names", [rule.get("name")])
            allowed.update(name for name in names if isinstance(name, str))
    found["allowed"] = len(allowed)
    return found
