"""Every lab host gets the verdicts that its configuration deserves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.expected import differences
from tests.labhosts import Lab

ROOT = Path(__file__).parents[2]

ENTRIES = ("web", "hard", "tls", "inner", "pod", "plain", "plain-operator", "plain-pwsudo")


def audit_command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "audit", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | environment,
    )


@pytest.mark.parametrize("name", ENTRIES)
def test_the_verdicts_are_those_written_from_the_configuration(lab: Lab, name: str):
    host = lab.host(name)
    done = audit_command(*host.arguments(), "--format", "json")
    assert done.returncode == 0, done.stderr
    [document] = json.loads(done.stdout)
    assert document["schema"] == "posture.results/1"
    assert len(document["items"]) == 17
    assert not [r for r in document["results"] if r["status"] == "error"]
    assert host.expected is not None
    assert differences(host.expected, document) == []
