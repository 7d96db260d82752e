"""From an address to a verified, signed-in SSH transport, through jump hosts if there are any."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import paramiko
from paramiko.packet import Packetizer

from hosts.connections.authentication import authenticate
from hosts.connections.base import ConnectionFailed
from hosts.connections.known_hosts import HostKey, Trust
from hosts.connections.options import ConnectOptions
from hosts.connections.target import Target
from hosts.connections.tcp import connect_tcp

# Every failure is raised as ConnectionFailed. paramiko also logs it, with a traceback and text
# that the host chose, which would go to standard error in programs that set up no logging.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

# OpenSSH sends at most 256 KiB a packet (packet.c, PACKET_MAX_SIZE).
MAX_PACKET_BYTES = 256 * 1024
# How long the host may leave our data unread before it counts as gone, in seconds.
WRITE_STALL = 30.0

# What OpenSSH doesn't offer either: broken or deprecated ciphers and digests.
WEAK_ALGORITHMS = {
    "ciphers": ["3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"],
    "macs": ["hmac-md5", "hmac-md5-96", "hmac-sha1-96"],
}


# Authenticated ciphers first: strong, done by the cryptography library as one piece, and without
# the separate MAC that paramiko compares in Python, a tenth of an audit's CPU time.
PREFERRED_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")


class _BoundedPacketizer(Packetizer):
    """Refuses a packet longer than any server sends: paramiko would collect up to 4 GB."""

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:  # noqa: FBT001 (paramiko's)
        if n > MAX_PACKET_BYTES:
            raise paramiko.SSHException("Packet too long")
        return super().read_all(n, check_rekey)


class _StallGuard:
    """A socket whose peer must read what we send: paramiko waits for it without a deadline."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._stalled_since: float | None = None

    def send(self, data: bytes) -> int:
        try:
            sent: int = self._sock.send(data)
        except TimeoutError:
            now = time.monotonic()
            self._stalled_since = self._stalled_since or now
            if now - self._stalled_since > WRITE_STALL:
                raise ConnectionAbortedError("the host stopped reading") from None
            raise
        self._stalled_since = None
        return sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class Connection:
    """A signed-in transport and the jump hosts' transports it runs through."""

    def __init__(self, transport: paramiko.Transport, hops: list[paramiko.Transport]) -> None:
        self.transport = transport
        self.hops = hops
        self.host_key = _offered_key(transport)

    def close(self) -> None:
        """End the transports, the farthest first."""
        for transport in [self.transport, *reversed(self.hops)]:
            transport.close()


def connect(target: Target, options: ConnectOptions) -> Connection:
    """Connect, verify the host's key and sign in, on every hop. Raises ConnectionFailed."""
    hops: list[paramiko.Transport] = []
    try:
        for jump in options.jumps:
            with _named_as_jump(jump.target):
                hops.append(_open_hop(jump.target, jump.options, hops))
        return Connection(_open_hop(target, options, hops), hops)
    except BaseException:
        for hop in reversed(hops):
            hop.close()
        raise


@contextmanager
def _named_as_jump(target: Target) -> Iterator[None]:
    """Tell in the reason that it is the jump host that failed, not the target."""
    try:
        yield
    except ConnectionFailed as error:
        error.reason = f"Jump host {target}: {error.reason}"
        error.args = (error.reason,)
        raise


class _GarbledPacket(ConnectionFailed):
    """The first packets came garbled, which a fresh connection mends."""


def _open_hop(
    target: Target, options: ConnectOptions, hops: list[paramiko.Transport]
) -> paramiko.Transport:
    try:
        return _open_transport(target, options, hops)
    except _GarbledPacket:
        # Seen in about 2 of 5,000 connections to overloaded servers.
        return _open_transport(target, options, hops)


def _open_transport(
    target: Target, options: ConnectOptions, hops: list[paramiko.Transport]
) -> paramiko.Transport:
    trust = Trust(options.known_hosts, target.host, target.port)
    sock = _through(hops[-1], target, options) if hops else _direct(target, options)
    transport = paramiko.Transport(
        cast("socket.socket", _StallGuard(sock)),
        packetizer_class=_BoundedPacketizer,
        disabled_algorithms=WEAK_ALGORITHMS,
    )
    try:
        _prefer_known_types(transport, trust.known_types)
        _prefer_authenticated_ciphers(transport)
        _handshake(transport, target, options.limits.banner)
        trust.check(_offered_key(transport))
        try:
            authenticate(transport, target, options)
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise _broken(target, error, "during sign-in") from error
        transport.set_keepalive(int(options.limits.keepalive))
        transport.channel_timeout = options.limits.connect
    except BaseException:
        transport.close()
        raise
    return transport


def _direct(target: Target, options: ConnectOptions) -> socket.socket:
    sock = connect_tcp(target.host, target.port, options.limits.connect)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # paramiko's keepalive only writes; the kernel notices that nobody acknowledges it.
    unanswered = int(options.limits.keepalive * 3 * 1000)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, unanswered)
    return sock


def _through(hop: paramiko.Transport, target: Target, options: ConnectOptions) -> paramiko.Channel:
    try:
        return hop.open_channel(
            "direct-tcpip",
            (target.host, target.port),
            ("127.0.0.1", 0),
            timeout=options.limits.connect,
        )
    except paramiko.ChannelException as error:
        why = {1: "it forbids TCP forwarding (AllowTcpForwarding)", 2: "the connection failed"}
        raise ConnectionFailed(
            "jump-failed",
            f"The jump host could not reach {target.address}:"
            f" {why.get(error.code, 'it refused the channel')}.",
            retryable=error.code != 1,
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise ConnectionFailed(
            "jump-failed",
            f"The jump host did not open the way to {target.address} in time.",
            retryable=True,
        ) from error


def _prefer_known_types(transport: paramiko.Transport, known: tuple[str, ...]) -> None:
    """Ask for the kind of key that is pinned, as OpenSSH does, so that it can be compared."""
    wanted = [name for kind in known for name in _signature_names(kind)]
    options = transport.get_security_options()
    usable = [name for name in wanted if name in options.key_types]
    options.key_types = (*usable, *(n for n in options.key_types if n not in usable))


def _prefer_authenticated_ciphers(transport: paramiko.Transport) -> None:
    options = transport.get_security_options()
    usable = [name for name in PREFERRED_CIPHERS if name in options.ciphers]
    options.ciphers = (*usable, *(name for name in options.ciphers if name not in usable))


def _signature_names(key_type: str) -> tuple[str, ...]:
    return ("rsa-sha2-512", "rsa-sha2-256") if key_type == "ssh-rsa" else (key_type,)


def _handshake(transport: paramiko.Transport, target: Target, timeout: float) -> None:
    """Banner and key exchange within one deadline, however slowly the host drips."""
    done = threading.Event()
    transport.handshake_timeout = timeout
    transport.banner_timeout = timeout
    transport.start_client(event=done)
    finished = done.wait(timeout)
    if finished and transport.is_active():
        return
    error = transport.get_exception()
    if finished and error is not None and not _ran_out_of_time(error):
        raise _handshake_error(target, error) from error
    if not transport.remote_version:
        raise ConnectionFailed(
            "banner-timeout",
            f"{target} accepted the connection but sent no SSH banner within {timeout:g} s:"
            " is it an SSH server, and is it overloaded (MaxStartups)?",
            retryable=True,
        )
    raise ConnectionFailed(
        "timeout",
        f"{target} did not finish the SSH key exchange within {timeout:g} s: is it overloaded?",
        retryable=True,
    )


def _ran_out_of_time(error: Exception) -> bool:
    return "timed out" in str(error) or isinstance(error.__context__, TimeoutError)


def _handshake_error(target: Target, error: Exception) -> ConnectionFailed:
    text = str(error)
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return ConnectionFailed(
            "old-ssh-server",
            f"{target} only offers SSH algorithms that are no longer safe (SHA-1 key exchange or"
            " host keys): update its OpenSSH, or enable a SHA-2 algorithm there.",
        )
    if "Invalid packet blocking" in text:
        return _GarbledPacket(
            "ssh-protocol", f"{target} sent a garbled SSH packet.", retryable=True
        )
    if "protocol banner" in text or "protocol version" in text or "Invalid SSH banner" in text:
        return ConnectionFailed(
            "not-ssh",
            f"{target} did not answer as an SSH server: check the port, and whether it limits"
            " new connections (MaxStartups).",
            retryable=True,
        )
    return _broken(target, error, "during the key exchange")


def _broken(target: Target, error: Exception, when: str) -> ConnectionFailed:
    if "Packet too long" in str(error):
        return ConnectionFailed("ssh-protocol", f"{target} broke the SSH protocol {when}.")
    return ConnectionFailed(
        "lost", f"{target} closed the connection {when}: try again.", retryable=True
    )


def _offered_key(transport: paramiko.Transport) -> HostKey:
    key = transport.get_remote_server_key()
    return HostKey(key.get_name(), key.asbytes())
