"""Containers as declared, joined with what the probe saw of them."""

import pytest

from scans.collectors.host import ContainerProbe
from scans.collectors.join import join_containers, user_uid
from scans.facts import Container, SuidInventory, TopProcess
from tests.factories import container, process

SUID = SuidInventory(files=(), complete=True)
TOP = (TopProcess(pid=7, uid=0, name="sleep"),)


def joined(found: Container, probe: ContainerProbe) -> Container:
    (result,) = join_containers((found,), {found.id: probe})
    return result


def test_the_main_process_is_the_one_with_the_engines_pid() -> None:
    states = {7: process(pid=7), 8: process(pid=8)}
    assert joined(container(pid=8), ContainerProbe(states=states)).process == states[8]


def test_a_pid_that_belongs_to_another_container_by_now_is_not_its_process() -> None:
    mine = container(id="a" * 64, name="mine", pid=7, process=None)
    other = container(id="b" * 64, name="other")
    probes = {"b" * 64: ContainerProbe(states={7: process(pid=7)})}
    first, _ = join_containers((mine, other), probes)
    assert first.process is None


def test_processes_and_files_come_from_the_probe() -> None:
    found = joined(container(), ContainerProbe(processes=TOP, suid=SUID))
    assert found.processes == TOP
    assert found.suid == SUID


def test_a_container_that_the_probe_did_not_see_has_nothing_of_it() -> None:
    (found,) = join_containers((container(user="app", process=None, suid=None),), {})
    assert (found.process, found.suid, found.user_uid) == (None, None, None)


def test_without_a_probe_the_engines_process_list_stays() -> None:
    (found,) = join_containers((container(processes=TOP),), None)
    assert found.processes == TOP


@pytest.mark.parametrize(
    ("user", "uid"),
    [
        ("", 0),
        ("0", 0),
        ("0:0", 0),
        ("1000", 1000),
        ("1000:root", 1000),
        ("root", 0),
        ("root:root", 0),
        ("toor", 0),
        ("app:staff", 1000),
        ("nobody", None),
        ("９", None),
        ("99999999999", None),
        (":0", 0),
    ],
)
def test_a_user_is_resolved_through_the_containers_own_passwd(user: str, uid: int | None) -> None:
    assert user_uid(user, {"root": 0, "toor": 0, "app": 1000}) == uid


def test_a_name_without_a_passwd_is_not_resolved() -> None:
    assert user_uid("root", None) is None
    assert user_uid("1000", None) == 1000
