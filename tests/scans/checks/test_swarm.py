"""Item 9 in swarm mode: managers, keys and certificates, and what services are given."""

from datetime import timedelta
from typing import Any

import pytest

import scans.checks.swarm  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import ContainerPolicy, Policy
from scans.facts import Gap, Service, Swarm
from tests.factories import NOW, engine, facts
from tests.scans.checks.judge import judge, verdict

DAY = timedelta(days=1).total_seconds()


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
        "node_cert_expiry": 90 * DAY,
        "ca_created_at": NOW - timedelta(days=365),
        "services": (service(secrets=("tls",)),),
    }
    return facts(
        engine=engine(swarm_state="active", swarm_manager=True), swarm=Swarm(**(base | fields))
    )


WORKER = facts(engine=engine(swarm_state="active"), swarm=Swarm(manager=False))
SWARM_CHECKS = (
    "swarm-managers",
    "swarm-autolock",
    "swarm-secrets",
    "swarm-node-certificates",
    "swarm-ca-rotation",
    "service-privileges",
)
ATTESTED = ("swarm-key-rotation", "swarm-data-plane")


@pytest.mark.parametrize("check", [*SWARM_CHECKS, "swarm-mode"])
def test_a_well_kept_swarm_passes(check):
    assert judge(check, swarm_host()).status == "pass"


@pytest.mark.parametrize("check", [*SWARM_CHECKS, *ATTESTED, "swarm-mode"])
class TestEverySwarmCheck:
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


@pytest.mark.parametrize("check", [*SWARM_CHECKS, *ATTESTED])
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


class TestSwarmNodeCertificates:
    @pytest.mark.parametrize(("days", "expected"), [(1, "pass"), (90, "pass"), (91, "fail")])
    def test_allows_90_days(self, days, expected):
        target = swarm_host(node_cert_expiry=days * DAY)
        assert judge("swarm-node-certificates", target).status == expected

    @pytest.mark.parametrize("seconds", [None, 0.0, float("inf"), float("nan")])
    def test_is_unknown_when_not_told(self, seconds):
        target = swarm_host(node_cert_expiry=seconds)
        assert judge("swarm-node-certificates", target).status == "unknown"


class TestSwarmCaRotation:
    def test_fails_for_a_root_older_than_a_year(self):
        target = swarm_host(ca_created_at=NOW - timedelta(days=366))
        assert judge("swarm-ca-rotation", target).status == "fail"

    def test_is_unknown_when_not_read(self):
        assert judge("swarm-ca-rotation", swarm_host(ca_created_at=None)).status == "unknown"


class TestSwarmKeyRotation:
    check = "swarm-key-rotation"

    def test_is_for_a_person_to_say_where_there_is_a_key(self):
        assert judge(self.check, swarm_host()).status == "manual"

    def test_does_not_apply_where_managers_are_not_locked(self):
        assert judge(self.check, swarm_host(autolock=False)).status == "not_applicable"

    def test_is_unknown_when_not_read(self):
        assert judge(self.check, swarm_host(autolock=None)).status == "unknown"


class TestSwarmDataPlane:
    check = "swarm-data-plane"

    def test_is_for_a_person_to_say_where_there_are_several_nodes(self):
        assert judge(self.check, swarm_host(nodes=2)).status == "manual"

    def test_does_not_apply_to_a_single_node(self):
        assert judge(self.check, swarm_host(nodes=1)).status == "not_applicable"

    def test_is_unknown_when_nodes_were_not_read(self):
        assert judge(self.check, swarm_host(nodes=None)).status == "unknown"


class TestServicePrivileges:
    check = "service-privileges"

    @pytest.mark.parametrize("name", ["SYS_ADMIN", "NET_ADMIN", "ALL"])
    def test_fails_for_a_dangerous_capability(self, name):
        target = swarm_host(services=(service(), service("bad", cap_add=(name,))))
        result = judge(self.check, target)
        assert verdict(result, "bad").message == f"asks for {name}"
        assert verdict(result, "api").status == "pass"

    def test_passes_a_harmless_capability(self):
        target = swarm_host(services=(service(cap_add=("NET_BIND_SERVICE",)),))
        assert judge(self.check, target).status == "pass"

    def test_passes_what_the_policy_allows(self):
        allowing = Policy(containers=ContainerPolicy(allowed_capabilities=("NET_ADMIN",)))
        target = swarm_host(services=(service(cap_add=("NET_ADMIN",)),))
        assert judge(self.check, target, Context(policy=allowing)).status == "pass"

    def test_does_not_apply_without_services(self):
        assert judge(self.check, swarm_host(services=())).status == "not_applicable"

    def test_is_unknown_when_services_were_not_read(self):
        assert judge(self.check, swarm_host(services=None)).status == "unknown"
