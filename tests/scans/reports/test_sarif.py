"""SARIF 2.1.0 as code-scanning dashboards read it."""

import json

from scans.checks import all_checks
from scans.reports.sarif import sarif_text
from tests.scans.reports.sample import sample


def run(*reports):
    return json.loads(sarif_text(reports or [sample()], "1.2.3"))["runs"][0]


def test_every_check_is_a_rule_with_a_severity():
    rules = run()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [check.id for check in all_checks()]
    assert all(rule["properties"]["security-severity"] for rule in rules)


def test_failures_and_what_was_not_decided_are_results_and_passes_are_not():
    results = run()["results"]
    assert [(r["ruleId"], r["kind"], r["level"]) for r in results] == [
        ("container-privileged", "fail", "error"),
        ("host-lsm", "open", "none"),
        ("container-user", "open", "none"),
        ("daemon-icc", "open", "none"),
    ]


def test_a_result_points_at_its_rule_and_subject():
    driver, result = run()["tool"]["driver"], run()["results"][0]
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    place = result["locations"][0]["logicalLocations"][0]
    assert place["fullyQualifiedName"].startswith("h1/container/=1+1")


def test_the_fingerprint_is_the_findings_identity():
    def prints(report):
        return [r.get("partialFingerprints") for r in run(report)["results"]]

    assert prints(sample()) == prints(sample())
    assert prints(sample("h1"))[0] != prints(sample("h2"))[0]


def test_gaps_are_notifications_of_the_run():
    notes = run()["invocations"][0]["toolExecutionNotifications"]
    assert "audit could not be read: refused" in notes[0]["message"]["text"]
