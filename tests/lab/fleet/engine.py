"""The outer engine: a containerd and a dockerd of the lab's own, apart from the machine's.

They touch nothing that the machine's own engine uses: own sockets, folders, cgroup parent and
containerd namespace, no iptables rules, no forwarding, no docker0. Ports are published by the
user-space proxy, so the hosts can be reached from this machine and can reach nothing.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from fleet.settings import SOURCE, LabError, Paths
from fleet.shell import run, succeeds

FRONT = "bridge"
BACK = "posture-lab-back"
"""The two networks: the engine's default one, and one where this machine has no address."""

FRONT_BRIDGE = "plab0"
BACK_BRIDGE = "plab1"

CGROUP = "posture-lab"
START_SECONDS = 60
STOP_SECONDS = 30
CAP_SYS_RESOURCE = 24


class Engine:
    """The outer engine of one lab folder."""

    def __init__(self, paths: Paths) -> None:
        self.home = paths.engine
        self.socket = self.home / "docker.sock"
        self.containerd_socket = self.home / "containerd.sock"

    def docker(self, *words: str | Path) -> str:
        """Run the docker client against this engine and return its output."""
        return run(["docker", "-H", f"unix://{self.socket}", *words])

    def running(self) -> bool:
        """Whether the outer dockerd answers."""
        return self._pid("dockerd") is not None and succeeds(
            ["docker", "-H", f"unix://{self.socket}", "version"]
        )

    def start(self) -> None:
        """Start both daemons unless they run, and make the second network.

        Recovers from a killed run. Raises LabError when a daemon does not answer in time.
        """
        if self.running():
            return
        self.stop()
        self.home.mkdir(parents=True, exist_ok=True)
        # With `--bridge none` dockerd would delete docker0, which is the machine's own engine's.
        succeeds(["ip", "link", "add", FRONT_BRIDGE, "type", "bridge"])
        self._spawn("containerd", self._containerd_words(), self.containerd_socket.exists)
        with left_as_it_was(Path("/etc/docker/key.json")):
            self._spawn("dockerd", self._dockerd_words(), self.running)
        self._make_back_network()

    def stop(self) -> None:
        """Stop every host and both daemons, then remove what the kernel still holds for them."""
        if self.running():
            hosts = self.docker("ps", "-q").split()
            if hosts:
                # A power cut, on purpose: nothing in a host needs a slow goodbye.
                self.docker("kill", *hosts)
        for name in ("dockerd", "containerd"):
            self._terminate(name)
        self._kill_strays()
        self._unmount()
        for bridge in (FRONT_BRIDGE, BACK_BRIDGE):
            if Path("/sys/class/net", bridge).exists():
                run(["ip", "link", "delete", bridge])
        self._remove_cgroups()

    def _containerd_words(self) -> list[str]:
        config = self.home / "containerd.toml"
        config.write_text(
            f"""version = 2
root = "{self.home}/containerd-root"
state = "{self.home}/containerd-state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{self.containerd_socket}"
[ttrpc]
address = "{self.containerd_socket}.ttrpc"
[plugins."io.containerd.internal.v1.opt"]
path = "{self.home}/containerd-opt"
"""
        )
        return ["containerd", "--config", str(config)]

    def _dockerd_words(self) -> list[str]:
        config = self.home / "daemon.json"
        config.write_text("{}\n")
        words = [
            *("dockerd", "--config-file", str(config), "--host", f"unix://{self.socket}"),
            *("--data-root", f"{self.home}/data", "--exec-root", f"{self.home}/exec"),
            *("--pidfile", f"{self.home}/dockerd.lock"),
            *("--containerd", str(self.containerd_socket)),
            *("--bridge", FRONT_BRIDGE, "--ip-forward=false"),
            *("--iptables=false", "--ip6tables=false"),
            *("--cgroup-parent", f"/{CGROUP}", "--exec-opt", "native.cgroupdriver=cgroupfs"),
        ]
        if not has_sys_resource():
            # Without it runc refuses privileged containers; see the wrapper.
            wrapper = self.home / "runc-wrapper"
            shutil.copy(SOURCE / "guest" / "runc-wrapper", wrapper)
            words += ["--add-runtime", f"lab={wrapper}", "--default-runtime", "lab"]
        return words

    def _make_back_network(self) -> None:
        if BACK in self.docker("network", "ls", "--format", "{{.Name}}").split():
            return
        named = f"com.docker.network.bridge.name={BACK_BRIDGE}"
        unreachable = "com.docker.network.bridge.inhibit_ipv4=true"
        self.docker("network", "create", "--internal", "-o", named, "-o", unreachable, BACK)

    def _spawn(self, name: str, words: Sequence[str], ready: Callable[[], bool]) -> None:
        """Start a daemon that outlives us and wait until it is ready."""
        for stale in (self.home / f"{name}.sock", self.home / f"{name}.lock"):
            stale.unlink(missing_ok=True)
        with (self.home / f"{name}.log").open("ab") as log:
            daemon = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        (self.home / f"{name}.pid").write_text(f"{daemon.pid}\n")
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if daemon.poll() is not None or time.monotonic() > deadline:
                raise LabError(f"{name} of the lab did not start: see {self.home}/{name}.log.")
            time.sleep(0.1)

    def _pid(self, name: str) -> int | None:
        """The process of one of our daemons, or None if it is gone or its number was reused."""
        try:
            pid = int((self.home / f"{name}.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        ours = words[0].endswith(name.encode()) and any(
            word.startswith(bytes(self.home)) for word in words
        )
        return pid if ours else None

    def _terminate(self, name: str) -> None:
        pid = self._pid(name)
        if pid is None:
            return
        deadline = time.monotonic() + STOP_SECONDS
        os.kill(pid, signal.SIGTERM)
        while self._pid(name) is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            reap(pid)
            time.sleep(0.05)
        (self.home / f"{name}.pid").unlink(missing_ok=True)

    def _kill_strays(self) -> None:
        """Kill what a killed daemon left: its shims, and all that runs in our hosts."""
        deadline = time.monotonic() + STOP_SECONDS
        while strays := self._shims() | cgroup_processes():
            if time.monotonic() > deadline:
                raise LabError(f"Processes of the lab do not end: {sorted(strays)}.")
            for pid in strays:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)

    def _shims(self) -> set[int]:
        """The containerd shims that serve our hosts: our folder is in their arguments."""
        found = set()
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                words = (entry / "cmdline").read_bytes()
                if b"containerd-shim" in words.split(b"\0")[0] and bytes(self.home) in words:
                    found.add(int(entry.name))
        return found

    def _unmount(self) -> None:
        mounts = [line.split(" ")[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        for target in sorted(mounts, key=len, reverse=True):
            if target.startswith(f"{self.home}/"):
                succeeds(["umount", "--lazy", target])

    def _remove_cgroups(self) -> None:
        for top in cgroup_tops():
            for folder, _, _ in os.walk(top, topdown=False):
                # A cgroup is busy for a moment after its last process has gone.
                deadline = time.monotonic() + 2
                while not succeeds(["rmdir", folder]) and time.monotonic() < deadline:
                    time.sleep(0.1)


@contextlib.contextmanager
def left_as_it_was(file: Path) -> Iterator[None]:
    """Remove a file that did not exist before. Old daemons write a key that nothing uses."""
    existed = file.exists()
    try:
        yield
    finally:
        if not existed:
            file.unlink(missing_ok=True)


def has_sys_resource() -> bool:
    """Whether this process may grant CAP_SYS_RESOURCE, which full privileges include."""
    status = Path("/proc/self/status").read_text()
    mask = int(status.split("CapBnd:")[1].split()[0], 16)
    return bool(mask >> CAP_SYS_RESOURCE & 1)


def cgroup_tops() -> list[Path]:
    """The lab's cgroup in the unified hierarchy and in every version 1 controller."""
    mounted = Path("/sys/fs/cgroup")
    candidates = [mounted / CGROUP, *(folder / CGROUP for folder in mounted.iterdir())]
    return [candidate for candidate in candidates if candidate.is_dir()]


def cgroup_processes() -> set[int]:
    """Processes that still sit in the lab's cgroups."""
    found: set[int] = set()
    for top in cgroup_tops():
        for listing in top.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                found.update(int(line) for line in listing.read_text().split())
    return found


def reap(pid: int) -> None:
    """Collect a dead child of ours; another process's child needs nothing from us."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
