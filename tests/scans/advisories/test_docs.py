"""The page about advisories names what there is."""

import re

from scans.checks.core.reachability import CONDITIONS
from tests.scans.management.command import ROOT

PAGE = (ROOT / "docs" / "advisories.md").read_text(encoding="utf-8")


def test_the_page_has_a_row_for_every_condition():
    _, _, section = PAGE.partition("## Conditions")
    rows = re.findall(r"^\| `([a-z0-9-]+)(?::NAME)?` \|", section, re.MULTILINE)
    assert sorted(rows) == sorted(CONDITIONS)
