# ruff: noqa: SLF001 (see the docstring)
"""SSH channels opened without paramiko's unbounded waits, and to Unix sockets on the host.

paramiko's ``Channel.exec_command`` waits for the host's answer without a deadline, and paramiko
has no ``direct-streamlocal@openssh.com`` channel (OpenSSH's PROTOCOL, section 2.4). Both are done
here on paramiko's own messages; the names with an underscore are the part to look at when
paramiko is updated, and the tests of this package cover them.
"""

import threading
import time

import paramiko
from paramiko.common import cMSG_CHANNEL_OPEN, cMSG_CHANNEL_REQUEST
from paramiko.message import Message

# How long a host that refuses a session channel is asked again, in seconds.
PATIENCE = 3.0


class ChannelRefused(Exception):
    """The host does not open the channel; the connection is as it was."""


def open_command(transport: paramiko.Transport, command: str, timeout: float) -> paramiko.Channel:
    """A channel on which ``command`` was started. The answer to the start is not awaited.

    It costs no round trip: a refused start shows as a channel that closes without an exit status.
    Raises ChannelRefused, or paramiko.SSHException at the timeout or if the connection is lost.
    """
    channel = _open_session(transport, timeout)
    request = _channel_request(channel, "exec", want_reply=True)
    request.add_string(command)
    channel._event_pending()  # type: ignore[attr-defined]
    transport._send_user_message(request)  # type: ignore[attr-defined]
    return channel


def _open_session(transport: paramiko.Transport, timeout: float) -> paramiko.Channel:
    """A session channel. A host at its MaxSessions is asked again until one has ended."""
    deadline = time.monotonic() + min(timeout, PATIENCE)
    while True:
        try:
            return transport.open_session(timeout=timeout)
        except paramiko.SSHException as error:
            if not _is_refusal(transport, error):
                raise
            if time.monotonic() > deadline:
                raise ChannelRefused from error
            time.sleep(0.1)


def _is_refusal(transport: paramiko.Transport, error: paramiko.SSHException) -> bool:
    """Not by the error's type alone: paramiko has one place for it, whatever the thread."""
    return transport.is_active() and "Timeout" not in str(error)


def open_unix_socket(transport: paramiko.Transport, path: str, timeout: float) -> paramiko.Channel:
    """A channel to the Unix socket at ``path`` on the host.

    Raises ChannelRefused if sshd forbids it, or if the socket is absent, refuses or is not the
    user's to open: sshd doesn't tell which. Otherwise as ``open_command``.
    """
    channel, opened = _register_channel(transport)
    message = Message()
    message.add_byte(cMSG_CHANNEL_OPEN)
    message.add_string("direct-streamlocal@openssh.com")
    message.add_int(channel.chanid)
    message.add_int(channel.in_window_size)
    message.add_int(channel.in_max_packet_size)
    message.add_string(path)
    message.add_string("")  # reserved
    message.add_int(0)  # reserved
    transport._send_user_message(message)  # type: ignore[attr-defined]
    _await_open(transport, channel, opened, timeout)
    return channel


def send_signal(channel: paramiko.Channel, name: str) -> None:
    """Ask the host to signal the command of a channel ("TERM"), RFC 4254 section 6.9."""
    request = _channel_request(channel, "signal", want_reply=False)
    request.add_string(name)
    channel.get_transport()._send_user_message(request)  # type: ignore[attr-defined]


def _channel_request(channel: paramiko.Channel, kind: str, *, want_reply: bool) -> Message:
    message = Message()
    message.add_byte(cMSG_CHANNEL_REQUEST)
    message.add_int(channel.remote_chanid)
    message.add_string(kind)
    message.add_boolean(want_reply)
    return message


def _register_channel(
    transport: paramiko.Transport,
) -> tuple[paramiko.Channel, threading.Event]:
    """A channel the transport knows, as paramiko's open_channel registers its own."""
    if not transport.is_active():
        raise paramiko.SSHException("SSH session not active")
    with transport.lock:
        number = transport._next_channel()  # type: ignore[attr-defined]
        channel = paramiko.Channel(number)
        transport._channels.put(number, channel)  # type: ignore[attr-defined]
        transport.channel_events[number] = opened = threading.Event()
        transport.channels_seen[number] = True
        channel._set_transport(transport)  # type: ignore[attr-defined]
        channel._set_window(  # type: ignore[attr-defined]
            transport.default_window_size, transport.default_max_packet_size
        )
    return channel, opened


def _await_open(
    transport: paramiko.Transport,
    channel: paramiko.Channel,
    opened: threading.Event,
    timeout: float,
) -> None:
    deadline = time.monotonic() + timeout
    while not opened.wait(0.1):
        # The event is not set when the transport ends between registration and sending.
        if not transport.is_active():
            break
        if time.monotonic() > deadline:
            transport._unlink_channel(channel.chanid)  # type: ignore[attr-defined]
            raise paramiko.SSHException("Timeout opening channel.")
    if not channel.active:
        transport.get_exception()  # it would be taken for that of a later call
        if transport.is_active():
            raise ChannelRefused
        raise paramiko.SSHException("SSH session not active")
