"""CSV that a spreadsheet opens without running anything."""

import csv
import io

from scans.reports.rows import HEADER, csv_text
from tests.scans.reports.sample import sample


def rows(*reports):
    return list(csv.DictReader(io.StringIO(csv_text(reports))))


def test_one_row_for_each_subject_and_one_for_a_result_without_any():
    found = rows(sample())
    assert [(r["check"], r["status"], r["subject_status"]) for r in found] == [
        ("container-privileged", "fail", "fail"),
        ("container-privileged", "fail", "pass"),
        ("host-lsm", "unknown", ""),
        ("container-user", "unknown", "unknown"),
        ("swarm-mode", "not_applicable", ""),
        ("daemon-icc", "error", ""),
        ("host-cgroup-v2", "pass", "pass"),
    ]


def test_a_name_that_a_spreadsheet_would_run_is_text():
    assert rows(sample())[0]["subject"].startswith("'=1+1\\x1b[31m")


def test_several_hosts_share_one_header():
    text = csv_text([sample("h1"), sample("h2")])
    assert text.splitlines()[0] == ",".join(HEADER)
    assert {row["host"] for row in rows(sample("h1"), sample("h2"))} == {"h1", "h2"}
