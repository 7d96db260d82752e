"""``manage.py checks``: the catalogue, and the documentation made from it."""

import json

from scans.checks import all_checks
from scans.reports import policy_docs
from scans.reports.catalogue_docs import pages
from tests import coverage_page
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


def test_the_policys_keys_are_documented_as_they_are():
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    assert page == policy_docs.page(page), "docs/policy.md is stale: run make docs"


def test_every_key_of_the_policy_says_what_it_means():
    rows = [line.split("|") for line in policy_docs.keys().splitlines()[2:]]
    assert len(rows) > 20
    assert [row[1].strip() for row in rows if not row[3].strip()] == []


def test_the_coverage_is_documented_as_it_is():
    page = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    assert page == coverage_page.page(), "docs/coverage.md is stale: run make docs"


def test_writing_the_documentation_keeps_what_a_person_wrote(tmp_path):
    mine = f"# Mine\n{policy_docs.BEGIN}\nold\n{policy_docs.END}\nMore.\n"
    (tmp_path / "policy.md").write_text(mine)
    assert manage("checks", "--write-docs", tmp_path).returncode == 0
    written = (tmp_path / "policy.md").read_text()
    assert written.startswith("# Mine\n")
    assert written.endswith("\nMore.\n")
    assert "images.trusted_registries" in written
    assert len(list((tmp_path / "checks").glob("*.md"))) == 36
