"""Item 6: limits and restarts that swarm services specify."""

from typing import Any

import pytest

import scans.checks.swarm_services  # noqa: F401 - registers the checks
from scans.facts import Facts, Service, Swarm
from tests.factories import engine, facts
from tests.scans.checks.judge import judge, verdict

MANAGER = engine(swarm_state="active", swarm_manager=True)
LIMITED = {"memory_limit": 1 << 26, "cpu_limit": 10**9, "pids_limit": 100}
CHECKS = ("service-limits", "service-restart")


def running(*services: Service) -> Facts:
    return facts(engine=MANAGER, swarm=Swarm(manager=True, services=services))


def service(name: str = "shop", **fields: Any) -> Service:
    return Service(**{"name": name, "image": "shop:1", "mode": "replicated", "labels": {}} | fields)


class TestServiceLimits:
    def test_passes_a_service_with_every_limit(self):
        assert judge("service-limits", running(service(**LIMITED))).status == "pass"

    @pytest.mark.parametrize(
        ("field", "name"),
        [("memory_limit", "memory"), ("cpu_limit", "CPU"), ("pids_limit", "processes")],
    )
    def test_fails_for_each_limit_that_is_missing(self, field, name):
        host = running(service("good", **LIMITED), service("bad", **LIMITED | {field: 0}))
        result = judge("service-limits", host)
        assert verdict(result, "good").status == "pass"
        assert verdict(result, "bad").status == "fail"
        assert verdict(result, "bad").message == f"has no limit of {name}"


class TestServiceRestart:
    @pytest.mark.parametrize(
        ("condition", "attempts", "status"),
        [
            ("none", 0, "pass"),
            ("on-failure", 5, "pass"),
            ("any", 1, "pass"),
            ("on-failure", 6, "fail"),
            ("any", 0, "fail"),
            ("on-failure", 0, "fail"),
        ],
    )
    def test_a_failing_service_stays_down_after_five_attempts(self, condition, attempts, status):
        policy = {"restart_condition": condition, "restart_max_attempts": attempts}
        assert judge("service-restart", running(service(**policy))).status == status


@pytest.mark.parametrize("check", CHECKS)
class TestBoth:
    def test_do_not_apply_outside_of_a_swarm_nor_on_a_worker(self, check):
        assert judge(check, facts()).status == "not_applicable"
        worker = engine(swarm_state="active", swarm_manager=False)
        assert judge(check, facts(engine=worker)).status == "not_applicable"

    def test_do_not_apply_to_a_swarm_without_services(self, check):
        assert judge(check, running()).status == "not_applicable"

    def test_are_unknown_when_the_services_were_not_read(self, check):
        unread = facts(engine=MANAGER, swarm=Swarm(manager=True, services=None))
        assert judge(check, unread).status == "unknown"
        assert judge(check, facts(engine=MANAGER, swarm=None)).status == "unknown"
