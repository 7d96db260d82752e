"""Item 9: services apart from each other, watched, and without logins of their own."""

from dataclasses import replace
from typing import Any

import pytest

import scans.checks.services  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import HostPolicy, Policy
from scans.facts import Gap, Health, HostProcess, NamespaceModes, TopProcess
from tests.factories import (
    HOST_NAMESPACES,
    argv_setting,
    container,
    daemon,
    engine,
    facts,
    process,
    without_process,
)
from tests.scans.checks.judge import judge, verdict


def status(check: str, **fields: Any) -> str:
    return judge(check, facts(containers=(container(**fields),))).status


def in_host(kind: str) -> Any:
    """A process in the host's namespace of a kind, in its own ones otherwise."""
    return process(namespaces=process().namespaces | {kind: HOST_NAMESPACES[kind]})


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        ("container-host-pid", "pid"),
        ("container-host-ipc", "ipc"),
        ("container-host-uts", "uts"),
    ],
)
class TestHostNamespaces:
    def modes(self, kind: str, mode: str) -> NamespaceModes:
        return NamespaceModes(**{kind: mode})

    def test_passes_with_its_own(self, check, kind):
        assert status(check) == "pass"

    def test_fails_when_the_process_is_in_the_hosts(self, check, kind):
        assert status(check, process=in_host(kind)) == "fail"

    def test_fails_for_the_declared_mode_of_a_stopped_container(self, check, kind):
        stopped = {"state": "exited", "process": None, "namespaces": self.modes(kind, "host")}
        assert status(check, **stopped) == "fail"

    def test_follows_a_container_reference_that_the_field_ignores(self, check, kind):
        exposed = container(
            "exposed", id="e" * 64, process=None, namespaces=self.modes(kind, "host")
        )
        joined = container(process=None, namespaces=self.modes(kind, f"container:{exposed.id}"))
        result = judge(check, facts(containers=(exposed, joined)))
        assert verdict(result, "web").status == "fail"

    def test_is_unknown_when_the_referenced_container_is_gone(self, check, kind):
        gone = self.modes(kind, "container:" + "0" * 64)
        assert status(check, process=None, namespaces=gone) == "unknown"

    def test_is_unknown_when_containers_were_not_read(self, check, kind):
        assert judge(check, facts(containers=None)).status == "unknown"


def running(name: str, command: str = "") -> TopProcess:
    return TopProcess(pid=1, uid=0, name=name, command=command)


class TestContainerSsh:
    @pytest.mark.parametrize(
        ("name", "command"),
        [
            ("sshd", "/usr/sbin/sshd -D"),
            ("sshd", "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"),
            ("dropbear", "dropbear -F"),
            ("busybox", "busybox telnetd -F"),
            ("in.rlogind", "in.rlogind"),
            ("renamed", "/usr/sbin/sshd"),
        ],
    )
    def test_fails_for_a_login_daemon(self, name, command):
        assert status("container-ssh", processes=(running(name, command),)) == "fail"

    def test_passes_other_processes_that_mention_one(self):
        harmless = (running("grep", "grep sshd"), running("python3", "python3 sshd_report.py"))
        assert status("container-ssh", processes=harmless) == "pass"

    def test_is_unknown_rather_than_passed_for_an_image_without_ps(self):
        target = facts(containers=(without_process(container()),))
        assert judge("container-ssh", target).status == "unknown"

    def test_does_not_apply_to_stopped_containers(self):
        assert status("container-ssh", state="exited") == "not_applicable"


class TestContainerHealthcheck:
    def test_passes_with_one(self):
        health = Health(configured=True, test=("CMD", "true"), status="healthy")
        assert status("container-healthcheck", health=health) == "pass"

    def test_fails_without(self):
        assert status("container-healthcheck", health=Health(configured=False)) == "fail"

    def test_fails_for_one_that_is_switched_off(self):
        health = Health(configured=True, test=("NONE",))
        assert status("container-healthcheck", health=health) == "fail"

    def test_is_unknown_when_containers_were_not_read(self):
        assert judge("container-healthcheck", facts(containers=None)).status == "unknown"


class TestContainerHealth:
    @pytest.mark.parametrize(
        ("state", "expected"),
        [("healthy", "pass"), ("unhealthy", "fail"), ("starting", "unknown"), ("", "unknown")],
    )
    def test_follows_the_engines_word(self, state, expected):
        health = Health(configured=True, test=("CMD", "true"), status=state)
        assert status("container-health", health=health) == expected

    def test_does_not_apply_without_a_health_check(self):
        assert status("container-health", health=Health(configured=False)) == "not_applicable"


class TestDaemonLiveRestore:
    def test_passes_when_the_engine_says_so(self):
        assert judge("daemon-live-restore", facts(engine=engine(live_restore=True))).status == (
            "pass"
        )

    def test_fails_when_off(self):
        assert judge("daemon-live-restore", facts()).status == "fail"

    def test_fails_for_the_flag_set_to_false_that_the_field_passes(self):
        config = replace(daemon(), settings=(argv_setting("live-restore", value=False),))
        target = facts(engine=None, daemon=config)
        assert judge("daemon-live-restore", target).status == "fail"

    def test_believes_the_engine_rather_than_a_file_changed_since(self):
        target = facts(daemon=daemon({"live-restore": True}), engine=engine(live_restore=False))
        found = verdict(judge("daemon-live-restore", target), "daemon")
        assert found.status == "fail"
        assert [row.observed for row in found.evidence] == [False, True]

    def test_reads_the_configuration_when_the_engine_was_not_reached(self):
        target = facts(engine=None, daemon=daemon({"live-restore": True}))
        assert judge("daemon-live-restore", target).status == "pass"

    def test_does_not_apply_in_swarm_mode(self):
        target = facts(engine=engine(swarm_state="active"))
        assert judge("daemon-live-restore", target).status == "not_applicable"

    def test_does_not_apply_to_podman(self):
        assert judge("daemon-live-restore", facts(engine=engine(name="podman"))).status == (
            "not_applicable"
        )

    def test_is_unknown_when_neither_was_read(self):
        assert judge("daemon-live-restore", facts(engine=None, daemon=None)).status == "unknown"


def below(parent: int, pid: int, name: str, command: str = "") -> TopProcess:
    return TopProcess(pid=pid, parent=parent, uid=0, name=name, command=command)


class TestContainerSingleService:
    check = "container-single-service"

    def judge(self, *processes: TopProcess) -> Any:
        subject = container(pid=10, processes=processes)
        return judge(self.check, facts(containers=(subject,)))

    def test_passes_a_service_with_its_workers(self):
        tree = (below(1, 10, "nginx"), below(10, 11, "nginx"), below(10, 12, "nginx"))
        assert self.judge(*tree).status == "pass"

    def test_fails_for_services_side_by_side_and_names_them(self):
        tree = (
            below(1, 10, "supervisord"),
            below(10, 11, "nginx"),
            below(10, 12, "php-fpm8.2"),
            below(12, 13, "php-fpm8.2"),
        )
        found = verdict(self.judge(*tree), "web")
        assert (found.status, found.message) == ("fail", "runs 2 services: nginx, php-fpm")

    def test_is_unknown_when_processes_were_not_read(self):
        target = facts(containers=(container(processes=None),))
        assert judge(self.check, target).status == "unknown"

    def test_does_not_apply_without_running_containers(self):
        target = facts(containers=(container(state="exited"),))
        assert judge(self.check, target).status == "not_applicable"


class TestHostDedicated:
    check = "host-dedicated"

    def judge(self, *names: str, **host: Any) -> Any:
        processes = tuple(HostProcess(pid=n, name=name, uid=0) for n, name in enumerate(names, 100))
        context = Context(policy=Policy(host=HostPolicy(**host)))
        return judge(self.check, facts(processes=processes), context)

    def test_passes_a_host_with_what_a_container_host_needs(self):
        names = ("systemd", "sshd", "dockerd", "containerd", "chronyd", "cron", "auditd", "nginx-x")
        assert self.judge(*names).status == "pass"

    def test_fails_for_each_known_server(self):
        result = self.judge("postgres", "postgres", "nginx", "exim4", "Xorg")
        assert [v.subject.name for v in result.subjects] == ["Xorg", "exim", "nginx", "postgres"]
        found = verdict(result, "postgres")
        assert (found.subject.kind, found.status) == ("service", "fail")
        assert found.evidence[0].observed == [[100, 0], [101, 0]]

    @pytest.mark.parametrize("name", ["exim4", "exim"])
    def test_passes_what_the_policy_allows(self, name):
        assert self.judge("exim4", allowed_services=(name,)).status == "pass"

    def test_fails_for_what_the_policy_does_not_allow(self):
        result = self.judge("exim4", "nginx", allowed_services=("exim4",))
        assert [v.subject.name for v in result.subjects] == ["nginx"]

    def test_does_not_apply_where_hosts_are_not_dedicated(self):
        assert self.judge("nginx", dedicated=False).status == "not_applicable"

    def test_is_unknown_when_processes_were_not_read(self):
        gap = Gap(section="processes", reason="the host shows a user only its own processes")
        result = judge(self.check, facts(processes=None, gaps=(gap,)))
        assert (result.status, "only its own" in (result.reason or "")) == ("unknown", True)


def test_whether_a_host_was_hardened_is_for_a_person_to_say():
    assert judge("host-hardening", facts()).status == "manual"
