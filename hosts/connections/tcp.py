"""TCP connections with one deadline over all of a name's addresses."""

import socket
import time

from hosts.connections.base import ConnectionFailed


def connect_tcp(host: str, port: int, timeout: float) -> socket.socket:
    """Connect to the first address of ``host`` that answers, within ``timeout`` seconds in all.

    Raises ConnectionFailed with the code "dns", "refused", "timeout" or "unreachable". Looking up
    the name is bounded by the system's resolver.
    """
    address = f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(
            "dns",
            f"The name {host} can't be resolved: check its spelling and the DNS.",
            retryable=getattr(error, "errno", None) == socket.EAI_AGAIN,
        ) from error
    deadline = time.monotonic() + timeout
    failure: OSError = TimeoutError()
    for family, kind, protocol, _, sockaddr in found:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            break
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(remaining)
            sock.connect(sockaddr)
        except OSError as error:
            sock.close()
            failure = error
        else:
            return sock
    raise _failed(address, failure, timeout)


def _failed(address: str, error: OSError, timeout: float) -> ConnectionFailed:
    if isinstance(error, ConnectionRefusedError):
        return ConnectionFailed(
            "refused",
            f"Nothing listens at {address} (connection refused): check the port, and that the"
            " server runs.",
            retryable=True,
        )
    if isinstance(error, TimeoutError):
        return ConnectionFailed(
            "timeout",
            f"{address} did not answer within {timeout:g} s: check the address and the firewall.",
            retryable=True,
        )
    return ConnectionFailed(
        "unreachable", f"{address} can't be reached: {error.strerror}.", retryable=True
    )
