"""Real SSH servers and trouble-making TCP servers, all on the loopback interface."""

import getpass
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hosts.connections import ConnectOptions, Identity, KnownHosts, Session, Target, open_session

LOOPBACK = "127.0.0.1"


def keygen(path: Path, *arguments: str, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Make a key pair with ssh-keygen."""
    if kind == "rsa":
        arguments = ("-b", "2048", *arguments)  # quicker to make than the default
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path), *arguments]
    subprocess.run(command, check=True)
    return path


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind((LOOPBACK, 0))
        return sock.getsockname()[1]


def fingerprint(public_key: Path) -> str:
    """SHA256:… by OpenSSH's own reckoning."""
    command = ["ssh-keygen", "-lf", str(public_key)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]


@dataclass
class SSHServer:
    """One sshd of our own, which lets the current user in with ``user_key``."""

    directory: Path
    extra: str = ""
    host_key_types: tuple[str, ...] = ("ed25519",)
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.user_key = keygen(self.directory / "user")
        self.authorized_keys = self.directory / "authorized_keys"
        self.authorized_keys.write_bytes(self.user_key.with_suffix(".pub").read_bytes())
        for kind in self.host_key_types:
            keygen(self.directory / f"host_{kind}", kind=kind)
        self.known_hosts = self.directory / "known_hosts"
        self.trust(*self.host_key_types)

    def host_key(self, kind: str = "ed25519") -> Path:
        return self.directory / f"host_{kind}.pub"

    def trust(self, *kinds: str) -> None:
        """Write the known hosts file with the keys of these types."""
        keys = [self.host_key(kind).read_text() for kind in kinds]
        self.known_hosts.write_text("".join(f"[{LOOPBACK}]:{self.port} {key}" for key in keys))

    @property
    def target(self) -> Target:
        return Target("ssh", host=LOOPBACK, port=self.port, user=getpass.getuser())

    @property
    def options(self) -> ConnectOptions:
        return ConnectOptions(
            identities=(Identity(str(self.user_key)),),
            known_hosts=KnownHosts(files=(self.known_hosts,)),
        )

    def open(self, **changes: object) -> Session:
        return open_session(self.target, replace(self.options, **changes))

    @contextmanager
    def running(self) -> Iterator["SSHServer"]:
        config = self.directory / "sshd_config"
        keys = "".join(f"HostKey {self.directory}/host_{kind}\n" for kind in self.host_key_types)
        config.write_text(
            f"{self.extra}\nListenAddress {LOOPBACK}:{self.port}\n{keys}"
            f"AuthorizedKeysFile {self.authorized_keys}\nPidFile {self.directory}/pid\n"
            f"SetEnv HOME={self.directory}\n"  # the login shell's start-up files are slow on some
            "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nMaxStartups 100\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True)
        log = self.directory / "log"
        command = ["/usr/sbin/sshd", "-D", "-f", str(config), "-E", str(log)]
        with subprocess.Popen(command) as process:
            try:
                self._await_banner(process)
                yield self
            finally:
                process.terminate()

    def _await_banner(self, process: subprocess.Popen[bytes]) -> None:
        for _ in range(200):
            if process.poll() is not None:
                raise RuntimeError((self.directory / "log").read_text())
            try:
                with socket.create_connection((LOOPBACK, self.port), timeout=1) as sock:
                    if sock.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError("sshd did not start")


@pytest.fixture(scope="session", autouse=True)
def _needs_sshd() -> None:
    if not shutil.which("/usr/sbin/sshd"):
        pytest.fail("These tests start an SSH server: install openssh-server.")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SSHServer]:
    """An SSH server for tests that don't change its configuration."""
    with SSHServer(tmp_path_factory.mktemp("sshd")).running() as running:
        yield running


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., SSHServer]]:
    """Start an SSH server with a configuration of the test's own."""
    stack = []

    def start(extra: str = "", host_key_types: tuple[str, ...] = ("ed25519",)) -> SSHServer:
        server = SSHServer(tmp_path / f"sshd{len(stack)}", extra, host_key_types)
        context = server.running()
        context.__enter__()
        stack.append(context)
        return server

    yield start
    for context in reversed(stack):
        context.__exit__(None, None, None)


@pytest.fixture
def trouble() -> Iterator[Callable[[Callable[[socket.socket], None]], int]]:
    """Start a TCP server that treats each connection as told; gives its port."""
    listeners: list[socket.socket] = []

    def serve(treat: Callable[[socket.socket], None]) -> int:
        listener = socket.create_server((LOOPBACK, 0))
        listeners.append(listener)
        threading.Thread(target=_accept, args=(listener, treat), daemon=True).start()
        return listener.getsockname()[1]

    yield serve
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(listener: socket.socket, treat: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_treat, args=(connection, treat), daemon=True).start()


def _treat(connection: socket.socket, treat: Callable[[socket.socket], None]) -> None:
    # The client goes away in the middle of most of these.
    with connection, suppress(OSError):
        treat(connection)


def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether the condition comes true within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
