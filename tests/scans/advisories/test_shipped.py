"""The data that comes with Posture."""

import re
from datetime import date

import pytest

from scans.advisories import SHIPPED, read
from scans.advisories.format import COMPONENTS
from scans.checks.core.advisories import Advisory, Line
from scans.checks.core.upstream_version import Version, parse

DATA = read(SHIPPED)

every_advisory = pytest.mark.parametrize("entry", DATA.advisories, ids=lambda entry: entry.id)
every_line = pytest.mark.parametrize(
    "line", DATA.lines, ids=lambda line: f"{line.component}-{line.name}"
)


def version(text: str) -> Version:
    found = parse(text)
    assert found is not None
    return found


def test_has_every_component():
    assert {entry.component for entry in DATA.advisories} == set(COMPONENTS)
    assert {"docker", "containerd", "kernel"} < {line.component for line in DATA.lines}


def test_is_as_old_as_it_says():
    assert DATA.date == date(2026, 11, 24)


@every_advisory
def test_a_flaw_comes_before_its_fix_on_every_line(entry: Advisory):
    for start in map(version, entry.introduced):
        assert entry.affects(start)
    for fix in map(version, entry.fixed):
        assert not entry.affects(fix)


@every_advisory
def test_the_version_just_before_a_fix_is_affected(entry: Advisory):
    for fix in map(version, entry.fixed):
        if fix.stage == version("1").stage and fix.numbers[-1] > 0 and len(fix.numbers) == 3:
            before = Version((*fix.numbers[:2], fix.numbers[2] - 1))
            assert entry.affects(before) or entry.predates(before)


@every_advisory
def test_a_title_is_a_short_clause(entry: Advisory):
    assert len(entry.title) <= 110
    assert not entry.title.endswith(".")
    assert not re.search(r"https?:", " ".join(entry.sources))


@every_advisory
def test_packages_are_of_the_component(entry: Advisory):
    names = {"docker": "docker.io", "containerd": "containerd", "runc": "runc", "kernel": "linux"}
    for package in entry.packages:
        assert package.name == names[entry.component]
        assert package.concerns(package.fixed)


@every_line
def test_a_line_finds_itself(line: Line):
    assert DATA.line(line.component, version(line.name)) == line


def test_the_empty_body_of_authorization_is_fixed_in_26_1_5_and_not_before():
    (entry,) = (entry for entry in DATA.advisories if entry.id == "CVE-2024-41110")
    assert entry.affects(version("26.1.4"))
    assert not entry.affects(version("26.1.5"))


def test_newest_releases_have_no_known_flaw():
    newest = {"docker": "29.9.0", "buildkit": "29.9.0", "containerd": "2.3.5", "runc": "1.5.1"}
    for component, text in (newest | {"kernel": "7.1"}).items():
        assert not [entry.id for entry in DATA.of(component) if entry.affects(version(text))]
