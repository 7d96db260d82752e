"""Compliance and coverage."""

from hypothesis import given
from hypothesis import strategies as st

from scans.checks.core.model import Result, Severity, Status
from scans.checks.core.scoring import Counters, count, count_by_item


def result(status, severity=Severity.HIGH, item=1):
    return Result("a-check", item, severity, {}, status)


def test_compliance_weighs_by_severity():
    counted = count([result(Status.PASS, Severity.CRITICAL), result(Status.FAIL, Severity.HIGH)])
    assert counted.compliance == 10 / 16


def test_unknown_and_error_lower_the_coverage_and_not_the_compliance():
    counted = count([result(Status.PASS), result(Status.UNKNOWN), result(Status.ERROR)])
    assert (counted.compliance, counted.coverage) == (1.0, 1 / 3)


def test_what_does_not_apply_counts_nowhere():
    counted = count([result(Status.PASS), result(Status.NOT_APPLICABLE)])
    assert (counted.compliance, counted.coverage) == (1.0, 1.0)


def test_nothing_decided_has_no_compliance_rather_than_a_perfect_one():
    assert count([result(Status.UNKNOWN)]).compliance is None
    assert count([]).coverage is None


def test_every_item_is_counted_even_without_results():
    counted = count_by_item([result(Status.FAIL, item=17)])
    assert [item.number for item in counted] == list(range(1, 18))
    assert [item.number for item, c in counted.items() if c.failed] == [17]


counters = st.builds(Counters, *(st.integers(0, 1000) for _ in range(8)))


@given(counters, counters)
def test_counters_of_parts_add_up_to_those_of_the_whole(one, other):
    total = one + other
    assert total.passed == one.passed + other.passed
    assert total.weight_failed == one.weight_failed + other.weight_failed
