"""Item 2: where the engine's API listens, and what containers expose on the network."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scans.checks.core import settings
from scans.checks.core.addresses import is_wildcard, join_port, split_port
from scans.checks.core.context import Context
from scans.checks.core.endpoints import SWARM_PORTS, tcp_endpoints
from scans.checks.core.model import (
    Evidence,
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
    daemon,
    engine,
)
from scans.checks.core.registry import check
from scans.facts import Facts, TlsCertificate

FIRST_UNPRIVILEGED_PORT = 1024
"""``net.ipv4.ip_unprivileged_port_start`` by default: 1024 itself is not privileged."""
DEFAULT_NETWORK = {"docker": "bridge", "podman": "podman"}
"""The network that a container joins if nobody names one."""


@check(
    "daemon-tcp-tls",
    item=2,
    severity=Severity.CRITICAL,
    cis=["2.8"],
    needs=["listeners", "daemon", "engine", "containers", "swarm"],
)
def tcp_tls(facts: Facts) -> Iterator[Verdict]:
    """Only ``tlsverify`` asks a client who it is; ``tls`` alone encrypts for everyone."""
    endpoints = tcp_endpoints(facts)
    if not endpoints:
        hosts = settings.setting_list(facts, "hosts")
        yield passed(DAEMON, "listens on no TCP address", *hosts)
        return
    verify, verify_set = settings.value(facts, "tlsverify", default=False)
    tls, tls_set = settings.value(facts, "tls", default=False)
    seen = (
        settings.evidence("tlsverify", verify, verify_set, True),
        settings.evidence("tls", tls, tls_set, True),
    )
    for endpoint in endpoints:
        subject = Subject("address", endpoint.url)
        evidence = (*endpoint.evidence, *seen)
        if verify is True:
            yield passed(subject, "accepts only clients with a certificate", *evidence)
        elif endpoint.doubt:
            yield unknown(subject, "may serve the API: {doubt}", *evidence, doubt=endpoint.doubt)
        elif tls is True:
            yield failed(subject, "encrypts, but lets every client in as root", *evidence)
        else:
            yield failed(subject, "lets everyone in as root, without TLS", *evidence)


@check(
    "daemon-tcp-bind",
    item=2,
    severity=Severity.HIGH,
    needs=["listeners", "daemon", "engine", "containers", "swarm"],
)
def tcp_bind(facts: Facts) -> Iterator[Verdict]:
    """An address of its own keeps the API out of networks that need not reach it."""
    endpoints = tcp_endpoints(facts)
    if not endpoints:
        raise NotApplicable("the daemon listens on no TCP address")
    for endpoint in endpoints:
        subject = Subject("address", endpoint.url)
        if not is_wildcard(endpoint.address):
            yield passed(subject, "is bound to one address", *endpoint.evidence)
        elif endpoint.doubt:
            template = "may serve the API on every interface: {doubt}"
            yield unknown(subject, template, *endpoint.evidence, doubt=endpoint.doubt)
        else:
            yield failed(subject, "serves the API on every interface", *endpoint.evidence)


@check("daemon-iptables", item=2, severity=Severity.HIGH, cis=["2.4"], needs=["daemon", "engine"])
def iptables(facts: Facts) -> Iterator[Verdict]:
    """Without its rules neither isolation of networks nor limits of published ports hold."""
    value, setting = settings.value(facts, "iptables", default=True)
    seen = settings.evidence("iptables", value, setting, expected=True)
    if value is False:
        yield failed(DAEMON, "does not manage the firewall: iptables is off", seen)
    else:
        yield passed(DAEMON, "manages the firewall rules of its networks", seen)


@check(
    "daemon-userland-proxy", item=2, severity=Severity.LOW, cis=["2.17"], needs=["daemon", "engine"]
)
def userland_proxy(facts: Facts) -> Iterator[Verdict]:
    """Hairpin NAT does the proxy's work without a root process for each published port."""
    proxy, setting = settings.value(facts, "userland-proxy", default=True)
    seen = settings.evidence("userland-proxy", proxy, setting, False)
    if proxy is False:
        yield passed(DAEMON, "publishes ports without the userland proxy", seen)
    else:
        yield failed(DAEMON, "runs a userland proxy for published ports", seen)


@check("tls-certificate-validity", item=2, severity=Severity.MEDIUM, needs=["daemon", "engine"])
def certificate_validity(facts: Facts, context: Context) -> Iterator[Verdict]:
    """Judged by the time of the audit, for each certificate that the configuration names."""
    notice = timedelta(days=context.policy.audits.certificate_min_days)
    config = daemon(facts)
    if not config.certificates:
        keys = ("tlscacert", "tlscert", "tlsverify", "tls")
        configured = [key for key in keys if (row := config.effective(key)) and row.value]
        if configured:
            raise Unreadable("the certificates that the daemon uses could not be read")
        settings.require_all_layers(facts)
        raise NotApplicable("the daemon is configured without TLS")
    for certificate in config.certificates:
        yield _validity(certificate, facts.started_at, notice)


def _validity(certificate: TlsCertificate, now: datetime, notice: timedelta) -> Verdict:
    """A certificate that ends sooner than ``notice`` needs renewal now."""
    subject = Subject("file", certificate.path)
    end = certificate.not_after
    seen = Evidence(
        f"{certificate.path}: not after",
        end.isoformat(),
        f"later than {(now + notice).date().isoformat()}",
    )
    if end <= now:
        return failed(subject, "expired on {day}", seen, day=end.date().isoformat())
    if certificate.not_before > now:
        start = certificate.not_before.date().isoformat()
        return failed(subject, "is not valid before {day}", seen, day=start)
    if end - now < notice:
        return failed(subject, "expires in {days} days", seen, days=(end - now).days)
    return passed(subject, "is valid until {day}", seen, day=end.date().isoformat())


@check(
    "container-host-network",
    item=2,
    severity=Severity.HIGH,
    cis=["5.10"],
    needs=["kernel", "containers"],
)
def host_network(facts: Facts) -> Iterator[Verdict]:
    """The process decides, then the declared mode with ``container:`` followed to its end."""
    for container in containers(facts):
        subject = container_subject(container)
        host, seen = uses_host(container, "net", facts)
        if host is None:
            yield unknown(subject, "whose network it uses could not be told", *seen)
        elif host:
            yield failed(subject, "uses the host's network", *seen)
        else:
            yield passed(subject, "has a network of its own", *seen)


@check(
    "container-published-wildcard",
    item=2,
    severity=Severity.MEDIUM,
    cis=["5.14"],
    needs=["kernel", "daemon", "containers"],
)
def published_wildcard(facts: Facts) -> Iterator[Verdict]:
    """``[::]`` and an empty address are as open as ``0.0.0.0``."""
    for container in containers(facts):
        subject = container_subject(container)
        if uses_host(container, "net", facts)[0]:
            yield not_applicable(subject, "uses the host's network and publishes nothing")
            continue
        open_to_all = [port for port in container.ports if is_wildcard(host_address(facts, port))]
        seen = listed(container, "ports on single addresses")
        if open_to_all:
            ports = ", ".join(map(shown, open_to_all))
            yield failed(subject, "publishes ports on every interface: {ports}", seen, ports=ports)
        elif container.ports:
            yield passed(subject, "publishes its ports on single addresses", seen)
        elif container.publish_all and container.exposed_ports and not container.running:
            yield failed(subject, "will publish every exposed port on every interface", seen)
        else:
            yield passed(subject, "publishes no port", seen)


@check(
    "container-privileged-ports",
    item=2,
    severity=Severity.LOW,
    cis=["5.8"],
    needs=["kernel", "containers"],
)
def privileged_ports(facts: Facts) -> Iterator[Verdict]:
    """Host ports below 1024, on whichever address."""
    for container in containers(facts):
        subject = container_subject(container)
        if uses_host(container, "net", facts)[0]:
            yield not_applicable(subject, "uses the host's network and publishes nothing")
            continue
        low = sorted(
            {p.host_port for p in container.ports if 0 < p.host_port < FIRST_UNPRIVILEGED_PORT}
        )
        seen = listed(container, "host ports from 1024")
        if low:
            template = "publishes privileged ports of the host: {ports}"
            yield failed(subject, template, seen, ports=", ".join(map(str, low)))
        else:
            yield passed(subject, "publishes no privileged port of the host", seen)


@check(
    "container-default-bridge",
    item=2,
    severity=Severity.LOW,
    cis=["5.30"],
    needs=["engine", "containers"],
)
def default_bridge(facts: Facts) -> Iterator[Verdict]:
    """On the default network every container reaches every other one."""
    name = DEFAULT_NETWORK.get(facts.engine.name if facts.engine else "docker", "bridge")
    for container in containers(facts):
        subject = container_subject(container)
        seen = Evidence(
            "docker inspect: NetworkSettings.Networks", list(container.networks), f"not {name}"
        )
        if name in container.networks:
            yield failed(subject, "is attached to the default network {name}", seen, name=name)
        else:
            yield passed(subject, "is not attached to the default network", seen)


@check(
    "swarm-listen-address",
    item=2,
    severity=Severity.MEDIUM,
    cis=["7.2"],
    needs=["listeners", "engine", "swarm"],
)
def swarm_listen_address(facts: Facts) -> Iterator[Verdict]:
    """The sockets decide, then what the swarm was told to listen on."""
    node = engine(facts)
    if node.swarm_state in ("", "inactive"):
        raise NotApplicable("the engine is in no swarm")
    if not node.swarm_manager:
        raise NotApplicable("only a manager listens for the swarm, and this node is a worker")
    declared = facts.swarm.listen_address if facts.swarm else ""
    address, port = split_port(declared)
    port = port or SWARM_PORTS[0]
    found = [
        (row.address.strip("[]"), "listening sockets of the host")
        for row in facts.listeners or ()
        if row.protocol.startswith("tcp") and row.port == port
    ]
    if not found and declared:
        found = [(address, "docker info: Swarm listen address")]
    if not found:
        raise Unreadable("the address where the swarm listens could not be read")
    for listening, source in found:
        where = join_port(listening, port)
        subject = Subject("address", f"tcp://{where}")
        seen = Evidence(source, where, "the address of one interface")
        if is_wildcard(listening):
            yield failed(subject, "offers swarm management on every interface", seen)
        else:
            yield passed(subject, "offers swarm management on one address", seen)
