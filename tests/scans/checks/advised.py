"""Judging by the advisories that come with Posture."""

from scans.advisories import SHIPPED, read
from scans.checks.core.context import Context
from scans.checks.core.model import Result, Verdict
from scans.facts import Facts
from tests.scans.checks.judge import judge, verdict

SHIPPED_DATA = read(SHIPPED)


def judge_advised(check_id: str, facts: Facts) -> Result:
    """The result of one check, with the shipped advisories."""
    return judge(check_id, facts, Context(advisories=SHIPPED_DATA))


def status(check_id: str, advisory: str, target: Facts) -> str:
    """What is said of one advisory; "absent" where the version does not have it."""
    result = judge_advised(check_id, target)
    found = [row.status for row in result.subjects if row.subject.name == advisory]
    return found[0] if found else "absent"


def one(check_id: str, advisory: str, target: Facts) -> Verdict:
    return verdict(judge_advised(check_id, target), advisory)
