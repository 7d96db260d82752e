"""Item 6: what containers may take of the disks, and obsolete storage drivers."""

from dataclasses import replace
from typing import Any

import pytest

import scans.checks.storage  # noqa: F401 - registers the checks
from scans.facts import Facts, Mount
from tests.factories import (
    argv_setting,
    container,
    daemon,
    engine,
    facts,
    process,
    resources,
    without_process,
)
from tests.scans.checks.judge import judge, verdict


def mount(target: str, fstype: str, *super_options: str) -> Mount:
    return Mount(
        target=target,
        source="/dev/sdb1",
        fstype=fstype,
        options=("rw",),
        super_options=super_options,
    )


ROOT = mount("/", "ext4")
XFS = mount("/var/lib/docker", "xfs", "rw", "prjquota")
XFS_WITHOUT = mount("/var/lib/docker", "xfs", "rw", "noquota")


class TestContainerBlkioLimit:
    def status(self, fields: dict[str, Any], **sections: Any) -> str:
        host = facts(containers=(container(resources=resources(**fields)),), **sections)
        return judge("container-blkio-limit", host).status

    @pytest.mark.parametrize("fields", [{"blkio_weight": 300}, {"blkio_limits": True}])
    def test_passes_a_weight_or_a_limit_per_device(self, fields):
        assert self.status(fields) == "pass"

    def test_fails_without_either(self):
        assert self.status({}) == "fail"

    @pytest.mark.parametrize(
        "warning", ["WARNING: No blkio weight support", "WARNING: No io.weight support"]
    )
    def test_fails_a_weight_that_the_engine_does_not_enforce(self, warning):
        warned = engine(warnings=(warning,))
        assert self.status({"blkio_weight": 300}, engine=warned) == "fail"
        assert self.status({"blkio_limits": True}, engine=warned) == "pass"

    def test_fails_where_a_rootless_engine_has_no_cgroups(self):
        rootless = engine(cgroup_driver="none", rootless=True)
        assert self.status({"blkio_limits": True}, engine=rootless) == "fail"

    def test_is_unknown_below_a_parent_that_may_have_a_limit(self):
        assert self.status({"cgroup_parent": "tenant.slice"}) == "unknown"

    def test_is_unknown_when_the_containers_were_not_read(self):
        assert judge("container-blkio-limit", facts(containers=None)).status == "unknown"


class TestContainerStorageQuota:
    def status(self, *mounts: Mount, driver: str = "overlay2", **sections: Any) -> str:
        base = {
            "containers": (container(),),
            "mounts": mounts,
            "engine": engine(storage_driver=driver),
        }
        host = facts(**base | sections)
        return judge("container-storage-quota", host).status

    @pytest.mark.parametrize("key", ["size", "SIZE"])
    def test_passes_a_container_with_a_size(self, key):
        sized = container(resources=resources(storage_options={key: "5G"}))
        assert self.status(ROOT, containers=(sized,)) == "pass"

    def test_passes_a_container_that_can_not_write_its_root(self):
        assert self.status(ROOT, XFS, containers=(container(read_only_rootfs=True),)) == "pass"

    def test_the_process_decides_whether_the_root_can_be_written(self):
        risen = container(read_only_rootfs=True, process=process(root_read_only=False))
        assert self.status(ROOT, XFS, containers=(risen,)) == "fail"

    def test_fails_without_a_size_where_the_file_system_has_project_quotas(self):
        assert self.status(ROOT, XFS) == "fail"

    @pytest.mark.parametrize("mounts", [(ROOT,), (ROOT, XFS_WITHOUT)], ids=["ext4", "no quota"])
    def test_does_not_apply_where_the_file_system_has_none(self, mounts):
        assert self.status(*mounts) == "not_applicable"

    @pytest.mark.parametrize("driver", ["overlayfs", "fuse-overlayfs", "native"])
    def test_does_not_apply_to_drivers_without_quotas(self, driver):
        assert self.status(ROOT, XFS, driver=driver) == "not_applicable"

    @pytest.mark.parametrize("driver", ["btrfs", "zfs"])
    def test_fails_for_drivers_that_could_limit_it_anywhere(self, driver):
        assert self.status(ROOT, driver=driver) == "fail"

    def test_devicemapper_gives_each_container_a_fixed_size(self):
        assert self.status(ROOT, driver="devicemapper") == "pass"

    def test_a_default_of_the_daemon_counts(self):
        option = ["overlay2.size=20G"]
        assert self.status(ROOT, XFS, daemon=daemon({"storage-opts": option})) == "pass"
        flag = replace(daemon(), settings=(argv_setting("storage-opts", option),))
        assert self.status(ROOT, XFS, daemon=flag) == "pass"
        other = daemon({"storage-opts": ["overlay2.override_kernel_check=true"]})
        assert self.status(ROOT, XFS, daemon=other) == "fail"

    def test_is_unknown_where_the_daemon_may_have_a_default(self):
        assert self.status(ROOT, XFS, daemon=daemon(argv=())) == "unknown"

    def test_is_unknown_when_the_mounts_were_not_read(self):
        assert self.status(mounts=None) == "unknown"

    def test_is_unknown_where_podman_may_have_a_default(self):
        podman = engine(name="podman", storage_driver="overlay", root_dir="/var/lib/docker")
        assert self.status(ROOT, XFS, engine=podman, daemon=None) == "unknown"

    def test_is_judged_by_the_declaration_where_the_process_was_not_read(self):
        read_only = without_process(container(read_only_rootfs=True))
        assert self.status(ROOT, XFS, containers=(read_only,)) == "pass"


class TestDaemonStorageBaseSize:
    def host(self, *options: str, driver: str = "devicemapper") -> Facts:
        config = daemon({"storage-opts": list(options)} if options else None)
        return facts(engine=engine(storage_driver=driver), daemon=config)

    def test_passes_the_default(self):
        assert judge("daemon-storage-base-size", self.host()).status == "pass"
        assert judge("daemon-storage-base-size", self.host("dm.basesize=10G")).status == "pass"

    def test_fails_another_size_and_names_it(self):
        result = judge("daemon-storage-base-size", self.host("dm.fs=xfs", "dm.basesize=50G"))
        assert result.status == "fail"
        assert "50G" in verdict(result, "daemon").message

    def test_does_not_apply_to_other_drivers(self):
        host = self.host("dm.basesize=50G", driver="overlay2")
        assert judge("daemon-storage-base-size", host).status == "not_applicable"

    def test_is_unknown_while_the_configuration_is(self):
        host = facts(engine=engine(storage_driver="devicemapper"), daemon=None)
        assert judge("daemon-storage-base-size", host).status == "unknown"


@pytest.mark.parametrize("driver", ["aufs", "devicemapper"])
class TestObsoleteStorageDrivers:
    def test_fails_the_driver_itself(self, driver):
        host = facts(engine=engine(storage_driver=driver))
        assert judge(f"storage-driver-{driver}", host).status == "fail"

    @pytest.mark.parametrize("other", ["overlay2", "overlayfs", "btrfs"])
    def test_passes_any_other(self, driver, other):
        host = facts(engine=engine(storage_driver=other))
        assert judge(f"storage-driver-{driver}", host).status == "pass"

    def test_is_unknown_without_the_engine_or_its_answer(self, driver):
        assert judge(f"storage-driver-{driver}", facts(engine=None)).status == "unknown"
        silent = facts(engine=engine(storage_driver=""))
        assert judge(f"storage-driver-{driver}", silent).status == "unknown"

    def test_does_not_apply_to_podman(self, driver):
        host = facts(engine=engine(name="podman"))
        assert judge(f"storage-driver-{driver}", host).status == "not_applicable"
