"""``manage.py audit`` as a process of its own, and commands within hosts of the lab."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LAB = ROOT / "tests" / "lab" / "lab"


def audit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``manage.py audit``."""
    return subprocess.run(
        [sys.executable, "-W", "error", ROOT / "manage.py", "audit", *arguments],
        capture_output=True,
        text=True,
        timeout=170,
        stdin=subprocess.DEVNULL,
        env=os.environ | environment,
    )


def audited(*arguments: str, **environment: str) -> dict[str, Any]:
    """The results document of one target, which must be audited."""
    done = audit(*arguments, "--format", "json", **environment)
    assert done.returncode == 0, done.stderr
    [document] = json.loads(done.stdout)
    return document


def gaps(document: dict[str, Any]) -> dict[str, str]:
    """Section → reason of the gaps that concern a whole section."""
    return {gap["section"]: gap["reason"] for gap in document["gaps"] if "subject" not in gap}


def statuses(document: dict[str, Any]) -> dict[str, str]:
    """Check → status."""
    return {result["check"]: result["status"] for result in document["results"]}


def in_host(name: str, command: str) -> str:
    """Run a shell command as root in a host of the lab; raises if it fails."""
    done = subprocess.run(
        [LAB, "exec", name, "sh", "-c", command], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
