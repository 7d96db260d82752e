"""(a) Wall time and host CPU of an audit with 1 to 500 containers."""

import time
from collections.abc import Callable
from statistics import median

from benchmarks.host import cpu_seconds, scaled
from scans.audit import read_host
from scans.reports.document import judge
from tests.labhosts import LabHost

SIZES = (1, 10, 50, 100, 500)
RUNS = 5


def measure() -> str:
    """A Markdown table with a row per size."""
    rows = [
        "| containers | wall time, s (min–max) | CPU on the host, s | of it idle, s |",
        "|---|---|---|---|",
    ]
    for size in SIZES:
        host = scaled(size)
        wall, busy, idle = costs(host)
        span = f"{median(wall):.2f} ({min(wall):.2f}–{max(wall):.2f})"
        rows.append(f"| {size} | {span} | {median(busy):.2f} | {median(idle):.2f} |")
    return "\n".join(rows)


def costs(host: LabHost) -> tuple[list[float], list[float], list[float]]:
    """Wall seconds, host CPU seconds, and host CPU seconds of as long a pause, of each run.

    The host's own containers and daemons use CPU without us; the pause tells how much.
    """
    options = host.options()
    audit(host, options)  # warm: page cache, imports
    wall, busy, idle = [], [], []
    for _ in range(RUNS):
        took, used = timed(host, lambda: audit(host, options))
        _, rest = timed(host, lambda seconds=took: time.sleep(seconds))
        wall.append(took)
        busy.append(used)
        idle.append(rest)
    return wall, busy, idle


def audit(host: LabHost, options: object) -> None:
    """One whole audit, judging included. Raises if the host could not be read."""
    report = judge(read_host(host.target, options))
    if report.facts.containers is None or report.facts.suid is None:
        raise RuntimeError(f"{host.name} was not read: {report.facts.gaps}")


def timed(host: LabHost, action: Callable[[], object]) -> tuple[float, float]:
    """Wall seconds and the host's CPU seconds of an action."""
    cpu, start = cpu_seconds(host), time.monotonic()
    action()
    return time.monotonic() - start, cpu_seconds(host) - cpu
