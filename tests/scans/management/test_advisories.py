"""``manage.py advisories``: shows, checks and installs the data that versions are judged by."""

import json
from pathlib import Path

import pytest

from scans.advisories import SHIPPED, read
from tests.scans.advisories.sample import changed
from tests.scans.management.command import manage

NEWER = changed("2026-11-24", "2027-03-01")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "new.toml"
    made.write_text(NEWER)
    return made


def test_the_table_shows_every_advisory_and_the_day():
    shown = manage("advisories")
    assert shown.returncode == 0
    data = read(SHIPPED)
    assert all(entry.id in shown.stdout for entry in data.advisories)
    assert f"{len(data.advisories)} advisories" in shown.stdout
    assert "2026-11-24" in shown.stdout
    assert "that come with Posture" in shown.stdout


def test_json_has_all_data():
    shown = json.loads(manage("advisories", "--format", "json").stdout)
    data = read(SHIPPED)
    assert shown["date"] == data.date.isoformat()
    assert [entry["id"] for entry in shown["advisories"]] == [e.id for e in data.advisories]
    first = {line["component"] + line["name"]: line for line in shown["lines"]}["docker25.0"]
    assert first["supported_until"] == "2026-12-04"


def test_validate_says_that_a_file_is_valid_and_changes_nothing(settings, tmp_path, file):
    settings.ADVISORIES_FILE = tmp_path / "kept.toml"
    done = manage("advisories", "--validate", file)
    assert done.returncode == 0
    assert "is valid: 2 advisories and 1 release lines of 2027-03-01" in done.stdout
    assert not settings.ADVISORIES_FILE.exists()


@pytest.mark.parametrize("option", ["--validate", "--install"])
def test_a_bad_file_ends_with_2_and_a_sentence_that_names_the_place(settings, tmp_path, option):
    settings.ADVISORIES_FILE = tmp_path / "kept.toml"
    bad = tmp_path / "bad.toml"
    bad.write_text(changed('"low"', '"mild"'))
    done = manage("advisories", option, bad)
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"advisories: {bad}: line 24: [[advisory]] CVE-2026-0002: severity" in done.stderr


def test_install_puts_a_newer_file_in_use(settings, tmp_path, file):
    settings.ADVISORIES_FILE = tmp_path / "kept.toml"
    done = manage("advisories", "--install", file)
    assert done.returncode == 0
    assert settings.ADVISORIES_FILE.read_text() == NEWER
    assert f"of {settings.ADVISORIES_FILE}" in manage("advisories").stdout


def test_install_refuses_the_same_day_again(settings, tmp_path, file):
    settings.ADVISORIES_FILE = tmp_path / "kept.toml"
    assert manage("advisories", "--install", file).returncode == 0
    again = manage("advisories", "--install", file)
    assert again.returncode == 2
    assert "the data in use of 2027-03-01" in again.stderr


def test_validate_and_install_exclude_each_other(file):
    assert manage("advisories", "--validate", file, "--install", file).returncode == 2
