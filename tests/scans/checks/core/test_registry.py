"""The catalogue's own rules."""

import pytest

from scans.checks.core.context import Context
from scans.checks.core.model import Severity
from scans.checks.core.registry import Check, add, cis_1_6_number
from tests.factories import facts


@pytest.mark.parametrize(
    ("newer", "older"),
    [("2.6", "2.6"), ("2.7", None), ("2.8", "2.7"), ("2.19", "2.18"), ("5.5", "5.5")],
)
def test_a_1_8_0_control_has_its_1_6_0_number(newer, older):
    assert cis_1_6_number(newer) == older


def test_a_control_that_is_new_in_1_8_0_has_no_1_6_0_tag():
    check = Check("x", 2, Severity.LOW, ("2.7",), lambda _: [])
    assert check.cis == {"1.8.0": ("2.7",)}


def test_refuses_an_id_that_is_taken():
    check = Check("test-duplicate-id", 1, Severity.LOW, (), lambda _: [])
    from scans.checks.core import registry

    registry._catalogue["test-duplicate-id"] = check
    try:
        with pytest.raises(ValueError, match="registered twice"):
            add(check)
    finally:
        del registry._catalogue["test-duplicate-id"]


def test_a_check_with_a_second_parameter_is_judged_by_the_context_too():
    context = Context()
    seen: list[object] = []

    def by_facts(facts):
        seen.append(facts)
        return []

    def by_both(facts, context):
        seen.extend((facts, context))
        return []

    target = facts()
    for function in (by_facts, by_both):
        assert Check("x", 2, Severity.LOW, (), function).verdicts(target, context) == []
    assert seen == [target, target, context]
