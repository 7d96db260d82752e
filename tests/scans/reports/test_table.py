"""The terminal's report."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from scans.checks.core.policy import Policy
from scans.reports.table import _first_step, print_report
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


@pytest.mark.parametrize(
    ("fix", "step"),
    [
        ("- Remove `--pid=host`,\n  also there.\n- Then check.", "Remove --pid=host, also there."),
        ("Drop all:\n\n```sh\n# why\ndocker run X\n```", "Drop all: docker run X"),
        ("```yaml\nservices:\n  web:\n    init: true\n```\nMore.", "init: true"),
        ("Set it.\n\nThen restart:\n```sh\nreboot\n```", "Set it."),
    ],
    ids=["a list", "a lead to a command", "a bare setting", "a sentence of its own"],
)
def test_a_failure_shows_the_first_step_of_its_remedy_on_one_line(fix, step):
    assert _first_step(fix) == step


def test_an_empty_part_of_a_bar_differs_without_colour():
    assert "─" in shown(sample())


def test_a_policy_of_ones_own_is_named():
    report = replace(sample(), policy=Policy(name="Example Corp"))
    assert "policy Example Corp" in " ".join(shown(report).split())
    assert "policy" not in shown(sample())
