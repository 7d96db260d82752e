"""Sections by hand, recordings from the lab, and the probe run on this machine."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from scans.collectors.frames import Part, ProbeOutput, Section, parse_frames
from scans.collectors.probe import probe_script
from tests.scans.collectors.record import NONCE, RECORDINGS

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
STREAMED = 'level=user; IFS= read -r nonce; script=$(cat); eval "$script"'


def section(name: str, parts: Mapping[str, bytes | str], **fields: object) -> Section:
    """A section that came whole, from label → data."""
    made = tuple(
        Part(label, data.encode() if isinstance(data, str) else data)
        for label, data in parts.items()
    )
    base: dict[str, object] = {"status": 0, "milliseconds": 1}
    return Section(name=name, parts=made, **(base | fields))  # type: ignore[arg-type]


def output(*sections: Section, **fields: object) -> ProbeOutput:
    """A root's probe with just these sections."""
    base: dict[str, object] = {"level": "root", "milliseconds": 1}
    found = {made.name: made for made in sections}
    return ProbeOutput(sections=found, **(base | fields))  # type: ignore[arg-type]


def recorded(name: str) -> bytes:
    """What the probe wrote on a host of the lab."""
    return gzip.decompress((RECORDINGS / f"{name}.gz").read_bytes())


def recording(name: str) -> ProbeOutput:
    return parse_frames(recorded(name), NONCE)


def run_here(
    shell: str,
    *,
    path: str | None = None,
    nonce: str = NONCE,
    script: bytes | None = None,
    user: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[ProbeOutput, subprocess.CompletedProcess[bytes]]:
    """Stream the probe to a shell of this machine. ``path`` goes before the usual PATH."""
    program = SHELLS[shell]
    done = subprocess.run(
        [shutil.which(program[0]) or program[0], *program[1:], "-c", STREAMED, "posture-probe"],
        input=nonce.encode() + b"\n" + (script or probe_script()),
        capture_output=True,
        timeout=120,
        cwd="/",
        user=user,
        env={
            "PATH": f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"],
            "HOME": "/nonexistent",
            "TMPDIR": "/nonexistent",
            **(environment or {}),
        },
    )
    return parse_frames(done.stdout, nonce), done


def only(*names: str, **budgets: tuple[int, int]) -> bytes:
    """The probe's script with just some of its sections, and other budgets (seconds, bytes)."""
    lines = []
    for line in probe_script().decode().splitlines():
        words = line.split()
        if words[:1] != ["section"] or len(words) != 4:
            lines.append(line)
        elif words[1] in names:
            seconds, size = budgets.get(words[1], (words[2], words[3]))
            lines.append(f"    section {words[1]} {seconds} {size}")
    return "\n".join(lines).encode() + b"\n"


def program(folder: Path, name: str, body: str) -> None:
    """An executable shell script in a folder for PATH."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
