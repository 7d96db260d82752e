"""The one way to open a session."""

from hosts.connections.api import APISession
from hosts.connections.base import Session
from hosts.connections.local import LocalSession
from hosts.connections.options import ConnectOptions
from hosts.connections.ssh import SSHSession
from hosts.connections.target import Target, TargetError


def open_session(target: Target, options: ConnectOptions | None = None) -> Session:
    """Open a session on a target. Close it, or use it as a context manager.

    Raises ConnectionFailed if it can't be opened, TargetError if the target and the options don't
    fit together or the target is a name that the inventory has to resolve first.
    """
    options = options or ConnectOptions()
    if options.tls is not None and target.kind != "tcp":
        raise TargetError("TLS options are for tcp:// targets alone.")
    if options.jumps and target.kind != "ssh":
        raise TargetError("Jump hosts are for ssh:// targets alone.")
    if any(jump.target.kind != "ssh" for jump in options.jumps):
        raise TargetError("A jump host must be an ssh:// target.")
    match target.kind:
        case "local":
            return LocalSession(target, options)
        case "ssh":
            return SSHSession(target, options)
        case "unix" | "tcp":
            return APISession(target, options)
    raise TargetError(
        f"{target.name!r} is the name of a host or group in the inventory, no address."
    )
