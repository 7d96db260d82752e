"""Item 2: which ports of the host are open for containers and swarm, past which firewall."""

import re
from collections.abc import Iterator
from itertools import pairwise

from scans.checks.core import settings
from scans.checks.core.addresses import is_wildcard, join_port
from scans.checks.core.context import Context
from scans.checks.core.engines import docker_engine
from scans.checks.core.model import (
    Evidence,
    NeedsAttestation,
    NotApplicable,
    Severity,
    Subject,
    Unreadable,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from scans.checks.core.namespaces import uses_host
from scans.checks.core.published import host_address, listed, shown
from scans.checks.core.reading import (
    DAEMON,
    container_subject,
    containers,
    engine,
    networks,
    require,
)
from scans.checks.core.registry import check
from scans.checks.core.upstream_version import parse
from scans.facts import Container, Facts, Firewall, Listener

GOSSIP_PORT, VXLAN_PORT = 7946, 4789
"""Where the nodes of a swarm tell each other of networks, and carry their traffic."""
IP6TABLES_BY_DEFAULT = 27
"""Docker's line since which ``ip6tables`` is on and no experiment."""
NO_FILTER = frozenset(("ACCEPT", "LOG", "NFLOG", "RETURN"))
"""Targets that refuse nothing (iptables-extensions(8)). Docker itself puts a RETURN into the chain.
"""
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
"""A comment or a prefix, which may hold anything."""


@check(
    "container-needed-ports",
    item=2,
    severity=Severity.LOW,
    cis=["5.9"],
    needs=["kernel", "containers"],
)
def needed_ports(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Containers publish host ports that the policy allows, and no others."""
    allowed = context.policy.containers.allowed_ports
    if allowed is None:
        raise NeedsAttestation("the policy names no allowed ports: attest which are needed")
    for container in containers(facts):
        subject = container_subject(container)
        if uses_host(container, "net", facts)[0]:
            yield not_applicable(subject, "uses the host's network and publishes nothing")
        else:
            yield _by_allowed(subject, container, allowed)


def _by_allowed(subject: Subject, container: Container, allowed: tuple[int, ...]) -> Verdict:
    seen = listed(container, f"host ports among {', '.join(map(str, sorted(allowed))) or 'none'}")
    surplus = [port for port in container.ports if port.host_port not in allowed]
    if surplus:
        ports = ", ".join(map(shown, surplus))
        return failed(subject, "publishes ports that are not allowed: {ports}", seen, ports=ports)
    if container.publish_all and container.exposed_ports and not container.ports:
        return failed(subject, "publishes every exposed port, wherever there is room", seen)
    return passed(subject, "publishes no port beyond those allowed", seen)


@check(
    "published-firewall-bypass",
    item=2,
    severity=Severity.MEDIUM,
    needs=["kernel", "firewall", "daemon", "engine", "containers"],
)
def firewall_bypass(facts: Facts) -> Iterator[Verdict]:
    """Docker's rules let published ports pass before those of ufw and firewalld are asked."""
    docker_engine(facts)
    for container in containers(facts):
        subject, ports = container_subject(container), _open_to_all(container, facts)
        if ports:
            yield _past(subject, ports, facts)
        else:
            yield not_applicable(subject, "publishes no port on every interface")


def _open_to_all(container: Container, facts: Facts) -> str:
    """The ports of a container that are published on every interface, for a person."""
    if uses_host(container, "net", facts)[0]:
        return ""
    ports = [port for port in container.ports if is_wildcard(host_address(facts, port))]
    return ", ".join(map(shown, ports))


def _firewall_name(facts: Facts, firewall: Firewall) -> str:
    if firewall.ufw_enabled:
        return "ufw"
    processes = require(facts, facts.processes, "processes", "the host's processes")
    if not any(process.name == "firewalld" for process in processes):
        raise NotApplicable("neither ufw nor firewalld is set up here")
    if firewall.firewalld_strict:
        raise NotApplicable("firewalld is strict: it drops published ports that it does not know")
    return "firewalld"


def _filters(firewall: Firewall, facts: Facts) -> bool | None:
    """Whether the administrator filters published ports himself; None if it can't be told."""
    if facts.engine is not None and facts.engine.firewall_backend == "nftables":
        return None  # there is no such chain: filters are tables of the administrator's own
    if firewall.docker_user is None:
        return None
    return any(map(_may_refuse, firewall.docker_user))


def _may_refuse(rule: str) -> bool:
    """Whether a rule refuses packets, or lets a chain of the administrator's decide."""
    words = QUOTED.sub('""', rule).split()
    targets = (after for word, after in pairwise(words) if word in ("-j", "-g"))
    return next(targets, "RETURN") not in NO_FILTER


def _past(subject: Subject, ports: str, facts: Facts) -> Verdict:
    firewall = require(facts, facts.firewall, "firewall", "the host's firewall")
    name, rules = _firewall_name(facts, firewall), firewall.docker_user
    if settings.value(facts, "iptables", default=True)[0] is False:
        raise NotApplicable("the daemon sets no rules that could come before a firewall's")
    observed = None if rules is None else list(rules)
    seen = Evidence("iptables -S DOCKER-USER", observed, "a rule that filters")
    params = {"ports": ports, "firewall": name}
    filters = _filters(firewall, facts)
    if filters is None:
        template = "publishes {ports}; whether it passes {firewall} by could not be read"
        return unknown(subject, template, seen, **params)
    if filters:
        return passed(subject, "publishes {ports}, filtered in DOCKER-USER", seen, **params)
    return failed(subject, "publishes {ports} past {firewall}", seen, **params)


@check("daemon-ip6tables", item=2, severity=Severity.MEDIUM, needs=["daemon", "engine", "networks"])
def ip6tables(facts: Facts) -> Iterator[Verdict]:
    """Without rules for IPv6, containers are reached on all their ports by everyone."""
    on, seen = _manages_ipv6(facts)
    if on:
        yield passed(DAEMON, "manages the firewall rules of IPv6", *seen)
        return
    using = [n.name for n in networks(facts) if n.ipv6 and n.driver == "bridge"]
    with_ipv6 = Evidence("docker network inspect: bridges with EnableIPv6", using, [])
    if using:
        template = "sets no rules for IPv6, which {networks} use"
        yield failed(DAEMON, template, *seen, with_ipv6, networks=", ".join(using))
    else:
        yield passed(DAEMON, "sets no rules for IPv6, which no network uses", *seen, with_ipv6)


def _manages_ipv6(facts: Facts) -> tuple[bool, tuple[Evidence, ...]]:
    """Whether ``ip6tables`` is in force: before Docker 27 it was an experiment, and off."""
    version = parse(docker_engine(facts).version)
    if version is None:
        raise Unreadable(f"the engine's version could not be understood: {engine(facts).version}")
    mature = version.numbers[0] >= IP6TABLES_BY_DEFAULT
    value, setting = settings.value(facts, "ip6tables", default=mature)
    seen = settings.evidence("ip6tables", value, setting, expected=True)
    experimental = engine(facts).experimental
    if mature:
        return value is not False, (seen,)
    trial = Evidence("docker info: ExperimentalBuild", experimental)
    return value is True and experimental, (seen, trial)


@check(
    "swarm-gossip-address",
    item=2,
    severity=Severity.LOW,
    cis=["7.2"],
    needs=["listeners", "engine"],
)
def swarm_gossip_address(facts: Facts) -> Iterator[Verdict]:
    """Nodes of a swarm talk to each other on one interface."""
    if engine(facts).swarm_state in ("", "inactive"):
        raise NotApplicable("the engine is in no swarm")
    listeners = require(facts, facts.listeners, "listeners", "the listening sockets")
    found = [row for row in listeners if _is_of_swarm(row)]
    if not found:
        raise NotApplicable("nothing listens on the ports of a swarm's nodes")
    for row in found:
        yield _gossip(row)


def _is_of_swarm(row: Listener) -> bool:
    udp = row.protocol.startswith("udp")
    return row.port == GOSSIP_PORT or (udp and row.port == VXLAN_PORT)


def _gossip(row: Listener) -> Verdict:
    where = join_port(row.address.strip("[]"), row.port)
    subject = Subject("address", f"{row.protocol[:3]}://{where}")
    seen = Evidence("listening sockets of the host", where, "the address of one interface")
    if not is_wildcard(row.address):
        return passed(subject, "talks to the swarm on one address", seen)
    if row.port == VXLAN_PORT:
        template = "takes overlay traffic from everyone whom no firewall, which was not read, stops"
        return unknown(subject, template, seen)
    return failed(subject, "talks to the swarm on every interface", seen)
