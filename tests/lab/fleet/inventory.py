"""The inventory: what a test or a benchmark must know to reach the hosts."""

import json
from pathlib import Path
from typing import Any

from fleet import hosts
from fleet.engine import Engine
from fleet.hosts import Host
from fleet.settings import Paths

SSH = 22


def write(running: list[Host], engine: Engine, paths: Paths, port_base: int) -> None:
    """Write inventory.json and known_hosts for the hosts that run."""
    replace(paths.known_hosts, "".join(pinned(host, engine, port_base) for host in running))
    described = [describe(way, host, paths, port_base) for host in running for way in host.ways]
    content = {
        "schema": "posture.lab/1",
        "engine_socket": f"unix://{engine.socket}",
        "hosts": described,
    }
    replace(paths.inventory, json.dumps(content, indent=2) + "\n")


def replace(file: Path, text: str) -> None:
    """Write a file in one step, so that no reader sees half of it."""
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(text)
    draft.replace(file)


def pinned(host: Host, engine: Engine, port_base: int) -> str:
    """The known_hosts lines of a host, read from inside it and not over the wire."""
    command = ["exec", host.container, "sh", "-c", "cat /etc/ssh/ssh_host_*_key.pub"]
    keys = [line.split()[:2] for line in engine.docker(*command).splitlines()]
    where = ssh_address(host, port_base)
    name = where[0] if where[1] == SSH else f"[{where[0]}]:{where[1]}"
    return "".join(f"{name} {kind} {key}\n" for kind, key in keys)


def ssh_address(host: Host, port_base: int) -> tuple[str, int]:
    """Name and port where a host's sshd answers; behind the jump host that is its own name."""
    for offset, port in host.publish.items():
        if port == SSH:
            return "127.0.0.1", port_base + offset
    return host.name, SSH


def describe(way: dict[str, Any], host: Host, paths: Paths, port_base: int) -> dict[str, Any]:
    """One entry of the inventory: a way to reach a host."""

    def key(name: str) -> str | None:
        return str(paths.keys / way[name]) if name in way else None

    expected = host.folder / way["expected"] if "expected" in way else None
    return {
        "name": way["name"],
        "host": host.name,
        "summary": host.summary,
        "engine": host.engine,
        "target": target(way, host, port_base),
        "user": way.get("user"),
        "identity": key("identity"),
        "passphrase": way.get("passphrase"),
        "certificate": key("certificate"),
        "password": way.get("password"),
        "sudo": way.get("sudo"),
        "known_hosts": None if "tls" in way else str(paths.known_hosts),
        "jump": jump_target(way["jump"], port_base) if "jump" in way else None,
        "tls": tls_files(paths) if "tls" in way else None,
        "engine_socket": way.get("engine_socket"),
        "container": host.container,
        "expected": str(expected) if expected else None,
    }


def target(way: dict[str, Any], host: Host, port_base: int) -> str:
    """The way's address in the form the audit command takes."""
    if "tls" in way:
        (offset,) = (offset for offset, port in host.publish.items() if port == way["tls"])
        return f"tcp://127.0.0.1:{port_base + offset}"
    name, port = ssh_address(host, port_base)
    return f"ssh://{way['user']}@{name}:{port}"


def jump_target(name: str, port_base: int) -> str:
    """The address of the jump host."""
    jump = hosts.load(name)
    return target(jump.ways[0], jump, port_base)


def tls_files(paths: Paths) -> dict[str, str]:
    """The authority, certificate and key that a client shows."""
    folder = paths.keys / "tls"
    return {
        "ca": str(folder / "ca.pem"),
        "cert": str(folder / "client.pem"),
        "key": str(folder / "client-key.pem"),
    }


def table(described: list[dict[str, Any]]) -> str:
    """The inventory as text: name, target, engine and what the host is."""
    rows = [("NAME", "TARGET", "ENGINE", "WHAT IT IS")]
    rows += [(way["name"], way["target"], way["engine"], way["summary"]) for way in described]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + f"  {row[3]}"
        for row in rows
    ]
    return "\n".join(lines)


def read(paths: Paths) -> list[dict[str, Any]]:
    """The described ways of the last written inventory; empty without one."""
    if not paths.inventory.exists():
        return []
    ways: list[dict[str, Any]] = json.loads(paths.inventory.read_text())["hosts"]
    return ways
