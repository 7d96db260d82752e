"""Where to connect: the targets that people write, parsed and checked."""

import getpass
import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

Kind = Literal["local", "ssh", "unix", "tcp", "inventory"]

# Letters, digits, dot, dash, underscore (underscores occur in real names), as RFC 1123 plus "_".
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?")
# useradd(8) names, plus what directories add: dots, backslash domains, @realm.
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\$-]{0,63}")
_NAME = re.compile(r"[^\s/:@\-][^\s/:@]{0,199}")


class TargetError(ValueError):
    """A target that can't be understood; the message is one sentence on what to write."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed target. Which fields hold depends on ``kind``.

    local: none; ssh: user, host, port; unix: path; tcp: host, port; inventory: name (of a host or
    group in the inventory).
    """

    kind: Kind
    host: str = ""
    port: int = 0
    user: str = ""
    path: str = ""
    name: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "ssh":
                return f"ssh://{self.user}@{self.address}"
            case "tcp":
                return f"tcp://{self.address}"
            case "unix":
                return f"unix://{self.path}"
            case "inventory":
                return self.name
            case _:
                return "local"

    @property
    def address(self) -> str:
        """host:port, an IPv6 host in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_target(text: str) -> Target:
    """Read ``local``, ``ssh://user@host:port``, ``unix:///path``, ``tcp://host:port`` or a name.

    The user defaults to the current one, the SSH port to 22. Raises TargetError.
    """
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise TargetError("The target holds a control character: write it anew.")
    if text == "local":
        return Target("local")
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _inventory_name(text)
    match scheme:
        case "ssh":
            return _ssh(text, rest)
        case "tcp":
            return _tcp(text, rest)
        case "unix":
            return _unix(text, rest)
    raise TargetError(
        f"{_shown(text)} has a scheme that is not known: use ssh://, tcp:// or unix://."
    )


def _inventory_name(text: str) -> Target:
    if not _NAME.fullmatch(text):
        raise TargetError(
            f"{_shown(text)} is no target: write local, ssh://user@host:port, unix:///path,"
            " tcp://host:port or the name of a host or group."
        )
    return Target("inventory", name=text)


def _ssh(text: str, rest: str) -> Target:
    user, at, address = rest.rpartition("@")
    if ":" in user:
        raise TargetError(
            "A password within the target would be seen in the process list and in logs:"
            " leave it out and give it as a credential."
        )
    user = unquote(user) if at else getpass.getuser()
    if not _USER.fullmatch(user):
        raise TargetError(f"The user of {_shown(text)} is not a valid name: write user@host.")
    host, port = _host_and_port(text, address)
    return Target("ssh", host=host, port=22 if port is None else port, user=user)


def _tcp(text: str, rest: str) -> Target:
    if "@" in rest:
        raise TargetError("A tcp:// target takes no user and no password: write tcp://host:port.")
    host, port = _host_and_port(text, rest)
    if port is None:
        raise TargetError(f"{_shown(text)} lacks the port: write tcp://host:2376.")
    return Target("tcp", host=host, port=port)


def _unix(text: str, rest: str) -> Target:
    if not rest.startswith("/") or rest.endswith("/"):
        raise TargetError(
            f"{_shown(text)} is not the absolute path of a socket: write unix:///run/docker.sock."
        )
    return Target("unix", path=rest)


def _host_and_port(text: str, address: str) -> tuple[str, int | None]:
    address = address.removesuffix("/")
    if address.startswith("["):
        host, bracket, after = address[1:].partition("]")
        if not bracket or (after and not after.startswith(":")):
            raise TargetError(f"{_shown(text)} has an IPv6 address that is not closed: [::1]:22.")
        port_text = after[1:] if after else None
        host = _ipv6(text, host)
    else:
        host, colon, after = address.partition(":")
        if ":" in after:
            raise TargetError(
                f"{_shown(text)} has several colons: write an IPv6 address in brackets, [::1]:22."
            )
        port_text = after if colon else None
        if not _HOST.fullmatch(host):
            raise TargetError(
                f"The host of {_shown(text)} is not a valid name or address:"
                " it starts with a letter or digit and holds letters, digits, dots and dashes."
            )
    return host, None if port_text is None else _port(text, port_text)


def _ipv6(text: str, host: str) -> str:
    try:
        # A zone ("fe80::1%eth0") is part of a link-local address, and of nothing else here.
        ipaddress.IPv6Address(host)
    except ValueError:
        raise TargetError(f"{_shown(text)} has brackets around what is no IPv6 address.") from None
    return host


def _port(text: str, port: str) -> int:
    if not (port.isascii() and port.isdigit() and 1 <= int(port[:6]) <= 65535):
        raise TargetError(f"The port of {_shown(text)} is not a number from 1 to 65535.")
    return int(port)


def _shown(text: str) -> str:
    """The target for an error message: short, and quoted so that it can't look like prose."""
    return repr(text if len(text) <= 100 else text[:97] + "…")
