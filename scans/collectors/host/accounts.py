"""Users, groups and subordinate ids of the host."""

from scans.collectors.frames import Section
from scans.collectors.host.reading import SUDO_HINT, Missing, needed
from scans.collectors.host.text import lines, number, visible
from scans.facts import Account, Group, SubidRange


def parse_accounts(section: Section) -> tuple[Account, ...]:
    """Lines of passwd(5). Raises Missing."""
    found: list[Account] = []
    for line in lines(needed(section, "passwd")):
        fields = visible(line).split(":")
        if len(fields) < 7:
            continue
        uid, gid = number(fields[2]), number(fields[3])
        if uid is not None and gid is not None:
            found.append(Account(name=fields[0], uid=uid, gid=gid, home=fields[5], shell=fields[6]))
    if not found:
        raise Missing("the host has no users to show")
    return tuple(found)


def parse_groups(section: Section) -> tuple[Group, ...]:
    """Lines of group(5), with the users who have the group as their primary one."""
    primary: dict[int, list[str]] = {}
    for account in parse_accounts(section):
        primary.setdefault(account.gid, []).append(account.name)
    found: list[Group] = []
    for line in lines(needed(section, "group")):
        fields = visible(line).split(":")
        gid = number(fields[2]) if len(fields) > 3 else None
        if gid is None:
            continue
        members = [name for name in fields[3].split(",") if name]
        own = tuple(primary.get(gid, ()))
        everyone = tuple(dict.fromkeys([*members, *own]))
        found.append(Group(name=fields[0], gid=gid, members=everyone, primary_members=own))
    if not found:
        raise Missing("the host has no groups to show")
    return tuple(found)


def parse_subids(section: Section, path: str) -> tuple[SubidRange, ...]:
    """``/etc/subuid`` or ``/etc/subgid``; a host without the file has no ranges. Raises Missing."""
    if section.find(f"absent {path}") is not None:
        return ()
    if section.find(f"read {path}") is None:
        raise Missing(f"{path} can't be read", SUDO_HINT)
    found: list[SubidRange] = []
    for line in lines(section.find(f"file {path}")):
        owner, _, rest = visible(line).partition(":")
        start, _, count = rest.partition(":")
        first, size = number(start), number(count)
        if first is not None and size is not None and not owner.startswith("#"):
            found.append(SubidRange(owner=owner, start=first, count=size))
    return tuple(found)
