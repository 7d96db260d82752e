"""The swarm as a manager and as a worker see it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scans.collectors.engine.fields import Unexpected
from scans.collectors.engine.swarm import is_manager, local_state, read_service, read_swarm
from scans.facts import Network
from tests.scans.collectors.engine.replay import DOCKER_20, DOCKER_26, recording

PLAIN = recording(DOCKER_26)
SERVICE: dict[str, Any] = PLAIN["/services"][0]
OVERLAY = Network(
    name="open-overlay", id="net1", driver="overlay", scope="swarm", options={}, labels={}
)


def test_a_manager_knows_the_swarm() -> None:
    found = read_swarm(PLAIN["/info"], services=(), secrets=("tls",), configs=())
    assert found.manager
    assert (found.managers, found.nodes) == (1, 1)
    assert found.advertise_address == "127.0.0.1"
    assert found.autolock is False
    assert found.node_cert_expiry == 90 * 24 * 3600
    assert found.secrets == ("tls",)


def test_the_age_of_the_swarms_certificate_authority_is_read() -> None:
    found = read_swarm(PLAIN["/info"]).ca_created_at
    assert found is not None
    assert found.tzinfo is UTC
    # swarm dates it back an hour at most, for clocks that are behind
    created = datetime.fromisoformat(PLAIN["/info"]["Swarm"]["Cluster"]["CreatedAt"][:19] + "Z")
    assert 0 <= (created - found).total_seconds() <= 3600


def test_a_worker_knows_only_itself() -> None:
    # By hand: a swarm of one node has no worker. The form is that of `info` on a worker.
    here = {"LocalNodeState": "active", "ControlAvailable": False, "NodeAddr": "10.0.0.2"}
    found = read_swarm({"Swarm": here})
    assert not found.manager
    assert found.advertise_address == "10.0.0.2"
    assert found.managers is None
    assert found.services is None


def test_an_engine_outside_of_a_swarm_says_so() -> None:
    info = recording(DOCKER_20)["/info"]
    assert local_state(info) == "inactive"
    assert not is_manager(info)
    assert local_state({}) == "inactive"


def test_a_certificate_that_cannot_be_read_has_no_age() -> None:
    info = recording(DOCKER_26)["/info"]
    info["Swarm"]["Cluster"]["TLSInfo"]["TrustRoot"] = "-----BEGIN CERTIFICATE-----\n!\n"
    assert read_swarm(info).ca_created_at is None


def test_a_service_as_specified() -> None:
    found = read_service(SERVICE, ())
    assert (found.name, found.image, found.mode) == ("shop", "shop/app:1.4", "replicated")
    assert found.memory_limit == 64 * 1024 * 1024
    assert found.cpu_limit == 500_000_000
    assert found.restart_condition == "any"
    assert not found.read_only
    assert found.secrets == ()


def test_a_service_with_everything() -> None:
    # By hand from the API's documentation: the lab's service has only limits.
    container = {
        "Image": "shop/app:1.4",
        "User": "1000",
        "ReadOnly": True,
        "CapabilityAdd": ["CAP_NET_ADMIN"],
        "Secrets": [{"SecretName": "tls-key", "SecretID": "x"}],
        "Env": ["TOKEN=canary"],
    }
    spec = {
        "Name": "edge",
        "Labels": {"traefik.auth.password": "canary"},
        "Mode": {"Global": {}},
        "TaskTemplate": {
            "ContainerSpec": container,
            "Resources": {"Limits": {"Pids": 64}},
            "RestartPolicy": {"Condition": "on-failure", "MaxAttempts": 5},
            "Networks": [{"Target": "net1"}, {"Target": "net2"}],
        },
        "EndpointSpec": {"Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080}]},
    }
    found = read_service({"Spec": spec}, [OVERLAY])
    assert found.mode == "global"
    assert found.cap_add == ("NET_ADMIN",)
    assert found.secrets == ("tls-key",)
    assert found.networks == ("open-overlay", "net2")
    assert found.pids_limit == 64
    assert (found.restart_condition, found.restart_max_attempts) == ("on-failure", 5)
    assert found.ports == (
        {
            "protocol": "tcp",
            "target_port": 80,
            "published_port": 8080,
            "publish_mode": "ingress",
        },
    )
    assert "canary" not in repr(found)


def test_a_manager_that_does_not_describe_its_swarm_is_refused() -> None:
    with pytest.raises(Unexpected):
        read_swarm({"Swarm": {"ControlAvailable": True}})
