"""Item 7: SUID and SGID files and file capabilities."""

from typing import Any

import pytest

import scans.checks.suid  # noqa: F401 - registers the checks
from scans.checks.core.context import Context
from scans.checks.core.policy import HostPolicy, Policy
from scans.facts import Gap, Mount, MountPoint, PrivilegedFile
from tests.factories import container, facts
from tests.scans.checks.judge import judge, verdict
from tests.scans.checks.privileged import UNOWNED, file, inventory

REVIEWED = Context(policy=Policy(host=HostPolicy(reviewed_suid=("/opt/reviewed",))))


def host(*files: PrivilegedFile, **fields: Any):
    return facts(suid=inventory(*files, **fields))


HOST_CHECKS = (
    "host-suid-unowned",
    "host-suid-altered",
    "host-suid-writable",
    "host-suid-dangerous",
    "host-file-capabilities",
)


@pytest.mark.parametrize("check", HOST_CHECKS)
class TestEveryHostInventory:
    def test_passes_when_all_files_are_as_packaged(self, check):
        result = judge(check, host(file(), file("/usr/bin/sudo", package="sudo")))
        assert result.status == "pass"

    def test_is_unknown_when_the_inventory_was_not_read(self, check):
        gap = Gap(section="suid", reason="find: Permission denied")
        result = judge(check, facts(suid=None, gaps=(gap,)))
        assert result.status == "unknown"
        assert "Permission denied" in (result.reason or "")

    def test_is_unknown_when_the_search_was_cut_short_and_found_nothing_bad(self, check):
        assert judge(check, host(file(), complete=False)).status == "unknown"

    def test_still_fails_for_a_bad_file_when_the_search_was_cut_short(self, check):
        bad = file("/usr/bin/bash", mode=0o4777, capabilities="cap_setuid=ep", **UNOWNED)
        altered = file("/usr/bin/su", provenance="altered")
        assert judge(check, host(bad, altered, complete=False)).status == "fail"

    def test_ignores_what_a_nosuid_mount_makes_harmless(self, check):
        bad = file("/mnt/bash", mode=0o4777, capabilities="cap_setuid=ep", nosuid=True, **UNOWNED)
        assert judge(check, host(bad)).status == "pass"


class TestHostSuidUnowned:
    def test_fails_for_a_suid_file_of_no_package(self):
        result = judge("host-suid-unowned", host(file(), file("/opt/backdoor", **UNOWNED)))
        found = verdict(result, "/opt/backdoor")
        assert (found.subject.kind, found.status) == ("file", "fail")
        assert found.message == "is SUID and belongs to no package"

    def test_fails_for_an_sgid_file_of_no_package(self):
        result = judge("host-suid-unowned", host(file("/opt/x", mode=0o2755, **UNOWNED)))
        assert verdict(result, "/opt/x").message == "is SGID and belongs to no package"

    def test_ignores_files_with_capabilities_alone(self):
        only = file("/opt/x", mode=0o755, capabilities="cap_net_raw=ep", **UNOWNED)
        assert judge("host-suid-unowned", host(only)).status == "pass"

    def test_is_unknown_when_the_package_was_not_determined(self):
        untold = file("/opt/x", package=None, provenance="unknown")
        assert judge("host-suid-unowned", host(untold)).status == "unknown"

    def test_passes_an_owned_file_without_a_recorded_digest(self):
        assert judge("host-suid-unowned", host(file(provenance="unknown"))).status == "pass"

    def test_does_not_apply_without_a_package_manager(self):
        result = judge("host-suid-unowned", host(file(**UNOWNED), package_manager="none"))
        assert result.status == "not_applicable"

    def test_is_unknown_when_the_package_manager_was_not_asked(self):
        assert judge("host-suid-unowned", host(file(), package_manager=None)).status == "unknown"

    def test_passes_a_file_that_the_policy_names_as_reviewed(self):
        result = judge("host-suid-unowned", host(file("/opt/reviewed", **UNOWNED)), REVIEWED)
        assert (result.status, verdict(result, "/opt/reviewed").status) == ("pass", "pass")

    def test_fails_for_another_file_than_the_reviewed_one(self):
        both = host(file("/opt/reviewed", **UNOWNED), file("/opt/reviewed2", **UNOWNED))
        assert verdict(judge("host-suid-unowned", both, REVIEWED), "/opt/reviewed2").status == (
            "fail"
        )


class TestHostSuidAltered:
    def test_fails_for_a_packaged_file_that_was_changed(self):
        changed = file("/usr/bin/sudo", package="sudo", provenance="altered")
        found = verdict(judge("host-suid-altered", host(changed)), "/usr/bin/sudo")
        assert (found.status, found.message) == ("fail", "is SUID and differs from package sudo")

    def test_is_unknown_for_a_file_without_a_recorded_digest(self):
        assert judge("host-suid-altered", host(file(provenance="unknown"))).status == "unknown"

    def test_leaves_unowned_files_to_their_own_check(self):
        assert judge("host-suid-altered", host(file(**UNOWNED))).status == "pass"


class TestHostSuidWritable:
    @pytest.mark.parametrize(
        ("mode", "gid"), [(0o4757, 0), (0o4702, 0), (0o2775, 50), (0o6770, 1000)]
    )
    def test_fails_when_others_or_an_ordinary_group_may_write(self, mode, gid):
        assert judge("host-suid-writable", host(file(mode=mode, gid=gid))).status == "fail"

    @pytest.mark.parametrize(("mode", "gid"), [(0o4755, 1000), (0o4775, 0), (0o2755, 43)])
    def test_passes_when_only_root_may_write(self, mode, gid):
        assert judge("host-suid-writable", host(file(mode=mode, gid=gid))).status == "pass"


class TestHostSuidDangerous:
    @pytest.mark.parametrize(
        "path",
        ["/bin/bash", "/usr/bin/find", "/usr/bin/python3.11", "/usr/bin/perl5.36.0", "/opt/x/vim"],
    )
    def test_fails_for_programs_that_give_a_shell(self, path):
        assert judge("host-suid-dangerous", host(file(path))).status == "fail"

    @pytest.mark.parametrize(
        "path", ["/usr/bin/sudo", "/usr/bin/su", "/usr/bin/fusermount3", "/home/bash/tool"]
    )
    def test_passes_programs_made_to_be_suid(self, path):
        assert judge("host-suid-dangerous", host(file(path))).status == "pass"


class TestHostFileCapabilities:
    def status(self, capabilities: str, path: str = "/usr/bin/tool", **fields: Any):
        carrier = file(path, mode=0o755, capabilities=capabilities, **fields)
        return judge("host-file-capabilities", host(carrier)).status

    @pytest.mark.parametrize(
        "text",
        [
            "cap_setuid=ep",
            "cap_setuid+ep",
            "= cap_setuid+ep",
            "cap_net_raw,cap_sys_admin=ep",
            "cap_net_raw=ep cap_dac_read_search=p",
            "=ep",
            "all=p",
            "=ep cap_net_raw-ep",
        ],
    )
    def test_fails_for_capabilities_that_amount_to_root(self, text):
        assert self.status(text) == "fail"

    @pytest.mark.parametrize(
        "text", ["cap_net_raw=ep", "cap_net_bind_service=+ep", "cap_setuid=i", "=ep all-p"]
    )
    def test_passes_harmless_capabilities(self, text):
        assert self.status(text) == "pass"

    def test_names_the_dangerous_ones(self):
        carrier = file("/x", mode=0o755, capabilities="cap_net_raw,cap_setuid,cap_setgid=ep")
        found = verdict(judge("host-file-capabilities", host(carrier)), "/x")
        assert found.message == "gives whoever runs it SETGID, SETUID"

    def test_is_unknown_for_a_text_it_does_not_understand(self):
        assert self.status("cap_from_the_future=ep") == "unknown"

    def test_passes_programs_that_distributions_ship_with_them(self):
        assert self.status("cap_setuid=ep", "/usr/bin/newuidmap", package="shadow-utils") == "pass"

    def test_fails_for_a_shipped_program_that_was_altered(self):
        status = self.status("cap_setuid=ep", "/usr/bin/newuidmap", provenance="altered")
        assert status == "fail"

    def test_fails_for_an_unowned_file_with_the_name_of_a_shipped_program(self):
        assert self.status("cap_setuid=ep", "/tmp/newuidmap", **UNOWNED) == "fail"

    def test_passes_a_file_that_the_policy_names_as_reviewed(self):
        carrier = file("/opt/reviewed", mode=0o755, capabilities="cap_setuid=ep", **UNOWNED)
        assert judge("host-file-capabilities", host(carrier), REVIEWED).status == "pass"
        assert judge("host-file-capabilities", host(carrier)).status == "fail"

    def test_is_unknown_when_capabilities_could_not_be_listed(self):
        result = judge("host-file-capabilities", host(file(), capabilities_read=False))
        assert result.status == "unknown"
        assert "getcap" in (result.reason or "")


class TestTemporaryNosuid:
    def mount(self, target: str, *options: str) -> Mount:
        return Mount(target=target, source="tmpfs", fstype="tmpfs", options=options)

    def test_passes_with_nosuid(self):
        target = facts(mounts=(self.mount("/tmp", "rw", "nosuid", "nodev"),))
        result = judge("temporary-nosuid", target)
        assert (result.status, verdict(result, "/tmp").status) == ("pass", "pass")

    def test_fails_without_nosuid(self):
        result = judge("temporary-nosuid", facts(mounts=(self.mount("/dev/shm", "rw"),)))
        assert (result.status, verdict(result, "/dev/shm").status) == ("fail", "fail")

    def test_does_not_concern_directories_that_are_no_mounts(self):
        result = judge("temporary-nosuid", facts(mounts=(self.mount("/", "rw"),)))
        assert result.status == "not_applicable"

    def test_judges_the_mount_on_top(self):
        below, top = self.mount("/tmp", "nosuid"), self.mount("/tmp", "rw")
        assert judge("temporary-nosuid", facts(mounts=(below, top))).status == "fail"

    def test_is_unknown_when_mounts_were_not_read(self):
        assert judge("temporary-nosuid", facts(mounts=None)).status == "unknown"


class TestVolumeNosuid:
    check = "volume-nosuid"

    def judge(self, *volumes: MountPoint, mounts: tuple[Mount, ...] | None = None, **fields: Any):
        found = (self.mount("/", "rw"),) if mounts is None else mounts
        return judge(
            self.check, facts(containers=(container(mounts=volumes, **fields),), mounts=found)
        )

    def mount(self, target: str, *options: str) -> Mount:
        return Mount(target=target, source="/dev/vda1", fstype="ext4", options=options)

    def volume(self, name: str = "data", source: str | None = None) -> MountPoint:
        where = f"/var/lib/docker/volumes/{name}/_data" if source is None else source
        return MountPoint(
            kind="volume", source=where, destination="/data", read_only=False, volume=name
        )

    def test_fails_for_volumes_on_a_file_system_that_honours_the_bits(self):
        result = self.judge(self.volume("a"), self.volume("b"))
        found = verdict(result, "/")
        assert (found.subject.kind, found.status) == ("mount", "fail")
        assert found.message == "holds 2 volumes without nosuid"
        assert found.evidence[1].observed == ["a", "b"]

    def test_passes_volumes_below_a_mount_with_nosuid(self):
        mounts = (self.mount("/", "rw"), self.mount("/var/lib/docker/volumes", "rw", "nosuid"))
        result = self.judge(self.volume(), mounts=mounts)
        assert [v.subject.name for v in result.subjects] == ["/var/lib/docker/volumes"]
        assert result.status == "pass"

    def test_judges_the_mount_of_the_volume_itself(self):
        own = self.mount("/var/lib/docker/volumes/data/_data", "rw", "nosuid")
        assert self.judge(self.volume(), mounts=(self.mount("/", "rw"), own)).status == "pass"

    def test_leaves_binds_of_the_host_to_other_checks(self):
        bind = MountPoint(kind="bind", source="/srv", destination="/srv", read_only=False)
        assert self.judge(bind).status == "not_applicable"

    def test_is_unknown_for_a_volume_whose_place_is_not_known(self):
        result = self.judge(self.volume("remote", source=""))
        assert (result.status, verdict(result, "remote").status) == ("unknown", "unknown")

    def test_is_unknown_when_mounts_were_not_read(self):
        target = facts(containers=(container(mounts=(self.volume(),)),), mounts=None)
        assert judge(self.check, target).status == "unknown"

    def test_does_not_apply_without_volumes(self):
        assert self.judge().status == "not_applicable"
