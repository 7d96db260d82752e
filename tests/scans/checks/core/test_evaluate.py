"""How a check's verdicts become its result."""

import pytest

from scans.checks.core.context import Context
from scans.checks.core.evaluate import evaluate, worst
from scans.checks.core.model import (
    NeedsAttestation,
    NotApplicable,
    Severity,
    Status,
    Subject,
    Unreadable,
    failed,
    passed,
    unknown,
)
from scans.checks.core.policy import Policy
from scans.checks.core.registry import Check
from scans.facts import Gap
from tests.factories import facts

WEB = Subject("container", "web")
DB = Subject("container", "db")


def judged(function, **sections):
    check = Check("a-check", 5, Severity.HIGH, ("5.5",), function)
    return evaluate(facts(**sections), [check])[0]


@pytest.mark.parametrize(
    ("statuses", "decides"),
    [
        (("pass", "fail", "error"), "fail"),
        (("pass", "error", "unknown"), "error"),
        (("pass", "unknown", "not_applicable"), "unknown"),
        (("not_applicable", "pass"), "pass"),
        (("not_applicable",), "not_applicable"),
    ],
)
def test_the_worst_subject_decides(statuses, decides):
    assert worst(map(Status, statuses)) is Status(decides)


def test_subjects_stand_worst_first():
    result = judged(lambda _: [passed(DB, "is fine"), failed(WEB, "is not")])
    assert [v.subject.name for v in result.subjects] == ["web", "db"]


def test_replicas_of_one_subject_are_one_verdict_the_worst():
    result = judged(lambda _: [passed(WEB, "is fine"), failed(WEB, "is not")])
    assert [(v.subject, v.message) for v in result.subjects] == [(WEB, "is not")]


def test_what_could_not_be_read_is_unknown_with_its_reason():
    def needs_more(_):
        raise Unreadable("the kernel could not be read")

    result = judged(needs_more)
    assert (result.status, result.reason) == (Status.UNKNOWN, "the kernel could not be read")


def test_what_does_not_apply_says_why():
    def no_swarm(_):
        raise NotApplicable("there is no swarm")

    assert judged(no_swarm).status is Status.NOT_APPLICABLE


def test_a_broken_check_is_an_error_and_the_rest_are_judged():
    def broken(_):
        raise KeyError("x")

    fine = Check("fine", 1, Severity.LOW, (), lambda _: [passed(WEB, "is fine")])
    bad = Check("bad", 1, Severity.LOW, (), broken)
    statuses = [result.status for result in evaluate(facts(), [bad, fine])]
    assert statuses == [Status.ERROR, Status.PASS]


def test_a_check_that_judges_nothing_is_an_error_not_a_pass():
    assert judged(lambda _: []).status is Status.ERROR


def test_a_container_the_engine_could_not_show_keeps_the_check_from_passing():
    gap = Gap(section="containers", subject="db", reason="the engine answered 500")
    result = judged(lambda _: [passed(WEB, "is fine")], gaps=(gap,))
    assert result.status is Status.UNKNOWN
    assert result.subjects[0].subject == DB


def test_an_unreadable_image_does_not_concern_a_check_of_containers():
    gap = Gap(section="images", subject="app:1", reason="the engine answered 500")
    assert judged(lambda _: [passed(WEB, "is fine")], gaps=(gap,)).status is Status.PASS


def test_a_message_is_filled_with_its_parameters_and_nothing_else():
    verdict = unknown(WEB, "runs as {user}", user="{evil.__class__}")
    assert verdict.message == "runs as {evil.__class__}"


def test_what_the_policy_leaves_to_a_person_is_manual():
    def undecided(_):
        raise NeedsAttestation("which ports are needed")

    result = judged(undecided)
    assert (result.status, result.reason) == (Status.MANUAL, "which ports are needed")


def test_a_manual_control_is_manual_until_a_person_attests_it():
    control = Check("a-control", 1, Severity.LOW, ("4.4",), None)
    assert evaluate(facts(), [control])[0].status is Status.MANUAL


def test_the_policy_switches_a_check_off_with_its_reason():
    check = Check("noisy", 1, Severity.LOW, (), lambda _: [failed(WEB, "is not")])
    context = Context(policy=Policy(off={"noisy": "accepted by the board"}))
    result = evaluate(facts(), [check], context)[0]
    assert result.status is Status.NOT_APPLICABLE
    assert "accepted by the board" in result.reason


def test_the_policy_changes_a_severity():
    check = Check("noisy", 1, Severity.LOW, (), lambda _: [failed(WEB, "is not")])
    context = Context(policy=Policy(severity={"noisy": Severity.CRITICAL}))
    assert evaluate(facts(), [check], context)[0].severity is Severity.CRITICAL
