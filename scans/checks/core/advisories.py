"""Known vulnerabilities and ends of support, as data that checks judge by.

The types alone: :mod:`scans.advisories` reads and validates the file that they come from.
"""

from dataclasses import dataclass
from datetime import date

from scans.checks.core import debian_version
from scans.checks.core.model import Severity
from scans.checks.core.upstream_version import Version, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPackage:
    """The package of a distribution's release that has the fix, whatever its upstream version."""

    os: str
    """``ID`` and ``VERSION_ID`` of os-release: ``debian 12``."""
    name: str
    """The binary package; ``linux`` for the kernel's."""
    fixed: str
    """The first fixed version, as deb-version(7) orders them."""

    def concerns(self, installed: str) -> bool:
        """Whether an installed version is one of the same upstream line: a release may have
        several kernels, and a later upstream version is another package's matter."""
        mine, theirs = _upstream(self.fixed), _upstream(installed)
        return mine is not None and theirs is not None and mine.line == theirs.line

    def is_fixed(self, installed: str) -> bool:
        """Whether an installed version has the fix."""
        return not debian_version.is_older(installed, self.fixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One vulnerability of one component.

    Versions are given per release line, which is the first two numbers of a version. A line with
    a fixed version of its own is affected below it; a line without one is affected as long as it
    is older than the newest fixed version. The same holds for where the flaw came in.
    """

    id: str
    component: str
    title: str
    severity: Severity
    introduced: tuple[str, ...] = ()
    """First affected version of some lines, oldest first; empty: all versions before the fix."""
    fixed: tuple[str, ...]
    """First fixed version of some lines, oldest first; never empty."""
    reachable_when: tuple[str, ...] = ()
    """Conditions that must all hold (:mod:`scans.checks.core.reachability`); each may be several
    with `` or `` between them. Empty: wherever the component runs."""
    packages: tuple[FixedPackage, ...] = ()
    verify: str = ""
    """Why the versions here are not enough to call a host vulnerable; empty if they are."""
    sources: tuple[str, ...]

    def affects(self, version: Version) -> bool:
        """Whether upstream's release of that version has the flaw."""
        return not self.predates(version) and version < self.fix_for(version)

    def predates(self, version: Version) -> bool:
        """Whether a version is older than the flaw."""
        starts = _versions(self.introduced)
        if not starts:
            return False
        own = [start for start in starts if start.line == version.line]
        return version < (own or starts)[0]

    def fix_for(self, version: Version) -> Version:
        """The first fixed version for the line of a version: its own, or the newest."""
        fixes = _versions(self.fixed)
        return next((fix for fix in fixes if fix.line == version.line), fixes[-1])

    def has_own_fix(self, version: Version) -> bool:
        """Whether the version's own line has a fixed version."""
        return self.fix_for(version).line == version.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A release line of a component or a distribution, and how long it gets security fixes."""

    component: str
    name: str
    """The first numbers of its versions: ``29``, ``25.0``, ``22.04``."""
    supported_until: date | None = None
    """The last day with fixes that everyone gets; None where no end is announced."""
    extended_until: date | None = None
    """The last day with fixes for subscribers."""
    extended_by: str = ""
    """What they subscribe to: ``Ubuntu Pro``."""
    maintained_by: str = ""
    """Who makes releases of it when its project does not: their fixes may be missing here."""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisories:
    """The whole data, as reviewed on one day."""

    date: date
    advisories: tuple[Advisory, ...]
    lines: tuple[Line, ...]

    def of(self, component: str) -> tuple[Advisory, ...]:
        """The advisories of a component."""
        return tuple(entry for entry in self.advisories if entry.component == component)

    def line(self, component: str, version: Version) -> Line | None:
        """The line that a version belongs to; the longest name where several match."""
        found = [line for line in self.lines_of(component) if version.is_of(line.name)]
        return max(found, key=lambda line: line.name.count("."), default=None)

    def lines_of(self, component: str) -> tuple[Line, ...]:
        """The lines of a component; empty for one that the data does not know."""
        return tuple(line for line in self.lines if line.component == component)

    def is_newer_than_known(self, component: str, version: Version) -> bool:
        """Whether a version is of a later line than any that the data knows."""
        known = _versions(tuple(line.name for line in self.lines_of(component)))
        return all(version > line and not version.is_of(_name(line)) for line in known)


def _upstream(package: str) -> Version | None:
    epoch, colon, rest = package.partition(":")
    return parse(rest if colon else epoch)


def _versions(texts: tuple[str, ...]) -> list[Version]:
    return sorted(version for version in map(parse, texts) if version is not None)


def _name(version: Version) -> str:
    return ".".join(map(str, version.numbers))
