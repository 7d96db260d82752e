"""Records what the probe writes on hosts of the lab: ``python -m tests.scans.collectors.record``.

Each host of the lab's inventory becomes ``recordings/HOST.gz``, byte by byte as it came, but for
the kernel's name and command line, which are those of the machine that the lab runs on.
"""

import gzip
import json
import re
import sys
from pathlib import Path

from hosts.connections import ConnectOptions, Identity, KnownHosts, open_session, parse_target
from scans.collectors.probe import probe_script

INVENTORY = Path("/var/cache/posture-lab/inventory.json")
RECORDINGS = Path(__file__).with_name("recordings")
NONCE = "posture-" + "0123456789abcdef" * 2
_RUN = 'level=user; IFS= read -r nonce; script=$(cat); eval "$script"'
_SCRUBBED = (
    (rb"(/proc/cmdline:)[^\n]*", rb"\1BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet"),
    (rb"-fc-v[0-9]+", b"-amd64"),
)


def main(names: list[str]) -> None:
    """Record these hosts."""
    hosts = {entry["name"]: entry for entry in json.loads(INVENTORY.read_text())["hosts"]}
    for name in names:
        entry = hosts[name]
        options = ConnectOptions(
            identities=(Identity(key=Path(entry["identity"]).read_text()),),
            known_hosts=KnownHosts(files=(Path(entry["known_hosts"]),)),
        )
        with open_session(parse_target(entry["target"]), options) as session:
            result = session.run(
                ["sh", "-c", _RUN, "posture-probe"],
                stdin=NONCE.encode() + b"\n" + probe_script(),
                timeout=60,
                max_bytes=32_000_000,
            )
        data = result.stdout
        for pattern, replacement in _SCRUBBED:
            data = re.sub(pattern, replacement, data)
        (RECORDINGS / f"{name}.gz").write_bytes(gzip.compress(data, mtime=0))
        print(name, len(data))


if __name__ == "__main__":
    main(sys.argv[1:] or ["web", "hard", "pod", "plain"])
