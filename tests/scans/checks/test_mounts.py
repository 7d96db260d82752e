"""Item 10: what containers mount from the host, and what of /proc and /sys stays closed."""

from typing import Any

import pytest

import scans.checks.mounts  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import ContainerPolicy, Policy
from scans.facts import Container, FileStat, Mount, MountPoint
from tests.factories import (
    MASKED_PATHS,
    READONLY_PATHS,
    container,
    daemon,
    engine,
    facts,
    process,
)
from tests.factories import volume as make_volume
from tests.scans.checks.judge import judge, verdict


def bind(source: str, destination: str = "/data", **fields: Any) -> MountPoint:
    base = {"kind": "bind", "read_only": False}
    return MountPoint(source=source, destination=destination, **(base | fields))


def volume(device: str = "", **fields: Any) -> MountPoint:
    """A named volume of the data root; with a device, one that binds that path."""
    source = "/var/lib/docker/volumes/v/_data"
    return bind(source, kind="volume", volume="v", volume_device=device, **fields)


def status(check: str, **fields: Any) -> str:
    return judge(check, facts(containers=(container(**fields),))).status


@pytest.mark.parametrize(
    "check",
    [
        "container-sensitive-mounts",
        "container-mount-propagation",
        "container-read-only-rootfs",
        "container-masked-paths",
    ],
)
class TestEveryContainerCheck:
    def test_is_unknown_when_containers_were_not_read(self, check):
        assert judge(check, facts(containers=None)).status == "unknown"

    def test_does_not_apply_without_containers(self, check):
        assert judge(check, facts(containers=())).status == "not_applicable"

    def test_judges_stopped_containers_too(self, check):
        bad = {
            "mounts": (bind("/etc", propagation="rshared"),),
            "masked_paths": (),
            "readonly_paths": (),
        }
        assert status(check, state="exited", process=None, **bad) == "fail"


class TestContainerSensitiveMounts:
    check = "container-sensitive-mounts"

    @pytest.mark.parametrize(
        "source",
        ["/", "/etc", "/usr", "/sys/fs/cgroup", "/boot/", "/var", "/var/lib", "/lib/modules"],
    )
    def test_fails_for_writable_parts_of_the_system(self, source):
        assert status(self.check, mounts=(bind(source),)) == "fail"

    @pytest.mark.parametrize(
        "source",
        [
            "/etc/shadow",
            "/root",
            "/home/alice/.ssh",
            "/var/run",
            "/run/systemd",
            "/var/lib/docker",
            "/var/lib/docker/containers",
            "/proc",
            "/",
            "/var",
            "/srv/../etc",
            "//etc//ssh",
        ],
    )
    def test_fails_even_read_only_for_secrets_that_the_field_misses(self, source):
        assert status(self.check, mounts=(bind(source, read_only=True),)) == "fail"

    @pytest.mark.parametrize("source", ["/sys", "/usr/share/zoneinfo", "/boot", "/lib/modules"])
    def test_passes_read_only_for_what_holds_no_secrets(self, source):
        assert status(self.check, mounts=(bind(source, read_only=True),)) == "pass"

    @pytest.mark.parametrize("source", ["/srv/app", "/opt/data", "/etcetera", "/data/etc", "/mnt"])
    def test_passes_other_directories(self, source):
        assert status(self.check, mounts=(bind(source),)) == "pass"

    @pytest.mark.parametrize("source", ["/etc/localtime", "/etc/hosts", "/etc/ssl/certs"])
    def test_passes_well_known_files_when_read_only(self, source):
        assert status(self.check, mounts=(bind(source, read_only=True),)) == "pass"

    def test_fails_for_a_well_known_file_that_is_writable(self):
        assert status(self.check, mounts=(bind("/etc/hosts"),)) == "fail"

    def test_does_not_take_a_destination_in_the_container_for_a_path_of_the_host(self):
        assert status(self.check, mounts=(bind("/srv/conf", "/etc"),)) == "pass"

    def test_judges_each_mount_by_itself(self):
        writable, closed = bind("/srv"), bind("/usr/share", read_only=True)
        assert status(self.check, mounts=(writable, closed)) == "pass"

    def test_sees_through_a_volume_that_binds_a_path_which_the_field_misses(self):
        target = facts(containers=(container(mounts=(volume("/etc"),)),))
        found = verdict(judge(self.check, target), "web")
        assert (found.status, found.message) == ("fail", "mounts /etc (rw) of the host")

    def test_passes_a_named_volume_though_it_lies_in_the_data_root(self):
        host = facts(containers=(container(mounts=(volume(),)),), volumes=(make_volume("v"),))
        assert judge(self.check, host).status == "pass"

    @pytest.mark.parametrize("volumes", [None, ()])
    def test_is_unknown_for_a_volume_whose_options_were_not_read(self, volumes):
        host = facts(containers=(container(mounts=(volume(),)),), volumes=volumes)
        assert judge(self.check, host).status == "unknown"

    def test_a_volume_of_a_plugin_is_no_path_of_the_host(self):
        remote = volume(driver="vieux/sshfs")
        host = facts(containers=(container(mounts=(remote,)),), volumes=None)
        assert judge(self.check, host).status == "pass"

    def test_fails_for_a_sensitive_mount_beside_a_volume_that_was_not_read(self):
        mounts = (bind("/etc"), volume())
        host = facts(containers=(container(mounts=mounts),), volumes=None)
        assert judge(self.check, host).status == "fail"

    def test_knows_a_data_root_elsewhere(self):
        target = facts(
            engine=engine(root_dir="/data/docker"), containers=(container(mounts=(bind("/data"),)),)
        )
        assert judge(self.check, target).status == "fail"

    def test_is_unknown_for_a_bind_without_a_path(self):
        assert status(self.check, mounts=(bind(""),)) == "unknown"


class TestContainerMountPropagation:
    check = "container-mount-propagation"

    @pytest.mark.parametrize("mode", ["shared", "rshared"])
    def test_fails_for_shared(self, mode):
        assert status(self.check, mounts=(bind("/srv", propagation=mode),)) == "fail"

    @pytest.mark.parametrize("mode", ["", "rprivate", "private", "rslave", "slave"])
    def test_passes_what_does_not_travel_to_the_host(self, mode):
        assert status(self.check, mounts=(bind("/srv", propagation=mode),)) == "pass"


class TestContainerReadOnlyRootfs:
    check = "container-read-only-rootfs"

    def test_passes_as_declared_when_the_process_was_not_read(self):
        assert status(self.check, read_only_rootfs=True, process=None) == "pass"

    def test_fails_as_declared_when_the_process_was_not_read(self):
        assert status(self.check, process=None) == "fail"

    def test_believes_the_process_that_remounted_its_root_writable(self):
        target = facts(
            containers=(container(read_only_rootfs=True, process=process(root_read_only=False)),)
        )
        found = verdict(judge(self.check, target), "web")
        assert (found.status, [row.observed for row in found.evidence]) == ("fail", [False, True])
        assert found.message == "has a writable root, though declared read-only"

    def test_believes_the_process_whose_root_is_read_only_all_the_same(self):
        assert status(self.check, process=process(root_read_only=True)) == "pass"


class TestContainerMaskedPaths:
    check = "container-masked-paths"

    def test_passes_the_engines_default(self):
        assert status(self.check) == "pass"

    def test_passes_a_newer_engine_that_masks_more(self):
        more = (*MASKED_PATHS, "/sys/devices/virtual/powercap", "/proc/interrupts")
        assert status(self.check, masked_paths=more) == "pass"

    def test_fails_when_both_lists_are_emptied(self):
        target = facts(containers=(container(masked_paths=(), readonly_paths=()),))
        found = verdict(judge(self.check, target), "web")
        assert found.status == "fail"
        assert "/proc/kcore" in found.message
        assert "/proc/sys" in found.message

    @pytest.mark.parametrize("path", ["/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/sys"])
    def test_fails_when_one_path_became_writable(self, path):
        rest = tuple(entry for entry in READONLY_PATHS if entry != path)
        assert status(self.check, readonly_paths=rest) == "fail"

    def test_fails_when_kernel_memory_is_not_masked(self):
        rest = tuple(entry for entry in MASKED_PATHS if entry != "/proc/kcore")
        assert status(self.check, masked_paths=rest) == "fail"

    def test_fails_for_privileged_containers_whatever_the_lists_say(self):
        assert status(self.check, privileged=True) == "fail"
        assert status(self.check, privileged=True, masked_paths=None) == "fail"

    def test_is_unknown_for_an_engine_that_does_not_tell(self):
        assert status(self.check, masked_paths=None, readonly_paths=None) == "unknown"


def mounted(target: str, source: str = "/dev/sda1") -> Mount:
    return Mount(target=target, source=source, fstype="ext4", options=("rw",))


class TestDataRootPartition:
    check = "data-root-partition"

    def status(self, *mounts: Mount, **sections: Any) -> str:
        return judge(self.check, facts(mounts=mounts, **sections)).status

    def test_passes_with_a_partition_of_its_own(self):
        assert self.status(mounted("/"), mounted("/var/lib/docker", "/dev/sdb1")) == "pass"

    def test_passes_on_a_partition_of_a_directory_above(self):
        assert self.status(mounted("/"), mounted("/var", "/dev/sdb1")) == "pass"

    def test_fails_on_the_root_file_system(self):
        assert self.status(mounted("/"), mounted("/var/lib/dock", "/dev/sdb1")) == "fail"

    def test_fails_for_a_bind_from_the_root_file_system(self):
        assert self.status(mounted("/"), mounted("/var/lib/docker", "/dev/sda1")) == "fail"

    def test_is_not_confused_by_the_mounts_of_containers(self):
        inside = mounted("/var/lib/docker/overlay2/abc/merged", "overlay")
        assert self.status(mounted("/"), inside) == "fail"

    def test_follows_a_symbolic_link(self):
        link = FileStat(
            path="/var/lib/docker", resolved="/data/docker", kind="directory", role="data-root"
        )
        on_data = (mounted("/"), mounted("/data", "/dev/sdb1"))
        assert self.status(*on_data, files=(link,)) == "pass"

    def test_reads_the_configuration_when_the_engine_was_not_reached(self):
        on_data = (mounted("/"), mounted("/data", "/dev/sdb1"))
        config = daemon({"data-root": "/data/docker"})
        assert self.status(*on_data, engine=None, daemon=config) == "pass"

    def test_is_unknown_when_mounts_were_not_read(self):
        assert judge(self.check, facts(mounts=None)).status == "unknown"

    def test_is_unknown_for_a_table_without_a_root(self):
        assert self.status() == "unknown"


class TestProcHidepid:
    def status(self, *options: str, super_options: tuple[str, ...] = ()) -> str:
        proc = Mount(
            target="/proc",
            source="proc",
            fstype="proc",
            options=("rw", *options),
            super_options=super_options,
        )
        return judge("proc-hidepid", facts(mounts=(mounted("/"), proc))).status

    @pytest.mark.parametrize("value", ["1", "2", "4", "noaccess", "invisible", "ptraceable"])
    def test_passes_when_processes_are_hidden(self, value):
        assert self.status(super_options=(f"hidepid={value}",)) == "pass"

    @pytest.mark.parametrize("options", [(), ("hidepid=0",), ("hidepid=off",), ("gid=20",)])
    def test_fails_when_all_are_shown(self, options):
        assert self.status(super_options=options) == "fail"

    def test_believes_the_mount_on_top(self):
        below = Mount(target="/proc", source="proc", fstype="proc", options=("hidepid=2",))
        above = Mount(target="/proc", source="proc", fstype="proc", options=("rw",))
        assert judge("proc-hidepid", facts(mounts=(below, above))).status == "fail"

    @pytest.mark.parametrize("mounts", [None, (), (mounted("/"),)])
    def test_is_unknown_when_the_mount_was_not_read(self, mounts):
        assert judge("proc-hidepid", facts(mounts=mounts)).status == "unknown"


def of_project(project: str, *mounts: MountPoint, **fields: Any) -> Container:
    """A container of a Compose project, with the project's name."""
    labels = {"com.docker.compose.project": project} | fields.pop("labels", {})
    return container(project, labels=labels, mounts=mounts, **fields)


class TestContainerSharedVolumes:
    TENANTS = Context(policy=Policy(containers=ContainerPolicy(tenant_label="tenant")))

    def result(self, *found: Container, context: Context | None = None, **sections: Any) -> Any:
        known = (make_volume("v"),)
        sections = {"containers": found, "volumes": known} | sections
        return judge("container-shared-volumes", facts(**sections), context)

    def test_fails_for_a_volume_that_two_projects_write(self):
        found = self.result(of_project("shop", volume()), of_project("blog", volume()))
        assert {v.subject.name: v.status for v in found.subjects} == {
            "shop": "fail",
            "blog": "fail",
        }
        shared = "/var/lib/docker/volumes/v/_data"
        assert verdict(found, "shop").message == f"shares {shared} with blog"

    def test_fails_on_both_sides_when_one_writes_and_one_reads(self):
        reader = of_project("blog", bind("/srv/x", read_only=True))
        found = self.result(of_project("shop", bind("/srv/x")), reader)
        assert [v.status for v in found.subjects] == ["fail", "fail"]

    def test_passes_what_both_only_read(self):
        found = [of_project(p, bind("/etc/localtime", read_only=True)) for p in ("shop", "blog")]
        assert self.result(*found).status == "pass"

    def test_fails_for_a_directory_above_what_another_mounts(self):
        found = self.result(of_project("shop", bind("/srv")), of_project("blog", bind("/srv/b/c")))
        assert found.status == "fail"

    def test_passes_directories_beside_each_other(self):
        found = self.result(of_project("shop", bind("/srv/a")), of_project("blog", bind("/srv/ab")))
        assert found.status == "pass"

    def test_does_not_compare_containers_of_one_project(self):
        found = self.result(
            of_project("shop", bind("/srv")), of_project("shop", bind("/srv")), of_project("blog")
        )
        assert found.status == "pass"

    def test_leaves_sockets_of_engines_to_their_own_check(self):
        found = [of_project(p, bind("/var/run/docker.sock")) for p in ("shop", "blog")]
        assert self.result(*found).status == "pass"

    def test_tells_tenants_apart_where_the_policy_names_their_label(self):
        shop = of_project("shop", bind("/srv"), labels={"tenant": "acme"})
        same = of_project("blog", bind("/srv"), labels={"tenant": "acme"})
        other = of_project("wiki", labels={"tenant": "umbrella"})
        assert self.result(shop, same, other, context=self.TENANTS).status == "pass"
        assert self.result(shop, same, other).status == "fail"

    def test_is_unknown_for_a_volume_whose_options_were_not_read(self):
        found = self.result(of_project("shop", volume()), of_project("blog"), volumes=None)
        assert verdict(found, "shop").status == "unknown"
        assert verdict(found, "blog").status == "pass"

    @pytest.mark.parametrize(
        "found", [(container(mounts=(bind("/srv"),)), of_project("shop", bind("/srv"))), ()]
    )
    def test_does_not_apply_without_several_projects(self, found):
        assert self.result(*found).status == "not_applicable"

    def test_is_unknown_when_containers_were_not_read(self):
        assert self.result(containers=None).status == "unknown"

    def test_does_not_judge_what_was_started_by_hand(self):
        loose = container("loose", mounts=(volume(),))
        found = self.result(loose, of_project("shop", volume()), of_project("blog"))
        assert (found.status, len(found.subjects)) == ("pass", 2)
