"""Item 9: services apart from each other, watched, and without logins of their own."""

from dataclasses import replace
from typing import Any

import pytest

import scans.checks.services  # noqa: F401 - registers the checks
from scans.facts import Gap, Health, NamespaceModes, Service, Swarm, TopProcess
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


def service(name: str = "api", **fields: Any) -> Service:
    base = {"image": "app:1", "mode": "replicated", "labels": {}}
    return Service(name=name, **(base | fields))


def swarm_host(**fields: Any) -> Any:
    """A manager's facts; fields are the swarm's."""
    base = {
        "manager": True,
        "managers": 3,
        "nodes": 5,
        "autolock": True,
        "services": (service(secrets=("tls",)),),
    }
    return facts(
        engine=engine(swarm_state="active", swarm_manager=True), swarm=Swarm(**(base | fields))
    )


WORKER = facts(engine=engine(swarm_state="active"), swarm=Swarm(manager=False))
SWARM_CHECKS = ("swarm-managers", "swarm-autolock", "swarm-secrets")


@pytest.mark.parametrize("check", [*SWARM_CHECKS, "swarm-mode"])
class TestEverySwarmCheck:
    def test_passes_a_well_kept_swarm(self, check):
        assert judge(check, swarm_host()).status == "pass"

    def test_does_not_apply_on_a_worker_where_the_field_warns(self, check):
        assert judge(check, WORKER).status == "not_applicable"

    def test_does_not_apply_to_podman(self, check):
        assert judge(check, facts(engine=engine(name="podman"))).status == "not_applicable"

    def test_is_unknown_when_the_manager_did_not_answer(self, check):
        manager = engine(swarm_state="active", swarm_manager=True)
        gap = Gap(section="swarm", reason="context deadline exceeded")
        result = judge(check, facts(engine=manager, swarm=None, gaps=(gap,)))
        assert (result.status, "deadline" in (result.reason or "")) == ("unknown", True)

    def test_is_unknown_on_a_locked_manager(self, check):
        assert judge(check, facts(engine=engine(swarm_state="locked"))).status == "unknown"

    def test_is_unknown_without_the_engine(self, check):
        assert judge(check, facts(engine=None)).status == "unknown"


@pytest.mark.parametrize("check", SWARM_CHECKS)
def test_checks_of_a_swarm_do_not_apply_outside_of_one(check):
    assert judge(check, facts()).status == "not_applicable"


class TestSwarmMode:
    def test_passes_outside_of_a_swarm(self):
        assert judge("swarm-mode", facts()).status == "pass"

    def test_fails_for_a_swarm_that_nothing_uses(self):
        assert judge("swarm-mode", swarm_host(services=())).status == "fail"

    def test_is_unknown_when_services_were_not_read(self):
        assert judge("swarm-mode", swarm_host(services=None)).status == "unknown"


class TestSwarmManagers:
    @pytest.mark.parametrize(("managers", "nodes"), [(1, 1), (3, 3), (5, 40), (7, 9)])
    def test_passes_odd_numbers_up_to_seven(self, managers, nodes):
        target = swarm_host(managers=managers, nodes=nodes)
        assert judge("swarm-managers", target).status == "pass"

    @pytest.mark.parametrize(("managers", "nodes"), [(1, 2), (2, 2), (4, 9), (9, 50)])
    def test_fails_where_counting_the_leader_always_passes(self, managers, nodes):
        target = swarm_host(managers=managers, nodes=nodes)
        assert judge("swarm-managers", target).status == "fail"

    def test_is_unknown_when_nodes_were_not_read(self):
        assert judge("swarm-managers", swarm_host(nodes=None)).status == "unknown"


class TestSwarmAutolock:
    def test_fails_when_off(self):
        assert judge("swarm-autolock", swarm_host(autolock=False)).status == "fail"

    def test_is_unknown_when_not_read(self):
        assert judge("swarm-autolock", swarm_host(autolock=None)).status == "unknown"


class TestSwarmSecrets:
    def test_fails_for_an_unused_secret_that_the_field_passes(self):
        target = swarm_host(secrets=("unused",), services=(service(),))
        assert judge("swarm-secrets", target).status == "fail"

    def test_does_not_apply_without_services(self):
        assert judge("swarm-secrets", swarm_host(services=())).status == "not_applicable"

    def test_is_unknown_when_services_were_not_read(self):
        assert judge("swarm-secrets", swarm_host(services=None)).status == "unknown"
