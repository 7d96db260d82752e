"""Item 8: devices of the host in containers."""

from typing import Any

import pytest

import scans.checks.devices  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import ContainerPolicy, Policy
from scans.facts import Device, DeviceRequest, Gap, MountPoint
from tests.factories import container, facts
from tests.scans.checks.judge import judge, verdict

CHECKS = (
    "container-devices",
    "container-device-requests",
    "container-device-rules",
    "container-device-binds",
    "container-raw-devices",
)


def device(path: str, permissions: str = "rwm") -> Device:
    return Device(host_path=path, container_path=path, permissions=permissions)


def bind(source: str, destination: str = "/data", **fields: Any) -> MountPoint:
    base = {"kind": "bind", "read_only": False}
    return MountPoint(source=source, destination=destination, **(base | fields))


def allowing(*devices: str) -> Context:
    return Context(policy=Policy(containers=ContainerPolicy(allowed_devices=devices)))


GPU = DeviceRequest(driver="nvidia", count=-1, capabilities=("gpu",))
VOLUME = bind("/var/lib/docker/volumes/v/_data", kind="volume", volume="v", driver="local")


def status(check: str, **fields: Any) -> str:
    return judge(check, facts(containers=(container(**fields),))).status


@pytest.mark.parametrize("check", CHECKS)
class TestEveryDeviceCheck:
    def test_passes_a_container_without_devices(self, check):
        assert status(check) == "pass"

    def test_judges_stopped_containers_too(self, check):
        everything = {
            "devices": (device("/dev/sda"),),
            "device_cgroup_rules": ("a *:* rwm",),
            "device_requests": (GPU,),
            "mounts": (bind("/dev"),),
        }
        assert status(check, state="exited", process=None, **everything) == "fail"

    def test_is_unknown_when_containers_were_not_read(self, check):
        gap = Gap(section="containers", reason="permission denied on the socket")
        result = judge(check, facts(containers=None, gaps=(gap,)))
        assert (result.status, "permission denied" in (result.reason or "")) == ("unknown", True)

    def test_does_not_apply_without_containers(self, check):
        assert judge(check, facts(containers=())).status == "not_applicable"


class TestContainerDevices:
    def test_fails_for_a_device_and_shows_its_permissions(self):
        target = facts(containers=(container(devices=(device("/dev/snd", "rw"),)),))
        found = verdict(judge("container-devices", target), "web")
        assert (found.status, found.message) == ("fail", "gets /dev/snd (rw)")
        assert found.evidence[0].observed == ["/dev/snd rw"]

    @pytest.mark.parametrize("path", ["/dev/null", "/dev/urandom", "/dev//zero"])
    def test_passes_nodes_that_every_container_has(self, path):
        assert status("container-devices", devices=(device(path),)) == "pass"

    def test_passes_what_the_policy_allows_and_nothing_else(self):
        given = (device("/dev/dri/renderD128"), device("/dev/snd"))
        host = facts(containers=(container(devices=given),))
        assert judge("container-devices", host, allowing("/dev/dri/*", "/dev/snd")).status == "pass"
        result = judge("container-devices", host, allowing("/dev/dri/*"))
        assert result.status == "fail"
        assert "/dev/snd" in verdict(result, "web").message
        assert "/dev/dri" not in verdict(result, "web").message

    def test_leaves_requests_to_their_own_check(self):
        assert status("container-devices", device_requests=(GPU,)) == "pass"

    def test_leaves_privileged_containers_to_the_check_of_raw_devices(self):
        assert status("container-devices", privileged=True) == "not_applicable"

    def test_still_fails_for_a_device_that_a_privileged_container_names(self):
        given = (device("/dev/snd"),)
        assert status("container-devices", privileged=True, devices=given) == "fail"


class TestContainerDeviceRequests:
    @pytest.mark.parametrize(
        ("request_", "name"),
        [
            (DeviceRequest(driver="", count=-1, capabilities=("gpu",)), "nvidia.com/gpu=all"),
            (DeviceRequest(driver="nvidia", count=2, capabilities=("gpu",)), "nvidia.com/gpu=any"),
            (
                DeviceRequest(driver="", count=0, device_ids=("0",), capabilities=("gpu",)),
                "nvidia.com/gpu=0",
            ),
            (
                DeviceRequest(driver="cdi", count=0, device_ids=("v.example/nic=a",)),
                "v.example/nic=a",
            ),
        ],
        ids=["all GPUs", "some number of GPUs", "one GPU", "CDI"],
    )
    def test_sees_gpus_and_cdi_devices_that_the_field_misses(self, request_, name):
        host = facts(containers=(container(device_requests=(request_,)),))
        result = judge("container-device-requests", host)
        assert result.status == "fail"
        assert name in verdict(result, "web").message

    def test_passes_what_the_policy_allows_and_nothing_else(self):
        host = facts(containers=(container(device_requests=(GPU,)),))
        allowed = judge("container-device-requests", host, allowing("nvidia.com/gpu=*"))
        other = judge("container-device-requests", host, allowing("amd.com/gpu=*"))
        assert (allowed.status, other.status) == ("pass", "fail")


class TestContainerDeviceRules:
    @pytest.mark.parametrize(
        "rule", ["a *:* rwm", "b 8:* rwm", "b *:* m", "c *:* rwm", "c 1:1 rw", "c 1:* rwm"]
    )
    def test_fails_for_rules_that_open_disks_memory_or_everything(self, rule):
        assert status("container-device-rules", device_cgroup_rules=(rule,)) == "fail"

    @pytest.mark.parametrize("rule", ["c 189:* rmw", "c 10:200 rwm", "c 1:3 rw"])
    def test_passes_rules_for_single_classes_of_character_devices(self, rule):
        assert status("container-device-rules", device_cgroup_rules=(rule,)) == "pass"

    def test_is_unknown_for_a_rule_that_is_none(self):
        assert status("container-device-rules", device_cgroup_rules=("d 1:1 x",)) == "unknown"

    def test_leaves_privileged_containers_to_the_check_of_raw_devices(self):
        assert status("container-device-rules", privileged=True) == "not_applicable"


class TestContainerDeviceBinds:
    @pytest.mark.parametrize("source", ["/dev", "/dev/", "/dev/dri", "/", "/var/../dev/bus/usb"])
    def test_fails_for_dev_what_is_below_and_what_holds_it(self, source):
        assert status("container-device-binds", mounts=(bind(source),)) == "fail"

    def test_fails_for_a_read_only_bind_since_devices_stay_writable(self):
        assert status("container-device-binds", mounts=(bind("/dev", read_only=True),)) == "fail"

    def test_sees_through_a_volume_that_binds_dev(self):
        disguised = bind(
            "/var/lib/docker/volumes/v/_data", kind="volume", volume="v", volume_device="/dev"
        )
        assert status("container-device-binds", mounts=(disguised,)) == "fail"

    @pytest.mark.parametrize("source", ["/dev/shm", "/dev/log", "/dev/null", "/devices", "/srv"])
    def test_passes_what_is_no_device(self, source):
        assert status("container-device-binds", mounts=(bind(source),)) == "pass"

    def test_passes_a_node_that_the_policy_allows_but_not_the_folder_above(self):
        def judged(source):
            host = facts(containers=(container(mounts=(bind(source),)),))
            return judge("container-device-binds", host, allowing("/dev/dri/*")).status

        assert judged("/dev/dri/card0") == "pass"
        assert judged("/dev") == "fail"

    def test_is_unknown_for_a_volume_whose_options_were_not_read(self):
        host = facts(containers=(container(mounts=(VOLUME,)),), volumes=None)
        assert judge("container-device-binds", host).status == "unknown"

    def test_does_not_take_a_destination_for_a_source(self):
        assert status("container-device-binds", mounts=(bind("/srv", "/dev/data"),)) == "pass"


class TestContainerRawDevices:
    @pytest.mark.parametrize(
        "path",
        [
            "/dev/mem",
            "/dev/kmem",
            "/dev/port",
            "/dev/sda",
            "/dev/sdb1",
            "/dev/vda",
            "/dev/nvme0n1p2",
            "/dev/dm-0",
            "/dev/mapper/vg-root",
            "/dev/disk/by-id/ata-x",
            "/dev/loop0",
            "/dev/loop-control",
            "/dev",
        ],
    )
    def test_fails_for_memory_and_disks(self, path):
        assert status("container-raw-devices", devices=(device(path, "r"),)) == "fail"

    @pytest.mark.parametrize("path", ["/dev/snd", "/dev/sgx_enclave", "/dev/kvm", "/dev/net/tun"])
    def test_leaves_other_devices_to_their_own_check(self, path):
        assert status("container-raw-devices", devices=(device(path),)) == "pass"

    def test_passes_a_disk_that_the_policy_allows(self):
        host = facts(containers=(container(devices=(device("/dev/sdb"),)),))
        assert judge("container-raw-devices", host, allowing("/dev/sdb")).status == "pass"
        assert judge("container-raw-devices", host, allowing("/dev/sdc")).status == "fail"

    def test_is_unknown_for_a_volume_whose_options_were_not_read(self):
        host = facts(containers=(container(mounts=(VOLUME,)),), volumes=None)
        assert judge("container-raw-devices", host).status == "unknown"

    def test_fails_for_a_disk_that_is_bound(self):
        assert status("container-raw-devices", mounts=(bind("/dev/sda1"),)) == "fail"

    def test_fails_for_privileged_containers(self):
        assert status("container-raw-devices", privileged=True) == "fail"

    def test_passes_a_bound_dev_whose_disks_the_device_cgroup_refuses(self):
        assert status("container-raw-devices", mounts=(bind("/dev"),)) == "pass"

    def test_fails_for_a_bound_dev_whose_disks_a_rule_opens(self):
        rules = {"device_cgroup_rules": ("b *:* rwm",)}
        assert status("container-raw-devices", mounts=(bind("/dev"),), **rules) == "fail"
