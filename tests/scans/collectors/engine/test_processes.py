"""Process tables of the engine, in the layouts that engines answer."""

from typing import Any

import pytest

from scans.collectors.engine.fields import Unexpected
from scans.collectors.engine.processes import (
    DOCKER_COLUMNS,
    PODMAN_COLUMNS,
    read_processes,
)
from scans.facts import TopProcess
from tests.scans.collectors.engine.replay import DOCKER_20, PODMAN_5, containers, recording


def top(name: str, container: str, columns: str | None) -> Any:
    answers = recording(name)
    path = f"/containers/{containers(answers)[container]['Id']}/top"
    return answers[path if columns is None else f"{path}?ps_args={columns}"]


def test_reads_the_columns_that_docker_is_asked_for() -> None:
    (found,) = read_processes(top(DOCKER_20, "hardened", DOCKER_COLUMNS))
    pid = containers(recording(DOCKER_20))["hardened"]["State"]["Pid"]
    assert (found.pid, found.uid, found.name) == (pid, 1000, "sleep")
    assert found.command == "sleep infinity"
    assert found.parent


def test_reads_the_usual_columns_of_ps() -> None:
    (found,) = read_processes(top(DOCKER_20, "defaults", None))
    assert (found.uid, found.name, found.command) == (0, "sleep", "sleep infinity")


def test_reads_podmans_columns() -> None:
    (found,) = read_processes(top(PODMAN_5, "hardened", PODMAN_COLUMNS))
    pid = containers(recording(PODMAN_5))["hardened"]["State"]["Pid"]
    assert (found.pid, found.uid, found.name) == (pid, 1000, "sleep")


def test_finds_a_login_daemon_by_its_name() -> None:
    (found,) = read_processes(top(DOCKER_20, "login", DOCKER_COLUMNS))
    assert found.name == "sshd"


def test_a_users_name_that_is_not_root_is_no_number() -> None:
    # By hand, in the layout of busybox's ps, for hosts without procps.
    answer = {
        "Titles": ["PID", "USER", "TIME", "COMMAND"],
        "Processes": [["17", "nobody", "0:00", "/usr/sbin/sshd: admin [priv]"]],
    }
    assert read_processes(answer) == (
        TopProcess(pid=17, uid=None, name="sshd", command="/usr/sbin/sshd: admin [priv]"),
    )


def test_command_lines_are_redacted() -> None:
    answer = {
        "Titles": ["PID", "PPID", "UID", "COMMAND", "COMMAND"],
        "Processes": [["17", "1", "0", "psql", "psql --password canary"]],
    }
    assert "canary" not in repr(read_processes(answer))


def test_a_container_without_processes_has_none() -> None:
    titles = ["PID", "PPID", "UID", "COMMAND", "COMMAND"]
    assert read_processes({"Titles": titles, "Processes": None}) == ()


@pytest.mark.parametrize(
    "answer",
    [
        {"Titles": ["PID", "UID", "CMD"], "Processes": [["1", "0"]]},
        {"Titles": ["PID", "CMD"], "Processes": [["1", "sh"]]},
        {"Titles": ["PID", "UID", "CMD"], "Processes": [["x", "0", "sh"]]},
        {"Titles": ["PID", "UID", "CMD"], "Processes": [["9" * 40, "0", "sh"]]},
        {"Titles": ["PID", "UID", "CMD"], "Processes": ["sh"]},
        {"Titles": [], "Processes": [[]]},
        [],
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(answer: Any) -> None:
    with pytest.raises(Unexpected):
        read_processes(answer)
