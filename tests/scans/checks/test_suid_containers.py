"""Item 7 in containers: SUID and SGID files and file capabilities, and whether they have effect."""

from typing import Any

import pytest

import scans.checks.suid_containers  # noqa: F401 - registers the checks
from tests.factories import DEFAULT_CAPABILITIES, container, facts, process, without_process
from tests.scans.checks.judge import judge, verdict
from tests.scans.checks.privileged import UNOWNED, file, inventory

CHECKS = (
    "container-suid",
    "container-suid-unowned",
    "container-suid-altered",
    "container-suid-writable",
    "container-file-capabilities",
)

REMAPPED = process(gid_map=((0, 100000, 65536),))
"""A process in a user namespace: root's group is the host's group 100000."""


@pytest.mark.parametrize("check", CHECKS)
class TestEveryContainerInventory:
    def test_passes_without_privileged_files(self, check):
        assert judge(check, facts(containers=(container(suid=inventory()),))).status == "pass"

    def test_is_unknown_when_the_probe_saw_nothing_of_the_container(self, check):
        target = facts(containers=(without_process(container()),))
        assert judge(check, target).status == "unknown"

    def test_is_unknown_when_the_search_was_cut_short_and_found_nothing_bad(self, check):
        target = facts(containers=(container(suid=inventory(complete=False)),))
        assert judge(check, target).status == "unknown"

    def test_still_fails_for_a_bad_file_when_the_search_was_cut_short(self, check):
        bad = file("/bad", mode=0o4777, capabilities="cap_setuid=ep", **UNOWNED)
        altered = file("/usr/bin/su", provenance="altered")
        target = facts(containers=(container(suid=inventory(bad, altered, complete=False)),))
        assert judge(check, target).status == "fail"

    def test_does_not_apply_without_running_containers(self, check):
        target = facts(containers=(container(state="exited"),))
        assert judge(check, target).status == "not_applicable"

    def test_is_unknown_when_containers_were_not_read(self, check):
        assert judge(check, facts(containers=None)).status == "unknown"


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


class TestContainerSuidAltered:
    def status(self, *files: Any, **fields: Any):
        subject = container(suid=inventory(*files, **fields))
        return judge("container-suid-altered", facts(containers=(subject,))).status

    def test_fails_for_a_packaged_file_that_was_changed(self):
        assert self.status(file(), file("/usr/bin/su", provenance="altered")) == "fail"

    def test_passes_files_as_delivered(self):
        assert self.status(file()) == "pass"

    def test_leaves_unowned_files_to_their_own_check(self):
        assert self.status(file(**UNOWNED)) == "pass"

    def test_is_unknown_for_a_file_without_a_recorded_digest(self):
        assert self.status(file(provenance="unknown")) == "unknown"

    def test_does_not_apply_to_images_without_a_package_manager(self):
        assert self.status(file(provenance="unknown"), package_manager="none") == "not_applicable"

    def test_is_unknown_when_the_package_manager_was_not_asked(self):
        assert self.status(file(), package_manager=None) == "unknown"


class TestContainerSuidWritable:
    def status(self, *files: Any, **fields: Any):
        subject = container(suid=inventory(*files), **fields)
        return judge("container-suid-writable", facts(containers=(subject,))).status

    @pytest.mark.parametrize(("mode", "gid"), [(0o4757, 0), (0o2775, 50), (0o6770, 1000)])
    def test_fails_when_others_or_an_ordinary_group_may_write(self, mode, gid):
        assert self.status(file(mode=mode, gid=gid)) == "fail"

    @pytest.mark.parametrize(("mode", "gid"), [(0o4755, 1000), (0o4775, 0), (0o2755, 43)])
    def test_passes_when_only_root_may_write(self, mode, gid):
        assert self.status(file(mode=mode, gid=gid)) == "pass"

    @pytest.mark.parametrize(("gid", "expected"), [(100000, "pass"), (101000, "fail")])
    def test_takes_the_group_root_from_the_containers_user_namespace(self, gid, expected):
        assert self.status(file(mode=0o4775, gid=gid), process=REMAPPED) == expected

    def test_is_unknown_for_a_writing_group_when_the_namespace_was_not_read(self):
        assert self.status(file(mode=0o4775), process=process(gid_map=None)) == "unknown"
        assert self.status(file(mode=0o4757), process=process(gid_map=None)) == "fail"


class TestContainerFileCapabilities:
    def judge(self, capabilities: str | None, inventoried: dict[str, Any] | None = None, **fields):
        carrier = file("/usr/bin/tool", mode=0o755, capabilities=capabilities)
        subject = container(suid=inventory(carrier, **(inventoried or {})), **fields)
        return judge("container-file-capabilities", facts(containers=(subject,)))

    def test_fails_for_a_capability_that_amounts_to_root(self):
        found = verdict(self.judge("cap_net_raw,cap_setuid=ep"), "web")
        assert (found.status, found.message) == (
            "fail",
            "has files that give whoever runs them SETUID",
        )

    def test_passes_harmless_capabilities(self):
        assert self.judge("cap_net_bind_service=ep").status == "pass"

    def test_passes_what_the_bounding_set_does_not_let_through(self):
        assert self.judge("cap_sys_admin=ep").status == "pass"
        bounding = DEFAULT_CAPABILITIES & ~(1 << 7)
        safe = process(cap_bounding=bounding)
        assert self.judge("cap_setuid=ep", process=safe).status == "pass"

    def test_passes_with_no_new_privileges(self):
        safe = process(no_new_privileges=True)
        assert self.judge("cap_setuid=ep", process=safe).status == "pass"

    def test_is_unknown_when_the_process_was_not_read(self):
        assert self.judge("cap_setuid=ep", process=None).status == "unknown"

    def test_is_unknown_for_a_text_it_does_not_understand(self):
        assert self.judge("cap_from_the_future=ep").status == "unknown"

    def test_is_unknown_when_capabilities_could_not_be_listed(self):
        result = self.judge(None, {"capabilities_read": False})
        assert "getcap" in verdict(result, "web").message
        assert result.status == "unknown"
