"""Which services a container runs, by the tree of its processes."""

import pytest

from scans.checks.core.service_tree import services_of
from scans.facts import TopProcess
from tests.factories import container

MAIN = 10


def tree(*rows: tuple[int, int | None, str] | tuple[int, int | None, str, str]):
    """Services of a container whose processes are (pid, parent, name[, command])."""
    processes = tuple(
        TopProcess(pid=row[0], parent=row[1], uid=0, name=row[2], command="".join(row[3:]))
        for row in rows
    )
    return services_of(container(pid=MAIN, processes=processes))


@pytest.mark.parametrize(
    "init", ["tini", "docker-init", "supervisord", "s6-svscan", "runsvdir", "systemd", "bash"]
)
def test_inits_supervisors_and_shells_are_no_services(init):
    assert tree((10, 1, init), (11, 10, "api")) == {"api"}
    assert tree((10, 1, init), (11, 10, "api"), (12, 10, "worker")) == {"api", "worker"}


def test_a_script_is_no_service_whatever_its_name():
    found = tree((10, 1, "docker-entrypoi", "/bin/sh /docker-entrypoint.sh"), (11, 10, "mysqld"))
    assert found == {"mysqld"}


def test_a_script_with_an_interpreter_of_its_own_is_a_service():
    assert tree((10, 1, "app", "/usr/bin/python3 /srv/app")) == {"app"}


def test_what_waits_or_logs_is_no_service():
    rows = ((10, 1, "sh"), (11, 10, "nginx"), (12, 10, "tail", "tail -f /log"), (13, 10, "sleep"))
    assert tree(*rows) == {"nginx"}


def test_processes_of_one_name_are_one_service():
    assert tree((10, 1, "tini"), (11, 10, "python3"), (12, 10, "python3")) == {"python3"}


def test_what_a_program_starts_for_itself_is_part_of_it():
    assert tree((10, 1, "node"), (11, 10, "sh"), (12, 11, "esbuild")) == {"node"}


def test_a_known_server_below_another_program_is_a_service():
    rows = ((10, 1, "manage", "python3 manage"), (11, 10, "postgres"), (12, 11, "postgres"))
    assert tree(*rows) == {"manage", "postgres"}


def test_versions_make_no_other_service():
    assert tree((10, 1, "php-fpm8.2"), (11, 10, "php-fpm8.2")) == {"php-fpm"}


def test_what_was_started_from_outside_does_not_count():
    assert tree((10, 1, "api"), (20, 7, "psql"), (21, 20, "less")) == {"api"}


def test_busybox_is_what_it_was_asked_for():
    rows = ((10, 1, "busybox", "sh -c x"), (11, 10, "busybox", "busybox httpd -f"))
    assert tree(*rows) == {"httpd"}


def test_processes_that_are_each_others_parents_are_no_services():
    assert tree((10, 1, "api"), (20, 21, "a"), (21, 20, "b")) == {"api"}


class TestWithoutParents:
    def test_one_name_is_one_service(self):
        assert tree((10, None, "nginx"), (11, None, "nginx"), (12, None, "sh")) == {"nginx"}

    def test_known_servers_of_several_names_are_several(self):
        assert tree((10, None, "nginx"), (11, None, "redis-server")) == {"nginx", "redis-server"}

    def test_several_other_names_tell_nothing(self):
        assert tree((10, None, "api"), (11, None, "helper")) is None


def test_processes_without_the_main_one_tell_nothing():
    assert tree((20, 1, "nginx")) is None


@pytest.mark.parametrize("processes", [None, ()])
def test_no_process_tells_nothing(processes):
    assert services_of(container(pid=MAIN, processes=processes)) is None
