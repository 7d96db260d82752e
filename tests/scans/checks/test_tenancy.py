"""Item 15: containers of several tenants on one host, kept apart."""

from dataclasses import replace
from typing import Any

import pytest

import scans.checks.tenancy  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import ContainerPolicy, Policy
from scans.facts import Container, NamespaceModes
from tests.factories import argv_setting, container, daemon, engine, facts, network
from tests.scans.checks.judge import judge, verdict

ICC = "com.docker.network.bridge.enable_icc"
COMPOSE = "com.docker.compose.project"
BY_TENANT = Context(policy=Policy(containers=ContainerPolicy(tenant_label="tenant")))


class TestDaemonIcc:
    def status(self, option: str | None = None, **sections: Any) -> str:
        options = {} if option is None else {ICC: option}
        return judge(
            "daemon-icc", facts(networks=(network("bridge", options=options),), **sections)
        ).status

    def test_passes_when_the_bridge_keeps_containers_apart(self):
        assert self.status("false") == "pass"

    def test_fails_when_the_bridge_connects_them(self):
        assert self.status("true") == "fail"

    def test_believes_the_bridge_rather_than_a_file_changed_since(self):
        target = facts(
            networks=(network("bridge", options={ICC: "true"}),), daemon=daemon({"icc": False})
        )
        found = verdict(judge("daemon-icc", target), "daemon")
        assert (found.status, "though configured otherwise" in found.message) == ("fail", True)
        assert [row.observed for row in found.evidence] == [True, False]

    def test_ignores_other_networks_with_the_option(self):
        others = (
            network("bridge", options={ICC: "true"}),
            network("apart", options={ICC: "false"}),
        )
        assert judge("daemon-icc", facts(networks=others)).status == "fail"

    @pytest.mark.parametrize(("value", "expected"), [(False, "pass"), (True, "fail")])
    def test_reads_the_configuration_when_networks_were_not_read(self, value, expected):
        config = replace(daemon(), settings=(argv_setting("icc", value),))
        target = facts(networks=None, daemon=config)
        assert judge("daemon-icc", target).status == expected

    def test_fails_by_the_daemons_default(self):
        assert judge("daemon-icc", facts(networks=None)).status == "fail"

    def test_decides_by_the_engine_alone_without_a_login_on_the_host(self):
        assert self.status("false", daemon=None) == "pass"

    def test_does_not_apply_without_a_default_bridge(self):
        assert judge("daemon-icc", facts(networks=(network(),))).status == "not_applicable"

    def test_does_not_apply_to_podman(self):
        assert self.status("true", engine=engine(name="podman")) == "not_applicable"

    def test_is_unknown_when_neither_was_read(self):
        assert judge("daemon-icc", facts(networks=None, daemon=None)).status == "unknown"


class TestContainerSharedNamespaces:
    check = "container-shared-namespaces"

    def test_passes_with_namespaces_of_its_own(self):
        assert judge(self.check, facts(containers=(container(),))).status == "pass"

    @pytest.mark.parametrize("field", ["network", "pid", "ipc"])
    def test_fails_for_joining_another_container(self, field):
        other = container("db", id="d" * 64)
        joined = container(namespaces=NamespaceModes(**{field: f"container:{other.id}"}))
        result = judge(self.check, facts(containers=(other, joined)))
        assert verdict(result, "web").status == "fail"
        assert "of db" in verdict(result, "web").message
        assert verdict(result, "db").status == "pass"

    def test_fails_though_the_other_container_is_gone(self):
        joined = container(namespaces=NamespaceModes(network="container:" + "0" * 64))
        assert judge(self.check, facts(containers=(joined,))).status == "fail"

    def test_is_unknown_when_containers_were_not_read(self):
        assert judge(self.check, facts(containers=None)).status == "unknown"


class TestOverlayEncryption:
    check = "overlay-encryption"

    def status(self, *networks: Any) -> str:
        return judge(self.check, facts(networks=networks)).status

    def overlay(self, name: str = "backend", **fields: Any) -> Any:
        return network(name, driver="overlay", scope="swarm", **fields)

    def test_passes_with_the_option_whose_value_is_empty(self):
        assert self.status(self.overlay(options={"encrypted": ""})) == "pass"

    def test_fails_without_the_option(self):
        assert self.status(self.overlay(options={"com.docker.network.driver.mtu": "1400"})) == (
            "fail"
        )

    def test_exempts_the_built_in_ingress_that_the_field_reports_on_every_swarm(self):
        assert self.status(self.overlay("ingress", ingress=True)) == "not_applicable"

    def test_does_not_apply_without_overlay_networks(self):
        assert self.status(network("bridge")) == "not_applicable"

    def test_is_unknown_when_networks_were_not_read(self):
        assert judge(self.check, facts(networks=None)).status == "unknown"


class TestContainerSprawl:
    def status(self, running: int, stopped: int) -> str:
        found = [container(f"r{n}") for n in range(running)]
        found += [container(f"s{n}", state="exited", process=None) for n in range(stopped)]
        return judge("container-sprawl", facts(containers=tuple(found))).status

    @pytest.mark.parametrize(("running", "stopped"), [(5, 11), (0, 12), (30, 11)])
    def test_fails_for_more_than_ten_and_a_quarter(self, running, stopped):
        assert self.status(running, stopped) == "fail"

    @pytest.mark.parametrize(("running", "stopped"), [(1, 10), (60, 20), (3, 0)])
    def test_passes_below_either(self, running, stopped):
        assert self.status(running, stopped) == "pass"

    def test_counts_created_and_dead_containers(self):
        found = tuple(container(f"c{n}", state="created", process=None) for n in range(6))
        found += tuple(container(f"d{n}", state="dead", process=None) for n in range(6))
        assert judge("container-sprawl", facts(containers=found)).status == "fail"

    def test_is_unknown_when_containers_were_not_read(self):
        assert judge("container-sprawl", facts(containers=None)).status == "unknown"


def of_project(name: str, **labels: str) -> Container:
    return container(name, labels={"com.docker.compose.project": name} | labels)


class TestNetworkIcc:
    def result(self, *found: Container, context: Context | None = None, **sections: Any) -> Any:
        base = {"containers": found, "networks": (network(), network("bridge"))}
        return judge("network-icc", facts(**(base | sections)), context)

    def test_passes_a_network_of_one_project(self):
        assert self.result(of_project("shop"), of_project("shop")).status == "pass"

    def test_fails_for_a_network_of_several_projects(self):
        found = verdict(self.result(of_project("shop"), of_project("blog")), "appnet")
        assert (found.status, found.message) == (
            "fail",
            "connects containers of several projects: blog, shop",
        )

    def test_counts_a_stack_as_a_project(self):
        stack = container("s", labels={"com.docker.stack.namespace": "stack"})
        assert self.result(of_project("shop"), stack).status == "fail"

    def test_passes_when_the_network_keeps_its_containers_apart(self):
        apart = (network(options={ICC: "false"}),)
        assert self.result(of_project("shop"), of_project("blog"), networks=apart).status == "pass"

    def test_looks_at_the_containers_of_the_network_alone(self):
        elsewhere = replace(of_project("blog"), networks=("othernet",))
        assert self.result(of_project("shop"), elsewhere).status == "pass"

    def test_tells_tenants_apart_where_the_policy_names_their_label(self):
        acme = of_project("shop", tenant="acme"), of_project("blog", tenant="acme")
        assert self.result(*acme, context=BY_TENANT).status == "pass"
        other = of_project("wiki", tenant="umbrella")
        assert self.result(*acme, other, context=BY_TENANT).status == "fail"

    def test_leaves_the_default_bridge_to_its_own_check(self):
        assert self.result(networks=(network("bridge"),)).status == "not_applicable"

    @pytest.mark.parametrize("section", ["containers", "networks"])
    def test_is_unknown_when_either_was_not_read(self, section):
        assert self.result(**{section: None}).status == "unknown"


class TestHostSingleTenant:
    def result(self, *found: Container, context: Context = BY_TENANT, **sections: Any) -> Any:
        return judge("host-single-tenant", facts(**({"containers": found} | sections)), context)

    def test_passes_with_one_tenant(self):
        found = of_project("shop", tenant="acme"), of_project("blog", tenant="acme")
        assert self.result(*found).status == "pass"

    def test_fails_with_several_tenants(self):
        found = self.result(of_project("shop", tenant="acme"), of_project("blog", tenant="b"))
        assert verdict(found, "host").message == "runs containers of several tenants: acme, b"

    @pytest.mark.parametrize("labels", [{}, {"tenant": ""}])
    def test_fails_for_a_container_without_a_tenant(self, labels):
        found = self.result(of_project("shop", **labels), of_project("blog", tenant="acme"))
        assert verdict(found, "shop").message == "has no tenant"
        assert verdict(found, "host").status == "pass"

    def test_does_not_apply_without_a_label_in_the_policy(self):
        found = self.result(of_project("shop", tenant="acme"), context=Context())
        assert found.status == "not_applicable"

    def test_is_unknown_when_containers_were_not_read(self):
        assert self.result(containers=None).status == "unknown"
