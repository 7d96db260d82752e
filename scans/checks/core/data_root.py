"""Where the engine keeps its data, and which mount holds it."""

import posixpath

from scans.checks.core import settings
from scans.checks.core.paths import normalise
from scans.facts import Facts, Mount

DEFAULT_DATA_ROOT = "/var/lib/docker"


def data_root(facts: Facts) -> str:
    """Where the engine keeps its data, behind symbolic links where the probe followed them."""
    if facts.engine is not None and facts.engine.root_dir:
        path = facts.engine.root_dir
    else:
        path = str(settings.value(facts, "data-root", DEFAULT_DATA_ROOT)[0])
    for file in facts.files or ():
        if file.role == "data-root" and file.resolved and normalise(file.path) == normalise(path):
            return normalise(file.resolved)
    return normalise(path)


def nearest_mount(mounts: tuple[Mount, ...], path: str) -> Mount | None:
    """The mount that holds a path: the deepest, and of several on one directory the last."""
    by_target = {mount.target: mount for mount in mounts}  # mountinfo gives normal paths
    directory = normalise(path)
    while directory not in by_target and directory != "/":
        directory = posixpath.dirname(directory)
    return by_target.get(directory)
