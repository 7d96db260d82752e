"""Releases of kernels put in order."""

import pytest

from scans.checks.core.releases import flavour, newest_of_flavour, rank


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("6.1.0-9-amd64", "6.1.0-40-amd64"),
        ("5.15.0-99-generic", "5.15.0-119-generic"),
        ("5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.11.1.el9_5.x86_64"),
        ("6.8.9-300.fc40.x86_64", "6.9.4-200.fc41.x86_64"),
        ("6.9", "6.9.1"),
        ("6.12.43+deb13-amd64", "6.12.48+deb13-amd64"),
    ],
)
def test_orders_releases_of_distributions_by_number(older, newer):
    assert rank(older) < rank(newer)
    assert newest_of_flavour(older, (older, newer)) == newer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("6.1.0-40-amd64", "6.1.0-40-rt-amd64"),
        ("6.1.0-40-amd64", "6.1.0-40-cloud-amd64"),
        ("5.15.0-119-generic", "5.15.0-119-lowlatency"),
        ("6.6.54-0-lts", "6.6.54-0-virt"),
    ],
)
def test_tells_flavours_apart(one, other):
    assert flavour(one) != flavour(other)
    assert newest_of_flavour(one, (other,)) is None


def test_a_release_that_is_none_is_older_than_any():
    assert rank("custom") < rank("2.6.32")


def test_survives_absurd_numbers():
    assert rank("9" * 5000 + ".1-1-x") < rank("6.1.0-1-x")
