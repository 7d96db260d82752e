"""Runs the probe on a host: one command, one answer."""

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

from hosts.connections.base import CommandResult, Session
from scans.collectors.frames import ProbeOutput, new_nonce, parse_frames
from scans.collectors.host.text import one_line
from scans.facts import Gap

ProbeMode = Literal["user", "sudo"]
"""``user`` reads as the login user; ``sudo`` tries ``sudo -n`` for the streamed probe, then the
installed probe, and says so in a gap when neither is allowed. A root login is ``root`` in both."""

INSTALLED = "/usr/local/sbin/posture-probe"
"""Where a host's owner installs the probe, owned by root, for a sudoers rule that allows it alone:
``posture ALL=(root) NOPASSWD: /usr/local/sbin/posture-probe ""``."""

MAX_BYTES = 32_000_000
"""Of the probe's whole output; the caps of its sections come to less."""

# The session's standard input is the nonce, a newline and the script. It goes to whichever shell is
# allowed to take it: the nonce is so never in a process list, and sudo that refuses reads nothing.
_RUN = 'IFS= read -r nonce; script=$(cat); eval "$script"'
_AS_USER = f"level=user; {_RUN}"

# One line, for login shells that can't quote a newline. Arguments: 0 is _RUN, 1 the digest. sudo
# refuses with status 1, a shell that finds no sudo says 126 or 127; anything else is the probe's.
_WITH_SUDO = "; ".join(
    (
        "digest=$1",
        "set --",
        'if [ "$(id -u)" = 0 ]; then level=root; eval "$0"; exit; fi',
        'sudo -n sh -c "level=sudo; $0" posture-probe',
        "case $? in 1 | 126 | 127) ;; *) exit ;; esac",
        f"found=$(sha256sum {INSTALLED} 2>/dev/null)",
        'if [ -z "$found" ]; then echo "posture: not installed" >&2',
        'elif [ "${found%% *}" != "$digest" ]; then echo "posture: another version" >&2',
        f'elif [ -w {INSTALLED} ]; then echo "posture: writable" >&2',
        f"else sudo -n {INSTALLED}",
        "case $? in 1 | 126 | 127) ;; *) exit ;; esac",
        "fi",
        'level=user; eval "$0"',
    )
)

_INSTALLED_PROBLEMS = {
    "not installed": "no probe is installed",
    "another version": f"{INSTALLED} is not the probe of this version and was not run",
    "writable": f"{INSTALLED} can be written by the login user and was not run",
}


@cache
def probe_script() -> bytes:
    """The probe's text, as it is streamed and as it is to be installed."""
    return Path(__file__).with_name("probe.sh").read_bytes()


def probe_digest() -> str:
    """SHA-256 of the probe in hex."""
    return hashlib.sha256(probe_script()).hexdigest()


def probe_command(mode: ProbeMode) -> list[str]:
    """The one command that a host runs."""
    if mode == "sudo":
        return ["sh", "-c", _WITH_SUDO, _RUN, probe_digest()]
    return ["sh", "-c", _AS_USER, "posture-probe"]


def probe_input(nonce: str) -> bytes:
    """What that command reads on its standard input."""
    return nonce.encode() + b"\n" + probe_script()


def run_probe(
    session: Session, *, mode: ProbeMode, nonce: str | None = None, timeout: float = 60.0
) -> ProbeOutput:
    """Run the probe on the session's host and split what it wrote.

    ``timeout`` in seconds is for the whole probe. ``nonce`` is for tests. Raises NoShell if the
    target has no shell and ConnectionLost if the connection broke before anything was read.
    """
    nonce = nonce or new_nonce()
    result = session.run(
        probe_command(mode), stdin=probe_input(nonce), timeout=timeout, max_bytes=MAX_BYTES
    )
    output = parse_frames(result.stdout, nonce)
    if output.milliseconds is None:
        output = replace(output, problem=_problem(result))
    if mode == "sudo" and output.level == "user":
        output = replace(output, gaps=(_refused(result),))
    return output


def _problem(result: CommandResult) -> str:
    """Why the probe did not come to its end."""
    if result.cut is not None:
        reasons = {
            "deadline": "the probe's time was up",
            "size": "the probe wrote more than it may",
        }
        return reasons.get(result.cut, "the connection broke during the probe")
    said = one_line(result.stderr) or "it said nothing"
    return f"the probe ended early with status {result.exit_status}: {said}"


def _refused(result: CommandResult) -> Gap:
    """Why root's part was not to be had."""
    lines = result.stderr.decode("utf-8", "backslashreplace").splitlines()
    answers = [line for line in lines if line.startswith("sudo: ")] or ["sudo is not there"]
    reasons = [one_line(answers[0])]
    for line in lines:
        problem = _INSTALLED_PROBLEMS.get(line.removeprefix("posture: "))
        if problem:
            reasons.append(problem)
    return Gap(
        section="sudo",
        reason="; ".join(reasons),
        hint="allow the login user to run the probe with sudo -n, or log in as root",
    )
