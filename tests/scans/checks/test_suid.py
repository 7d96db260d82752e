"""Item 7: SUID and SGID files and file capabilities."""

from typing import Any

import pytest

import scans.checks.suid  # noqa: F401 - registers the checks
from scans.facts import Gap, Mount, PrivilegedFile, SuidInventory
from tests.factories import DEFAULT_CAPABILITIES, container, facts, process, without_process
from tests.scans.checks.judge import judge, verdict


def file(path: str = "/usr/bin/passwd", **fields: Any) -> PrivilegedFile:
    """A SUID root program as its package delivered it."""
    base = {
        "mode": 0o4755,
        "uid": 0,
        "gid": 0,
        "size": 1000,
        "package": "passwd",
        "provenance": "unchanged",
    }
    return PrivilegedFile(path=path, **(base | fields))


def inventory(*files: PrivilegedFile, **fields: Any) -> SuidInventory:
    base = {"complete": True, "capabilities_read": True, "package_manager": "dpkg"}
    return SuidInventory(files=files, **(base | fields))


def host(*files: PrivilegedFile, **fields: Any):
    return facts(suid=inventory(*files, **fields))


HOST_CHECKS = (
    "host-suid-unowned",
    "host-suid-altered",
    "host-suid-writable",
    "host-suid-dangerous",
    "host-file-capabilities",
)

UNOWNED = {"package": None, "provenance": "unowned"}


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

    def test_is_unknown_when_capabilities_could_not_be_listed(self):
        result = judge("host-file-capabilities", host(file(), capabilities_read=False))
        assert result.status == "unknown"
        assert "getcap" in (result.reason or "")


class TestContainerSuid:
    def status(self, **fields: Any):
        return judge("container-suid", facts(containers=(container(**fields),))).status

    def test_fails_with_suid_files_and_the_default_capabilities(self):
        assert self.status(suid=inventory(file())) == "fail"

    def test_passes_without_suid_files(self):
        assert self.status(suid=inventory()) == "pass"

    def test_passes_with_no_new_privileges(self):
        safe = process(no_new_privileges=True)
        assert self.status(suid=inventory(file()), process=safe) == "pass"

    def test_passes_when_setuid_and_setgid_are_dropped(self):
        bounding = DEFAULT_CAPABILITIES & ~(1 << 6 | 1 << 7)
        assert self.status(suid=inventory(file()), process=process(cap_bounding=bounding)) == "pass"

    def test_fails_when_only_one_of_both_is_dropped(self):
        bounding = DEFAULT_CAPABILITIES & ~(1 << 7)
        assert self.status(suid=inventory(file()), process=process(cap_bounding=bounding)) == "fail"

    def test_is_unknown_when_files_were_not_searched(self):
        assert self.status(suid=None) == "unknown"

    def test_is_unknown_when_the_search_was_cut_short_without_a_find(self):
        assert self.status(suid=inventory(complete=False)) == "unknown"

    def test_is_unknown_when_the_process_was_not_read(self):
        assert self.status(suid=inventory(file()), process=None) == "unknown"

    def test_falls_back_to_a_declared_no_new_privileges(self):
        options = ("no-new-privileges:true",)
        assert self.status(suid=None, process=None, security_options=options) == "pass"

    def test_does_not_take_a_declared_false_for_true(self):
        options = ("no-new-privileges:false",)
        assert self.status(suid=inventory(file()), process=None, security_options=options) == (
            "unknown"
        )

    def test_believes_the_process_rather_than_the_declaration(self):
        options = ("no-new-privileges",)
        assert self.status(suid=inventory(file()), security_options=options) == "fail"

    def test_lists_no_more_than_twenty_of_many_files(self):
        many = inventory(*(file(f"/bin/{number}") for number in range(500)))
        result = judge("container-suid", facts(containers=(container(suid=many),)))
        shown = verdict(result, "web").evidence[0].observed
        assert (len(shown), shown[-1]) == (21, "and 480 more")

    def test_does_not_apply_without_running_containers(self):
        assert self.status(state="exited") == "not_applicable"


class TestContainerSuidUnowned:
    def status(self, **fields: Any):
        return judge("container-suid-unowned", facts(containers=(container(**fields),))).status

    def test_fails_for_a_suid_file_of_no_package(self):
        assert self.status(suid=inventory(file(), file("/rootme", **UNOWNED))) == "fail"

    def test_fails_for_one_even_in_an_incomplete_inventory(self):
        assert self.status(suid=inventory(file(**UNOWNED), complete=False)) == "fail"

    def test_passes_when_packages_own_all(self):
        assert self.status(suid=inventory(file())) == "pass"

    def test_is_unknown_when_the_package_was_not_determined(self):
        untold = file(package=None, provenance="unknown")
        assert self.status(suid=inventory(untold)) == "unknown"

    def test_is_unknown_for_an_incomplete_inventory(self):
        assert self.status(suid=inventory(file(), complete=False)) == "unknown"

    def test_does_not_apply_to_images_without_a_package_manager(self):
        bare = inventory(file(**UNOWNED), package_manager="none")
        assert self.status(suid=bare) == "not_applicable"

    def test_is_unknown_when_the_probe_saw_nothing_of_the_container(self):
        target = facts(containers=(without_process(container()),))
        assert judge("container-suid-unowned", target).status == "unknown"


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
