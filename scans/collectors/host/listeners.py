"""Listening sockets of the host's network namespace, from ``/proc/net`` and ``ss``."""

import ipaddress
import re
from typing import Literal

from scans.collectors.frames import Section
from scans.collectors.host.reading import Missing
from scans.collectors.host.text import lines, visible
from scans.facts import Listener

_PROTOCOLS: tuple[Literal["tcp", "tcp6", "udp", "udp6"], ...] = ("tcp", "tcp6", "udp", "udp6")
_LINE = re.compile(r"([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) (\d{1,19})", re.ASCII)
_OWNER = re.compile(r'users:\(\("(?P<name>[^"]*)",pid=(?P<pid>\d{1,10}),', re.ASCII)

_Key = tuple[str, str, int]
_Process = tuple[str | None, int | None]


def parse_listeners(section: Section) -> tuple[Listener, ...]:
    """The ``listeners`` section. Raises Missing."""
    if not section.starting("net"):
        raise Missing("/proc/net can't be read")
    owners, by_inode = _owners(section), _inodes(section)
    found: list[Listener] = []
    for protocol in _PROTOCOLS:
        for line in lines(section.find(f"net {protocol}")):
            match = _LINE.fullmatch(line)
            if match is None:
                continue
            address, port = _address(match[1]), int(match[2], 16)
            name, pid = owners.get((protocol[:3], address, port)) or by_inode.get(
                match[3], (None, None)
            )
            found.append(
                Listener(protocol=protocol, address=address, port=port, process=name, pid=pid)
            )
    return tuple(found)


def _address(digits: str) -> str:
    """The kernel prints each 32-bit word of an address in the byte order of little-endian hosts."""
    words = [bytes.fromhex(digits[i : i + 8])[::-1] for i in range(0, len(digits), 8)]
    return str(ipaddress.ip_address(b"".join(words)))


def _owners(section: Section) -> dict[_Key, _Process]:
    """(tcp or udp, address, port) → the process that ss names."""
    found: dict[_Key, _Process] = {}
    for line in lines(section.find("ss")):
        fields = line.split()
        owner = _OWNER.search(line)
        if len(fields) < 5 or owner is None:
            continue
        host, _, port = fields[4].rpartition(":")
        host = host.partition("%")[0].strip("[]")
        wildcards = ("0.0.0.0", "::") if host == "*" else (host,)  # noqa: S104 - what ss means
        for address in wildcards:
            if port.isascii() and port.isdecimal():
                process = visible(owner["name"]), int(owner["pid"])
                found.setdefault((fields[0], address, int(port[:6])), process)
    return found


def _inodes(section: Section) -> dict[str, _Process]:
    """Inode of a socket → the engine's daemon that holds it, on hosts without ss."""
    found: dict[str, _Process] = {}
    for pid, data in section.starting("sockets"):
        for line in lines(data):
            inode = line.removeprefix("socket:[").removesuffix("]")
            if line.startswith("socket:[") and pid.isascii() and pid.isdecimal():
                found.setdefault(inode, ("dockerd", int(pid[:10])))
    return found
