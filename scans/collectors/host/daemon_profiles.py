"""Files that the daemon's configuration names: a seccomp profile, containerd's settings."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from scans.collectors.host.text import visible
from scans.collectors.seccomp_profile import PARTS, read_profile
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
    """What a profile lets through; None for each of its parts if it was not read."""
    found = read_profile(content or "")
    return {"path": visible(path), **(found or dict.fromkeys(PARTS))}
