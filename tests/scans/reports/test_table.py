"""The terminal's report."""

import io

from rich.console import Console

from scans.reports.table import print_report
from tests.scans.reports.sample import sample


def shown(report, **console):
    out = io.StringIO()
    print_report(Console(file=out, width=120, highlight=False, markup=False, **console), report)
    return out.getvalue()


def test_shows_both_numbers_and_the_17_items():
    text = shown(sample())
    assert "Compliance 9%   Coverage 40%" in text
    assert all(f"{number:2d}  " in text for number in range(1, 18))


def test_failures_stand_before_what_was_not_decided_with_what_to_do():
    text = shown(sample())
    assert text.index("runs with --privileged") < text.index("Not decided: 3 checks")
    assert "Fix: " in text
    assert "→ run with --sudo" in text


def test_a_hostile_name_neither_colours_nor_hides_nor_breaks_a_line():
    text = shown(sample(), force_terminal=True, color_system="truecolor")
    assert "\x1b[31m<b>" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m<b>[red]\\u202egnp\\x0a" in text
