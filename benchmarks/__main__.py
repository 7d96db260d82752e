"""Run the benchmarks and write their figures into docs/performance.md."""

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posture.settings")

from benchmarks import judging, latency, scale, throughput

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
PARTS = {
    "scale": scale.measure,
    "throughput": throughput.measure,
    "latency": latency.measure,
    "judging": judging.measure,
}


def main(names: list[str]) -> int:
    """Measure the named parts, or all. The document's text around the figures stays."""
    for name in names or PARTS:
        if name not in PARTS:
            print(f"benchmarks: no part {name!r}; there are {', '.join(PARTS)}", file=sys.stderr)
            return 2
        print(f"{name} …", file=sys.stderr, flush=True)
        figures = PARTS[name]()
        print(figures, end="\n\n", flush=True)
        write(
            name, f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores.\n\n{figures}"
        )
    return 0


def write(name: str, text: str) -> None:
    """Put figures between their markers in the document."""
    page = DOCUMENT.read_text()
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    DOCUMENT.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", page))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
