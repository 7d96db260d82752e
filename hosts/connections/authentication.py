"""Signing in: the offered keys and the password, one after the other, within one deadline."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import paramiko

from hosts.connections.base import AuthenticationFailed, ConnectionFailed
from hosts.connections.keys import load_identity
from hosts.connections.options import ConnectOptions, Identity
from hosts.connections.target import Target


class _Attempts:
    """The attempts made on one transport, for the sentence that says why none of them worked."""

    def __init__(self, transport: paramiko.Transport, target: Target, deadline: float) -> None:
        self.transport = transport
        self.target = target
        self.deadline = deadline
        self.offered: list[str] = []
        self.unusable: list[ConnectionFailed] = []
        self.accepted_methods: list[str] = []

    def identity(self, identity: Identity) -> bool:
        """Offer a key file's keys. One that can't be used is kept for the explanation."""
        try:
            keys = load_identity(identity)
        except ConnectionFailed as error:
            self.unusable.append(error)
            return False
        return any(self.key(key) for key in keys)

    def key(self, key: paramiko.PKey) -> bool:
        """Offer a key. True when the host is satisfied."""
        certificate = " certificate" if getattr(key, "public_blob", None) else ""
        self.offered.append(f"{key.algorithm_name}{certificate} {key.fingerprint}")
        return self._try(lambda: self.transport.auth_publickey(self.target.user, key))

    def password(self, password: str) -> bool:
        """Offer the password, by keyboard-interactive if the host only takes it that way."""
        self.offered.append("the password")
        return self._try(lambda: self.transport.auth_password(self.target.user, password))

    def _try(self, attempt: Callable[[], object]) -> bool:
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise self._too_slow()
        self.transport.auth_timeout = remaining
        try:
            attempt()
        except paramiko.BadAuthenticationType as error:
            self.accepted_methods = list(error.allowed_types)
        except paramiko.AuthenticationException as error:
            self._raise_if_fatal(error)
        return self.transport.is_authenticated()

    def _raise_if_fatal(self, error: paramiko.AuthenticationException) -> None:
        if "timeout" in str(error):
            raise self._too_slow() from error
        if "Unable to agree on a pubkey algorithm" in str(error):
            raise ConnectionFailed(
                "old-ssh-server",
                f"{self.target} takes RSA keys with SHA-1 signatures alone, which are not safe and"
                " not supported: use an ed25519 or ECDSA key, or update the host's OpenSSH.",
            ) from error
        if not self.transport.is_active():
            raise AuthenticationFailed(
                "auth-failed",
                f"{self.target} closed the connection during sign-in after {len(self.offered)}"
                f" attempts ({', '.join(self.offered)}): offer only the key it knows.",
            ) from error

    def _too_slow(self) -> ConnectionFailed:
        return ConnectionFailed(
            "timeout",
            f"{self.target} did not finish the sign-in in time: is it overloaded, or waiting for"
            " a directory service?",
            retryable=True,
        )

    def failure(self) -> ConnectionFailed:
        """The refusal: what was offered and what the host takes."""
        if self.unusable and not self.offered:
            return self.unusable[0]
        if not self.accepted_methods:
            self._try(lambda: self.transport.auth_none(self.target.user))
        takes = ", ".join(_clean(self.accepted_methods)) or "no method we know of"
        if not self.offered:
            reason = (
                f"No key, agent or password is given for {self.target}; it accepts {takes}:"
                " give an identity file."
            )
        else:
            reason = (
                f"{self.target} refused what was offered ({', '.join(self.offered)}); it accepts"
                f" {takes}: check the user name, its authorized keys and the key or password given."
            )
        unusable = "".join(f" {error.reason}" for error in self.unusable)
        return AuthenticationFailed("auth-failed", reason + unusable)


def authenticate(transport: paramiko.Transport, target: Target, options: ConnectOptions) -> None:
    """Sign in on a transport whose host key is verified.

    Order: the identities as listed, each with its certificate first; the agent's keys; the
    password. A host that wants two of them gets both. Raises AuthenticationFailed, or
    ConnectionFailed for an unusable key or a host that is too slow or too old.
    """
    attempts = _Attempts(transport, target, time.monotonic() + options.limits.auth)
    if any(attempts.identity(identity) for identity in options.identities):
        return
    if options.use_agent and any(attempts.key(key) for key in _agent_keys()):
        return
    if options.password is not None and attempts.password(options.password):
        return
    raise attempts.failure()


def _agent_keys() -> Iterator[paramiko.PKey]:
    """The keys of the SSH agent of SSH_AUTH_SOCK; none without an agent."""
    # paramiko leaks a socket where there is nothing at that path.
    if not Path(os.environ.get("SSH_AUTH_SOCK", "")).is_socket():
        return
    try:
        agent = paramiko.Agent()
    except (OSError, paramiko.SSHException):
        return
    with closing(agent):
        yield from agent.get_keys()


def _clean(methods: list[str]) -> list[str]:
    """Method names come from the host: show only those that look like one, and few of them."""
    return [m for m in methods[:8] if m.replace("-", "").isascii() and m.replace("-", "").isalnum()]
