"""Users, groups, subordinate ids, mounts."""

import pytest

from scans.collectors.host.accounts import parse_accounts, parse_groups, parse_subids
from scans.collectors.host.mounts import parse_mount, parse_mounts
from scans.collectors.host.reading import Missing
from scans.facts import Account, Group, SubidRange
from tests.scans.collectors.probing import section

PASSWD = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:998::/home/ann:/bin/sh\n+::::::\nbad line\n"
GROUP = "root:x:0:\ndocker:x:998:bob,ann\nempty:x:7:\n"


def test_reads_passwd_and_passes_over_what_is_no_user() -> None:
    found = parse_accounts(section("accounts", {"passwd": PASSWD}))
    assert found[1] == Account(name="ann", uid=1000, gid=998, shell="/bin/sh", home="/home/ann")
    assert len(found) == 2


def test_a_group_also_has_those_whose_primary_group_it_is() -> None:
    found = parse_groups(section("accounts", {"passwd": PASSWD, "group": GROUP}))
    docker = Group(name="docker", gid=998, members=("bob", "ann"), primary_members=("ann",))
    assert docker in found
    assert Group(name="empty", gid=7, members=()) in found


def test_no_users_at_all_is_not_believed() -> None:
    with pytest.raises(Missing):
        parse_accounts(section("accounts", {"passwd": ""}))


def test_subordinate_ids_are_read_absent_or_unreadable() -> None:
    path = "/etc/subuid"
    read = {
        f"file {path}": "ann:100000:65536\nbad\n#x:1:2\n1001:165536:65536\n",
        f"read {path}": "",
    }
    assert parse_subids(section("accounts", read), path) == (
        SubidRange(owner="ann", start=100000, count=65536),
        SubidRange(owner="1001", start=165536, count=65536),
    )
    assert parse_subids(section("accounts", {f"absent {path}": ""}), path) == ()
    with pytest.raises(Missing):
        parse_subids(section("accounts", {f"file {path}": ""}), path)


def test_reads_a_mount_with_its_optional_fields() -> None:
    line = r"36 35 98:0 /mnt1 /mnt/my\040disk rw,nosuid master:1 shared:2 - ext3 /dev/root rw,x=y"
    mount = parse_mount(line)
    assert mount is not None
    assert (mount.target, mount.source, mount.fstype) == ("/mnt/my disk", "/dev/root", "ext3")
    assert mount.options == ("rw", "nosuid")
    assert (mount.super_options, mount.root) == (("rw", "x=y"), "/mnt1")


@pytest.mark.parametrize("line", ["", "1 2 3", "36 35 98:0 / / rw - ext3", "a b c d e f g h i"])
def test_a_line_that_is_no_mount_is_none(line: str) -> None:
    assert parse_mount(line) is None


def test_a_host_without_mounts_is_not_believed() -> None:
    with pytest.raises(Missing):
        parse_mounts(section("mounts", {"mountinfo": "\n"}))
