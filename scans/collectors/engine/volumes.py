"""``GET /volumes`` → :class:`Volume`, and which host path a volume really is."""

from collections.abc import Iterable
from typing import Any

from scans.collectors.engine import fields
from scans.collectors.engine.secrets import redacted_map
from scans.facts import Volume


def read_volume(answer: Any) -> Volume:
    """One volume of the list. Raises Unexpected."""
    return Volume(
        name=fields.required_text(answer, "Name"),
        driver=fields.text(answer, "Driver"),
        mountpoint=fields.text(answer, "Mountpoint"),
        options=redacted_map(answer, "Options"),
        labels=redacted_map(answer, "Labels"),
    )


def bound_paths(volumes: Iterable[Volume]) -> dict[str, str]:
    """Volume name → the host path that it binds, for volumes that are bind mounts in disguise.

    The ``local`` driver hands ``type``, ``o`` and ``device`` to mount(2), as mount(8) would.
    """
    found = ((volume.name, _bound_path(volume)) for volume in volumes)
    return {name: path for name, path in found if path}


def _bound_path(volume: Volume) -> str:
    if volume.driver != "local":
        return ""
    device = volume.options.get("device", "")
    flags = volume.options.get("o", "").split(",")
    binds = "bind" in flags or "rbind" in flags or volume.options.get("type") == "none"
    return device if binds and device.startswith("/") else ""
