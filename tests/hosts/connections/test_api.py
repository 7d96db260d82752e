"""Sessions on an API alone: a Unix socket, a TCP port with TLS."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from hosts.connections import (
    TLS,
    ConnectionFailed,
    ConnectOptions,
    Limits,
    NoShell,
    Target,
    TargetError,
    open_session,
    parse_target,
)
from tests.hosts.connections.conftest import LOOPBACK, free_port
from tests.hosts.connections.fake_engine import FakeEngine, respond

VERSION = respond(b'{"ApiVersion": "1.41"}')
Trouble = Callable[[Callable[[socket.socket], None]], int]


def refusal(target: Target, tls: TLS | None = None, **limits: float) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as error:
        open_session(target, ConnectOptions(tls=tls, limits=Limits(**limits)))
    return error.value


def tcp(port: int, host: str = LOOPBACK) -> Target:
    return Target("tcp", host=host, port=port)


# --- a Unix socket ---


def test_a_unix_socket_is_an_engine_without_a_shell(tmp_path: Path):
    fake = FakeEngine(tmp_path / "sock", lambda sock, path: sock.sendall(respond(b"{}")))
    with open_session(parse_target(f"unix://{fake.path}")) as session:
        assert session.engine().info() == {}
        assert not session.can_run
        with pytest.raises(NoShell, match="use an ssh:// target"):
            session.run(["true"])
    fake.close()


def test_tells_that_there_is_no_socket(tmp_path: Path):
    error = refusal(parse_target(f"unix://{tmp_path}/absent"))
    assert (error.code, error.retryable) == ("engine-stopped", True)


def test_tells_that_nothing_listens_at_a_socket(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(tmp_path / "stale"))
    assert refusal(parse_target(f"unix://{tmp_path}/stale")).code == "engine-stopped"


def test_tells_that_a_path_is_too_long_for_a_socket(tmp_path: Path):
    error = refusal(parse_target(f"unix:///{'x' * 200}"))
    assert error.code == "engine-error"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_tells_that_the_user_may_not_open_a_socket(tmp_path: Path):
    fake = FakeEngine(tmp_path / "sock", lambda sock, path: None)
    fake.path.chmod(0o600)
    for directory in (tmp_path, *tmp_path.parents):
        if directory.stat().st_mode & 0o001 == 0:
            directory.chmod(directory.stat().st_mode | 0o011)
    os.seteuid(65534)
    try:
        error = refusal(parse_target(f"unix://{fake.path}"))
    finally:
        os.seteuid(0)
        fake.close()
    assert (error.code, error.retryable) == ("engine-permission", False)


# --- TCP without TLS ---


def test_speaks_plain_tcp_where_no_tls_is_asked_for(trouble: Trouble):
    def treat(sock: socket.socket) -> None:
        while sock.recv(65536):
            sock.sendall(VERSION)

    with open_session(tcp(trouble(treat))) as session:
        assert session.engine().api_version == "1.41"


def test_tells_that_nothing_listens():
    error = refusal(tcp(free_port()))
    assert (error.code, error.retryable) == ("refused", True)


def test_tls_options_are_for_tcp_targets():
    with pytest.raises(TargetError, match="tcp:// targets alone"):
        open_session(parse_target("local"), ConnectOptions(tls=TLS()))


# --- TLS ---


@dataclass
class Authority:
    """A certificate authority made with openssl."""

    directory: Path

    def __post_init__(self) -> None:
        if not shutil.which("openssl"):
            pytest.fail("These tests make certificates: install openssl.")
        self.directory.mkdir()
        self._openssl("req", "-x509", "-subj", "/CN=test CA", "-out", "ca.pem", *_key("ca.key"))
        self.ca = str(self.directory / "ca.pem")

    def issue(self, name: str, names: str = "IP:127.0.0.1", days: int = 1) -> tuple[str, str]:
        """A certificate and key signed by this authority."""
        self._openssl("req", "-subj", f"/CN={name}", "-out", f"{name}.csr", *_key(f"{name}.key"))
        (self.directory / "extensions").write_text(f"subjectAltName={names}\n")
        sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-extfile", "extensions"]
        # A negative number of days makes one that has expired.
        sign += ["-days", str(days), "-in", f"{name}.csr", "-out", f"{name}.pem"]
        self._openssl("x509", "-req", *sign)
        return str(self.directory / f"{name}.pem"), str(self.directory / f"{name}.key")

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, cwd=self.directory, capture_output=True)


def _key(name: str) -> list[str]:
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ca")


@pytest.fixture
def tls_server(authority: Authority, trouble: Trouble) -> Callable[..., int]:
    """Start a TLS server with a certificate; gives its port."""

    def start(certificate: tuple[str, str], *, wants_client: bool = False) -> int:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(authority.ca)

        def treat(sock: socket.socket) -> None:
            lazy = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            with lazy as secured:
                try:
                    secured.do_handshake()
                except ssl.SSLError:
                    time.sleep(0.3)  # closing at once would take back the alert that tells why
                    return
                while secured.recv(65536):
                    secured.sendall(VERSION)

        return trouble(treat)

    return start


def test_verifies_the_server_and_shows_a_client_certificate(authority, tls_server):
    port = tls_server(authority.issue("server"), wants_client=True)
    cert, key = authority.issue("client")
    with open_session(tcp(port), ConnectOptions(tls=TLS(authority.ca, cert, key))) as session:
        assert session.engine().api_version == "1.41"


def test_takes_certificates_and_keys_as_text(authority, tls_server):
    port = tls_server(authority.issue("server"), wants_client=True)
    tls = TLS(*(Path(path).read_text() for path in (authority.ca, *authority.issue("client"))))
    with open_session(tcp(port), ConnectOptions(tls=tls)) as session:
        assert session.engine().api_version == "1.41"
    assert "PRIVATE KEY" not in repr(tls)


def test_verifies_a_host_name(authority, tls_server):
    port = tls_server(authority.issue("named", names="DNS:localhost"))
    options = ConnectOptions(tls=TLS(authority.ca))
    with open_session(tcp(port, host="localhost"), options) as session:
        assert session.engine().api_version == "1.41"
    assert refusal(tcp(port), TLS(authority.ca)).code == "tls-name"


@pytest.mark.parametrize(
    ("names", "days", "code"),
    [
        ("IP:10.0.0.1", 1, "tls-name"),
        ("DNS:other.example.org", 1, "tls-name"),
        ("IP:127.0.0.1", -1, "tls-expired"),
    ],
)
def test_refuses_a_certificate(authority, tls_server, names: str, days: int, code: str):
    error = refusal(tcp(tls_server(authority.issue("bad", names, days))), TLS(authority.ca))
    assert (error.code, error.retryable) == (code, False)


def test_refuses_an_unknown_authority(authority, tls_server, tmp_path: Path):
    other = Authority(tmp_path / "other")
    port = tls_server(authority.issue("server"))
    assert refusal(tcp(port), TLS(other.ca)).code == "tls-unknown-ca"
    assert refusal(tcp(port), TLS()).code == "tls-unknown-ca"


def test_tells_that_a_client_certificate_is_wanted(authority, tls_server):
    port = tls_server(authority.issue("server"), wants_client=True)
    error = refusal(tcp(port), TLS(authority.ca))
    assert (error.code, error.retryable) == ("tls-client-refused", False)


def test_tells_that_the_client_certificate_is_not_trusted(authority, tls_server, tmp_path: Path):
    port = tls_server(authority.issue("server"), wants_client=True)
    stranger = Authority(tmp_path / "other").issue("client")
    error = refusal(tcp(port), TLS(authority.ca, *stranger))
    assert (error.code, error.retryable) == ("tls-client-refused", False), error.reason


def test_tells_that_the_port_does_not_speak_tls(authority, trouble: Trouble):
    def treat(sock: socket.socket) -> None:
        sock.recv(10)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        sock.recv(65536)

    assert refusal(tcp(trouble(treat)), TLS(authority.ca)).code == "tls-plain"


def test_tells_that_the_port_speaks_tls_only(trouble: Trouble):
    said = b"Client sent an HTTP request to an HTTPS server.\n"  # Go's net/http

    def treat(sock: socket.socket) -> None:
        sock.recv(65536)
        sock.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n" + said)

    assert refusal(tcp(trouble(treat))).code == "tls-required"


def test_gives_up_on_a_tls_handshake_that_never_comes(authority, trouble: Trouble):
    error = refusal(
        tcp(trouble(lambda sock: bool(sock.recv(9)) and sock.recv(1 << 20) and sock.recv(9))),
        TLS(authority.ca),
        connect=0.4,
    )
    assert (error.code, error.retryable) == ("timeout", True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the old TLS versions
def test_never_falls_back_to_an_older_tls(authority, trouble: Trouble):
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.issue("server"))
    server.set_ciphers("ALL:@SECLEVEL=0")
    server.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    server.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3

    def treat(sock: socket.socket) -> None:
        server.wrap_socket(sock, server_side=True)

    assert refusal(tcp(trouble(treat)), TLS(authority.ca)).code.startswith("tls-")


@pytest.mark.parametrize("ca", ["/does/not/exist", "-----BEGIN CERTIFICATE-----\nnonsense"])
def test_tells_that_the_ca_cannot_be_read(ca: str):
    assert refusal(tcp(1), TLS(ca)).code == "tls-ca"


def test_tells_that_certificate_and_key_do_not_match(authority):
    cert, _ = authority.issue("one")
    _, key = authority.issue("two")
    assert refusal(tcp(1), TLS(authority.ca, cert, key)).code == "tls-key"


def test_never_asks_at_the_terminal_for_a_keys_passphrase(authority, tmp_path: Path):
    cert, key = authority.issue("client")
    locked = str(tmp_path / "locked.key")
    encrypt = ["openssl", "ec", "-aes256", "-passout", "pass:secret", "-in", key, "-out", locked]
    subprocess.run(encrypt, check=True, capture_output=True)
    assert refusal(tcp(1), TLS(authority.ca, cert, locked)).code == "tls-key"
