"""Sees to it that the tests of the checks show every check as pass, fail and unknown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scans.checks import all_checks
from tests.scans.checks import judge

FOLDER = Path(__file__).parent

NEVER = {
    # Not applicable where it is superseded, otherwise a person attests it.
    "content-trust": {"pass", "fail"},
    "swarm-data-plane": {"pass", "fail"},
    "swarm-key-rotation": {"pass", "fail"},
    # What could not be read is what it fails for.
    "audit-complete": {"unknown"},
    # What is remembered is there, or the audit has no record.
    "audit-failures": {"unknown"},
    "audit-period": {"unknown"},
    "attestations-expiring": {"unknown"},
    "findings-overdue": {"unknown"},
    "waivers-expiring": {"unknown"},
}


@pytest.fixture(scope="package", autouse=True)
def every_check_is_shown_in_each_status(request: pytest.FixtureRequest) -> Iterator[None]:
    """After the last of these tests; says nothing of a run of only some of them."""
    yield
    if not _all_are_run(request):
        return
    wanted = {
        (check.id, status)
        for check in all_checks()
        if not check.manual
        for status in {"pass", "fail", "unknown"} - NEVER.get(check.id, set())
    }
    missing = sorted(f"{check}: {status}" for check, status in wanted - judge.SEEN)
    assert missing == [], "no test shows these"


def _all_are_run(request: pytest.FixtureRequest) -> bool:
    option = request.config.option
    files = {item.path for item in request.session.items}
    some = option.keyword or option.markexpr or getattr(option, "lf", False)
    distributed = hasattr(request.config, "workerinput")
    return not some and not distributed and set(FOLDER.glob("test_*.py")) <= files
