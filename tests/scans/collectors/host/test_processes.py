"""Whose a process is, and in which state. cgroup v2 and LSM labels are written by hand."""

import pytest

from scans.collectors.host.cgroups import container_ids, own_prefix
from scans.collectors.host.process_state import parse_users
from scans.collectors.host.processes import parse_processes
from tests.scans.collectors.probing import section

A, B = "a" * 64, "b" * 64


def status(pid: int, parent: int, name: str = "app", uid: int = 0) -> str:
    caps = "".join(
        f"/proc/{pid}/status:Cap{kind}:\t00000000a80425fb\n"
        for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")
    )
    return (
        f"/proc/{pid}/status:Name:\t{name}\n/proc/{pid}/status:PPid:\t{parent}\n"
        f"/proc/{pid}/status:Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
        f"/proc/{pid}/status:Gid:\t0\t0\t0\t0\n{caps}"
        f"/proc/{pid}/status:NoNewPrivs:\t1\n/proc/{pid}/status:Seccomp:\t2\n"
    )


@pytest.mark.parametrize(
    ("path", "own", "ids"),
    [
        (f"/docker/{A}", "", (A,)),
        (f"/system.slice/docker-{A}.scope", "", (A,)),
        (f"/machine.slice/libpod-{A}.scope/container", "", (A,)),
        (f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{A}.scope", "", (A,)),
        (f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{A}.scope", "", (A,)),
        (f"/docker/{A}/docker/{B}", "", (A, B)),
        (f"/docker/{A}/docker/{B}", f"/docker/{A}", (B,)),
        ("/system.slice/docker.service", "", ()),
        (f"/docker/{A}f", "", ()),
    ],
)
def test_ids_stand_on_a_cgroups_path(path: str, own: str, ids: tuple[str, ...]) -> None:
    assert container_ids(path, own) == ids


def test_a_host_that_is_a_container_takes_its_own_id_away() -> None:
    own = section("processes", {"own": f"9:memory:/docker/{A}/init.scope\n0::/\n"})
    assert own_prefix(own) == f"/docker/{A}"
    assert own_prefix(section("processes", {"own": "0::/init.scope\n"})) == ""


def state_of(**parts: str):  # type: ignore[no-untyped-def]
    base = {
        "own": "0::/init.scope\n",
        "status": status(1, 0, "systemd") + status(40, 30, uid=1000),
        "members": f"/proc/40/cgroup:0::/system.slice/docker-{A}.scope\n",
        "cgroups": f"/proc/40/cgroup:0::/system.slice/docker-{A}.scope\n",
    }
    return parse_processes(section("processes", base | parts)).states[A][40]


def test_reads_the_effective_state() -> None:
    state = state_of()
    assert state.uids == (1000,) * 4
    assert state.cap_bounding == 0xA80425FB
    assert (state.seccomp, state.no_new_privileges) == (2, True)
    assert state.cgroup == f"/system.slice/docker-{A}.scope"
    assert (state.memory_max, state.pids_max, state.uid_map, state.lsm_label) == (None,) * 4


def test_reads_limits_of_cgroup_v2() -> None:
    folder = f"/sys/fs/cgroup/system.slice/docker-{A}.scope"
    state = state_of(limits=f"{folder}/memory.max:67108864\n{folder}/pids.max:max\n")
    assert (state.memory_max, state.pids_max) == (67108864, None)


def test_reads_limits_of_cgroup_v1() -> None:
    cgroups = f"/proc/40/cgroup:8:pids:/docker/{A}\n/proc/40/cgroup:4:memory:/docker/{A}\n"
    limits = (
        f"/sys/fs/cgroup/memory/docker/{A}/memory.limit_in_bytes:9223372036854771712\n"
        f"/sys/fs/cgroup/pids/docker/{A}/pids.max:64\n"
    )
    state = state_of(cgroups=cgroups, limits=limits)
    assert (state.memory_max, state.pids_max) == (None, 64)


@pytest.mark.parametrize(
    "label", ["docker-default (enforce)", "system_u:system_r:container_t:s0:c1"]
)
def test_reads_the_label_of_the_security_module(label: str) -> None:
    assert state_of(maps=f"/proc/40/attr/current:{label}\0\n").lsm_label == label


def test_reads_id_maps() -> None:
    maps = "/proc/40/uid_map:         0     100000      65536\n"
    assert state_of(maps=maps).uid_map == ((0, 100000, 65536),)


def test_a_read_only_root_is_told_by_its_mount() -> None:
    for options, read_only in (("ro,relatime", True), ("rw,relatime", False)):
        line = f"/proc/40/mountinfo:1 2 0:67 / / {options} - overlay overlay rw\n"
        assert state_of(mounts=line).root_read_only is read_only


def test_names_and_commands_with_newlines_stay_one_processs() -> None:
    forged = "x\n/proc/1/cmdline:evil"
    parts = {
        "status": status(1, 0) + status(40, 30, "a\\nb"),
        "members": f"/proc/40/cgroup:0::/docker/{A}\n",
        "cmdline": f"/proc/40/cmdline:sh\0/proc/40/cmdline:{forged}\0",
    }
    found = parse_processes(section("processes", parts)).containers[A]
    assert [(process.pid, process.name) for process in found] == [(40, "a\\nb")]
    assert found[0].command == "sh x\\x0a/proc/1/cmdline:evil"


def test_commands_lose_their_secrets() -> None:
    parts = {
        "status": status(1, 0) + status(40, 30),
        "members": f"/proc/40/cgroup:0::/docker/{A}\n",
        "cmdline": "/proc/40/cmdline:app\0/proc/40/cmdline:--password\0/proc/40/cmdline:hunter2\0",
    }
    found = parse_processes(section("processes", parts)).containers[A]
    assert found[0].command.startswith("app --password")
    assert "hunter2" not in found[0].command


def test_a_process_in_a_container_in_a_container_counts_for_both() -> None:
    parts = {
        "own": "0::/init.scope\n",
        "status": status(1, 0) + status(40, 30),
        "members": f"/proc/40/cgroup:0::/docker/{A}/docker/{B}\n",
    }
    found = parse_processes(section("processes", parts))
    assert set(found.containers) == {A, B}
    assert [process.pid for process in found.host] == [1]


def test_users_of_a_container_are_its_own() -> None:
    parts = {
        "roots": f"{A} 40\n{B} 50\n",
        "passwd": "/proc/40/root/etc/passwd:app:x:1000:1000::/:/bin/sh\n"
        "/proc/40/root/etc/passwd:app:x:0:0::/:/bin/sh\n",
    }
    assert parse_users(section("users", parts)) == {A: {"app": 1000}}
