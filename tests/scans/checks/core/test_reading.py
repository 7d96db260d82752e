"""What checks get when facts are missing, and how subjects are named."""

import pytest

from scans.checks.core import reading
from scans.checks.core.model import NotApplicable, Unreadable
from scans.facts import Gap
from tests.factories import container, daemon, engine, facts


def test_a_missing_section_says_what_its_gap_says_and_what_would_help():
    gap = Gap(section="audit", reason="auditctl: not permitted", hint="run with --sudo")
    with pytest.raises(Unreadable, match=r"auditctl: not permitted \(run with --sudo\)"):
        reading.require(facts(gaps=(gap,)), None, "audit", "the audit rules")


def test_no_container_is_not_applicable():
    with pytest.raises(NotApplicable):
        reading.containers(facts())


def test_no_readable_container_among_those_listed_is_unreadable():
    gap = Gap(section="containers", subject="web", reason="the engine answered 500")
    for read in (reading.containers, reading.running_containers):
        with pytest.raises(Unreadable, match="web could not be read"):
            read(facts(gaps=(gap,)))


def test_a_stopped_container_is_no_running_one():
    stopped = container(state="exited")
    assert reading.containers(facts(containers=(stopped,))) == (stopped,)
    with pytest.raises(NotApplicable):
        reading.running_containers(facts(containers=(stopped,)))


def test_podman_has_no_daemon():
    with pytest.raises(NotApplicable, match="Podman"):
        reading.daemon(facts(engine=engine(name="podman"), daemon=daemon()))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "web"),
        (
            {
                "labels": {
                    "com.docker.compose.project": "shop",
                    "com.docker.compose.service": "db",
                }
            },
            "shop/db",
        ),
        ({"swarm_service": "shop_db"}, "shop_db"),
    ],
    ids=["its own name", "its compose service", "its swarm service"],
)
def test_a_container_is_named_by_what_a_redeploy_keeps(fields, name):
    assert reading.container_subject(container("web", **fields)).name == name
