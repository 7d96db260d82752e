"""The lab's hosts read as a whole. What is expected of them is in tests/lab/hosts."""

import pytest

from hosts.connections.options import Limits
from scans.codec import decode, encode
from scans.collectors.collect import NO_ENGINE, collect
from scans.collectors.engine.read import SECTIONS
from scans.facts import Container, Facts
from tests.labhosts import Lab

CAP_SYS_ADMIN = 1 << 21


def read(lab: Lab, name: str) -> Facts:
    host = lab.host(name)
    with host.open() as session:
        return collect(session, host=name, engine_socket=host.entry["engine_socket"])


@pytest.fixture(scope="module")
def web(lab: Lab) -> Facts:
    return read(lab, "web")


def container(facts: Facts, name: str) -> Container:
    assert facts.containers is not None
    return next(found for found in facts.containers if found.name == name)


def test_both_halves_of_every_running_container_are_joined(web: Facts) -> None:
    assert web.access.level == "root"
    assert web.containers
    for found in web.containers:
        assert (found.process is not None) is found.running
        assert (found.suid is not None) is found.running
        assert bool(found.processes) is found.running
        if found.process is not None:
            assert found.process.pid == found.pid


def test_declared_and_effective_capabilities_can_be_compared(web: Facts) -> None:
    hardened, sysadmin = container(web, "hardened"), container(web, "sysadmin")
    assert hardened.process is not None
    assert sysadmin.process is not None
    assert hardened.process.cap_bounding == 0
    assert hardened.process.no_new_privileges
    assert sysadmin.process.cap_bounding == CAP_SYS_ADMIN


def test_a_users_name_is_resolved_through_the_containers_passwd(web: Facts) -> None:
    assert container(web, "aliasroot").user == "toor"
    assert container(web, "aliasroot").user_uid == 0


def test_the_sections_of_the_host_are_there(web: Facts) -> None:
    assert web.system is not None
    assert web.kernel is not None
    assert web.daemon is not None
    assert web.files
    assert web.suid is not None
    assert web.clock is not None
    assert abs(web.clock.offset) < 5


def test_facts_of_a_host_survive_storage(web: Facts) -> None:
    assert decode(encode(web)) == web


def test_no_planted_secret_of_the_lab_is_in_the_facts(web: Facts) -> None:
    assert container(web, "defaults").secret_names == ("DB_PASSWORD", "STRIPE_API_KEY")
    assert "planted-secret" not in repr(web)


def test_without_rights_the_engine_is_a_gap_that_says_what_to_do(lab: Lab) -> None:
    facts = read(lab, "plain")
    assert facts.access.level == "user"
    assert facts.access.user == "auditor"
    assert facts.system is not None
    gaps = {gap.section: gap for gap in facts.gaps}
    assert set(SECTIONS) <= set(gaps)
    assert "docker.sock" in gaps["engine"].reason
    assert "sudo" in (gaps["engine"].hint or "")
    assert gaps["containers"].reason == NO_ENGINE
    assert gaps["containers"].hint == gaps["engine"].hint


def test_with_sudo_a_swarm_manager_is_read(lab: Lab) -> None:
    facts = read(lab, "plain-operator")
    assert facts.access.level == "sudo"
    assert facts.swarm is not None
    assert facts.swarm.manager
    assert facts.containers
    assert all(found.process for found in facts.containers)


def test_podman_is_read_like_docker(lab: Lab) -> None:
    facts = read(lab, "pod")
    assert facts.engine is not None
    assert facts.engine.name == "podman"
    assert facts.access.engine_socket == "/run/podman/podman.sock"
    assert container(facts, "priv").privileged
    assert all(found.process for found in facts.containers or ())


def test_a_host_without_an_engine_is_read_all_the_same(lab: Lab) -> None:
    facts = read(lab, "jump")
    assert facts.system is not None
    assert facts.engine is None
    assert set(SECTIONS) <= {gap.section for gap in facts.gaps}


def test_an_api_behind_tls_tells_processes_without_a_shell(lab: Lab) -> None:
    facts = read(lab, "tls")
    assert facts.access.level == "api"
    assert facts.containers
    for found in facts.containers:
        assert bool(found.processes) is found.running


def test_a_host_that_allows_one_engine_connection_is_read(lab: Lab) -> None:
    with lab.host("web").open(limits=Limits(engine_connections=1)) as session:
        facts = collect(session, host="web")
    assert facts.containers
    assert not [gap for gap in facts.gaps if gap.section in SECTIONS]
