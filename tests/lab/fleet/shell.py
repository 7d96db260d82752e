"""Running other programs and saying plainly what went wrong with them."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fleet.settings import LabError


def run(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return what it printed, without the last newline.

    `env` is added to our own environment. Raises LabError with the last line of its complaint.
    """
    done = subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, **(env or {})},
    )
    if done.returncode != 0:
        complaint = (done.stderr or done.stdout).strip().splitlines()
        reason = complaint[-1] if complaint else "it said nothing"
        words = " ".join(str(word) for word in command[:6])
        raise LabError(f"`{words}` failed with {done.returncode}: {reason}")
    return done.stdout.rstrip("\n")


def succeeds(command: Sequence[str | Path]) -> bool:
    """Whether a command ends with 0; its output is dropped."""
    words = [str(word) for word in command]
    quiet = subprocess.DEVNULL
    return subprocess.run(words, stdin=quiet, stdout=quiet, stderr=quiet).returncode == 0
