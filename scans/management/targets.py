"""Command-line arguments that say what to audit and how to reach it."""

import getpass
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hosts.connections.options import TLS, ConnectOptions, Identity, Jump, KnownHosts
from hosts.connections.target import Target, TargetError, parse_target
from scans.management.usage import UsageError

USER_KNOWN_HOSTS = Path("~/.ssh/known_hosts")
SYSTEM_KNOWN_HOSTS = Path("/etc/ssh/ssh_known_hosts")
DEFAULT_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")

TARGET_HELP = "local, ssh://user@host:port, unix:///path/to/engine.sock or tcp://host:port"


def add_connection_arguments(parser: ArgumentParser) -> None:
    """Arguments of ``audit`` about reaching the targets."""
    add = parser.add_argument
    add("targets", nargs="+", metavar="TARGET", help=TARGET_HELP)
    add(
        "--identity",
        action="append",
        metavar="FILE",
        help="Private key to sign in with; may be "
        "repeated. Without it: the agent's keys and the usual files in ~/.ssh.",
    )
    add(
        "--ask-password",
        action="store_true",
        help="Ask for the login's password. In scripts set POSTURE_SSH_PASSWORD instead.",
    )
    add(
        "--known-hosts",
        metavar="FILE",
        help="Host keys to trust, in OpenSSH's format. "
        "Default: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts.",
    )
    add(
        "--accept-new-host-key",
        action="store_true",
        help="Record the key of a host that is not "
        "known yet in the known-hosts file. A changed key is always refused.",
    )
    add(
        "--jump",
        action="append",
        metavar="TARGET",
        help="ssh:// host to pass through; repeat for several in a row, the nearest first.",
    )
    add("--sudo", action="store_true", help="Read with sudo -n on the host.")
    add("--engine-socket", metavar="PATH", help="Where the engine listens on the host.")
    add("--tls-ca", metavar="FILE", help="CA of the engine's certificate (tcp:// targets).")
    add("--tls-cert", metavar="FILE", help="Client certificate (tcp:// targets).")
    add("--tls-key", metavar="FILE", help="Key of the client certificate (tcp:// targets).")


def targets(options: dict[str, Any]) -> tuple[Target, ...]:
    """The targets in their order, each once. Raises :class:`UsageError`."""
    found = dict.fromkeys(_target(text) for text in options["targets"])
    return tuple(found)


def connect_options(options: dict[str, Any]) -> ConnectOptions:
    """How to connect, as the arguments and the environment say.

    Passwords and passphrases come from ``POSTURE_SSH_PASSWORD`` and ``POSTURE_SSH_PASSPHRASE`` or
    are asked for, never from arguments, which the process list shows. Raises :class:`UsageError`.
    """
    try:
        base = ConnectOptions(
            identities=tuple(_identities(options["identity"])),
            password=_password(ask=options["ask_password"]),
            use_agent=not options["identity"],
            known_hosts=_known_hosts(options),
            sudo=options["sudo"],
            engine_socket=options["engine_socket"],
            tls=_tls(options),
        )
        return _with_jumps(base, options["jump"] or [])
    except (ValueError, OSError) as problem:
        raise UsageError(str(problem)) from problem


def _target(text: str) -> Target:
    try:
        target = parse_target(text)
    except TargetError as problem:
        raise UsageError(str(problem)) from problem
    if target.kind == "inventory":
        raise UsageError(f"no host or group is named {text!r}; write {TARGET_HELP}")
    return target


def _identities(files: list[str] | None) -> Iterator[Identity]:
    passphrase = os.environ.get("POSTURE_SSH_PASSPHRASE")
    if files is None:
        folder = Path("~/.ssh").expanduser()
        files = [str(folder / name) for name in DEFAULT_KEYS if (folder / name).is_file()]
    for file in files:
        path = Path(file).expanduser()
        if not path.is_file():
            raise UsageError(f"there is no key file {file!r}")
        yield Identity(str(path), passphrase=passphrase)


def _password(*, ask: bool) -> str | None:
    if not ask:
        return os.environ.get("POSTURE_SSH_PASSWORD")
    if not sys.stdin.isatty():
        raise UsageError("--ask-password needs a terminal; in scripts set POSTURE_SSH_PASSWORD")
    return getpass.getpass("Password of the login: ")


def _known_hosts(options: dict[str, Any]) -> KnownHosts:
    given = options["known_hosts"]
    if given and not options["accept_new_host_key"] and not Path(given).is_file():
        raise UsageError(f"there is no known-hosts file {given!r}")
    files = (Path(given),) if given else (USER_KNOWN_HOSTS.expanduser(), SYSTEM_KNOWN_HOSTS)
    return KnownHosts(files=files, accept_new=options["accept_new_host_key"])


def _tls(options: dict[str, Any]) -> TLS | None:
    ca, cert, key = (options[name] for name in ("tls_ca", "tls_cert", "tls_key"))
    if bool(cert) != bool(key):
        raise UsageError("--tls-cert and --tls-key go together")
    for file in filter(None, (ca, cert, key)):
        if not Path(file).is_file():
            raise UsageError(f"there is no file {file!r}")
    return TLS(ca=ca, cert=cert, key=key) if ca or cert else None


def _with_jumps(base: ConnectOptions, jumps: list[str]) -> ConnectOptions:
    hops = tuple(Jump(_jump_target(text), base) for text in jumps)
    return ConnectOptions(
        identities=base.identities, password=base.password, use_agent=base.use_agent,
        known_hosts=base.known_hosts, jumps=hops, sudo=base.sudo,
        engine_socket=base.engine_socket, tls=base.tls,
    )  # fmt: skip


def _jump_target(text: str) -> Target:
    target = _target(text if "://" in text else f"ssh://{text}")
    if target.kind != "ssh":
        raise UsageError(f"--jump takes an ssh:// host, not {text!r}")
    return target
