"""Hosts in trouble: one unreadable part is a gap, never the end of the audit, never a pass."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.commands import LAB, audited, gaps, in_host, statuses
from tests.labhosts import Lab, LabHost, running_lab


@pytest.fixture
def bench(lab: Lab) -> LabHost:
    """A host of its own for what disturbs the others, with three containers."""
    return scaled(3)


def scaled(count: int) -> LabHost:
    subprocess.run([LAB, "scale", str(count)], check=True, capture_output=True, timeout=900)
    return running_lab().host("bench")


@contextmanager
def meanwhile(host: LabHost, before: str, after: str) -> Iterator[None]:
    """Run a command in the host, and another one at the end whatever happens."""
    in_host(host.name, before)
    try:
        yield
    finally:
        in_host(host.name, after)


def test_an_engine_that_hangs_is_a_gap_and_the_host_is_read(bench: LabHost):
    with meanwhile(bench, "pkill -STOP -x dockerd", "pkill -CONT -x dockerd"):
        document = audited(*bench.arguments())
    assert "did not answer in time" in gaps(document)["engine"]
    assert statuses(document)["container-privileged"] == "unknown"
    assert statuses(document)["host-suid-unowned"] in ("pass", "fail")


def test_an_engine_that_has_stopped_is_a_gap_and_the_host_is_read(lab: Lab):
    document = audited(*lab.host("jump").arguments())
    assert document["engine"] is None
    assert "not running" in gaps(document)["engine"]
    assert statuses(document)["container-privileged"] == "unknown"


def test_a_socket_that_is_not_there_is_named(bench: LabHost):
    document = audited(*bench.arguments(), "--engine-socket", "/run/elsewhere.sock")
    assert "/run/elsewhere.sock" in gaps(document)["engine"]


def test_a_full_disk_on_the_host_changes_nothing(bench: LabHost):
    before = statuses(audited(*bench.arguments()))
    full = "mount -t tmpfs -o size=4k full /tmp; mount -t tmpfs -o size=4k full /var/tmp; "
    full += "for d in /tmp /var/tmp; do head -c 9999 /dev/zero >$d/full || :; done 2>/dev/null"
    with meanwhile(bench, full, "umount /tmp /var/tmp"):
        during = statuses(audited(*bench.arguments()))
    # Both folders are now mounts of their own, without nosuid: that one is right to change.
    assert {c for c in before if before[c] != during[c]} <= {"temporary-nosuid"}


def test_a_container_that_vanishes_during_the_audit_does_no_harm(bench: LabHost):
    churn = (
        "(while [ ! -e /run/stop-churn ]; do"
        " docker run --rm --name churn shop/api:1.0 true; done) >/dev/null 2>&1 &"
    )
    with meanwhile(bench, churn, "touch /run/stop-churn; sleep 1; rm -f /run/stop-churn"):
        documents = [audited(*bench.arguments()) for _ in range(3)]
    for document in documents:
        named = {s["name"] for r in document["results"] for s in r["subjects"]}
        assert {"c001", "c002", "c003"} <= named
        assert "error" not in statuses(document).values()


def test_markup_in_a_label_stays_text(bench: LabHost):
    label = "com.docker.compose.project=<script>alert(1)</script>"
    run = f"docker run -d --name evil --label '{label}' --label com.docker.compose.service='=1+1'"
    with meanwhile(bench, f"{run} shop/api:1.0 sleep 600", "docker rm -f evil"):
        document = audited(*bench.arguments())
    named = {s["name"] for r in document["results"] for s in r["subjects"]}
    assert "<script>alert(1)</script>/=1+1" in named
