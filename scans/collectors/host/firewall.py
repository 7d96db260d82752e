"""Firewalls that an administrator sets up: ufw and firewalld, and Docker's chain for his rules."""

from scans.collectors.frames import Section
from scans.collectors.host.text import lines, one_line, visible
from scans.facts import Firewall

UFW = "/etc/ufw/ufw.conf"
FIREWALLD = "/etc/firewalld/firewalld.conf"
ABSENT = ("No chain/target/match by that name", "does not exist")
"""What iptables answers when a chain is not there."""


def parse_firewall(section: Section) -> Firewall:
    """The ``firewall`` section."""
    strict = None
    if section.find(f"file {FIREWALLD}") is not None:
        strict = _value(section, FIREWALLD, "StrictForwardPorts") in ("yes", "true")
    return Firewall(
        ufw_enabled=_value(section, UFW, "ENABLED") == "yes",
        firewalld_strict=strict,
        docker_user=_docker_user(section),
    )


def why_unlisted(section: Section) -> str:
    """What iptables said when it could not list a chain."""
    return one_line(section.errors) or "iptables did not answer"


def _docker_user(section: Section) -> tuple[str, ...] | None:
    if any(section.find(f"missing {what}") is not None for what in ("iptables", "tables")):
        return ()
    if section.find("read docker-user") is not None:
        rules = lines(section.find("docker-user"))
        return tuple(visible(rule) for rule in rules if rule.startswith("-A "))
    return () if any(words in section.errors for words in ABSENT) else None


def _value(section: Section, path: str, key: str) -> str:
    """The value of a key in a file of ``KEY=value`` lines, in lower case; empty without it."""
    found = ""
    for line in lines(section.find(f"file {path}")):
        name, equals, value = line.partition("=")
        if equals and name.strip() == key:
            found = value.split("#")[0].strip().strip("\"'").lower()
    return found
