"""(b) Audits against a loop of the OpenSSH client that only runs the same probe.

Both go over the same hosts in the same run, in turn. The comparison is CPU time on our side, which
decides how many audits a worker's core makes in a second; the hosts share this machine, so wall
time would mostly measure them.
"""

import os
import shlex
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from benchmarks.scale import audit
from posture.memory import settle
from scans.collectors.frames import new_nonce
from scans.collectors.probe import probe_command, probe_input
from tests.labhosts import LabHost, running_lab

HOSTS = ("web", "hard", "pod", "plain-operator")
"""Every host of the lab that is reached directly by SSH with root's rights and has an engine."""
ROUNDS = 5
PARALLEL = 4


def measure() -> str:
    """A Markdown table: ours and the loop's, and the ratio."""
    lab = running_lab()
    hosts = [lab.host(name) for name in HOSTS]
    ours, loop = [], []
    for host in hosts:  # warm
        audit(host, host.options())
        openssh(host)
    settle()  # as every process that audits does
    for _ in range(ROUNDS):
        ours.append(cost(hosts, lambda host: audit(host, host.options())))
        loop.append(cost(hosts, openssh))
    rows = ["| | CPU per audit, ms | audits/s per core | audits/s, wall |", "|---|---|---|---|"]
    for name, runs in (("Posture, judging included", ours), ("OpenSSH client, probe only", loop)):
        cpu, wall = median(c for c, _ in runs), median(w for _, w in runs)
        rows.append(f"| {name} | {cpu * 1000:.0f} | {1 / cpu:.1f} | {1 / wall:.1f} |")
    ratios = sorted(theirs[0] / mine[0] for mine, theirs in zip(ours, loop, strict=True))
    rows.append("")
    rows.append(
        f"Audits per second and core, Posture / OpenSSH loop: **{median(ratios):.2f}** "
        f"({ratios[0]:.2f}–{ratios[-1]:.2f} in {ROUNDS} rounds)."
    )
    return "\n".join(rows)


def cost(hosts: list[LabHost], one: Callable[[LabHost], None]) -> tuple[float, float]:
    """CPU and wall seconds per audit, on our side, over all hosts several at a time."""
    work = hosts * 4
    cpu, wall = _cpu(), time.monotonic()
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(one, work))
    return (_cpu() - cpu) / len(work), (time.monotonic() - wall) / len(work)


def openssh(host: LabHost) -> None:
    """The same probe by the OpenSSH client, its output read and thrown away."""
    entry = host.entry
    remote = probe_command("sudo" if entry["sudo"] == "nopasswd" else "user")
    command = [
        "ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes",
        "-o", f"UserKnownHostsFile={entry['known_hosts']}", "-i", entry["identity"],
        "-p", str(host.target.port), f"{host.target.user}@{host.target.host}",
        shlex.join(remote),
    ]  # fmt: skip
    probe = probe_input(new_nonce())
    done = subprocess.run(command, input=probe, capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ssh to {host.name}: {done.stderr.decode(errors='replace')[-300:]}")


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
