"""A host read as a whole: over an engine's API alone, over SSH, and when things go wrong."""

import threading
import time
from typing import Any

import pytest

from hosts.connections import ConnectOptions, open_session, parse_target
from hosts.connections.options import Limits
from scans.checks import all_checks
from scans.checks.core.evaluate import evaluate
from scans.collectors.collect import API_ONLY, CONTAINER_PROBES, HOST_SECTIONS, collect
from scans.collectors.engine.read import SECTIONS
from scans.facts import Facts
from tests.scans.collectors.engine.replay import (
    DOCKER_20,
    DOCKER_28,
    PODMAN_5,
    listed,
    recording,
    serving,
)


def collect_api(answers: dict[str, Any], **options: Any) -> Facts:
    """Facts of a host whose engine gives these answers on a Unix socket."""
    with serving(answers) as engine, open_session(parse_target(engine.url)) as session:
        return collect(session, host="h1", **options)


def silence() -> None:
    """An answer that does not come."""
    time.sleep(4)


def sections(facts: Facts) -> set[str]:
    return {gap.section for gap in facts.gaps}


@pytest.mark.parametrize("name", [DOCKER_20, DOCKER_28, PODMAN_5])
def test_an_api_target_gives_all_that_the_engine_knows(name: str) -> None:
    answers = recording(name)
    facts = collect_api(answers)
    assert facts.host == "h1"
    assert facts.target.startswith("unix:///")
    assert facts.started_at < facts.finished_at
    assert facts.engine is not None
    assert facts.containers is not None
    assert len(facts.containers) == len(listed(answers))
    assert facts.images
    assert facts.networks
    assert facts.volumes is not None


def test_an_api_target_has_a_gap_for_every_section_of_the_host() -> None:
    facts = collect_api(recording(DOCKER_20))
    assert sections(facts) == {*HOST_SECTIONS, CONTAINER_PROBES} - {"clock"}
    assert {gap.reason for gap in facts.gaps} == {API_ONLY}
    assert all("SSH" in (gap.hint or "") for gap in facts.gaps)
    assert facts.access.level == "api"
    assert facts.access.user is None
    assert facts.access.engine_socket == facts.target.removeprefix("unix://")
    for section in HOST_SECTIONS:
        if section != "clock":
            assert getattr(facts, section) is None


def test_an_api_target_tells_the_hosts_clock() -> None:
    answers = recording(DOCKER_20)
    facts = collect_api(answers)
    assert facts.clock is not None
    assert facts.started_at <= facts.clock.auditor <= facts.finished_at
    assert facts.clock.host.isoformat()[:19] == answers["/info"]["SystemTime"][:19]


def test_an_api_target_tells_processes_without_entering_containers() -> None:
    facts = collect_api(recording(DOCKER_20))
    assert facts.containers is not None
    login = next(found for found in facts.containers if found.name == "login")
    assert [process.name for process in login.processes or ()] == ["sshd"]
    assert login.process is None
    assert login.suid is None


def test_users_that_are_numbers_are_resolved_without_the_hosts_help() -> None:
    facts = collect_api(recording(DOCKER_20))
    assert facts.containers is not None
    uids = {found.name: found.user_uid for found in facts.containers}
    assert (uids["hardened"], uids["rootuser"], uids["defaults"]) == (1000, 0, 0)
    assert uids["aliasroot"] is None


def test_an_engine_that_goes_away_leaves_a_gap_for_each_of_its_sections() -> None:
    with serving(recording(DOCKER_20)) as engine:
        session = open_session(parse_target(engine.url))
        engine.answers.clear()
        engine.answers["/version"] = {"$status": 503, "message": "shutting down"}
        with session:
            facts = collect(session, host="h1")
    assert facts.engine is None
    assert facts.containers is None
    assert set(SECTIONS) <= sections(facts)
    assert "clock" in sections(facts)


def test_facts_without_anything_pass_no_check() -> None:
    with serving(recording(DOCKER_20)) as engine:
        session = open_session(parse_target(engine.url))
        engine.answers.clear()
        with session:
            facts = collect(session, host="h1")
    results = evaluate(facts, all_checks())
    assert results
    assert not [result.check for result in results if result.status in ("pass", "error")]


def test_an_engine_that_falls_silent_does_not_outlast_the_deadline() -> None:
    answers = recording(DOCKER_20)
    with serving(answers) as engine, open_session(parse_target(engine.url)) as session:
        engine.answers.clear()
        engine.answers.update(dict.fromkeys(recording(DOCKER_20), silence))
        begin = time.monotonic()
        facts = collect(session, host="h1", seconds=1.0)
        assert time.monotonic() - begin < 2.5
    engine_gap = next(gap for gap in facts.gaps if gap.section == "engine")
    assert engine_gap.reason == "the audit's time was up"
    assert set(SECTIONS) <= sections(facts)


def test_threads_that_wait_for_a_silent_engine_end_by_themselves() -> None:
    options = ConnectOptions(limits=Limits(answer=1.0))
    with serving(recording(DOCKER_20)) as engine:
        with open_session(parse_target(engine.url), options) as session:
            engine.answers.update(dict.fromkeys(recording(DOCKER_20), silence))
            collect(session, host="h1", seconds=0.5)
        waiting = [thread for thread in threading.enumerate() if "collect" in thread.name]
        for thread in waiting:
            thread.join(timeout=5)
        assert not [thread.name for thread in waiting if thread.is_alive()]


def test_progress_is_told_in_order() -> None:
    told: list[str] = []
    collect_api(recording(DOCKER_28), progress=told.append)
    assert told == [
        "reading the engine",
        "reading the host",
        "putting the facts together",
    ]
