"""(d) CPU time of judging a host with 100 containers and 50 images by the whole catalogue."""

import time
from dataclasses import replace
from statistics import median

from benchmarks.host import scaled
from scans.audit import read_host
from scans.facts import Facts, Image
from scans.reports.document import judge

CONTAINERS = 100
IMAGES = 50
RUNS = 20


def measure() -> str:
    """A Markdown table with one row."""
    host = scaled(CONTAINERS)
    facts = with_images(read_host(host.target, host.options()))
    judge(facts)  # warm: imports, advisories
    took = [cpu_seconds(facts) * 1000 for _ in range(RUNS)]
    checks = len(judge(facts).results)
    span = f"{median(took):.0f} ({min(took):.0f}–{max(took):.0f})"
    return "\n".join(
        (
            "| containers | images | checks | CPU, ms (min–max) | target, ms |",
            "|---|---|---|---|---|",
            f"| {CONTAINERS} | {IMAGES} | {checks} | {span} | 50 |",
        )
    )


def with_images(facts: Facts) -> Facts:
    """The host's images repeated under other names: the lab's hosts have just a few."""
    images = facts.images or ()
    repeated = [renamed(images[n % len(images)], n) for n in range(IMAGES - len(images))]
    return replace(facts, images=(*images, *repeated))


def renamed(image: Image, number: int) -> Image:
    """The same image under another id and tag."""
    return replace(image, id=f"sha256:{number:064x}", tags=(f"copy/{number}:1.0",))


def cpu_seconds(facts: Facts) -> float:
    """CPU seconds of judging once."""
    start = time.process_time()
    judge(facts)
    return time.process_time() - start
