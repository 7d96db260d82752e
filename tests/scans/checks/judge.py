"""Judging in tests: one check by its id, and the verdict on one subject.

The test imports the module whose checks it is about; this one only knows the catalogue.
"""

from scans.checks.core.context import Context
from scans.checks.core.evaluate import evaluate
from scans.checks.core.model import Result, Verdict
from scans.checks.core.registry import catalogue
from scans.facts import Facts

SEEN: set[tuple[str, str]] = set()
"""(check, status) of every result and verdict that a test got: conftest.py looks at it."""


def judge(check_id: str, facts: Facts, context: Context | None = None) -> Result:
    """The result of one check; its module must have been imported."""
    (found,) = (entry for entry in catalogue() if entry.id == check_id)
    (result,) = evaluate(facts, [found], context or Context())
    assert result.status != "error", result.reason
    SEEN.add((check_id, result.status.value))
    SEEN.update((check_id, verdict.status.value) for verdict in result.subjects)
    return result


def verdict(result: Result, name: str) -> Verdict:
    """The verdict on the subject of that name."""
    (found,) = (entry for entry in result.subjects if entry.subject.name == name)
    return found
