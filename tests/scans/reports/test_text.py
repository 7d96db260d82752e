"""Hostile text is made visible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scans.reports.text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("naïve 容器", "naïve 容器"),
        ("a\nb\x1b[31m", "a\\x0ab\\x1b[31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ufffe", "\\ufffe"),
    ],
)
def test_controls_become_escapes_and_letters_stay(text, shown):
    assert visible(text) == shown


def test_long_text_is_cut():
    assert visible("x" * 1000, limit=10) == "xxxxxxxxx…"


@given(st.text())
def test_the_outcome_is_one_printable_line_that_encodes(text):
    shown = visible(text)
    assert "\n" not in shown
    assert "\x1b" not in shown
    shown.encode("utf-8")
