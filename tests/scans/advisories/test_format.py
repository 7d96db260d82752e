"""The file of advisories: what is accepted, and how what is not is pointed out."""

from datetime import date

import pytest

from scans.advisories.format import AdvisoriesError, parse
from scans.checks.core.advisories import FixedPackage
from scans.checks.core.model import Severity
from tests.scans.advisories.sample import TEXT, changed


def test_a_valid_file_becomes_advisories_and_lines():
    data = parse(TEXT)
    assert data.date == date(2026, 11, 24)
    first, second = data.advisories
    assert (first.id, first.severity, first.fixed) == ("CVE-2026-0001", Severity.HIGH, ("1.3.1",))
    assert second.introduced == ("1.2.0", "1.3.2")
    assert second.reachable_when == ("cgroup-v1 or rootless",)
    assert second.packages == (FixedPackage(os="debian 12", name="runc", fixed="1.3.2+ds1-1"),)
    (line,) = data.lines
    assert (line.name, line.supported_until) == ("1.3", date(2027, 4, 30))
    assert (line.extended_until, line.extended_by) == (date(2028, 4, 30), "Somebody")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"posture.advisories/1"', '"posture.advisories/9"', "line 1: format must be"),
        ("2026-11-24", '"2026-11-24"', "line 2: date must be a date"),
        ("date = 2026-11-24\n", "", "line 1: date is missing"),
        ("[[line]]", "stray = 1\n[[line]]", "line 4: stray is not a key"),
        ('"low"', '"mild"', r"line 24: \[\[advisory\]\] CVE-2026-0002: severity must be one of"),
        ("title = ", "titel = ", "line 23: .*CVE-2026-0002: titel is not a key"),
        ('title = "a second flaw"\n', "", "line 20: .*CVE-2026-0002: title is missing"),
        ('"a second flaw"', "2", "line 23: .*title must be a text"),
        ('"a second flaw"', '"a\\nb"', "line 23: .*title must be printable"),
        ('"CVE-2026-0002"', '"CVE-2"', "line 21: .*id must be a CVE or GHSA"),
        ('"CVE-2026-0002"', '"CVE-2026-0001"', "line 20: .*CVE-2026-0001 is there twice"),
        ('component = "runc"', 'component = "crun"', "line 22: .*component must be one of docker"),
        ('"1.2.9", "1.3.5"', '"1.3.5", "1.2.9"', "line 26: .*'1.2.9' out of order"),
        ('"1.2.9", "1.3.5"', '"1.3.4", "1.3.5"', "line 26: .*two versions of the line of '1.3.5'"),
        ('"1.2.9", "1.3.5"', '"new"', "line 26: .*'new', which is no version"),
        ('"1.2.9", "1.3.5"', "", "line 26: .*fixed must not be empty"),
        ('["1.2.9", "1.3.5"]', '"1.3.5"', "line 26: .*fixed must be a list of texts"),
        ('"1.2.0", "1.3.2"', '"1.2.0", "1.3.5"', "line 25: .*must be older than the fixed"),
        ('["1.2.0", "1.3.2"]', '["1.3.0"]', "line 26: .*older than all that are affected"),
        ("or rootless", "or rooted", "line 27: .*unknown condition 'cgroup-v1 or rooted'"),
        ("cgroup-v1 or", "module:a-b or", "line 27: .*unknown condition"),
        ('"debian 12"', '"debian"', "line 28: .*packages has os 'debian'"),
        ('name = "runc", ', "", "line 28: .*packages must be a list of tables"),
        ('sources = ["review"]', "", "line 20: .*sources is missing"),
        ('name = "1.3"', 'name = "one"', r"line 6: \[\[line\]\] one: name must be numbers"),
        ('extended_by = "Somebody"\n', "", "line 4: .*extended_by and extended_until go together"),
        ("2028-04-30", "2027-04-30", "line 8: .*must be later than supported_until"),
        ("2028-04-30", "2028-04-30T00:00:00", "line 8: .*must be a date"),
        ('id = "CVE-2026-0002"\n', "", r"line 20: \[\[advisory\]\] number 2: id is missing"),
        ("[[line]]", "[[line", "no valid TOML: .*line 4"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_entry_and_key(old, new, sentence):
    with pytest.raises(AdvisoriesError, match=sentence):
        parse(changed(old, new))


@pytest.mark.parametrize("text", ["", TEXT.partition("[[line]]")[0], "x" * 100, "[" * 100_000])
def test_a_file_without_entries_is_refused(text):
    with pytest.raises(AdvisoriesError):
        parse(text)


def test_entries_must_be_tables():
    with pytest.raises(AdvisoriesError, match="no \\[\\[line\\]\\] entries"):
        parse(TEXT.replace("[[line]]", "[line]"))
