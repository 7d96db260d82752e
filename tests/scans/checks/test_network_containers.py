"""Item 2, the network of containers: host network, published ports, default bridge."""

from dataclasses import replace

import pytest

from scans.checks import network  # noqa: F401 - registers the checks
from scans.facts import (
    NamespaceModes,
    PublishedPort,
)
from tests.factories import (
    HOST_NAMESPACES,
    container,
    daemon,
    engine,
    facts,
    process,
    without_process,
)
from tests.scans.checks.judge import judge, verdict

# container-host-network


def in_network(mode, name="web", **fields):
    return container(name, namespaces=NamespaceModes(network=mode), **fields)


def test_a_process_in_the_hosts_network_fails():
    inside = process(namespaces={"net": HOST_NAMESPACES["net"]})
    host = facts(containers=(container(process=inside),))
    assert judge("container-host-network", host).status == "fail"


def test_a_process_in_a_network_of_its_own_passes():
    assert judge("container-host-network", facts(containers=(container(),))).status == "pass"


def test_the_declared_host_network_fails_where_the_process_was_not_read():
    host = facts(containers=(without_process(in_network("host")),))
    assert judge("container-host-network", host).status == "fail"


def test_a_container_that_joins_one_in_the_hosts_network_fails():
    first = without_process(in_network("host", "first", id="a" * 64))
    second = without_process(in_network(f"container:{'a' * 64}", "second"))
    result = judge("container-host-network", facts(containers=(first, second)))
    assert verdict(result, "second").status == "fail"


def test_a_container_that_joins_an_unknown_one_is_unknown():
    lost = without_process(in_network(f"container:{'d' * 64}"))
    assert judge("container-host-network", facts(containers=(lost,))).status == "unknown"


# published ports


def publishing(*ports, **fields):
    rows = tuple(
        PublishedPort(container_port=80, protocol="tcp", host_ip=ip, host_port=port)
        for ip, port in ports
    )
    return facts(containers=(container(ports=rows, **fields),))


@pytest.mark.parametrize("ip", ["0.0.0.0", "::", "[::]", ""])
def test_a_port_on_every_interface_fails(ip):
    assert judge("container-published-wildcard", publishing((ip, 8080))).status == "fail"


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.0.0.5", "::1", "fd00::5"])
def test_a_port_on_one_address_passes(ip):
    assert judge("container-published-wildcard", publishing((ip, 8080))).status == "pass"


def test_no_published_port_passes():
    assert judge("container-published-wildcard", publishing()).status == "pass"


def test_one_open_port_among_others_fails_and_is_named():
    host = publishing(("127.0.0.1", 8080), ("::", 8081))
    result = judge("container-published-wildcard", host)
    assert verdict(result, "web").params == {"ports": "[::]:8081->80/tcp"}


def test_an_address_left_open_is_the_daemons_default_address():
    host = replace(publishing(("", 8080)), daemon=daemon({"ip": "127.0.0.1"}))
    assert judge("container-published-wildcard", host).status == "pass"


def test_a_stopped_container_that_will_publish_all_its_ports_fails():
    host = publishing(state="exited", publish_all=True, exposed_ports=("80/tcp",), process=None)
    assert judge("container-published-wildcard", host).status == "fail"


def test_a_container_in_the_hosts_network_publishes_nothing():
    host = facts(containers=(without_process(in_network("host")),))
    assert judge("container-published-wildcard", host).status == "not_applicable"
    assert judge("container-privileged-ports", host).status == "not_applicable"


def test_ports_are_unknown_without_containers():
    assert judge("container-published-wildcard", facts(containers=None)).status == "unknown"
    assert judge("container-privileged-ports", facts(containers=None)).status == "unknown"


@pytest.mark.parametrize(("ip", "port"), [("0.0.0.0", 80), ("127.0.0.1", 1023), ("::", 443)])
def test_a_host_port_below_1024_fails_on_any_address(ip, port):
    assert judge("container-privileged-ports", publishing((ip, port))).status == "fail"


def test_1024_is_not_privileged():
    assert judge("container-privileged-ports", publishing(("0.0.0.0", 1024))).status == "pass"


def test_a_port_not_yet_assigned_is_not_privileged():
    assert judge("container-privileged-ports", publishing(("", 0))).status == "pass"


# container-default-bridge


def test_a_container_on_the_default_bridge_fails():
    host = facts(containers=(container(networks=("appnet", "bridge")),))
    assert judge("container-default-bridge", host).status == "fail"


def test_a_container_on_a_network_of_its_own_passes():
    host = facts(containers=(container(networks=("bridge-of-mine",)),))
    assert judge("container-default-bridge", host).status == "pass"


def test_podmans_default_network_has_another_name():
    host = facts(engine=engine(name="podman"), containers=(container(networks=("podman",)),))
    assert judge("container-default-bridge", host).status == "fail"


def test_the_default_bridge_is_unknown_without_containers():
    assert judge("container-default-bridge", facts(containers=None)).status == "unknown"
