"""ufw, firewalld and Docker's chain for an administrator's rules, as iptables(8) lists it."""

import pytest

from scans.collectors.host import parse_host
from scans.collectors.host.firewall import parse_firewall
from scans.facts import Firewall
from tests.scans.collectors.host.test_parse import NOW
from tests.scans.collectors.probing import output, recording, section

UFW = "file /etc/ufw/ufw.conf"
FIREWALLD = "file /etc/firewalld/firewalld.conf"
READ = {"docker-user": "-N DOCKER-USER\n", "read docker-user": ""}


def parsed(parts: dict[str, str], errors: str = "") -> Firewall:
    return parse_firewall(section("firewall", parts, errors=errors))


@pytest.mark.parametrize(
    ("text", "enabled"),
    [
        ("# /etc/ufw/ufw.conf\nENABLED=yes\nLOGLEVEL=low\n", True),
        ("ENABLED=no\n", False),
        ("#ENABLED=yes\n", False),
        ('ENABLED="yes" # since May\n', True),
        ("ENABLED=no\nENABLED=yes\n", True),
    ],
)
def test_reads_whether_ufw_is_enabled(text: str, *, enabled: bool) -> None:
    assert parsed({UFW: text}).ufw_enabled is enabled


def test_a_host_without_ufw_has_none_enabled() -> None:
    assert parsed(READ).ufw_enabled is False


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("StrictForwardPorts=yes\n", True),
        ("StrictForwardPorts=no\n", False),
        ("DefaultZone=public\n", False),
    ],
)
def test_reads_whether_firewalld_is_strict(text: str, *, strict: bool) -> None:
    assert parsed({FIREWALLD: text}).firewalld_strict is strict


def test_a_configuration_of_firewalld_that_is_not_there_tells_nothing() -> None:
    assert parsed(READ).firewalld_strict is None


def test_reads_the_rules_without_the_chain_itself() -> None:
    rules = "-N DOCKER-USER\n-A DOCKER-USER -i eth0 -j DROP\n-A DOCKER-USER -j RETURN\n"
    assert parsed({"docker-user": rules, "read docker-user": ""}).docker_user == (
        "-A DOCKER-USER -i eth0 -j DROP",
        "-A DOCKER-USER -j RETURN",
    )


@pytest.mark.parametrize(
    "error",
    [
        "iptables: No chain/target/match by that name.",
        "iptables v1.8.9 (nf_tables): chain `DOCKER-USER' in table `filter' does not exist",
    ],
)
def test_a_chain_that_is_not_there_has_no_rules(error: str) -> None:
    assert parsed({"docker-user": ""}, error).docker_user == ()


@pytest.mark.parametrize("lacking", ["iptables", "tables"])
def test_without_iptables_or_tables_in_the_kernel_there_is_no_chain(lacking: str) -> None:
    assert parsed({f"missing {lacking}": ""}).docker_user == ()


def test_reads_the_chain_that_docker_makes_without_rules() -> None:
    found = parse_host(recording("web"), now=NOW).firewall
    assert found == Firewall(ufw_enabled=False, docker_user=("-A DOCKER-USER -j RETURN",))


def test_rules_that_may_not_be_listed_are_a_gap_with_the_reason() -> None:
    refused = section(
        "firewall",
        {"docker-user": ""},
        errors="iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: "
        "Permission denied (you must be root)",
    )
    found = parse_host(output(refused, level="user"), now=NOW)
    assert found.firewall is not None
    assert found.firewall.docker_user is None
    [gap] = [gap for gap in found.gaps if gap.section == "firewall"]
    assert "Permission denied" in gap.reason
    assert gap.hint == "run with --sudo"
