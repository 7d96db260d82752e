"""Which file is in use, and how a newer one gets there."""

import logging
import stat
from pathlib import Path

import pytest
from django.core import checks

from scans.advisories import SHIPPED, AdvisoriesError, current, install, read, source
from tests.scans.advisories.sample import changed

NEWER = changed("2026-11-24", "2027-03-01")
OLDER = changed("2026-11-24", "2026-11-23")


@pytest.fixture
def place(settings, tmp_path: Path) -> Path:
    """Where installed advisories are kept; nothing is there yet."""
    settings.ADVISORIES_FILE = tmp_path / "kept" / "advisories.toml"
    return settings.ADVISORIES_FILE


@pytest.fixture
def offered(tmp_path: Path) -> Path:
    """A valid file that is newer than the shipped one."""
    file = tmp_path / "offered.toml"
    file.write_text(NEWER)
    return file


def test_the_shipped_file_is_in_use_where_none_is_installed(place):
    assert source() == SHIPPED
    assert current() == read(SHIPPED)


def test_an_installed_newer_file_is_in_use(place, offered):
    install(offered)
    assert source() == place
    assert current().date.isoformat() == "2027-03-01"
    assert place.read_text() == NEWER


def test_an_installed_file_can_be_read_by_all_processes_and_leaves_nothing_beside_it(
    place, offered
):
    install(offered)
    assert stat.S_IMODE(place.stat().st_mode) == 0o644
    assert list(place.parent.iterdir()) == [place]


def test_an_upgrade_that_ships_newer_data_wins_over_what_was_installed(place):
    place.parent.mkdir()
    place.write_text(OLDER)
    assert source() == SHIPPED


@pytest.mark.parametrize("text", [OLDER, changed("posture", "posture")])
def test_refuses_a_file_that_is_not_newer_and_keeps_what_there_is(place, tmp_path, text):
    file = tmp_path / "old.toml"
    file.write_text(text)
    with pytest.raises(AdvisoriesError, match="and the data in use of 2026-11-24"):
        install(file)
    assert not place.exists()


def test_refuses_a_file_older_than_the_installed_one(place, offered, tmp_path):
    install(offered)
    file = tmp_path / "between.toml"
    file.write_text(changed("2026-11-24", "2027-01-01"))
    with pytest.raises(AdvisoriesError, match="2027-03-01"):
        install(file)
    assert place.read_text() == NEWER


def test_refuses_an_invalid_file_and_keeps_what_there_is(place, offered, tmp_path):
    install(offered)
    file = tmp_path / "broken.toml"
    file.write_text(changed('"low"', '"mild"'))
    with pytest.raises(AdvisoriesError, match="line 24"):
        install(file)
    assert place.read_text() == NEWER


def test_refuses_without_a_place(settings, offered):
    settings.ADVISORIES_FILE = None
    with pytest.raises(AdvisoriesError, match="set POSTURE_ADVISORIES_FILE"):
        install(offered)


def test_a_place_that_cannot_be_written_is_named(settings, offered, tmp_path):
    (tmp_path / "file").write_text("")
    settings.ADVISORIES_FILE = tmp_path / "file" / "advisories.toml"
    with pytest.raises(AdvisoriesError, match="can't be written"):
        install(offered)


def test_a_changed_file_is_read_again(place, offered):
    install(offered)
    assert current().date.isoformat() == "2027-03-01"
    offered.write_text(changed("2026-11-24", "2027-03-02"))
    install(offered)
    assert current().date.isoformat() == "2027-03-02"


def test_a_broken_installed_file_is_passed_over_with_a_warning(place):
    place.parent.mkdir()
    place.write_text("date = 1")
    assert source() == SHIPPED
    (warning,) = (found for found in checks.run_checks() if found.id == "scans.W001")
    assert warning.level == logging.WARNING
    assert "POSTURE_ADVISORIES_FILE" in warning.msg
    assert "line 1" in warning.msg


def test_a_valid_installed_file_gives_no_warning(place, offered):
    install(offered)
    assert not [found for found in checks.run_checks() if found.id == "scans.W001"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", "not UTF-8"), (b"#" * 4_000_001, "larger than"), (None, "can't be read")],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(tmp_path, content, sentence):
    file = tmp_path / "file.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(AdvisoriesError, match=sentence):
        read(file)
