from dataclasses import replace

import pytest

from scans.checks import audit_rules
from scans.checks.core.registry import catalogue
from scans.facts import AuditRule, AuditRules, FileStat, Gap
from tests.factories import engine, facts
from tests.scans.checks.judge import judge, verdict

IDS = tuple(row.check_id for row in audit_rules.ROWS)

FILES = {
    "audit-dockerd": ("dockerd", "/usr/bin/dockerd", "file"),
    "audit-run-containerd": ("run-containerd", "/run/containerd", "directory"),
    "audit-data-root": ("data-root", "/var/lib/docker", "directory"),
    "audit-etc-docker": ("etc-docker", "/etc/docker", "directory"),
    "audit-docker-service": ("docker-service", "/usr/lib/systemd/system/docker.service", "file"),
    "audit-containerd-sock": ("containerd-sock", "/run/containerd/containerd.sock", "socket"),
    "audit-docker-sock": ("docker-sock", "/run/docker.sock", "socket"),
    "audit-etc-default-docker": ("etc-default-docker", "/etc/default/docker", "file"),
    "audit-daemon-json": ("daemon-json", "/etc/docker/daemon.json", "file"),
    "audit-containerd-config": ("containerd-config", "/etc/containerd/config.toml", "file"),
    "audit-etc-sysconfig-docker": ("etc-sysconfig-docker", "/etc/sysconfig/docker", "file"),
    "audit-containerd": ("containerd", "/usr/bin/containerd", "file"),
    "audit-containerd-shim": ("containerd-shim", "/usr/bin/containerd-shim", "file"),
    "audit-containerd-shim-runc-v1": (
        "containerd-shim-runc-v1",
        "/usr/bin/containerd-shim-runc-v1",
        "file",
    ),
    "audit-containerd-shim-runc-v2": (
        "containerd-shim-runc-v2",
        "/usr/bin/containerd-shim-runc-v2",
        "file",
    ),
    "audit-runc": ("runc", "/usr/sbin/runc", "file"),
}


def stat(check_id, **fields):
    role, path, kind = FILES[check_id]
    return FileStat(**({"role": role, "path": path, "kind": kind} | fields))


def everything(**fields):
    return tuple(stat(check_id, **fields) for check_id in FILES)


def rules(*texts, on_disk=(), **fields):
    base = {
        "loaded": tuple(AuditRule(text=text, source="kernel") for text in texts),
        "on_disk": tuple(
            AuditRule(text=text, source="/etc/audit/rules.d/docker.rules") for text in on_disk
        ),
        "enabled": 1,
    }
    return AuditRules(**(base | fields))


def host(*texts, files=None, **fields):
    return facts(files=everything() if files is None else files, audit=rules(*texts, **fields))


@pytest.mark.parametrize("check_id", IDS)
def test_a_loaded_watch_on_the_path_passes(check_id):
    path = FILES[check_id][1]
    assert judge(check_id, host(f"-w {path} -p wa -k docker")).status == "pass"


@pytest.mark.parametrize("check_id", IDS)
def test_no_rule_fails(check_id):
    assert judge(check_id, host()).status == "fail"


@pytest.mark.parametrize("check_id", IDS)
def test_rules_on_every_other_path_do_not_help(check_id):
    own = FILES[check_id][1]
    others = [path for _, path, _ in FILES.values() if not own.startswith(path)]
    result = judge(check_id, host(*(f"-w {path} -p wa" for path in others)))
    assert result.status == "fail"


@pytest.mark.parametrize("check_id", IDS)
def test_an_absent_path_is_not_applicable(check_id):
    gone = (stat(check_id, kind="absent"),)
    assert judge(check_id, host(files=gone)).status == "not_applicable"


@pytest.mark.parametrize("check_id", IDS)
def test_rules_that_were_not_read_are_unknown(check_id):
    gap = Gap(section="audit", reason="auditctl: Operation not permitted")
    unread = facts(files=everything(), audit=None, gaps=(gap,))
    result = judge(check_id, unread)
    assert result.status == "unknown"
    assert "Operation not permitted" in result.reason


@pytest.mark.parametrize("check_id", IDS)
def test_a_path_that_nobody_looked_for_is_unknown(check_id):
    assert judge(check_id, host(files=())).status == "unknown"


def test_a_rule_on_disk_alone_is_unknown_while_the_loaded_ones_are():
    text = "-w /etc/docker -p wa -k docker"
    result = judge("audit-etc-docker", host(loaded=None, on_disk=(text,)))
    assert result.status == "unknown"
    assert "/etc/audit/rules.d/docker.rules" in verdict(result, "/etc/docker").message


def test_no_rule_on_disk_is_unknown_too_while_the_loaded_ones_are():
    assert judge("audit-etc-docker", host(loaded=None)).status == "unknown"


def test_a_rule_on_disk_that_is_not_loaded_fails_and_is_named():
    result = judge("audit-etc-docker", host(on_disk=("-w /etc/docker -p wa",)))
    assert result.status == "fail"
    assert "not loaded" in verdict(result, "/etc/docker").message


def test_a_rule_for_a_file_does_not_watch_its_directory():
    assert judge("audit-etc-docker", host("-w /etc/docker/daemon.json -p wa")).status == "fail"


def test_a_rule_for_the_directory_watches_its_file():
    assert judge("audit-daemon-json", host("-w /etc/docker/ -p wa")).status == "pass"
    assert judge("audit-daemon-json", host("-a always,exit -F dir=/etc -F perm=wa")).status == (
        "pass"
    )


def test_a_rule_for_the_shim_does_not_watch_containerd():
    assert judge("audit-containerd", host("-w /usr/bin/containerd-shim -p wa")).status == "fail"


def test_a_rule_in_the_form_of_a_syscall_rule_passes():
    text = "-a always,exit -F arch=b64 -S all -F path=/usr/bin/dockerd -F perm=wa -F key=docker"
    assert judge("audit-dockerd", host(text)).status == "pass"


def test_a_rule_on_the_linked_name_of_the_units_directory_passes():
    text = "-w /lib/systemd/system/docker.service -p wa"
    assert judge("audit-docker-service", host(text)).status == "pass"


def test_the_socket_is_found_by_its_old_name():
    assert judge("audit-docker-sock", host("-w /var/run/docker.sock -p wa")).status == "pass"


@pytest.mark.parametrize("access", ["x", "r", "w", "a", "rx"])
def test_a_watch_that_misses_writes_or_attributes_fails(access):
    result = judge("audit-dockerd", host(f"-w /usr/bin/dockerd -p {access}"))
    assert result.status == "fail"
    assert f"for {access} only" in verdict(result, "/usr/bin/dockerd").message


def test_two_rules_together_may_watch_all_that_is_wanted():
    both = host("-w /usr/bin/dockerd -p w", "-w /usr/bin/dockerd -p a")
    assert judge("audit-dockerd", both).status == "pass"


def test_a_watch_without_permissions_watches_all():
    assert judge("audit-dockerd", host("-w /usr/bin/dockerd -k docker")).status == "pass"


def test_a_watch_under_a_condition_fails_and_shows_it():
    text = "-a always,exit -F path=/usr/bin/dockerd -F perm=wa -F auid>=1000"
    result = judge("audit-dockerd", host(text))
    assert verdict(result, "/usr/bin/dockerd").message == (
        "is watched under conditions only: auid>=1000"
    )


def test_rules_while_auditing_is_off_fail():
    assert judge("audit-dockerd", host("-w /usr/bin/dockerd -p wa", enabled=0)).status == "fail"


def test_each_of_several_binaries_is_judged():
    both = (
        FileStat(path="/usr/sbin/runc", kind="file", role="runc"),
        FileStat(path="/usr/local/bin/runc", kind="file", role="runc"),
    )
    result = judge("audit-runc", host("-w /usr/sbin/runc -p wa", files=both))
    assert verdict(result, "/usr/sbin/runc").status == "pass"
    assert verdict(result, "/usr/local/bin/runc").status == "fail"


def test_the_data_root_is_watched_where_it_really_is():
    moved = (stat("audit-data-root", path="/srv/docker"),)
    assert judge("audit-data-root", host("-w /var/lib/docker -p wa", files=moved)).status == "fail"
    assert judge("audit-data-root", host("-w /srv/docker -p wa", files=moved)).status == "pass"


def test_a_path_that_may_not_be_looked_at_is_unknown_without_a_rule():
    hidden = (stat("audit-daemon-json", kind="unreadable"),)
    assert judge("audit-daemon-json", host(files=hidden)).status == "unknown"
    watched = host("-w /etc/docker/daemon.json -p wa", files=hidden)
    assert judge("audit-daemon-json", watched).status == "pass"


def test_podman_does_without_dockers_files():
    podman = facts(engine=engine(name="podman"), files=(), audit=rules())
    assert judge("audit-dockerd", podman).status == "not_applicable"


def test_the_table_covers_the_audit_controls_of_the_benchmark():
    numbers = {n for entry in catalogue() if entry.id in IDS for n in entry.cis_1_8}
    assert numbers == {f"1.1.{n}" for n in range(3, 19)}


# audit-rules-persistent

WATCHED = "-w /etc/docker -p wa -k docker"
LISTED = "-a always,exit -S all -F dir=/etc/docker -F perm=wa -F key=docker"
"""The same rule as the kernel may list it."""


def persistent(*loaded, on_disk=(), **fields):
    return judge("audit-rules-persistent", host(*loaded, on_disk=on_disk, **fields))


def test_a_rule_that_is_loaded_and_kept_passes():
    assert persistent(WATCHED, on_disk=(WATCHED,)).status == "pass"


def test_the_two_forms_of_a_rule_are_the_same_one():
    assert persistent(LISTED, on_disk=(WATCHED,)).status == "pass"


def test_a_loaded_rule_that_no_file_keeps_fails():
    result = persistent(WATCHED, "-w /etc/default/docker -p wa", on_disk=(WATCHED,))
    assert verdict(result, "/etc/docker").status == "pass"
    assert verdict(result, "/etc/default/docker").status == "fail"


def test_a_file_that_keeps_less_than_is_loaded_fails():
    assert persistent(WATCHED, on_disk=("-w /etc/docker -p a",)).status == "fail"


def test_a_rule_on_disk_that_is_not_loaded_is_no_lasting_one():
    assert persistent(on_disk=(WATCHED,)).status == "fail"


def test_lasting_rules_are_not_applicable_without_rules():
    assert persistent("-w /etc/passwd -p wa").status == "not_applicable"


@pytest.mark.parametrize("missing", ["loaded", "on_disk"])
def test_lasting_rules_are_unknown_unless_both_were_read(missing):
    both = rules(WATCHED, on_disk=(WATCHED,))
    unread = facts(files=everything(), audit=replace(both, **{missing: None}))
    assert judge("audit-rules-persistent", unread).status == "unknown"
    assert judge("audit-rules-persistent", facts(audit=None)).status == "unknown"
