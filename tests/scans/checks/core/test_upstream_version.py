"""The order of versions as upstream projects number them."""

from itertools import pairwise

import pytest

from scans.checks.core.upstream_version import Version, parse

IN_ORDER = [
    "0.1.1",
    "1.0.0-rc3",
    "1.0.0-rc9",
    "1.0.0-rc10",
    "1.0.0-rc95",
    "1.0.0",
    "1.1.12",
    "1.2.0-dev",
    "1.2.0-alpha.1",
    "1.2.0-beta.8",
    "1.2.0-rc.1",
    "1.2.0-rc.2",
    "1.2.0",
    "1.2.8",
    "1.10.0",
    "17.06.2-ce",
    "19.03.0",
    "20.10.24+dfsg1",
]


def version(text: str) -> Version:
    found = parse(text)
    assert found is not None
    return found


def test_numbers_compare_as_numbers_and_candidates_come_before_their_release():
    for older, newer in pairwise(map(version, IN_ORDER)):
        assert older < newer
        assert newer > older


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("v1.3.3", "1.3.3"),
        ("5.1", "5.1.0"),
        ("20.10.24+dfsg1", "20.10.24"),
        ("1.6.20~ds1", "1.6.20"),
        ("17.06.2-ce", "17.6.2"),
        ("6.1.0-40-amd64", "6.1"),
        ("5.14.0-427.13.1.el9_4.x86_64", "5.14.0"),
        ("1.0.0~rc93.144.g6538f9f2+ds1", "1.0.0-rc93"),
    ],
)
def test_marks_of_builders_do_not_count(one, same):
    assert not version(one) < version(same)
    assert not version(same) < version(one)


@pytest.mark.parametrize("text", ["", "dev", "latest", "1.2.3a", "²", "12345678901", "-1", "x1.2"])
def test_what_is_no_version_is_none(text):
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "line", "belongs"),
    [
        ("29.9.0", "29", True),
        ("25.0.13", "25.0", True),
        ("25.1.0", "25.0", False),
        ("2.1.5", "2", True),
        ("22.04", "22.04", True),
        ("3.20.3", "3.2", False),
        ("6", "6.0", True),
    ],
)
def test_a_line_is_named_by_first_numbers(text, line, belongs):
    assert version(text).is_of(line) == belongs
