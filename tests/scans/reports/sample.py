"""A report with every status, and with hostile names where a host may choose them."""

from scans.checks.core.model import (
    Evidence,
    Result,
    Severity,
    Status,
    Subject,
    failed,
    passed,
    unknown,
)
from scans.facts import Gap
from scans.reports.document import HostReport
from tests.factories import container, facts

EVIL = "=1+1\x1b[31m<b>[red]\u202egnp\n,\"'"

CIS = {"1.6.0": ("5.5",), "1.8.0": ("5.5",)}


def sample(host="h1", evil=EVIL):
    about = Subject("container", evil)
    results = (
        Result(
            "container-privileged", 5, Severity.CRITICAL, CIS, Status.FAIL, None,
            (
                failed(
                    about, "runs with --privileged",
                    Evidence("docker inspect: HostConfig.Privileged", True, False),
                ),
                passed(Subject("container", "good"), "runs without --privileged"),
            ),
        ),
        Result("host-lsm", 4, Severity.HIGH, {}, Status.UNKNOWN, "the kernel was not read"),
        Result(
            "container-user", 5, Severity.MEDIUM, {}, Status.UNKNOWN, None,
            (unknown(about, "the process of {name} could not be read", name=evil),),
        ),
        Result("swarm-mode", 9, Severity.LOW, {}, Status.NOT_APPLICABLE, "there is no swarm"),
        Result("daemon-icc", 15, Severity.MEDIUM, {}, Status.ERROR, "the check itself failed: X"),
        Result("host-cgroup-v2", 6, Severity.LOW, {}, Status.PASS, None,
               (passed(Subject("host", "host"), "uses cgroup v2"),)),
    )  # fmt: skip
    gaps = (Gap(section="audit", reason=f"refused {evil}", hint="run with --sudo"),)
    return HostReport(facts(host=host, gaps=gaps, containers=(container(evil),)), results)
