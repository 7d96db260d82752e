"""``manage.py checks``: the catalogue, and the documentation made from it."""

import json

from scans.checks import all_checks
from scans.reports.catalogue_docs import pages
from tests.scans.management.command import ROOT, manage


def test_lists_every_check_with_its_place_and_words():
    listed = json.loads(manage("checks", "--format", "json").stdout)
    assert [entry["check"] for entry in listed] == [check.id for check in all_checks()]
    assert all(entry["title"] and entry["why"] and entry["fix"] for entry in listed)


def test_the_table_shows_every_id_whole():
    table = manage("checks").stdout
    assert all(check.id in table for check in all_checks())


def test_the_documentation_is_that_of_the_catalogue():
    folder = ROOT / "docs" / "checks"
    written = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}
    assert written == pages(), "docs/checks is stale: run make docs"
