"""JUnit XML that a pipeline reads."""

from xml.etree import ElementTree as ET

from scans.reports.junit import junit_text
from tests.scans.reports.sample import sample


def suite():
    return ET.fromstring(junit_text([sample()])).find("testsuite")


def test_counts_are_those_of_the_cases():
    attributes = suite().attrib
    counts = {name: attributes[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "6", "failures": "1", "errors": "1", "skipped": "3"}


def test_a_failed_check_lists_its_failing_subjects_and_the_fix():
    failure = suite().find("testcase/failure")
    assert "runs with --privileged" in failure.get("message")
    assert "good" not in failure.text


def test_unknown_is_skipped_with_its_reason_and_never_a_bare_case():
    messages = [skipped.get("message") for skipped in suite().iter("skipped")]
    assert "unknown: the kernel was not read" in messages


def test_a_hostile_name_leaves_the_document_well_formed():
    assert "\x1b" not in junit_text([sample()])
    assert ET.fromstring(junit_text([sample(evil="\x00\ufffe]]>&<")])) is not None
