"""(c) The same audits with every byte 50 ms late in each direction."""

import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.host import scaled
from benchmarks.proxy import delayed
from hosts.connections import ConnectOptions, KnownHosts
from scans.audit import read_host
from scans.reports.document import judge
from tests.labhosts import LabHost

SIZES = (1, 10, 50, 100)
ONE_WAY = 0.050
RUNS = 3


def measure() -> str:
    """A Markdown table: seconds per audit beside those without latency."""
    rows = [
        "| containers | without latency, s | 50 ms each way, s (min–max) |",
        "|---|---|---|",
    ]
    for size in SIZES:
        host = scaled(size)
        near = median(seconds(host, host.target.port))
        with delayed(host.target.host, host.target.port, ONE_WAY) as port:
            far = seconds(host, port)
        rows.append(f"| {size} | {near:.2f} | {median(far):.2f} ({min(far):.2f}–{max(far):.2f}) |")
    return "\n".join(rows)


def seconds(host: LabHost, port: int) -> list[float]:
    """Wall seconds of some audits through that port."""
    target = replace(host.target, port=port)
    took = []
    with TemporaryDirectory() as folder:
        options = _trusting(host, Path(folder) / "known_hosts")
        for _ in range(RUNS):
            start = time.monotonic()
            judge(read_host(target, options))
            took.append(time.monotonic() - start)
    return took


def _trusting(host: LabHost, known: Path) -> ConnectOptions:
    """The host's keys are pinned for its own port; the proxy's port is recorded on first use."""
    return host.options(known_hosts=KnownHosts(files=(known,), accept_new=True))
