"""``manage.py evaluate``: judging facts from a file."""

import json

import pytest

from scans.codec import encode
from tests.factories import container, facts
from tests.scans.management.command import manage


@pytest.fixture
def bad_host(tmp_path):
    file = tmp_path / "facts.json"
    file.write_bytes(encode(facts(containers=(container("priv", privileged=True),))))
    return file


def test_judges_without_any_host(bad_host):
    done = manage("evaluate", bad_host, "--format", "json")
    [document] = json.loads(done.stdout)
    statuses = {result["check"]: result["status"] for result in document["results"]}
    assert (done.returncode, statuses["container-privileged"]) == (0, "fail")


@pytest.mark.parametrize(("severity", "code"), [("critical", 1), ("low", 1)])
def test_ends_with_1_for_a_failure_at_or_above_the_line(bad_host, severity, code):
    assert manage("evaluate", bad_host, "--fail-on", severity).returncode == code


def test_ends_with_0_when_all_failures_are_below_the_line(tmp_path):
    file = tmp_path / "facts.json"
    file.write_bytes(encode(facts()))
    assert manage("evaluate", file, "--fail-on", "critical").returncode == 0


@pytest.mark.parametrize("form", ["table", "json", "csv", "junit", "sarif"])
def test_every_format_is_written(bad_host, form):
    done = manage("evaluate", bad_host, "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert "container-privileged" in done.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"{}", "this is no facts file"), (b"\xff", "can't be read")],
)
def test_a_file_that_is_no_facts_ends_with_2(tmp_path, content, sentence):
    file = tmp_path / "facts.json"
    file.write_bytes(content)
    done = manage("evaluate", file)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_a_missing_file_ends_with_2(tmp_path):
    assert manage("evaluate", tmp_path / "none.json").returncode == 2
