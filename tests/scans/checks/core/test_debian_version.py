"""The order of Debian's package versions, against dpkg itself where this machine has it."""

import shutil
import subprocess
from itertools import pairwise

import pytest

from scans.checks.core.debian_version import is_older

IN_ORDER = [
    "1.0~~",
    "1.0~~a",
    "1.0~",
    "1.0~rc93+ds1-1",
    "1.0",
    "1.0-0ubuntu1",
    "1.0-1",
    "1.0-1+b6",
    "1.0-1+deb12u1",
    "1.0-1+deb12u1+b6",
    "1.0-1+deb12u2",
    "1.0-1+deb12u10",
    "1.0+dfsg1-1",
    "1.0.1-1",
    "1.10-1",
    "1:0.5-1",
    "5:29.9.0-1~debian.12~bookworm",
    "5:29.9.0-1~debian.13~trixie",
]

PAIRS = list(pairwise(IN_ORDER))


@pytest.mark.parametrize(("older", "newer"), PAIRS)
def test_orders_as_the_manual_says(older, newer):
    assert is_older(older, newer)
    assert not is_older(newer, older)
    assert not is_older(older, older)


@pytest.mark.parametrize(("older", "newer"), PAIRS)
def test_orders_as_dpkg_does(older, newer):
    if shutil.which("dpkg") is None:
        pytest.skip("this machine has no dpkg")
    assert subprocess.run(["dpkg", "--compare-versions", older, "lt", newer]).returncode == 0


def test_a_missing_epoch_is_zero():
    assert not is_older("0:1.0-1", "1.0-1")
    assert not is_older("1.0-1", "0:1.0-1")


@pytest.mark.parametrize("text", ["", ":", "-", "²:1", "1" * 10000, "\x00", "~" * 10000])
def test_what_is_no_version_breaks_nothing(text):
    assert is_older(text, "1.0") in (True, False)
