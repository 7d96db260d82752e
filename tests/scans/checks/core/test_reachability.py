"""Each condition: where it holds, where it does not, and where what decides was not read."""

from dataclasses import replace

import pytest

from scans.checks.core.reachability import CONDITIONS, is_known, reach
from scans.facts import (
    ConfigSource,
    Facts,
    FileStat,
    HostProcess,
    Lsm,
    NamespaceModes,
    Plugin,
)
from tests.factories import (
    DEFAULT_CAPABILITIES,
    HOST_NAMESPACES,
    argv_setting,
    container,
    daemon,
    engine,
    facts,
    kernel,
    network,
    process,
    without_process,
)

NET_ADMIN = DEFAULT_CAPABILITIES | 1 << 12


def plugin(kind: str, **fields) -> Plugin:
    return Plugin(name="p", kind=kind, enabled=True, **fields)


def apparmor(*, enabled: bool) -> Lsm:
    return Lsm(apparmor_enabled=enabled, apparmor_profiles=1, selinux="absent")


def containerd(path: str, **fields) -> tuple[FileStat, ...]:
    return (
        FileStat(path=path, kind="socket", role="containerd-sock"),
        FileStat(path="/etc/containerd/config.toml", role="containerd-config", **fields),
    )


def config(*disabled: str):
    return daemon(containerd_config={"version": 2, "disabled_plugins": list(disabled)})


def unfiltered(**fields):
    return container(process=process(seccomp=0), **fields)


OPEN_KERNEL = kernel(sysctls={"user.max_user_namespaces": "63000"})
SYSTEM = "/run/containerd/containerd.sock"
OWN = "/run/docker/containerd/containerd.sock"
UNREAD_ARGV = daemon(argv=())
BROKEN_JSON = daemon(
    sources=(
        ConfigSource(layer="daemon.json", path="/etc/docker/daemon.json", text="{", problem="bad"),
    )
)

CASES: list[tuple[str, Facts, bool | None]] = [
    # authorization-plugin
    ("authorization-plugin", facts(engine=engine(plugins=(plugin("authorization"),))), True),
    ("authorization-plugin", facts(daemon=daemon({"authorization-plugins": ["opa"]})), True),
    ("authorization-plugin", facts(), False),
    ("authorization-plugin", facts(engine=engine(plugins=()), daemon=None), False),
    ("authorization-plugin", facts(engine=engine(plugins=(plugin("volume"),))), False),
    ("authorization-plugin", facts(engine=engine(plugins=None), daemon=UNREAD_ARGV), None),
    ("authorization-plugin", facts(engine=engine(plugins=None), daemon=BROKEN_JSON), None),
    ("authorization-plugin", facts(engine=None, daemon=None), None),
    # swarm-active, encrypted-overlay, internal-network
    ("swarm-active", facts(engine=engine(swarm_state="active")), True),
    ("swarm-active", facts(engine=engine(swarm_state="locked")), True),
    ("swarm-active", facts(engine=engine(swarm_state="inactive")), False),
    ("swarm-active", facts(engine=None), None),
    (
        "encrypted-overlay",
        facts(networks=(network(driver="overlay", options={"encrypted": ""}),)),
        True,
    ),
    ("encrypted-overlay", facts(networks=(network(driver="overlay"),)), False),
    ("encrypted-overlay", facts(networks=None), None),
    ("internal-network", facts(networks=(network(internal=True),)), True),
    ("internal-network", facts(networks=(network(),)), False),
    ("internal-network", facts(networks=None), None),
    # managed-plugin, rootless
    ("managed-plugin", facts(engine=engine(plugins=(plugin("volume"),))), True),
    ("managed-plugin", facts(engine=engine(plugins=(plugin("log", managed=False),))), False),
    ("managed-plugin", facts(engine=engine(plugins=None)), None),
    ("rootless", facts(engine=engine(rootless=True)), True),
    ("rootless", facts(engine=engine(rootless=False)), False),
    ("rootless", facts(engine=None), None),
    # cri-enabled
    ("cri-enabled", facts(daemon=config()), True),
    ("cri-enabled", facts(daemon=config("cri")), False),
    ("cri-enabled", facts(daemon=config("io.containerd.grpc.v1.cri")), False),
    ("cri-enabled", facts(files=containerd(SYSTEM, kind="absent")), True),
    ("cri-enabled", facts(files=containerd(SYSTEM, kind="unreadable")), None),
    ("cri-enabled", facts(files=containerd(OWN, kind="absent")), False),
    (
        "cri-enabled",
        facts(
            files=containerd(OWN, kind="absent"),
            daemon=replace(daemon(), settings=(argv_setting("cri-containerd", True),)),
        ),
        True,
    ),
    ("cri-enabled", facts(daemon=None), None),
    # firewalld
    ("firewalld", facts(processes=(HostProcess(pid=7, name="firewalld", uid=0),)), True),
    (
        "firewalld",
        facts(engine=engine(firewall_backend="iptables+firewalld"), processes=None),
        True,
    ),
    ("firewalld", facts(processes=(HostProcess(pid=7, name="cron", uid=0),)), False),
    ("firewalld", facts(processes=None), None),
    # containers
    (
        "host-network-container",
        facts(containers=(container(process=process(namespaces=HOST_NAMESPACES)),)),
        True,
    ),
    ("host-network-container", facts(containers=(container(),)), False),
    ("host-network-container", facts(containers=()), False),
    ("host-network-container", facts(containers=None), None),
    (
        "container-capability:NET_ADMIN",
        facts(containers=(container(process=process(cap_bounding=NET_ADMIN)),)),
        True,
    ),
    (
        "container-capability:NET_ADMIN",
        facts(containers=(without_process(container(cap_add=("NET_ADMIN",))),)),
        True,
    ),
    ("container-capability:NET_RAW", facts(containers=(container(),)), True),
    ("container-capability:NET_ADMIN", facts(containers=(container(),)), False),
    ("container-capability:NET_ADMIN", facts(containers=()), False),
    ("container-capability:NET_ADMIN", facts(containers=None), None),
    # … in a user namespace of its own
    ("container-capability:SYS_ADMIN", facts(containers=(unfiltered(),), kernel=OPEN_KERNEL), True),
    (
        "container-capability:SYS_ADMIN",
        facts(containers=(unfiltered(),), kernel=kernel(sysctls={"user.max_user_namespaces": "0"})),
        False,
    ),
    (
        "container-capability:SYS_ADMIN",
        facts(
            containers=(unfiltered(),),
            kernel=kernel(sysctls={"kernel.unprivileged_userns_clone": "0"}),
        ),
        False,
    ),
    ("container-capability:SYS_ADMIN", facts(containers=(unfiltered(),), kernel=None), None),
    ("container-capability:SYS_ADMIN", facts(containers=(without_process(container()),)), None),
    (
        "container-capability:SYS_ADMIN",
        facts(containers=(without_process(container(security_options=("seccomp=unconfined",))),)),
        True,
    ),
    # container-unprivileged-bpf
    (
        "container-unprivileged-bpf",
        facts(
            containers=(unfiltered(),),
            kernel=kernel(sysctls={"kernel.unprivileged_bpf_disabled": "0"}),
        ),
        True,
    ),
    (
        "container-unprivileged-bpf",
        facts(
            containers=(unfiltered(),),
            kernel=kernel(sysctls={"kernel.unprivileged_bpf_disabled": "2"}),
        ),
        False,
    ),
    (
        "container-unprivileged-bpf",
        facts(
            containers=(container(),),
            kernel=kernel(sysctls={"kernel.unprivileged_bpf_disabled": "0"}),
        ),
        False,
    ),
    ("container-unprivileged-bpf", facts(containers=(unfiltered(),)), None),
    ("container-unprivileged-bpf", facts(kernel=None), None),
    # af-alg-sockets
    ("af-alg-sockets", facts(engine=engine(version="29.4.2")), True),
    ("af-alg-sockets", facts(engine=engine(version="20.10.24+dfsg1")), True),
    ("af-alg-sockets", facts(engine=engine(version="29.4.3"), containers=(container(),)), False),
    ("af-alg-sockets", facts(engine=engine(version="29.4.3"), containers=(unfiltered(),)), True),
    ("af-alg-sockets", facts(engine=engine(name="podman", version="5.4.0")), None),
    ("af-alg-sockets", facts(engine=engine(version="dev")), None),
    ("af-alg-sockets", facts(engine=None), None),
    # the kernel
    ("apparmor", facts(lsm=apparmor(enabled=True)), True),
    ("apparmor", facts(lsm=apparmor(enabled=False)), False),
    ("apparmor", facts(lsm=None), None),
    ("cgroup-v1", facts(kernel=kernel(cgroup_version=1)), True),
    ("cgroup-v1", facts(kernel=kernel(cgroup_version=2)), False),
    ("cgroup-v1", facts(kernel=None, engine=engine(cgroup_version="1")), True),
    ("cgroup-v1", facts(kernel=None, engine=engine(cgroup_version="2")), False),
    ("cgroup-v1", facts(kernel=None, engine=None), None),
    ("module:nf_tables", facts(kernel=kernel(modules=("nf_tables",))), True),
    ("module:nf_tables", facts(kernel=kernel(modules=())), True),
    (
        "module:nf_tables",
        facts(kernel=kernel(modules_blocked=("nf-tables",), modules_builtin=())),
        False,
    ),
    (
        "module:nf_tables",
        facts(kernel=kernel(modules_blocked=("nf_tables",), modules_builtin=("nf_tables",))),
        True,
    ),
    ("module:nf_tables", facts(kernel=kernel(modules_blocked=("nf_tables",))), None),
    (
        "module:nf_tables",
        facts(
            kernel=kernel(
                modules=("nf_tables",), modules_blocked=("nf_tables",), modules_builtin=()
            )
        ),
        True,
    ),
    (
        "module:nf_tables",
        facts(kernel=kernel(sysctls={"kernel.modules_disabled": "1"}, modules_builtin=())),
        False,
    ),
    ("module:nf_tables", facts(kernel=kernel(modules=None)), None),
    ("module:nf_tables", facts(kernel=None), None),
]


@pytest.mark.parametrize(
    ("condition", "target", "holds"),
    CASES,
    ids=[f"{number}-{name}-{holds}" for number, (name, _, holds) in enumerate(CASES)],
)
def test_a_condition_holds_or_not_or_is_not_known(condition, target, holds):
    found = reach((condition,), target)
    assert found.holds is holds
    assert bool(found.why) is (holds is not True)


def test_every_condition_is_tried_all_three_ways():
    tried = {(name.partition(":")[0], holds) for name, _, holds in CASES}
    assert tried == {(name, holds) for name in CONDITIONS for holds in (True, False, None)}


class TestSeveralConditions:
    yes = facts(engine=engine(swarm_state="active"), networks=None)

    def test_all_must_hold(self):
        target = facts(engine=engine(swarm_state="active"), networks=(network(),))
        found = reach(("swarm-active", "encrypted-overlay"), target)
        assert found.holds is False
        assert found.why == "no overlay network is encrypted"

    def test_one_that_does_not_hold_decides_over_one_that_is_not_known(self):
        target = facts(networks=None)
        found = reach(("encrypted-overlay", "swarm-active"), target)
        assert found.holds is False
        assert found.why == "no swarm is active"

    def test_one_that_is_not_known_leaves_it_open(self):
        found = reach(("swarm-active", "encrypted-overlay"), self.yes)
        assert found.holds is None
        assert found.why == "the networks were not read"

    def test_without_conditions_it_can_be_reached(self):
        assert reach((), facts()).holds is True

    def test_one_of_several_alternatives_is_enough(self):
        assert reach(("cgroup-v1 or swarm-active",), self.yes).holds is True

    def test_all_alternatives_that_fail_are_named(self):
        blocked = kernel(modules_blocked=("esp4", "esp6"), modules_builtin=())
        found = reach(("module:esp4 or module:esp6",), facts(kernel=blocked))
        assert found.holds is False
        assert "esp4" in found.why
        assert "esp6" in found.why


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        ("swarm-active", True),
        ("module:esp4 or module:esp6", True),
        ("container-capability:SYS_ADMIN", True),
        ("swarm", False),
        ("swarm-active:x", False),
        ("module", False),
        ("module:a b", False),
        ("container-capability:CAP_SYS_ADMIN", False),
        ("module:esp4 or nothing", False),
        ("", False),
    ],
)
def test_only_conditions_that_exist_are_known(condition, known):
    assert is_known(condition) == known


def test_a_container_in_a_network_that_was_not_read_is_not_known():
    joined = without_process(container(namespaces=NamespaceModes(network="container:gone")))
    assert reach(("host-network-container",), facts(containers=(joined,))).holds is None
