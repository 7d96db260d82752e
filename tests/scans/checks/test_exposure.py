"""Item 2: ports that are open for containers and swarm, and firewalls that they pass by."""

from typing import Any

import pytest

import scans.checks.exposure  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.model import Result
from scans.checks.core.policy import ContainerPolicy, Policy
from scans.facts import (
    Firewall,
    Gap,
    HostProcess,
    Listener,
    NamespaceModes,
    PublishedPort,
)
from tests.factories import (
    HOST_NAMESPACES,
    container,
    daemon,
    engine,
    facts,
    network,
    process,
)
from tests.scans.checks.judge import judge, verdict

UFW = Firewall(ufw_enabled=True, docker_user=("-A DOCKER-USER -j RETURN",))
FIREWALLD = HostProcess(pid=7, name="firewalld", uid=0)
IN_HOST_NETWORK = {
    "namespaces": NamespaceModes(network="host"),
    "process": process(namespaces=HOST_NAMESPACES),
}


def published(*host_ports: int, address: str = "0.0.0.0") -> tuple[PublishedPort, ...]:
    return tuple(
        PublishedPort(container_port=80, protocol="tcp", host_ip=address, host_port=port)
        for port in host_ports
    )


class TestContainerNeededPorts:
    def judge(self, *allowed: int, **fields: Any) -> Result:
        policy = Policy(containers=ContainerPolicy(allowed_ports=allowed))
        host = facts(containers=(container(**fields),))
        return judge("container-needed-ports", host, Context(policy=policy))

    def test_is_attested_where_the_policy_names_no_ports(self):
        host = facts(containers=(container(ports=published(8080)),))
        assert judge("container-needed-ports", host).status == "manual"

    def test_passes_ports_that_are_allowed(self):
        assert self.judge(80, 443, ports=published(443, 80)).status == "pass"

    def test_fails_one_that_is_not_and_names_it(self):
        result = self.judge(443, ports=published(443, 5432))
        assert result.status == "fail"
        assert "5432" in verdict(result, "web").message
        assert "443" not in verdict(result, "web").message

    def test_passes_a_container_that_publishes_nothing(self):
        assert self.judge().status == "pass"

    def test_fails_whatever_the_engine_would_choose(self):
        assert self.judge(80, ports=published(0)).status == "fail"
        everything = {"publish_all": True, "exposed_ports": ("80/tcp",), "state": "exited"}
        assert self.judge(80, **everything).status == "fail"

    def test_does_not_concern_containers_in_the_hosts_network(self):
        assert self.judge(80, **IN_HOST_NETWORK).status == "not_applicable"

    def test_is_unknown_when_the_containers_were_not_read(self):
        policy = Policy(containers=ContainerPolicy(allowed_ports=()))
        result = judge("container-needed-ports", facts(containers=None), Context(policy=policy))
        assert result.status == "unknown"


class TestPublishedFirewallBypass:
    def judge(self, firewall: Firewall | None = UFW, **sections: Any) -> Result:
        base = {"containers": (container(ports=published(8080)),), "firewall": firewall}
        return judge("published-firewall-bypass", facts(**base | sections))

    def test_fails_a_published_port_where_ufw_is_enabled(self):
        result = self.judge()
        assert result.status == "fail"
        assert "past ufw" in verdict(result, "web").message

    def test_fails_a_published_port_where_firewalld_runs(self):
        lax = Firewall(ufw_enabled=False, firewalld_strict=False, docker_user=())
        result = self.judge(lax, processes=(FIREWALLD,))
        assert "past firewalld" in verdict(result, "web").message

    def test_a_strict_firewalld_is_not_passed_by(self):
        strict = Firewall(ufw_enabled=False, firewalld_strict=True, docker_user=())
        assert self.judge(strict, processes=(FIREWALLD,)).status == "not_applicable"

    def test_passes_where_a_rule_of_the_administrators_filters(self):
        rules = ("-A DOCKER-USER -j ufw-user-forward", "-A DOCKER-USER -j RETURN")
        assert self.judge(Firewall(ufw_enabled=True, docker_user=rules)).status == "pass"

    @pytest.mark.parametrize(
        "rule",
        [
            "-A DOCKER-USER -j ACCEPT",
            "-A DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
            '-A DOCKER-USER -p tcp -j LOG --log-prefix "-j DROP "',
            '-A DOCKER-USER -m comment --comment "was \\" -j DROP" -j RETURN',
            "-A DOCKER-USER -p tcp",
        ],
    )
    def test_a_rule_that_lets_pass_or_only_notes_filters_nothing(self, rule: str):
        firewall = Firewall(ufw_enabled=True, docker_user=(rule,))
        assert self.judge(firewall).status == "fail"

    @pytest.mark.parametrize("target", ["-j DROP", "-j REJECT --reject-with tcp-reset", "-g admin"])
    def test_a_rule_that_refuses_or_asks_a_chain_filters(self, target: str):
        firewall = Firewall(ufw_enabled=True, docker_user=(f"-A DOCKER-USER -i eth0 {target}",))
        assert self.judge(firewall).status == "pass"

    def test_does_not_apply_without_a_firewall_that_is_set_up(self):
        none = Firewall(ufw_enabled=False, docker_user=())
        assert self.judge(none).status == "not_applicable"

    @pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5"])
    def test_does_not_concern_ports_on_one_address(self, address):
        subject = container(ports=published(8080, address=address))
        assert self.judge(containers=(subject,)).status == "not_applicable"

    def test_does_not_concern_containers_in_the_hosts_network(self):
        subject = container(ports=published(8080), **IN_HOST_NETWORK)
        assert self.judge(containers=(subject,)).status == "not_applicable"

    def test_does_not_apply_where_the_daemon_sets_no_rules(self):
        assert self.judge(daemon=daemon({"iptables": False})).status == "not_applicable"

    def test_does_not_apply_to_podman(self):
        podman = engine(name="podman")
        assert self.judge(engine=podman, daemon=None).status == "not_applicable"

    def test_is_unknown_where_the_rules_may_not_be_listed(self):
        assert self.judge(Firewall(ufw_enabled=True, docker_user=None)).status == "unknown"

    def test_is_unknown_with_nftables_which_has_no_such_chain(self):
        assert self.judge(engine=engine(firewall_backend="nftables")).status == "unknown"

    @pytest.mark.parametrize("section", ["firewall", "containers", "engine", "daemon"])
    def test_is_unknown_without(self, section):
        assert self.judge(**{section: None}).status == "unknown"

    def test_is_unknown_where_firewalld_may_run(self):
        none = Firewall(ufw_enabled=False, docker_user=())
        assert self.judge(none, processes=None).status == "unknown"

    def test_is_unknown_for_a_container_that_was_not_read(self):
        gap = Gap(section="containers", reason="HTTP 500", subject="db")
        quiet = (container(),)
        assert self.judge(containers=quiet, gaps=(gap,)).status == "unknown"


class TestDaemonIp6tables:
    v6 = (network("bridge"), network("six", ipv6=True))
    old = engine(version="26.1.5")

    def status(self, *, value: bool | None = None, **sections: Any) -> str:
        config = daemon(None if value is None else {"ip6tables": value})
        base = {"daemon": config, "networks": self.v6}
        return judge("daemon-ip6tables", facts(**base | sections)).status

    def test_the_default_manages_ipv6_since_docker_27(self):
        assert self.status() == "pass"

    def test_the_default_left_ipv6_alone_before(self):
        assert self.status(engine=self.old) == "fail"

    def test_before_docker_27_the_setting_needs_an_experimental_daemon(self):
        assert self.status(value=True, engine=self.old) == "fail"
        trial = engine(version="26.1.5", experimental=True)
        assert self.status(value=True, engine=trial) == "pass"

    def test_fails_where_it_is_off_and_a_network_uses_ipv6(self):
        assert self.status(value=False) == "fail"

    def test_passes_where_no_network_uses_ipv6(self):
        assert self.status(value=False, networks=(network("bridge"),)) == "pass"

    def test_networks_that_are_no_bridges_need_no_rules(self):
        assert (
            self.status(value=False, networks=(network("m", driver="macvlan", ipv6=True),))
            == "pass"
        )

    def test_is_unknown_while_networks_or_settings_are(self):
        assert self.status(value=False, networks=None) == "unknown"
        assert self.status(daemon=None) == "unknown"
        assert self.status(engine=engine(version="main")) == "unknown"

    def test_does_not_apply_to_podman(self):
        assert self.status(engine=engine(name="podman"), daemon=None) == "not_applicable"


class TestSwarmGossipAddress:
    def judge(self, *rows: tuple[str, str, int], **sections: Any) -> Result:
        listeners = tuple(Listener(protocol=p, address=a, port=n) for p, a, n in rows)
        base = {"engine": engine(swarm_state="active"), "listeners": listeners}
        return judge("swarm-gossip-address", facts(**base | sections))

    def test_fails_for_every_interface(self):
        result = self.judge(("tcp6", "::", 7946), ("udp", "0.0.0.0", 7946))
        assert verdict(result, "tcp://[::]:7946").status == "fail"
        assert verdict(result, "udp://0.0.0.0:7946").status == "fail"

    def test_passes_one_address(self):
        assert self.judge(("tcp", "10.0.0.5", 7946), ("udp", "10.0.0.5", 7946)).status == "pass"

    def test_is_unknown_for_overlay_traffic_which_a_firewall_alone_can_stop(self):
        assert self.judge(("udp", "0.0.0.0", 4789)).status == "unknown"

    def test_another_service_on_that_number_over_tcp_is_none(self):
        assert self.judge(("tcp", "0.0.0.0", 4789)).status == "not_applicable"

    def test_does_not_apply_outside_of_a_swarm(self):
        assert self.judge(("tcp", "0.0.0.0", 7946), engine=engine()).status == "not_applicable"

    def test_is_unknown_when_the_sockets_were_not_read(self):
        assert self.judge(listeners=None).status == "unknown"
