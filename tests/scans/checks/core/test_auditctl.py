import pytest

from scans.checks.core.auditctl import has_merged_usr, parse, watches_of
from scans.facts import AuditRule, FileStat

DOCKERD = FileStat(path="/usr/bin/dockerd", kind="file")


def rule(text):
    return AuditRule(text=text, source="kernel")


def watching(*texts, file=DOCKERD, merged_usr=False):
    found = watches_of(map(rule, texts), file, merged_usr=merged_usr)
    return [watch.rule.text for watch in found]


@pytest.mark.parametrize(
    ("text", "path", "access"),
    [
        ("-w /usr/bin/dockerd -p wa -k docker", "/usr/bin/dockerd", "wa"),
        ("-w /usr/bin/dockerd -k docker", "/usr/bin/dockerd", "rwxa"),
        ("-w /usr/bin/dockerd -p rwxa", "/usr/bin/dockerd", "rwxa"),
        ("-w /var/run/docker.sock -p wa", "/run/docker.sock", "wa"),
        ("-a always,exit -F path=/usr/bin/dockerd -F perm=wa", "/usr/bin/dockerd", "wa"),
        ("-a exit,always -F path=/usr/bin/dockerd -F perm=wa", "/usr/bin/dockerd", "wa"),
        ("-a always,exit -F arch=b64 -S all -F dir=/etc/docker/ -F key=d", "/etc/docker", "rwxa"),
        ("-a always,exit -Fpath=/x -Fperm=w", "/x", "w"),
    ],
)
def test_reads_either_form_of_a_watch(text, path, access):
    watch = parse(rule(text))
    assert watch is not None
    assert (watch.path, watch.access, watch.conditions) == (path, frozenset(access), ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-D",
        "-b 8192",
        "-e 2",
        "# -w /usr/bin/dockerd -p wa",
        "-a always,exit -F arch=b64 -S execve",
        "-a always,exclude -F msgtype=CWD",
        "-a task,always -F path=/usr/bin/dockerd",
        "-w relative -p wa",
        "-w",
        "No rules",
    ],
)
def test_what_watches_no_path_is_no_watch(text):
    assert parse(rule(text)) is None


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("-a always,exit -F path=/x -F auid>=1000 -F auid!=unset", ("auid>=1000", "auid!=unset")),
        ("-a always,exit -F path=/x -S execve,open", ("-S execve,open",)),
        ("-a always,exit -F path=/x -C uid!=euid", ("uid!=euid",)),
        ("-a always,exit -F path=/x -F perm!=wa", ("perm!=wa",)),
    ],
)
def test_keeps_the_conditions_of_a_rule(text, conditions):
    watch = parse(rule(text))
    assert watch is not None
    assert watch.conditions == conditions


def test_a_longer_name_is_another_file():
    assert watching("-w /usr/bin/dockerd-rootless.sh -p wa") == []


def test_a_shorter_name_is_another_file():
    assert watching("-w /usr/bin/docker -p wa") == []


def test_a_watched_parent_covers_what_is_below():
    assert len(watching("-w /usr/bin -p wa", "-a always,exit -F dir=/usr -F perm=wa")) == 2


def test_a_path_field_covers_nothing_below():
    assert watching("-a always,exit -F path=/usr/bin -F perm=wa") == []


def test_a_path_field_on_a_directory_does_not_watch_its_content():
    folder = FileStat(path="/etc/docker", kind="directory")
    assert watching("-a always,exit -F path=/etc/docker -F perm=wa", file=folder) == []
    assert watching("-a always,exit -F dir=/etc/docker -F perm=wa", file=folder) != []


def test_the_real_path_is_what_counts():
    linked = FileStat(path="/usr/bin/dockerd", resolved="/opt/docker/dockerd", kind="file")
    assert watching("-w /usr/bin/dockerd -p wa", file=linked) == []
    assert watching("-w /opt/docker/dockerd -p wa", file=linked) != []


UNIT = FileStat(path="/usr/lib/systemd/system/docker.service", kind="file")


def test_on_a_merged_usr_both_names_of_a_directory_are_one():
    text = "-w /lib/systemd/system/docker.service -p wa"
    assert watching(text, file=UNIT, merged_usr=True) == [text]
    assert watching(text, file=UNIT, merged_usr=False) == []


def test_takes_usr_for_merged_unless_a_file_really_lies_outside():
    in_lib = FileStat(
        path="/lib/systemd/system/docker.service",
        resolved="/lib/systemd/system/docker.service",
        kind="file",
    )
    assert has_merged_usr([UNIT, DOCKERD])
    assert not has_merged_usr([UNIT, in_lib])


def test_a_rule_after_an_exclusion_is_void():
    exclusion, watch = "-a never,exit -F dir=/usr/bin", "-w /usr/bin/dockerd -p wa"
    assert watching(exclusion, watch) == []
    assert watching(watch, exclusion) == [watch]


def test_an_exclusion_under_a_condition_leaves_the_rest_watched():
    exclusion, watch = "-a never,exit -F dir=/usr/bin -F uid=7", "-w /usr/bin/dockerd -p wa"
    assert watching(exclusion, watch) == [watch]
