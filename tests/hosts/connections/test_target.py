import getpass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosts.connections import Target, TargetError, parse_target


def test_reads_this_machine():
    assert parse_target("local") == Target("local")


def test_reads_a_full_ssh_address():
    assert parse_target("ssh://ops@db1.example.org:2222") == Target(
        "ssh", host="db1.example.org", port=2222, user="ops"
    )


def test_takes_the_current_user_and_port_22_by_default():
    assert parse_target("ssh://db1") == Target("ssh", host="db1", port=22, user=getpass.getuser())


def test_reads_an_ipv6_address_in_brackets():
    target = parse_target("ssh://root@[2001:db8::1]:22")
    assert (target.host, str(target)) == ("2001:db8::1", "ssh://root@[2001:db8::1]:22")


def test_reads_a_socket_on_this_machine():
    assert parse_target("unix:///run/docker.sock") == Target("unix", path="/run/docker.sock")


def test_reads_a_tcp_port():
    assert parse_target("tcp://10.0.0.1:2376") == Target("tcp", host="10.0.0.1", port=2376)


def test_takes_a_plain_word_for_a_name_in_the_inventory():
    assert parse_target("web-tier") == Target("inventory", name="web-tier")


def test_refuses_a_password_and_does_not_repeat_it():
    with pytest.raises(TargetError, match="leave it out") as error:
        parse_target("ssh://root:hunter2@db1")
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no target"),
        ("ssh://", "not a valid name or address"),
        ("ssh://-oProxyCommand=id", "not a valid name or address"),
        ("ssh://root@-host", "not a valid name or address"),
        ("ssh://-l@host", "valid name"),
        ("-f", "no target"),
        ("ssh://host\nname", "control character"),
        ("ssh://host:0", "not a number from 1 to 65535"),
        ("ssh://host:65536", "not a number from 1 to 65535"),
        ("ssh://host:2²", "not a number from 1 to 65535"),
        ("ssh://2001:db8::1", "several colons"),
        ("ssh://[2001:db8::1", "not closed"),
        ("ssh://[host]:22", "no IPv6 address"),
        ("tcp://host", "lacks the port"),
        ("tcp://user@host:2375", "takes no user"),
        ("unix://run/docker.sock", "absolute path"),
        ("unix:///run/", "absolute path"),
        ("http://host:2375", "scheme that is not known"),
    ],
)
def test_says_what_is_wrong_with(text: str, said: str):
    with pytest.raises(TargetError, match=said):
        parse_target(text)


def parsed(text: str) -> Target | TargetError:
    try:
        return parse_target(text)
    except TargetError as refusal:
        return refusal


@given(st.text(max_size=200) | st.from_regex(r"(ssh|tcp|unix)://.*", fullmatch=True))
def test_any_text_is_a_harmless_target_or_an_error_of_one_line(text: str):
    outcome = parsed(text)
    if isinstance(outcome, TargetError):
        assert "\n" not in str(outcome)
    else:
        assert not outcome.host.startswith("-")
        assert not outcome.user.startswith("-")


@given(
    st.sampled_from(["ssh", "tcp"]),
    st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True),
    st.integers(1, 65535),
)
def test_what_is_shown_of_a_target_reads_as_the_same_target(scheme: str, host: str, port: int):
    target = parse_target(f"{scheme}://{host}:{port}")
    assert parse_target(str(target)) == target
