"""Which version of a component runs, and whose build it is: upstream's or a distribution's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scans.checks.core.engines import docker_engine
from scans.checks.core.model import Evidence, NotApplicable, Unreadable
from scans.checks.core.reading import engine
from scans.checks.core.upstream_version import Version, parse
from scans.facts import Facts

UPSTREAM_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "docker": ("docker-ce",),
    "containerd": ("containerd.io",),
    "runc": ("containerd.io",),
}
"""Component → packages that its own project or Docker builds, in the versions they name."""

DISTRIBUTION_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "docker": ("docker.io", "moby-engine", "docker-engine", "docker"),
    "containerd": ("containerd", "moby-containerd"),
    "runc": ("runc", "moby-runc"),
}
"""Component → packages of distributions, which put fixes into old versions."""

MARK = re.compile(r"dfsg|[~+]ds\d|ubuntu|azure|\+unknown|\.(?:el|fc|amzn|azl|cm)\d")
"""What distributions append to the version that a binary says."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A component as it runs."""

    component: str
    text: str
    """The version as it says it."""
    source: str
    """Where it says so."""
    upstream: bool | None
    """Whether it is upstream's own build; None when it can't be told."""
    package: tuple[str, str] | None = None
    """Name and version of the distribution's package that it comes from, where known."""

    @property
    def version(self) -> Version | None:
        """The version to compare; None if the text is none."""
        return parse(self.text)

    def evidence(self, expected: object = None) -> tuple[Evidence, ...]:
        """What it says of itself and which package it is."""
        said = Evidence(self.source, self.text, expected)
        if self.package is None:
            return (said,)
        name, version = self.package
        return (said, Evidence(f"package {name}", version))


def installed(facts: Facts, component: str) -> Installed:
    """A component of the engine: ``docker``, ``containerd`` or ``runc``.

    Raises NotApplicable where the engine has none, Unreadable where its version was not read.
    """
    text, source = _version(facts, component)
    upstream, package = _origin(facts, component, text)
    return Installed(component, text, source, upstream, package)


def _version(facts: Facts, component: str) -> tuple[str, str]:
    if component == "docker":
        return docker_engine(facts).version, "docker version: Server.Version"
    for name, version in engine(facts).components.items():
        if name.lower() == component and version:
            return version, f"docker version: {name}"
    if facts.engine is not None and facts.engine.name == "podman":
        raise NotApplicable(f"Podman runs its containers without {component} here")
    binary = facts.daemon.versions.get(component) if facts.daemon is not None else None
    if not binary:
        raise Unreadable(f"the version of {component} could not be read")
    return binary, f"{component} --version"


def _origin(facts: Facts, component: str, text: str) -> tuple[bool | None, tuple[str, str] | None]:
    packages = facts.packages or {}
    package = next(
        ((n, packages[n]) for n in DISTRIBUTION_PACKAGES[component] if n in packages), None
    )
    if MARK.search(text):
        return False, package
    if any(name in packages for name in UPSTREAM_PACKAGES[component]):
        return True, None
    if package is not None:
        return False, package
    if facts.packages is not None:
        return True, None  # no package: a binary that somebody downloaded or built
    told = facts.engine is not None and facts.engine.platform.startswith("Docker Engine")
    return (True if told else None), None
