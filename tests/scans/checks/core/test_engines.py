import pytest

from scans.checks.core.engines import docker_engine
from scans.checks.core.model import NotApplicable, Unreadable
from scans.facts import Gap
from tests.factories import engine, facts


def test_gives_docker() -> None:
    assert docker_engine(facts()).name == "docker"


def test_does_not_apply_to_podman() -> None:
    with pytest.raises(NotApplicable, match="Podman runs without a daemon"):
        docker_engine(facts(engine=engine(name="podman")))


def test_an_engine_that_was_not_read_is_unreadable_for_the_reason_of_its_gap() -> None:
    gap = Gap(section="engine", reason="connection refused")
    with pytest.raises(Unreadable, match="connection refused"):
        docker_engine(facts(engine=None, gaps=(gap,)))
