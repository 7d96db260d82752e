from typing import Any

import pytest

import scans.checks.userns  # noqa: F401 - registers its checks
from scans.checks.core.model import Result
from scans.facts import Account, Container, Gap, Group, NamespaceModes, SubidRange
from tests.factories import container, daemon, engine, facts, process, without_process
from tests.scans.checks.judge import judge, verdict

IDENTITY = ((0, 0, 4294967295),)
REMAPPED = ((0, 100000, 65536),)


class TestDaemonUserns:
    def test_fails_by_default(self) -> None:
        assert judge("daemon-userns", facts()).status == "fail"

    @pytest.mark.parametrize("field", ["userns_remap", "rootless"])
    def test_passes_with_remapping_or_rootless(self, field: str) -> None:
        assert judge("daemon-userns", facts(engine=engine(**{field: True}))).status == "pass"

    def test_a_setting_that_is_not_in_force_fails(self) -> None:
        result = judge("daemon-userns", facts(daemon=daemon({"userns-remap": "default"})))
        assert result.status == "fail"
        assert "restart" in verdict(result, "daemon").message

    def test_without_the_engine_the_configuration_decides(self) -> None:
        host = facts(engine=None, daemon=daemon({"userns-remap": "default"}))
        assert judge("daemon-userns", host).status == "pass"
        assert judge("daemon-userns", facts(engine=None)).status == "fail"

    def test_is_unknown_when_neither_was_read(self) -> None:
        assert judge("daemon-userns", facts(engine=None, daemon=None)).status == "unknown"

    def test_does_not_apply_to_podman(self) -> None:
        host = facts(engine=engine(name="podman"))
        assert judge("daemon-userns", host).status == "not_applicable"


class TestContainerHostUserns:
    def judge(self, subject: Container, **sections: Any) -> Result:
        return judge("container-host-userns", facts(containers=(subject,), **sections))

    def test_fails_when_root_inside_is_root_outside(self) -> None:
        assert self.judge(container(process=process(uid_map=IDENTITY))).status == "fail"

    def test_passes_when_root_inside_is_someone_else_outside(self) -> None:
        assert self.judge(container(process=process(uid_map=REMAPPED))).status == "pass"

    def test_passes_when_the_map_has_no_root(self) -> None:
        mapped = process(uid_map=((1000, 1000, 1),))
        assert self.judge(container(process=mapped)).status == "pass"

    def test_nothing_declared_is_no_proof_where_the_daemon_does_not_remap(self) -> None:
        subject = without_process(container(namespaces=NamespaceModes(user="")))
        assert self.judge(subject).status == "fail"

    def test_the_map_decides_over_the_engine(self) -> None:
        subject = container(process=process(uid_map=IDENTITY))
        assert self.judge(subject, engine=engine(userns_remap=True)).status == "fail"

    def test_names_the_option_that_opts_out(self) -> None:
        subject = container(
            process=process(uid_map=IDENTITY), namespaces=NamespaceModes(user="host")
        )
        result = self.judge(subject, engine=engine(userns_remap=True))
        assert "--userns=host" in verdict(result, "web").message

    def test_without_the_process_the_engine_s_mapping_passes(self) -> None:
        subject = without_process(container())
        assert self.judge(subject, engine=engine(userns_remap=True)).status == "pass"

    def test_without_the_process_a_declared_opt_out_fails(self) -> None:
        subject = without_process(container(namespaces=NamespaceModes(user="host")))
        assert self.judge(subject, engine=engine(userns_remap=True)).status == "fail"

    def test_without_the_map_the_process_s_namespace_decides(self) -> None:
        subject = container(process=process(uid_map=None))
        assert self.judge(subject, engine=engine(userns_remap=True)).status == "fail"

    def test_is_unknown_when_nothing_tells(self) -> None:
        subject = without_process(container())
        assert self.judge(subject, engine=None, daemon=None).status == "unknown"


def row(owner: str, start: int, count: int = 65536) -> SubidRange:
    return SubidRange(owner=owner, start=start, count=count)


class TestSubidRanges:
    def judge(self, *rows: SubidRange, **sections: Any) -> Result:
        return judge("subid-ranges", facts(**({"subuid": rows, "subgid": rows} | sections)))

    def test_passes_with_enough_ids_apart(self) -> None:
        result = self.judge(row("dockremap", 100000), row("alice", 165536))
        assert [(v.subject.name, v.status) for v in result.subjects] == [
            ("alice", "pass"),
            ("dockremap", "pass"),
        ]

    def test_fails_both_users_whose_ranges_overlap(self) -> None:
        result = self.judge(row("dockremap", 100000), row("alice", 165535))
        assert verdict(result, "alice").message == (
            "shares subordinate ids in /etc/subuid with dockremap"
        )
        assert verdict(result, "dockremap").status == "fail"

    def test_an_overlap_of_groups_alone_fails_too(self) -> None:
        result = self.judge(
            row("dockremap", 100000),
            row("alice", 165536),
            subgid=(row("dockremap", 100000), row("alice", 100000)),
        )
        assert "/etc/subgid" in verdict(result, "alice").message

    def test_fails_with_fewer_ids_than_a_container_needs(self) -> None:
        assert self.judge(row("alice", 100000, 65535)).status == "fail"

    def test_several_ranges_of_one_user_count_together(self) -> None:
        result = self.judge(row("alice", 100000, 32768), row("alice", 200000, 32768))
        assert result.status == "pass"

    def test_fails_when_a_user_has_ids_in_one_file_alone(self) -> None:
        assert self.judge(row("alice", 100000), subgid=()).status == "fail"

    def test_one_user_named_by_uid_and_by_name_is_one_owner(self) -> None:
        alice = Account(name="alice", uid=1000, gid=1000)
        result = self.judge(row("alice", 100000), row("1000", 100000), accounts=(alice,))
        assert result.status == "pass"

    def test_fails_when_a_range_holds_an_account_of_the_host(self) -> None:
        root = Account(name="root", uid=0, gid=0)
        result = self.judge(row("dockremap", 0), accounts=(root,))
        assert "hold the id of root" in verdict(result, "dockremap").message

    def test_fails_when_a_range_holds_a_group_of_the_host(self) -> None:
        group = Group(name="shadow", gid=100042, members=())
        assert self.judge(row("dockremap", 100000), groups=(group,)).status == "fail"

    def test_does_not_apply_without_ranges_and_remapping(self) -> None:
        assert self.judge().status == "not_applicable"

    def test_is_unknown_when_the_engine_remaps_by_ids_that_are_not_in_the_files(self) -> None:
        assert self.judge(engine=engine(userns_remap=True)).status == "unknown"

    @pytest.mark.parametrize("section", ["subuid", "subgid"])
    def test_is_unknown_when_a_file_was_not_read(self, section: str) -> None:
        gap = Gap(section=section, reason="permission denied")
        result = self.judge(row("a", 100000), **{section: None}, gaps=(gap,))
        assert result.reason == f"/etc/{section} could not be read: permission denied"
