"""What every test may use: the lab, and the rules of when its absence is an error."""

import os

import pytest

from tests.labhosts import Lab, LabMissing, running_lab


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The running lab. Without it the test is skipped, or fails if POSTURE_REQUIRE_LAB is 1."""
    try:
        return running_lab()
    except LabMissing as missing:
        if os.environ.get("POSTURE_REQUIRE_LAB") == "1":
            pytest.fail(str(missing))
        pytest.skip(str(missing))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that uses the lab carries its marker, so that ``-m "not lab"`` can't miss one."""
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.lab)
