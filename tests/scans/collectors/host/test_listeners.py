"""Listening sockets."""

import pytest

from scans.collectors.host.listeners import parse_listeners
from scans.collectors.host.reading import Missing
from scans.facts import Listener
from tests.scans.collectors.probing import section

TCP = "0100007F:089D 11\n00000000:0947 12\n"
TCP6 = "00000000000000000000000000000000:0947 13\n00000000000000000000000001000000:0016 14\n"
SS = (
    'tcp LISTEN 0 4096 0.0.0.0:2375 0.0.0.0:* users:(("dockerd",pid=77,fd=4),("x",pid=9,fd=1))\n'
    'tcp LISTEN 0 128 [::1]:22 [::]:* users:(("sshd",pid=10,fd=3))\n'
    "tcp LISTEN 0 128 127.0.0.1:2205 0.0.0.0:*\n"
)


def test_addresses_of_both_families_are_read() -> None:
    found = parse_listeners(section("listeners", {"net tcp": TCP, "net tcp6": TCP6}))
    assert [(one.protocol, one.address, one.port) for one in found] == [
        ("tcp", "127.0.0.1", 2205),
        ("tcp", "0.0.0.0", 2375),
        ("tcp6", "::", 2375),
        ("tcp6", "::1", 22),
    ]


def test_ss_names_the_process() -> None:
    found = parse_listeners(section("listeners", {"net tcp": TCP, "net tcp6": TCP6, "ss": SS}))
    assert (
        Listener(protocol="tcp", address="0.0.0.0", port=2375, process="dockerd", pid=77) in found
    )
    assert Listener(protocol="tcp6", address="::1", port=22, process="sshd", pid=10) in found
    assert Listener(protocol="tcp", address="127.0.0.1", port=2205) in found


def test_a_socket_open_to_both_families_is_named_by_its_star() -> None:
    ss = 'tcp LISTEN 0 9 *:2375 *:* users:(("dockerd",pid=77,fd=4))\n'
    found = parse_listeners(section("listeners", {"net tcp6": TCP6, "ss": ss}))
    assert (found[0].process, found[0].pid) == ("dockerd", 77)


def test_without_ss_the_daemons_own_sockets_are_told_by_their_inodes() -> None:
    parts = {"net tcp": TCP, "sockets 77": "socket:[12]\n/dev/null\n"}
    found = parse_listeners(section("listeners", parts))
    assert [(one.port, one.process, one.pid) for one in found] == [
        (2205, None, None),
        (2375, "dockerd", 77),
    ]


def test_no_answer_at_all_is_missing() -> None:
    with pytest.raises(Missing):
        parse_listeners(section("listeners", {"ss": SS}))
