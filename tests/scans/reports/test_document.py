"""The JSON contract posture.results/1."""

import json
from dataclasses import replace

from scans.reports.document import HostReport, document, judge
from tests.factories import facts
from tests.scans.reports.sample import EVIL, sample


def test_has_the_contracts_fields_and_survives_json():
    written = json.loads(json.dumps(document(sample())))
    assert list(written) == [
        "schema", "host", "target", "started_at", "finished_at", "engine", "compliance",
        "coverage", "items", "results", "gaps",
    ]  # fmt: skip
    assert written["schema"] == "posture.results/1"
    assert written["started_at"] == "2026-11-24T12:00:00.000Z"
    assert written["engine"] == {"name": "docker", "version": "29.9.0", "api_version": "1.52"}


def test_a_result_carries_its_subjects_with_their_evidence():
    first = document(sample())["results"][0]
    assert first["cis"] == {"1.6.0": ["5.5"], "1.8.0": ["5.5"]}
    assert first["subjects"][0] == {
        "kind": "container",
        "name": EVIL,
        "status": "fail",
        "message": "runs with --privileged",
        "evidence": [
            {
                "source": "docker inspect: HostConfig.Privileged",
                "observed": True,
                "expected": False,
            }
        ],
    }


def test_all_17_items_are_there_with_both_numbers():
    items = document(sample())["items"]
    assert [item["number"] for item in items] == list(range(1, 18))
    assert items[4] == {
        "number": 5, "slug": "privileges", "compliance": 0.0, "coverage": 0.5, "pass": 0,
        "fail": 1, "unknown": 1, "not_applicable": 0, "error": 0, "manual": 0,
    }  # fmt: skip
    assert items[0]["compliance"] is None


def test_a_host_without_an_engine_has_none_in_the_document():
    report = sample()
    assert document(HostReport(replace(report.facts, engine=None), ()))["engine"] is None


def test_judging_runs_the_whole_catalogue():
    from scans.checks import all_checks

    assert [r.check for r in judge(facts()).results] == [check.id for check in all_checks()]


def test_hosts_are_judged_by_the_advisories_in_use():
    results = {result.check: result for result in judge(facts()).results}
    assert results["advisories-current"].status == "pass"
    (row,) = results["docker-version-supported"].subjects
    assert row.message == "is 29.9.0, of a line that gets security fixes"
