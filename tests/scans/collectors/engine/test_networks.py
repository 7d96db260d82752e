"""Networks."""

import pytest

from scans.collectors.engine.fields import Unexpected
from scans.collectors.engine.networks import read_network
from scans.facts import Network
from tests.scans.collectors.engine.replay import DOCKER_20, DOCKER_26, PODMAN_5, recording


def networks(name: str) -> dict[str, Network]:
    found = (read_network(answer) for answer in recording(name)["/networks"])
    return {network.name: network for network in found}


def test_a_bridge_says_whether_its_containers_may_talk() -> None:
    icc = "com.docker.network.bridge.enable_icc"
    web = networks(DOCKER_20)
    assert web["quietnet"].options[icc] == "false"
    assert icc not in web["shopnet"].options
    assert web["bridge"].driver == "bridge"
    assert web["bridge"].subnets == ("172.17.0.0/16",)
    assert web["host"].subnets == ()


def test_overlays_and_the_ingress_network_of_a_swarm() -> None:
    plain = networks(DOCKER_26)
    assert plain["ingress"].ingress
    assert plain["ingress"].scope == "swarm"
    assert "encrypted" in plain["sealed-overlay"].options
    assert "encrypted" not in plain["open-overlay"].options


def test_podman_has_its_default_network() -> None:
    (found,) = networks(PODMAN_5).values()
    assert (found.driver, found.subnets) == ("bridge", ("10.88.0.0/16",))


def test_a_network_without_a_name_is_refused() -> None:
    with pytest.raises(Unexpected):
        read_network({"Id": "x"})
