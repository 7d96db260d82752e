"""Which versions an advisory affects, and which line a version is of."""

from datetime import date

import pytest

from scans.checks.core.advisories import Advisories, Advisory, FixedPackage, Line
from scans.checks.core.model import Severity
from scans.checks.core.upstream_version import parse


def advisory(fixed: str, introduced: str = "") -> Advisory:
    return Advisory(
        id="CVE-2026-0001",
        component="runc",
        title="t",
        severity=Severity.HIGH,
        introduced=tuple(introduced.split()),
        fixed=tuple(fixed.split()),
        sources=("s",),
    )


def affected(entry: Advisory, text: str) -> bool:
    version = parse(text)
    assert version is not None
    return entry.affects(version)


class TestFixedPerLine:
    entry = advisory("1.2.8 1.3.3 1.4.0-rc.3")

    @pytest.mark.parametrize("version", ["1.2.7", "1.3.0", "1.3.2", "1.4.0-rc.2", "1.3.0-rc.1"])
    def test_a_line_is_affected_below_its_own_fix(self, version):
        assert affected(self.entry, version)

    @pytest.mark.parametrize("version", ["1.2.8", "1.2.9", "1.3.3", "1.4.0-rc.3", "1.4.0", "1.5.0"])
    def test_a_line_is_fixed_from_its_own_fix_and_later_lines_are(self, version):
        assert not affected(self.entry, version)

    @pytest.mark.parametrize("version", ["0.1.1", "1.0.0-rc95", "1.1.15"])
    def test_an_old_line_without_a_fix_stays_affected(self, version):
        assert affected(self.entry, version)

    def test_a_line_between_two_fixed_ones_is_affected(self):
        assert affected(advisory("23.0.15 25.0.6 26.1.5 27.1.1"), "24.0.9")
        assert affected(advisory("23.0.15 25.0.6 26.1.5 27.1.1"), "26.0.2")


class TestIntroducedPerLine:
    entry = advisory("1.7.32 2.0.9 2.2.4 2.3.1", "1.7.27 2.0.4")

    @pytest.mark.parametrize("version", ["1.6.38", "1.7.26", "2.0.3"])
    def test_versions_before_the_flaw_are_not_affected(self, version):
        assert not affected(self.entry, version)

    @pytest.mark.parametrize("version", ["1.7.27", "1.7.31", "2.0.4", "2.1.0", "2.2.3", "2.3.0"])
    def test_versions_from_it_on_are(self, version):
        assert affected(self.entry, version)


class TestFixedPackage:
    package = FixedPackage(os="debian 12", name="runc", fixed="1.1.5+ds1-1+deb12u1")

    @pytest.mark.parametrize("installed", ["1.1.5+ds1-1+deb12u1", "1.1.5+ds1-1+deb12u1+b3"])
    def test_has_the_fix_from_the_first_fixed_version_on(self, installed):
        assert self.package.concerns(installed)
        assert self.package.is_fixed(installed)

    def test_lacks_it_before(self):
        assert not self.package.is_fixed("1.1.5+ds1-1")

    @pytest.mark.parametrize("installed", ["1.3.3+ds1-1~bpo12+1", "1.0.0~rc93+ds1-5", "", "x"])
    def test_does_not_concern_another_upstream_line(self, installed):
        assert not self.package.concerns(installed)

    def test_compares_lines_behind_an_epoch(self):
        package = FixedPackage(os="debian 12", name="x", fixed="5:29.1.0-1")
        assert package.concerns("5:29.1.2-1")
        assert not package.concerns("29.0.5-1")


class TestLines:
    data = Advisories(
        date=date(2026, 11, 24),
        advisories=(),
        lines=(
            Line(component="docker", name="29"),
            Line(component="docker", name="25.0"),
            Line(component="docker", name="25"),
        ),
    )

    @pytest.mark.parametrize(("text", "name"), [("29.3.1", "29"), ("25.0.1", "25.0")])
    def test_the_longest_name_decides(self, text, name):
        version = parse(text)
        assert version is not None
        line = self.data.line("docker", version)
        assert line is not None
        assert line.name == name

    @pytest.mark.parametrize(
        ("text", "newer"), [("30.0.0", True), ("29.99.0", False), ("28.5.2", False)]
    )
    def test_a_line_after_all_known_ones_is_newer(self, text, newer):
        version = parse(text)
        assert version is not None
        assert self.data.is_newer_than_known("docker", version) == newer
