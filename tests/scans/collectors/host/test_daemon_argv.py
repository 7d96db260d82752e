"""dockerd's flags, in the spellings that it takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scans.collectors.host.daemon_argv import is_daemon, parse_flags


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (
            "-H unix:///a --host=tcp://b:1 -H=fd:// -Htcp://c",
            {"hosts": ["unix:///a", "tcp://b:1", "fd://", "tcp://c"]},
        ),
        ("--icc=false --iptables=0 --ipv6", {"icc": False, "iptables": False, "ipv6": True}),
        ("-D -l debug", {"debug": True, "log-level": "debug"}),
        ("-DH fd://", {"debug": True, "hosts": ["fd://"]}),
        ("--log-level=warn -s overlay2", {"log-level": "warn", "storage-driver": "overlay2"}),
        ("-g /data", {"data-root": "/data"}),
        ("--graph=/data", {"data-root": "/data"}),
        (
            "--log-opt max-size=10m --log-opt=max-file=3",
            {"log-opts": {"max-size": "10m", "max-file": "3"}},
        ),
        ("--default-ulimit nofile=64:128", {"default-ulimits": {"nofile": "64:128"}}),
        (
            "--insecure-registry a:5000 --insecure-registry=b",
            {"insecure-registries": ["a:5000", "b"]},
        ),
        ("--insecure-registry a,b", {"insecure-registries": ["a", "b"]}),
        ("--registry-mirror=https://m", {"registry-mirrors": ["https://m"]}),
        ("--authorization-plugin=opa", {"authorization-plugins": ["opa"]}),
        ("--label a=b", {"labels": ["a=b"]}),
        (
            "--tlsverify --tlscacert /ca.pem --tlscert=/c.pem",
            {"tlsverify": True, "tlscacert": "/ca.pem", "tlscert": "/c.pem"},
        ),
        ("--tls=false", {"tls": False}),
        ("--userland-proxy=false --live-restore", {"userland-proxy": False, "live-restore": True}),
        ("--mtu 1400", {"mtu": 1400}),
        ("--config-file /etc/d.json", {"config-file": "/etc/d.json"}),
        (
            "--default-address-pool base=10.0.0.0/16,size=24",
            {"default-address-pools": ["base=10.0.0.0/16,size=24"]},
        ),
        ("--something new --other", {"something": "new", "other": True}),
        ("", {}),
    ],
)
def test_flags_are_keys_of_daemon_json(arguments: str, settings: dict[str, Any]) -> None:
    assert parse_flags(arguments.split()) == settings


def test_a_switch_does_not_take_the_next_argument() -> None:
    assert parse_flags(["--icc", "false"]) == {"icc": True}


@pytest.mark.parametrize(
    ("argv", "executable", "daemon"),
    [
        (["/usr/bin/dockerd", "-H", "fd://"], "/usr/bin/dockerd", True),
        (["dockerd"], None, True),
        (["dockerd-ce"], "/usr/bin/dockerd-ce", True),
        (["docker", "daemon"], "/usr/bin/docker", True),
        (["dockerd"], "/usr/bin/dockerd (deleted)", True),
        (["vim", "/etc/docker/dockerd"], "/usr/bin/vim", False),
        (["grep", "dockerd"], "/usr/bin/grep", False),
        (["dockerd"], "/usr/bin/sleep", False),
        (["docker", "ps"], "/usr/bin/docker", False),
        (["rootlesskit", "dockerd"], "/usr/bin/rootlesskit", False),
        ([], None, False),
    ],
)
def test_a_daemon_is_known_by_its_name_and_its_file(
    argv: list[str], executable: str | None, *, daemon: bool
) -> None:
    assert is_daemon(argv, executable) is daemon


@given(st.lists(st.text(max_size=20), max_size=8))
def test_never_raises_for_any_arguments(arguments: list[str]) -> None:
    parse_flags(arguments)
    is_daemon(arguments, None)
