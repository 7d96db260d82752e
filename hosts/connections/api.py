"""Sessions that are the engine's API alone: a Unix socket on this machine, or a TCP port."""

import socket
import ssl
from collections.abc import Sequence

from hosts.connections.base import CommandResult, ConnectionFailed, EngineUnavailable, NoShell
from hosts.connections.engine import EngineClient
from hosts.connections.options import ConnectOptions
from hosts.connections.session import BaseSession
from hosts.connections.stream import ByteStream, StreamAdapter
from hosts.connections.target import Target
from hosts.connections.tcp import connect_tcp
from hosts.connections.tls import explain_tls, make_context


class APISession(BaseSession):
    """A session on a unix:// or tcp:// target. It has no shell."""

    can_run = False

    def __init__(self, target: Target, options: ConnectOptions) -> None:
        """Connect and negotiate the API's version. Raises ConnectionFailed."""
        super().__init__(target, options)
        self._tls = make_context(options.tls) if options.tls else None
        self.engine()

    def run(
        self,
        argv: Sequence[str],  # noqa: ARG002 (the signature is that of Session.run)
        *,
        stdin: bytes = b"",  # noqa: ARG002
        timeout: float = 30.0,  # noqa: ARG002
        max_bytes: int = 4_000_000,  # noqa: ARG002
    ) -> CommandResult:
        """Raises NoShell."""
        raise NoShell(self.target)

    def _find_engine(self) -> EngineClient:
        dial = self._dial_unix if self.target.kind == "unix" else self._dial_tcp
        adapter = StreamAdapter(dial, self.options.limits, self._explain)
        return EngineClient(adapter, self.options.limits).negotiate()

    def _explain(self, error: ssl.SSLError) -> ConnectionFailed:
        return explain_tls(error, self.target.address)

    def _dial_unix(self, timeout: float) -> ByteStream:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.settimeout(timeout)
        try:
            sock.connect(self.target.path)
        except OSError as error:
            sock.close()
            raise _unix_failure(self.target.path, error) from error
        return sock

    def _dial_tcp(self, timeout: float) -> ByteStream:
        sock = connect_tcp(self.target.host, self.target.port, timeout)
        if self._tls is None:
            return sock
        sock.settimeout(timeout)
        try:
            return self._tls.wrap_socket(sock, server_hostname=self.target.host)
        except TimeoutError as error:
            sock.close()
            raise EngineUnavailable(
                "timeout",
                f"{self.target.address} did not finish the TLS handshake in time.",
                retryable=True,
            ) from error
        except ssl.SSLError as error:
            sock.close()
            raise explain_tls(error, self.target.address) from error
        except OSError as error:
            sock.close()
            raise EngineUnavailable(
                "tls-failed",
                f"{self.target.address} closed the connection during the TLS handshake.",
                "Check that the port is the engine's.",
                retryable=True,
            ) from error


def _unix_failure(path: str, error: OSError) -> EngineUnavailable:
    if isinstance(error, PermissionError):
        return EngineUnavailable(
            "engine-permission",
            f"This user may not open {path}.",
            "Run as a member of the socket's group (which amounts to root), or as root.",
        )
    if isinstance(error, FileNotFoundError):
        return EngineUnavailable(
            "engine-stopped",
            f"There is no socket at {path}.",
            "Start the engine, or check the path.",
            retryable=True,
        )
    if isinstance(error, ConnectionRefusedError):
        return EngineUnavailable(
            "engine-stopped",
            f"Nothing listens at {path}: the engine has stopped and left its socket behind.",
            "Start it: systemctl start docker.",
            retryable=True,
        )
    return EngineUnavailable("engine-error", f"{path} can't be opened: {error.strerror or error}.")
