import pytest

from scans.checks.core.addresses import (
    is_loopback,
    is_wildcard,
    join_port,
    parse_host_url,
    split_port,
)


@pytest.mark.parametrize(
    "address", ["", "*", "0.0.0.0", "::", "[::]", "0:0:0:0:0:0:0:0", "::ffff:0.0.0.0", "::%eth0"]
)
def test_a_wildcard_is_every_interface(address):
    assert is_wildcard(address)
    assert not is_loopback(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "127.0.0.0/8",
        "127.1.0.0/16",
        "::1/128",
    ],
)
def test_loopback_is_this_machine_alone(address):
    assert is_loopback(address)
    assert not is_wildcard(address)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.5", "fe80::1", "example.org", "localhost.example.org", "126.0.0.0/7", "::/0", "<b>"],
)
def test_other_addresses_are_neither(address):
    assert not is_wildcard(address)
    assert not is_loopback(address)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("tcp://0.0.0.0:2375", ("tcp", "0.0.0.0", 2375)),
        ("TCP://0.0.0.0:2375", ("tcp", "0.0.0.0", 2375)),
        ("tcp://[::]:2376", ("tcp", "::", 2376)),
        ("tcp://docker.example:2376/v1", ("tcp", "docker.example", 2376)),
        ("10.0.0.5:2375", ("tcp", "10.0.0.5", 2375)),
        ("tcp://10.0.0.5", ("tcp", "10.0.0.5", None)),
        ("unix:///run/docker.sock", ("unix", "/run/docker.sock", None)),
        ("fd://", ("fd", "", None)),
        ("tcp://10.0.0.5:http", ("tcp", "10.0.0.5", None)),
        ("tcp://10.0.0.5:99999", ("tcp", "10.0.0.5", None)),
        ("tcp://10.0.0.5:²", ("tcp", "10.0.0.5", None)),
    ],
)
def test_takes_a_daemon_host_apart(value, parts):
    assert parse_host_url(value) == parts


@pytest.mark.parametrize("value", ["tcp://:2375", ":2375"])
def test_a_daemon_host_without_an_address_is_loopback_as_for_dockerd(value):
    assert parse_host_url(value) == ("tcp", "127.0.0.1", 2375)


def test_an_ipv6_address_without_brackets_has_no_port():
    assert split_port("fd00::1") == ("fd00::1", None)


def test_joins_an_ipv6_address_with_brackets():
    assert join_port("::", 2375) == "[::]:2375"
    assert join_port("0.0.0.0", 2375) == "0.0.0.0:2375"
