"""The probe itself, run for real on this machine."""

import hashlib
import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scans.collectors.frames import TIMED_OUT, parse_frames
from scans.collectors.host import HostFacts, parse_host
from scans.collectors.host.suid import parse_host_suid
from scans.collectors.probe import probe_script
from tests.scans.collectors.probing import NONCE, SHELLS, only, program, run_here

SECTIONS = [
    "system",
    "kernel",
    "lsm",
    "mounts",
    "accounts",
    "files",
    "listeners",
    "firewall",
    "audit",
    "daemon",
    "processes",
    "users",
    "versions",
    "updates",
    "suid",
]
# Everything but what takes seconds on a machine with a large root file system.
QUICK = tuple(name for name in SECTIONS if name not in ("suid", "updates"))
SCRIPT = Path(__file__).parents[3] / "scans" / "collectors" / "probe.sh"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="plants files that only root can")


def facts(shell: str, **options: object) -> HostFacts:
    output, _ = run_here(shell, script=only(*QUICK), **options)  # type: ignore[arg-type]
    return parse_host(output, now=datetime.now(UTC))


@pytest.fixture(scope="module")
def busybox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but busybox's applets."""
    folder = tmp_path_factory.mktemp("busybox")
    binary = shutil.which("busybox")
    if binary is None:
        pytest.fail("install busybox-static: the probe is tested under busybox ash")
    subprocess.run([binary, "--install", "-s", str(folder)], check=True)
    for applet in ("dpkg", "rpm"):  # not in Alpine's busybox, and here they hide the real ones
        (folder / applet).unlink(missing_ok=True)
    return folder


def test_shellcheck_finds_nothing_in_it() -> None:
    done = subprocess.run(["shellcheck", "-s", "sh", str(SCRIPT)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("shell", SHELLS)
def test_reads_every_section_under(shell: str) -> None:
    output, done = run_here(shell)
    assert tuple(output.sections) == tuple(SECTIONS)
    assert {name: found.status for name, found in output.sections.items()} == dict.fromkeys(
        SECTIONS, 0
    )
    assert output.milliseconds is not None
    assert done.returncode == 0
    assert done.stderr == b""


@pytest.mark.parametrize("shell", SHELLS)
def test_says_the_same_of_the_system_under(shell: str) -> None:
    found = facts(shell)
    system, kernel = found.system, found.kernel
    assert system is not None
    assert kernel is not None
    assert system.hostname == os.uname().nodename
    assert (system.machine, kernel.release) == (os.uname().machine, os.uname().release)
    assert kernel.sysctls["kernel.randomize_va_space"] == (
        Path("/proc/sys/kernel/randomize_va_space").read_text().strip()
    )
    assert kernel.namespaces["net"] == Path("/proc/self/ns/net").stat().st_ino
    assert [account.uid for account in found.accounts or () if account.name == "root"] == [0]
    assert {mount.target for mount in found.mounts or ()} >= {"/", "/proc"}
    assert os.getpid() in {process.pid for process in found.processes or ()}


def test_needs_no_more_than_the_tools_of_busybox(busybox: Path) -> None:
    output, done = run_here("busybox", path=str(busybox), script=only(*QUICK))
    found = parse_host(output, now=datetime.now(UTC))
    assert done.stderr == b""
    assert found.system is not None
    assert found.processes is not None
    assert found.files is not None
    etc = next(file for file in found.files if file.role == "etc-docker")
    assert etc.kind in ("directory", "absent")


def test_a_section_that_hangs_is_killed_and_the_rest_survives(tmp_path: Path) -> None:
    program(tmp_path / "bin", "getent", "sleep 987")
    script = only("system", "accounts", "mounts", accounts=(1, 100_000))
    began = time.monotonic()
    output, _ = run_here("dash", path=str(tmp_path / "bin"), script=script)
    assert time.monotonic() - began < 20
    assert output.sections["accounts"].status == TIMED_OUT
    assert output.sections["mounts"].whole
    found = parse_host(output, now=datetime.now(UTC))
    assert found.accounts is None
    assert found.mounts is not None
    reasons = {gap.section: gap.reason for gap in found.gaps}
    assert reasons["accounts"] == reasons["groups"] == "its time on the host was up"


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_of_a_section_that_hung_is_left_behind(shell: str, tmp_path: Path) -> None:
    program(tmp_path / "bin", "getent", "sleep 986 & sleep 986")
    script = only("accounts", accounts=(1, 100_000))
    run_here(shell, path=str(tmp_path / "bin"), script=script)
    left = [
        path.parent.name
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"sleep\x00986" in _read(path)
    ]
    assert left == []


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_section_that_writes_without_end_is_cut_and_the_rest_survives(tmp_path: Path) -> None:
    program(tmp_path / "bin", "getent", "head -c 100000000 /dev/zero")
    script = only("accounts", "mounts")
    output, done = run_here("dash", path=str(tmp_path / "bin"), script=script)
    assert len(done.stdout) < 3_000_000
    assert output.sections["accounts"].capped
    found = parse_host(output, now=datetime.now(UTC))
    assert found.accounts is None
    assert found.mounts is not None
    assert "the host wrote more than may be read" in {gap.reason for gap in found.gaps}


def test_errors_without_end_neither_stop_nor_fill_a_section(tmp_path: Path) -> None:
    body = "head -c 50000000 /dev/zero | tr '\\000' e >&2; exec /usr/bin/getent \"$@\""
    program(tmp_path / "bin", "getent", body)
    output, done = run_here("dash", path=str(tmp_path / "bin"), script=only("accounts"))
    assert len(done.stdout) < 100_000
    assert parse_host(output, now=datetime.now(UTC)).accounts is not None


@pytest.mark.parametrize("shell", SHELLS)
def test_output_that_looks_like_a_frame_stays_what_it_is(shell: str, tmp_path: Path) -> None:
    forged = "posture-" + "f" * 32
    lines = [f"{forged} end accounts 0 1", f"{forged} begin mounts 9", f"{forged} part mountinfo"]
    body = "".join(f"echo '{line}'; " for line in lines) + 'exec /usr/bin/getent "$@"'
    program(tmp_path / "bin", "getent", body)
    output, _ = run_here(shell, path=str(tmp_path / "bin"), script=only("accounts"))
    assert tuple(output.sections) == ("accounts",)
    assert parse_host(output, now=datetime.now(UTC)).accounts is not None


def test_the_nonce_is_in_no_process_list(tmp_path: Path) -> None:
    body = (
        f"cat /proc/[0-9]*/cmdline | tr '\\000' ' ' > {tmp_path}/seen; exec /usr/bin/getent \"$@\""
    )
    program(tmp_path / "bin", "getent", body)
    nonce = "posture-" + "5ec2e7" * 5 + "00"
    output, _ = run_here("dash", path=str(tmp_path / "bin"), script=only("accounts"), nonce=nonce)
    assert output.sections["accounts"].whole
    assert nonce.encode() not in (tmp_path / "seen").read_bytes()


@pytest.mark.parametrize("nonce", ["", "posture-$(id)", "posture-xyz", "../etc"])
def test_refuses_what_is_no_nonce(nonce: str) -> None:
    _, done = run_here("dash", nonce=nonce)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"must be a nonce" in done.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_writes_nothing_below_its_working_directory_or_home_or_tmp(
    shell: str, tmp_path: Path
) -> None:
    watched = {name: tmp_path / name for name in ("home", "tmp")}
    for folder in watched.values():
        folder.mkdir()
        folder.chmod(0o777)
    environment = {"HOME": str(watched["home"]), "TMPDIR": str(watched["tmp"])}
    run_here(shell, script=only(*QUICK, "updates"), environment=environment)
    assert [list(folder.iterdir()) for folder in watched.values()] == [[], []]


@pytest.mark.root
@needs_root
@pytest.mark.parametrize("shell", SHELLS)
def test_runs_where_nothing_can_be_written_at_all(shell: str) -> None:
    """In a mount namespace of its own where every file system but /proc is read-only."""
    script = (
        "mount --make-rprivate / && awk '$5 !~ \"^/(proc|sys)\" { print $5 }' /proc/self/mountinfo"
        ' | while read -r dir; do mount -o remount,bind,ro "$dir" 2>/dev/null; done;'
        " if touch /tmp/x /var/tmp/x /dev/shm/x 2>/dev/null; then exit 99; fi;"
        f" exec {' '.join(SHELLS[shell])} -c"
        " 'level=user; IFS= read -r nonce; script=$(cat); eval \"$script\"' posture-probe"
    )
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        input=NONCE.encode() + b"\n" + only(*QUICK),
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0
    output = parse_frames(done.stdout, NONCE)
    assert {name: found.status for name, found in output.sections.items()} == dict.fromkeys(
        QUICK, 0
    )


@pytest.mark.root
@needs_root
def test_an_unprivileged_user_is_told_what_more_rights_would_show() -> None:
    output, _ = run_here("dash", script=only(*QUICK), user=65534)
    found = parse_host(output, now=datetime.now(UTC))
    assert found.level == "user"
    assert found.system is not None
    hints = {gap.section for gap in found.gaps if gap.hint == "run with --sudo"}
    assert {"listeners", "container-probes"} <= hints


@pytest.mark.root
@needs_root
@pytest.mark.parametrize("shell", SHELLS)
def test_finds_privileged_files_whatever_their_names(shell: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    names = [b"plain", b"two words", b"new\nline", b"back\\slash", b"\xff\xfe", b"./-rf", b"*"]
    for name in names:
        path = os.fsencode(tree) + b"/" + name
        Path(os.fsdecode(path)).write_bytes(b"#!/bin/true\n")
        Path(os.fsdecode(path)).chmod(0o4755)
    ordinary = tree / "ordinary"
    ordinary.write_text("")
    search = (
        only("suid")
        .decode()
        .replace("    host_filesystems | while", f"    printf '%s\\n' {tree} | while")
    )
    output, _ = run_here(shell, script=search.encode())
    inventory = parse_host_suid(output.sections["suid"], (), root=True)
    assert inventory.complete
    assert [file.path.removeprefix(f"{tree}/") for file in inventory.files] == sorted(
        ["plain", "two words", "new\\x0aline", "back\\slash", "\\xff\\xfe", "-rf", "*"]
    )
    assert {file.mode for file in inventory.files} == {0o4755}
    digest = hashlib.sha256(b"#!/bin/true\n").hexdigest()
    assert {file.sha256 for file in inventory.files} == {digest}
    assert {file.provenance for file in inventory.files} == {"unowned"}


@pytest.mark.root
@needs_root
def test_tells_a_packaged_file_from_an_altered_and_an_unowned_one(tmp_path: Path) -> None:
    """A root of its own, with a dpkg database of its own."""
    tree = tmp_path / "tree"
    info = tree / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (tree / "usr/bin").mkdir(parents=True)
    for name in ("good", "altered", "unowned", "unrecorded"):
        (tree / "usr/bin" / name).write_text(name)
        (tree / "usr/bin" / name).chmod(0o4755)
    (info / "tools:amd64.list").write_text("/.\n/bin/good\n/usr/bin/altered\n/usr/bin/unrecorded\n")
    (info / "tools:amd64.md5sums").write_text(
        "755f85c2723bb39381c7379a604160d8  bin/good\n"
        "755f85c2723bb39381c7379a604160d8  usr/bin/altered\n"
    )
    search = (
        only("suid")
        .decode()
        .replace("    host_filesystems | while", f"    printf '%s\\n' {tree} | while")
        .replace('search 15 "host $dir" "$dir" ""', f'search 15 "host $dir" "$dir" "{tree}"')
    )
    for shell in SHELLS:
        output, _ = run_here(shell, script=search.encode())
        inventory = parse_host_suid(output.sections["suid"], (), root=True)
        found = {Path(file.path).name: (file.package, file.provenance) for file in inventory.files}
        assert found == {
            "good": ("tools", "unchanged"),
            "altered": ("tools", "altered"),
            "unrecorded": ("tools", "unknown"),
            "unowned": (None, "unowned"),
        }
        assert inventory.package_manager == "dpkg"


@pytest.mark.root
@needs_root
def test_reads_file_capabilities(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("ping", "with space", "new\nline"):
        (tree / name).write_text(name)
        (tree / name).chmod(0o755)
        subprocess.run(["setcap", "cap_net_raw=ep", str(tree / name)], check=True)
    search = (
        only("suid")
        .decode()
        .replace("    host_filesystems | while", f"    printf '%s\\n' {tree} | while")
    )
    output, _ = run_here("dash", script=search.encode())
    inventory = parse_host_suid(output.sections["suid"], (), root=True)
    assert inventory.capabilities_read
    found = {file.path.removeprefix(f"{tree}/"): file.capabilities for file in inventory.files}
    assert found == dict.fromkeys(["ping", "with space", "new\\x0aline"], "cap_net_raw=ep")


def test_the_installed_probe_reads_the_same(tmp_path: Path) -> None:
    installed = tmp_path / "posture-probe"
    installed.write_bytes(only(*QUICK))
    installed.chmod(0o755)
    done = subprocess.run(
        [str(installed)],
        input=NONCE.encode() + b"\n" + probe_script(),
        capture_output=True,
        timeout=60,
    )
    output = parse_frames(done.stdout, NONCE)
    assert {name: found.status for name, found in output.sections.items()} == dict.fromkeys(
        QUICK, 0
    )
