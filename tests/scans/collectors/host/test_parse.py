"""All sections together, from what the probe wrote on real hosts."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scans.collectors.frames import TIMED_OUT, Part, ProbeOutput
from scans.collectors.host import HostFacts, parse_host
from scans.facts import Gap
from tests.scans.collectors.probing import output, recording, section

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
SECTIONS = [
    field.name
    for field in fields(HostFacts)
    if field.name not in ("level", "user", "gaps", "containers")
]


def facts(name: str) -> HostFacts:
    return parse_host(recording(name), now=NOW)


def gaps(found: HostFacts, section_name: str) -> list[Gap]:
    return [gap for gap in found.gaps if gap.section == section_name]


@pytest.fixture(scope="module")
def web() -> HostFacts:
    return facts("web")


@pytest.fixture(scope="module")
def hard() -> HostFacts:
    return facts("hard")


def test_an_empty_output_is_a_gap_for_every_section() -> None:
    found = parse_host(ProbeOutput(level="user", problem="no shell"), now=NOW)
    assert {name: getattr(found, name) for name in SECTIONS if name != "audit"} == dict.fromkeys(
        name for name in SECTIONS if name != "audit"
    )
    assert found.audit is not None
    assert (found.audit.loaded, found.audit.on_disk, found.audit.auditd_running) == (None,) * 3
    assert found.containers is None
    assert {gap.section for gap in found.gaps} >= {*SECTIONS, "container-probes"}
    assert {gap.reason for gap in gaps(found, "kernel")} == {"no shell"}


def test_reads_the_system(web: HostFacts) -> None:
    assert web.system is not None
    assert (web.system.hostname, web.system.os_id, web.system.os_version) == ("web", "debian", "12")
    assert web.system.virtualization == "docker"
    assert web.clock is not None
    assert web.clock.auditor == NOW


def test_reads_the_kernel(web: HostFacts) -> None:
    assert web.kernel is not None
    assert web.kernel.sysctls["net.ipv4.ip_forward"] == "1"
    assert web.kernel.cgroup_version == 1
    assert set(web.kernel.namespaces) >= {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"}
    assert web.kernel.vulnerabilities["meltdown"] == "Not affected"


def test_a_list_of_security_modules_that_is_hidden_is_a_gap(web: HostFacts) -> None:
    assert web.lsm is not None
    assert web.lsm.active is None
    assert web.lsm.selinux == "absent"
    assert len(gaps(web, "lsm")) == 1


def test_package_lists_without_a_security_suite_tell_nothing(web: HostFacts) -> None:
    assert web.updates is None
    assert gaps(web, "updates")[0].reason == "apt has no package list of a security suite"


def test_every_running_container_has_its_main_process(web: HostFacts) -> None:
    assert web.containers is not None
    assert len(web.containers) == 36
    for container in web.containers.values():
        assert container.states
        assert container.processes
        assert container.suid is not None
        assert container.suid.complete
        for state in container.states.values():
            assert set(state.namespaces) >= {"mnt", "net", "pid", "user"}
            assert state.uid_map == ((0, 0, 4294967295),)


def test_the_effective_state_tells_the_containers_apart(web: HostFacts) -> None:
    assert web.containers is not None
    assert web.kernel is not None
    states = [state for found in web.containers.values() for state in found.states.values()]
    own = web.kernel.namespaces
    assert {state.seccomp for state in states} == {0, 2}
    assert {state.no_new_privileges for state in states} == {True, False}
    assert {state.root_read_only for state in states} == {True, False}
    assert {state.memory_max for state in states} == {None, 67108864}
    assert {state.pids_max for state in states} == {None, 64}
    assert sum(state.namespaces["net"] == own["net"] for state in states) >= 1
    assert sum(state.namespaces["pid"] == own["pid"] for state in states) >= 1
    assert sum(state.cap_bounding == 0 for state in states) >= 1


def test_user_namespaces_show_in_the_maps(hard: HostFacts) -> None:
    assert hard.containers is not None
    states = [state for found in hard.containers.values() for state in found.states.values()]
    assert {state.uid_map for state in states} >= {((0, 100000, 65536),)}
    assert all(state.uids[0] >= 100000 for state in states if state.uid_map[0][1] == 100000)


def test_names_of_users_in_containers_are_known(web: HostFacts) -> None:
    assert web.containers is not None
    users = [found.users for found in web.containers.values()]
    assert {"root": 0, "toor": 0, "app": 1000} in users


def test_processes_of_containers_are_none_of_the_host(web: HostFacts) -> None:
    assert web.processes is not None
    assert web.containers is not None
    host = {process.pid for process in web.processes}
    inside = {p.pid for found in web.containers.values() for p in found.processes or ()}
    assert not host & inside
    assert {process.name for process in web.processes} >= {"sshd", "dockerd", "containerd"}


def test_a_file_that_was_altered_after_its_package_came_is_told(web: HostFacts) -> None:
    assert web.suid is not None
    assert web.suid.complete
    assert web.suid.capabilities_read
    by_path = {file.path: file for file in web.suid.files}
    assert (by_path["/usr/bin/chfn"].package, by_path["/usr/bin/chfn"].provenance) == (
        "passwd",
        "altered",
    )
    assert by_path["/usr/bin/chsh"].provenance == "unchanged"
    assert {file.provenance for file in web.suid.files} >= {"unowned"}


def test_the_daemon_is_read_layer_by_layer(hard: HostFacts) -> None:
    assert hard.daemon is not None
    assert hard.daemon.running
    assert hard.daemon.uid == 0
    icc = hard.daemon.effective("icc")
    assert icc is not None
    assert (icc.value, icc.layer, icc.source) == (False, "daemon.json", "/etc/docker/daemon.json")
    hosts = hard.daemon.effective("hosts")
    assert hosts is not None
    assert (hosts.value, hosts.layer) == (["unix:///var/run/docker.sock"], "argv")
    layers = {(source.layer, source.path) for source in hard.daemon.sources}
    assert ("unit", "/usr/lib/systemd/system/docker.service") in layers
    assert [setting.value for setting in hard.daemon.listen_streams] == ["/run/docker.sock"]
    assert set(hard.daemon.versions) == {"dockerd", "containerd", "runc"}


def test_the_engines_files_have_their_roles(hard: HostFacts) -> None:
    assert hard.files is not None
    by_role = {file.role: file for file in hard.files}
    sock = by_role["docker-sock"]
    assert (sock.kind, sock.mode, sock.owner, sock.group) == ("socket", 0o660, "root", "docker")
    assert by_role["daemon-json"].mode == 0o644
    assert by_role["registry-cert"].path == "/etc/docker/certs.d/registry.example:5000/ca.crt"
    assert by_role["etc-sysconfig-docker"].kind == "absent"


def test_rules_on_disk_are_read_where_the_kernel_shows_none(hard: HostFacts) -> None:
    assert hard.audit is not None
    assert hard.audit.loaded is None
    assert hard.audit.on_disk
    assert {rule.source.startswith("/etc/audit/") for rule in hard.audit.on_disk} == {True}
    assert [gap.reason for gap in gaps(hard, "audit")] == [
        "auditctl: Error sending rule list data request (Operation not permitted)"
    ]


def test_a_host_without_docker_has_no_daemon_and_podmans_socket() -> None:
    found = facts("pod")
    assert found.daemon is not None
    assert not found.daemon.running
    assert found.files is not None
    by_role = {file.role: file.kind for file in found.files}
    assert (by_role["podman-sock"], by_role["docker-sock"]) == ("socket", "absent")
    assert found.containers


def test_a_user_without_rights_reads_what_is_open_and_is_told_the_rest() -> None:
    found = facts("plain")
    assert (found.level, found.user) == ("user", "auditor")
    assert found.suid is not None
    assert not found.suid.complete
    assert found.daemon is not None
    assert found.daemon.running
    assert found.containers
    for container in found.containers.values():
        assert container.states
        assert container.suid is None
    hints = {gap.section for gap in found.gaps if gap.hint == "run with --sudo"}
    assert hints >= {"suid", "listeners", "container-probes"}


@pytest.mark.parametrize(
    "name", [name for name in SECTIONS if name not in ("clock", "audit", "suid")]
)
def test_a_section_whose_time_was_up_is_no_half_list(name: str) -> None:
    whole = recording("web")
    shared = dict.fromkeys(("groups", "subuid", "subgid"), "accounts") | {"packages": "versions"}
    at = shared.get(name, name)
    cut = replace(whole.sections[at], status=TIMED_OUT)
    found = parse_host(replace(whole, sections={**whole.sections, at: cut}), now=NOW)
    assert gaps(found, name)
    assert getattr(found, name) is None


def test_a_search_that_was_cut_keeps_what_it_found_and_says_so() -> None:
    whole = recording("web")
    suid = whole.sections["suid"]
    ends = [part for part in suid.parts if part.label not in ("host", "containers")]
    cut = replace(suid, parts=tuple(ends), status=TIMED_OUT)
    found = parse_host(replace(whole, sections={**whole.sections, "suid": cut}), now=NOW)
    assert found.suid is not None
    assert found.suid.files
    assert not found.suid.complete
    assert gaps(found, "suid")[0].reason == (
        "the search was not finished: its time on the host was up"
    )
    assert gaps(found, "container-probes")


def test_hidden_processes_are_no_absent_daemon() -> None:
    """With hidepid a user sees only its own processes: no dockerd in sight proves nothing."""
    hidden = section(
        "processes", {"status": "/proc/77/status:Name:\tsh\n/proc/77/status:Uid:\t9\t9\t9\t9\n"}
    )
    found = parse_host(output(hidden, section("daemon", {"listed": ""})), now=NOW)
    assert found.processes is None
    assert found.containers is None
    assert found.daemon is None
    assert "hidepid" in gaps(found, "processes")[0].reason


MUTATED = {name: recording(name) for name in ("hard", "plain")}


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_never_raises_for_what_a_host_wrote_and_stays_storable(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(list(MUTATED.values())))
    sections = dict(whole.sections)
    for name in data.draw(st.lists(st.sampled_from(sorted(sections)), min_size=1, max_size=4)):
        parts = list(sections[name].parts)
        if not parts:
            continue
        index = data.draw(st.integers(0, len(parts) - 1))
        part = parts[index]
        start = data.draw(st.integers(0, len(part.data)))
        noise = data.draw(st.binary(max_size=60))
        end = start + data.draw(st.integers(0, 200))
        parts[index] = Part(part.label, part.data[:start] + noise + part.data[end:])
        sections[name] = replace(sections[name], parts=tuple(parts))
    found = parse_host(replace(whole, sections=sections), now=NOW)
    msgspec.json.encode(found)
