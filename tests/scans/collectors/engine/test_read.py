"""A whole reading of an engine's API, in good and in bad times.

The engine is a recording of a real one, served on a Unix socket; tests spoil its answers.
"""

import time
from typing import Any

import pytest

from hosts.connections import open_session, parse_target
from scans.collectors.calls import Calls, Deadline
from scans.collectors.engine.read import read_engine_facts
from scans.collectors.gaps import Gaps
from scans.facts import Gap
from tests.scans.collectors.engine.conftest import Read
from tests.scans.collectors.engine.replay import (
    DOCKER_20,
    DOCKER_26,
    DOCKER_28,
    PODMAN_4,
    PODMAN_5,
    containers,
    images,
    listed,
    path_of,
    recording,
    serving,
)

BROKEN = {"$status": 500, "message": "internal error"}
GONE = {"$status": 404, "message": "No such container"}
LIST = "/containers/json?limit=-1&all=1&size=0&trunc_cmd=0"


@pytest.mark.parametrize("name", [DOCKER_20, DOCKER_26, DOCKER_28, PODMAN_4, PODMAN_5])
def test_reads_all_of_every_engine_without_a_gap(read: Read, name: str) -> None:
    answers = recording(name)
    facts, gaps = read(answers)
    assert gaps == ()
    assert facts.engine is not None
    assert facts.containers is not None
    assert facts.images is not None
    assert facts.networks is not None
    assert {found.name for found in facts.containers} == set(containers(answers))
    assert len(facts.images) == len(images(answers))
    assert len(facts.networks) == len(answers["/networks"])
    assert all(image.history for image in facts.images)
    assert all(container.processes is None for container in facts.containers)


def test_objects_are_in_the_order_of_the_engines_list(read: Read) -> None:
    answers = recording(DOCKER_20)
    facts, _ = read(answers)
    assert facts.containers is not None
    assert [found.id for found in facts.containers] == [entry["Id"] for entry in listed(answers)]


def test_a_volume_that_binds_a_host_path_is_joined_with_its_mount(read: Read) -> None:
    facts, _ = read(recording(DOCKER_20))
    assert facts.containers is not None
    (mount,) = next(found for found in facts.containers if found.name == "volumebind").mounts
    assert mount.volume_device == "/etc/ssh"


@pytest.mark.parametrize("name", [DOCKER_20, PODMAN_5])
def test_process_lists_come_without_entering_a_container(read: Read, name: str) -> None:
    facts, gaps = read(recording(name), processes=True)
    assert gaps == ()
    assert facts.containers is not None
    for container in facts.containers:
        assert bool(container.processes) is container.running
        if container.running:
            assert container.pid in {process.pid for process in container.processes or ()}


def test_falls_back_to_the_usual_columns_of_ps(read: Read) -> None:
    answers = recording(DOCKER_20)
    for path in [path for path in answers if "/top?" in path]:
        answers[path] = {"$status": 500, "message": "ps: bad -o argument 'comm'"}
    facts, gaps = read(answers, processes=True)
    assert gaps == ()
    assert facts.containers is not None
    assert any(found.processes for found in facts.containers)


def test_podman_is_never_asked_with_options_that_enter_the_container() -> None:
    with serving(recording(PODMAN_5)) as engine, open_session(parse_target(engine.url)) as session:
        gaps = Gaps()
        with Calls(Deadline(20)) as calls:
            read_engine_facts(session.engine(), calls, gaps, processes=True)
    asked = [path for path in engine.asked if "/top" in path]
    assert asked
    assert all("ps_args=hpid," in path for path in asked)


def test_a_container_that_fails_is_a_gap_with_its_name(read: Read) -> None:
    answers = recording(DOCKER_20)
    answers[path_of(answers, "priv")] = BROKEN
    facts, gaps = read(answers)
    assert facts.containers is not None
    assert "priv" not in {found.name for found in facts.containers}
    assert len(facts.containers) == len(listed(answers)) - 1
    assert gaps == (
        Gap(
            section="containers",
            reason="the engine answered 500: internal error",
            subject="priv",
        ),
    )


def test_a_container_of_a_strange_shape_is_a_gap_with_its_name(read: Read) -> None:
    answers = recording(DOCKER_20)
    answers[path_of(answers, "priv")]["HostConfig"]["Privileged"] = "yes"
    facts, (gap,) = read(answers)
    assert facts.containers is not None
    assert len(facts.containers) == len(listed(answers)) - 1
    assert (gap.section, gap.subject) == ("containers", "priv")
    assert gap.reason == ("the engine answered something unexpected: Privileged is not a boolean")


def test_a_container_that_vanished_meanwhile_is_no_gap(read: Read) -> None:
    answers = recording(DOCKER_20)
    before = listed(answers)
    after = [entry for entry in before if entry["Names"] != ["/priv"]]
    answers[path_of(answers, "priv")] = GONE
    lists = iter([before])
    answers[LIST] = lambda: next(lists, after)
    facts, gaps = read(answers)
    assert gaps == ()
    assert facts.containers is not None
    assert len(facts.containers) == len(before) - 1


def test_a_container_that_is_said_to_be_gone_but_is_still_listed_is_a_gap(read: Read) -> None:
    answers = recording(DOCKER_20)
    answers[path_of(answers, "priv")] = GONE
    _, gaps = read(answers)
    assert [(gap.section, gap.subject) for gap in gaps] == [("containers", "priv")]


def test_an_image_that_vanished_meanwhile_is_no_gap(read: Read) -> None:
    answers = recording(DOCKER_20)
    listing = "/images/json?only_ids=0&all=0"
    before = answers[listing]
    answers[f"/images/{before[0]['Id']}/json"] = GONE
    lists = iter([before])
    answers[listing] = lambda: next(lists, before[1:])
    facts, gaps = read(answers)
    assert gaps == ()
    assert facts.images is not None
    assert len(facts.images) == len(before) - 1


def test_an_image_without_its_history_stays(read: Read) -> None:
    answers = recording(DOCKER_20)
    app = images(answers)["shop/app:1.4"][0]["Id"]
    answers[f"/images/{app}/history"] = BROKEN
    facts, gaps = read(answers)
    assert facts.images is not None
    assert next(image for image in facts.images if image.id == app).history is None
    assert [(gap.section, gap.subject) for gap in gaps] == [("image-history", "shop/app:1.4")]


@pytest.mark.parametrize(
    ("path", "section"),
    [
        (LIST, "containers"),
        ("/images/json?only_ids=0&all=0", "images"),
        ("/networks", "networks"),
        ("/volumes", "volumes"),
        ("/plugins", "plugins"),
    ],
)
@pytest.mark.parametrize("answer", [BROKEN, "a text", 17, b"{not json", b"", {"x": 1}, True])
def test_a_list_that_cannot_be_read_is_a_gap_for_its_section_alone(
    read: Read, path: str, section: str, answer: Any
) -> None:
    answers = recording(DOCKER_20)
    if section == "volumes" and answer == {"x": 1}:
        answer = {"Volumes": {"x": 1}}
    answers[path] = answer
    facts, gaps = read(answers)
    assert [(gap.section, gap.subject) for gap in gaps] == [(section, None)]
    assert facts.engine is not None
    if section == "plugins":
        assert facts.engine.plugins is None
    else:
        assert getattr(facts, section) is None


def test_without_info_the_engine_and_all_that_depends_on_it_are_gaps(read: Read) -> None:
    answers = recording(DOCKER_20)
    answers["/info"] = BROKEN
    facts, gaps = read(answers)
    assert facts.engine is None
    assert facts.swarm is None
    assert facts.containers
    assert sorted(gap.section for gap in gaps) == ["engine", "plugins", "swarm"]


def test_ids_of_the_list_never_become_another_request() -> None:
    answers = recording(DOCKER_20)
    listed(answers)[0]["Id"] = "../secrets"
    with serving(answers) as engine, open_session(parse_target(engine.url)) as session:
        gaps = Gaps()
        with Calls(Deadline(20)) as calls:
            read_engine_facts(session.engine(), calls, gaps)
    assert not any("secrets" in path for path in engine.asked)
    assert [gap.subject for gap in gaps.found] == ["../secrets"]


def test_a_swarm_is_read_from_its_manager(read: Read) -> None:
    facts, gaps = read(recording(DOCKER_26))
    assert gaps == ()
    assert facts.swarm is not None
    assert facts.swarm.services is not None
    assert [service.name for service in facts.swarm.services] == ["shop"]


def test_join_tokens_are_never_asked_for() -> None:
    with (
        serving(recording(DOCKER_26)) as engine,
        open_session(parse_target(engine.url)) as session,
        Calls(Deadline(20)) as calls,
    ):
        read_engine_facts(session.engine(), calls, Gaps())
    assert "/services" in engine.asked
    assert "/swarm" not in engine.asked


def test_a_managers_list_that_fails_is_a_gap_with_its_name(read: Read) -> None:
    answers = recording(DOCKER_26)
    answers["/secrets"] = BROKEN
    facts, gaps = read(answers)
    assert facts.swarm is not None
    assert facts.swarm.secrets is None
    assert facts.swarm.services
    assert [(gap.section, gap.subject) for gap in gaps] == [("swarm", "secrets")]


def test_a_locked_swarm_is_a_gap_that_says_how_to_open_it(read: Read) -> None:
    answers = recording(DOCKER_26)
    # By hand: the lab has no locked swarm.
    answers["/info"]["Swarm"] |= {"LocalNodeState": "locked", "ControlAvailable": False}
    facts, gaps = read(answers)
    assert facts.swarm is None
    assert gaps == (
        Gap(
            section="swarm",
            reason="the engine's part in its swarm is locked",
            hint="unlock it: docker swarm unlock",
        ),
    )


def test_an_engine_outside_of_a_swarm_has_none_and_no_gap(read: Read) -> None:
    facts, gaps = read(recording(DOCKER_20))
    assert facts.swarm is None
    assert gaps == ()


def test_the_hosts_clock_is_read_from_the_engine(read: Read) -> None:
    facts, _ = read(recording(DOCKER_20))
    assert facts.clock is not None
    assert facts.clock.offset < 0


def test_what_hangs_is_a_gap_when_the_time_is_up(read: Read) -> None:
    answers = recording(DOCKER_20)
    path = path_of(answers, "priv")
    whole = answers[path]

    def hang() -> Any:
        time.sleep(4)
        return whole

    answers[path] = hang
    begin = time.monotonic()
    facts, gaps = read(answers, seconds=1.5)
    assert time.monotonic() - begin < 3
    assert facts.containers is not None
    assert len(facts.containers) == len(listed(answers)) - 1
    assert [(gap.subject, gap.reason) for gap in gaps] == [("priv", "the audit's time was up")]


def test_500_containers_are_read(read: Read) -> None:
    answers = recording(DOCKER_20)
    entry = listed(answers)[0]
    inspected = answers[f"/containers/{entry['Id']}/json"]
    copies = []
    for number in range(500):
        copy_id = f"{number:064x}"
        copies.append(entry | {"Id": copy_id, "Names": [f"/c{number}"]})
        answers[f"/containers/{copy_id}/json"] = inspected | {"Id": copy_id, "Name": f"/c{number}"}
    answers[LIST] = copies
    facts, gaps = read(answers)
    assert gaps == ()
    assert facts.containers is not None
    assert len(facts.containers) == 500
