"""Verdicts expected of a lab host, written from its configuration (``expected*.toml``).

::

    [container-privileged]              # a check's id
    status = "fail"                     # its status on the host
    exact = true                        # the failing subjects are exactly those listed
    [container-privileged.subjects]
    "container/priv" = "fail"
"""

import tomllib
from pathlib import Path
from typing import Any


def differences(expected: Path, document: dict[str, Any]) -> list[str]:
    """What a results document (``posture.results/1``) says otherwise than the file, a line each."""
    wanted = tomllib.loads(expected.read_text())
    results = {result["check"]: result for result in document["results"]}
    found = []
    for check, want in wanted.items():
        if check not in results:
            found.append(f"{check}: there is no such check")
        else:
            found.extend(f"{check}: {line}" for line in _compare(want, results[check]))
    return found


def _compare(want: dict[str, Any], result: dict[str, Any]) -> list[str]:
    lines = []
    if "status" in want and result["status"] != want["status"]:
        told = result["reason"] or [
            f"{s['kind']}/{s['name']}: {s['status']}: {s['message']}" for s in result["subjects"]
        ]
        lines.append(f"is {result['status']}, should be {want['status']} ({told})")
    subjects = {f"{s['kind']}/{s['name']}": s for s in result["subjects"]}
    for name, status in want.get("subjects", {}).items():
        seen = subjects.get(name)
        if seen is None:
            lines.append(f"{name} is not judged, should be {status}")
        elif seen["status"] != status:
            lines.append(f"{name} is {seen['status']}, should be {status}: {seen['message']}")
    if want.get("exact"):
        listed = {name for name, status in want["subjects"].items() if status == "fail"}
        failing = {name for name, s in subjects.items() if s["status"] == "fail"}
        lines += [f"{name} fails and should not" for name in sorted(failing - listed)]
    return lines
