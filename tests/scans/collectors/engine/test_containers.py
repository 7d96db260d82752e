"""Containers as engines declare them.

What is expected of a recorded container is what tests/lab/hosts/*/populate.sh started it with.
Values that no lab host can have are put into a recorded answer.
"""

import json
from datetime import UTC
from typing import Any

import pytest

from scans.collectors.engine.containers import read_container
from scans.collectors.engine.fields import Unexpected
from scans.facts import (
    Bind,
    Container,
    Device,
    DeviceRequest,
    MountPoint,
    PublishedPort,
    RestartPolicy,
    Ulimit,
)
from tests.scans.collectors.engine.replay import (
    DOCKER_20,
    DOCKER_26,
    DOCKER_28,
    PODMAN_4,
    PODMAN_5,
    containers,
    recording,
)

WEB = containers(recording(DOCKER_20))
POD = containers(recording(PODMAN_5))


def web(name: str, **bound: str) -> Container:
    """A container of the lab's host `web` (Docker 20.10)."""
    return read_container(WEB[name], bound)


def pod(name: str) -> Container:
    """A container of the lab's host `pod` (Podman 5.4)."""
    return read_container(POD[name], {})


def changed(name: str = "hardened", **parts: dict[str, Any]) -> Container:
    """A recorded container with some keys of its parts changed."""
    answer = dict(WEB[name])
    for part, values in parts.items():
        answer[part] = answer[part] | values
    return read_container(answer, {})


@pytest.mark.parametrize("name", [DOCKER_20, DOCKER_26, DOCKER_28, PODMAN_4, PODMAN_5])
def test_reads_every_container_of_every_engine(name: str) -> None:
    for container_name, answer in containers(recording(name)).items():
        found = read_container(answer, {})
        assert found.name == container_name
        assert found.id == answer["Id"]
        assert found.image_id.startswith("sha256:")
        assert found.created_at is not None
        assert found.created_at.tzinfo is UTC
        assert found.running is answer["State"]["Running"]
        assert (found.pid > 0) is found.running
        assert found.command
        assert found.log_driver


def test_a_hardened_container_has_every_setting_it_was_started_with() -> None:
    found = web("hardened")
    assert found.image == "shop/app:1.4"
    assert found.user == "1000:1000"
    assert found.cap_drop == ("ALL",)
    assert found.cap_add == ()
    assert found.security_options == ("no-new-privileges",)
    assert found.read_only_rootfs
    assert not found.privileged
    assert found.resources.memory == 64 * 1024 * 1024
    assert found.resources.nano_cpus == 500_000_000
    assert found.resources.pids == 64
    assert found.restart == RestartPolicy(name="on-failure", max_retries=5)
    assert found.log_driver == "json-file"
    assert found.log_options == {"max-size": "1m", "max-file": "2"}
    assert found.networks == ("quietnet",)
    assert found.health.configured
    assert found.health.test == ("CMD", "true")


def test_a_container_with_defaults_has_none_of_them() -> None:
    found = web("defaults")
    assert found.user == ""
    assert found.cap_drop == ()
    assert found.resources.memory == 0
    assert found.resources.pids is None
    assert found.restart == RestartPolicy(name="no")
    assert not found.health.configured
    assert found.secret_names == ("DB_PASSWORD", "STRIPE_API_KEY")
    assert "TZ" in found.env_names


def test_privileged_containers_and_namespaces_of_the_host() -> None:
    assert web("priv").privileged
    assert web("hostnet").namespaces.network == "host"
    assert web("hostpid").namespaces.pid == "host"
    assert web("hostipc").namespaces.ipc == "host"
    assert web("hostuts").namespaces.uts == "host"
    assert web("joined").namespaces.network == f"container:{WEB['hostnet']['Id']}"


def test_capabilities_are_upper_case_without_their_prefix() -> None:
    assert web("sysadmin").cap_add == ("SYS_ADMIN",)
    assert web("capall").cap_add == ("ALL",)
    assert changed(HostConfig={"CapAdd": ["cap_net_raw", "NET_RAW"]}).cap_add == ("NET_RAW",)


def test_podman_says_all_dropped_capabilities_by_name() -> None:
    assert "SETUID" in pod("hardened").cap_drop
    assert pod("priv").privileged
    assert pod("hostnet").namespaces.network == "host"


def test_an_older_podman_is_read_alike() -> None:
    old = {
        name: read_container(answer, {}) for name, answer in containers(recording(PODMAN_4)).items()
    }
    assert old["sysadmin"].cap_add == ("SYS_ADMIN",)
    assert old["sysadmin"].namespaces.pid == "host"
    assert old["sysadmin"].security_options == ("seccomp=unconfined",)
    assert old["sysadmin"].secret_names == ("DB_PASSWORD",)
    assert old["sysadmin"].restart == RestartPolicy(name="on-failure", max_retries=3)
    assert old["priv"].privileged
    assert old["priv"].namespaces.network == "host"
    assert [(mount.source, mount.read_only) for mount in old["priv"].mounts] == [
        ("/var/lib/containers/storage/volumes/vol/_data", False),
        ("/etc", True),
    ]
    assert old["hardened"].read_only_rootfs
    assert old["hardened"].restart.name == "no"
    assert [(port.host_ip, port.host_port) for port in old["published"].ports] == [
        ("", 8080),
        ("127.0.0.1", 9000),
    ]


def test_masked_paths_are_told_apart_from_paths_that_are_not_told() -> None:
    masked = web("hardened").masked_paths
    assert masked is not None
    assert "/proc/kcore" in masked
    assert web("unmasked").masked_paths == ()
    assert web("unmasked").readonly_paths == ()
    assert web("priv").masked_paths is None
    assert pod("defaults").masked_paths is None


def test_an_inline_seccomp_profile_is_cut_and_a_named_one_kept() -> None:
    profile = 'seccomp={"defaultAction":"SCMP_ACT_ALLOW",\n"syscalls":[{"names":["clone"]}]}'
    found = changed(HostConfig={"SecurityOpt": [profile, "apparmor=docker-default"]})
    assert found.security_options == ("seccomp=<inline profile>", "apparmor=docker-default")
    assert "seccomp=unconfined" in web("unconfined").security_options


@pytest.mark.parametrize("separator", ["=", ":"])
def test_what_an_inline_seccomp_profile_lets_through_is_kept(separator: str) -> None:
    profile = json.dumps(
        {
            "defaultAction": "SCMP_ACT_ERRNO",
            "syscalls": [{"names": ["read", "mount"], "action": "SCMP_ACT_ALLOW"}],
        }
    )
    options = ["apparmor=docker-default", f"seccomp{separator}{profile}"]
    assert changed(HostConfig={"SecurityOpt": options}).seccomp_profile == {
        "defaultAction": "SCMP_ACT_ERRNO",
        "allowed": 2,
        "dangerous": ["mount"],
    }


@pytest.mark.parametrize("option", ["seccomp=unconfined", "seccomp=/etc/x.json", "seccomp={", "x"])
def test_without_an_inline_profile_nothing_is_known_of_its_rules(option: str) -> None:
    assert changed(HostConfig={"SecurityOpt": [option]}).seccomp_profile is None


def test_devices_with_their_permissions() -> None:
    assert web("device").devices == (
        Device(host_path="/dev/kmsg", container_path="/dev/kmsg", permissions="rwm"),
    )


def test_device_requests_have_their_alternatives_in_one() -> None:
    # By hand: there is no GPU here. The form is that of `docker run --gpus all`.
    request = {"Driver": "", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu"], ["nvidia"]]}
    assert changed(HostConfig={"DeviceRequests": [request]}).device_requests == (
        DeviceRequest(driver="", count=-1, capabilities=("gpu", "nvidia")),
    )


def test_a_bind_mount_is_there_as_declared_and_as_mounted() -> None:
    found = web("rootro")
    assert found.binds == (Bind(source="/", destination="/host", options=("ro",)),)
    (mount,) = found.mounts
    assert (mount.kind, mount.source, mount.destination) == ("bind", "/", "/host")
    assert mount.read_only
    assert not web("etcrw").mounts[0].read_only
    assert web("shared").mounts[0].propagation == "shared"


def test_a_volume_that_binds_a_host_path_says_which() -> None:
    (mount,) = web("volumebind", sshconfig="/etc/ssh").mounts
    assert mount == MountPoint(
        kind="volume",
        source="/var/lib/docker/volumes/sshconfig/_data",
        destination="/config",
        read_only=False,
        volume="sshconfig",
        driver="local",
        volume_device="/etc/ssh",
    )


def test_a_mount_that_does_not_say_so_is_not_read_only() -> None:
    answer = WEB["rootro"] | {"Mounts": [{"Source": "/etc", "Destination": "/x"}]}
    assert not read_container(answer, {}).mounts[0].read_only


def test_an_anonymous_volume_has_a_destination_alone() -> None:
    found = changed(HostConfig={"Binds": ["/data", "named:/data:z,nocopy"]})
    assert found.binds == (
        Bind(source="", destination="/data"),
        Bind(source="named", destination="/data", options=("z", "nocopy")),
    )


def test_a_running_containers_ports_are_those_that_are_open() -> None:
    assert web("hardened").ports == (
        PublishedPort(container_port=8080, protocol="tcp", host_ip="127.0.0.1", host_port=8081),
    )
    anyport = {(port.host_ip, port.host_port) for port in web("anyport").ports}
    assert ("0.0.0.0", 8080) in anyport


def test_both_address_families_of_an_open_port_are_read() -> None:
    addresses = [{"HostIp": "0.0.0.0", "HostPort": "80"}, {"HostIp": "::", "HostPort": "80"}]
    found = changed(NetworkSettings={"Ports": {"80/tcp": addresses, "81/udp": None}})
    assert [port.host_ip for port in found.ports] == ["0.0.0.0", "::"]


def test_a_stopped_containers_ports_are_those_that_it_would_open() -> None:
    bindings = {
        "80/tcp": [{"HostIp": "", "HostPort": "8080"}],
        "53/udp": [{"HostIp": "", "HostPort": ""}],
        "90/tcp": [{"HostIp": "", "HostPort": "9000-9002"}],
    }
    found = changed("stopped", HostConfig={"PortBindings": bindings})
    assert [(port.protocol, port.host_port) for port in found.ports] == [
        ("tcp", 8080),
        ("udp", 0),
        ("tcp", 9000),
    ]


@pytest.mark.parametrize("port", ["-1", "65536", "http", "８０", "1" * 30])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(Unexpected):
        changed(NetworkSettings={"Ports": {"80/tcp": [{"HostIp": "", "HostPort": port}]}})


def test_limits_of_every_kind() -> None:
    found = changed(
        HostConfig={
            "CpuShares": 512,
            "CpuQuota": 50_000,
            "CpuPeriod": 100_000,
            "CpusetCpus": "0-1",
            "PidsLimit": -1,
            "BlkioWeight": 300,
            "BlkioDeviceReadBps": [{"Path": "/dev/vda", "Rate": 1024}],
            "StorageOpt": {"size": "10G"},
        }
    ).resources
    assert (found.cpu_shares, found.cpu_quota, found.cpu_period) == (512, 50_000, 100_000)
    assert (found.cpuset, found.pids, found.blkio_weight) == ("0-1", -1, 300)
    assert found.blkio_limits
    assert found.storage_options == {"size": "10G"}
    assert web("ownparent").resources.cgroup_parent == "/custom"
    assert web("nooom").resources.oom_kill_disabled


def test_ulimits_have_the_same_names_on_every_engine() -> None:
    assert [limit.name for limit in pod("defaults").resources.ulimits] == ["nofile", "nproc"]
    found = changed(HostConfig={"Ulimits": [{"Name": "nofile", "Hard": 200, "Soft": 100}]})
    assert found.resources.ulimits == (Ulimit(name="nofile", soft=100, hard=200),)


def test_health_as_it_stands_and_as_switched_off() -> None:
    assert web("sick").health.status == "unhealthy"
    off = changed(Config={"Healthcheck": {"Test": ["NONE"]}})
    assert not off.health.configured


def test_the_task_of_a_swarm_service_names_its_service() -> None:
    tasks = [read_container(answer, {}) for answer in containers(recording(DOCKER_26)).values()]
    assert "shop" in {task.swarm_service for task in tasks}


def test_a_name_that_looks_like_markup_or_a_command_stays_data() -> None:
    found = read_container(WEB["hardened"] | {"Name": "/<script>\n=cmd()"}, {})
    assert found.name == "<script>\\x0a=cmd()"


@pytest.mark.parametrize("missing", ["Id", "Name", "State", "HostConfig", "Config"])
def test_a_container_without_an_essential_part_is_refused(missing: str) -> None:
    answer = {key: value for key, value in WEB["hardened"].items() if key != missing}
    with pytest.raises(Unexpected):
        read_container(answer, {})


def test_a_container_that_does_not_say_whether_it_is_privileged_is_refused() -> None:
    with pytest.raises(Unexpected, match="Privileged"):
        changed(HostConfig={"Privileged": None})


@pytest.mark.parametrize("answer", [None, [], "x", 1, {}])
def test_an_answer_that_is_no_container_is_refused(answer: Any) -> None:
    with pytest.raises(Unexpected):
        read_container(answer, {})
