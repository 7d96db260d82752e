"""How to connect: credentials, host-key policy, jump hosts, deadlines. Values, no behaviour."""

from dataclasses import dataclass, field
from pathlib import Path

from hosts.connections.target import Target

# A secret given as text starts with this; anything else is the path of a file.
PEM_START = "-----BEGIN"


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key to sign in with.

    ``key`` is a path or the key's own text (PEM or OpenSSH format). ``certificate`` is a path or
    the text of an OpenSSH certificate; without it a file beside the key named ``KEY-cert.pub``
    is used if there is one, as OpenSSH does.
    """

    key: str = field(repr=False)
    passphrase: str | None = field(default=None, repr=False)
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """Which host keys are trusted.

    ``pinned`` ("ssh-ed25519 AAAA…") are the only keys accepted if given. Otherwise the OpenSSH
    known_hosts ``files`` decide. ``accept_new`` records an unknown key in the first file, which
    it then needs; a changed key is always refused.
    """

    files: tuple[Path, ...] = ()
    pinned: tuple[str, ...] = ()
    accept_new: bool = False

    def __post_init__(self) -> None:
        if self.accept_new and not self.files:
            raise ValueError("accept_new needs a known_hosts file to record the key in.")


@dataclass(frozen=True, slots=True)
class TLS:
    """TLS for a tcp:// target: each a path or PEM text. Without ``ca`` the system's CAs hold."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """Deadlines in seconds and caps in bytes. Each deadline is overall, never per read."""

    connect: float = 10.0
    banner: float = 10.0  # the server's banner and the key exchange
    auth: float = 15.0
    keepalive: float = 15.0
    answer: float = 30.0  # one answer of the engine's API
    answer_bytes: int = 32_000_000
    engine_connections: int = 4  # sshd's MaxSessions is 10 by default, some hosts have less


@dataclass(frozen=True, slots=True)
class Jump:
    """A host to pass through, with its own credentials and its own known hosts."""

    target: Target
    options: "ConnectOptions"


@dataclass(frozen=True, slots=True)
class ConnectOptions:
    """Everything about a connection but its target.

    Ways of signing in are tried in this order: identities as listed (certificate, then the bare
    key), the agent's keys, the password. ``jumps`` are passed in order, the first one nearest to
    us. ``sudo`` allows ``sudo -n``. ``engine_socket`` is the engine's socket on that host, for
    hosts where it isn't at a usual place.
    """

    identities: tuple[Identity, ...] = ()
    password: str | None = field(default=None, repr=False)
    use_agent: bool = False
    known_hosts: KnownHosts = KnownHosts()
    jumps: tuple[Jump, ...] = ()
    sudo: bool = False
    engine_socket: str | None = None
    tls: TLS | None = None
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if self.engine_socket is not None and not self.engine_socket.startswith("/"):
            raise ValueError("The engine's socket must be an absolute path.")
