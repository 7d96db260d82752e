"""A small valid file of advisories, and the same with one thing changed."""

TEXT = """\
format = "posture.advisories/1"
date = 2026-11-24

[[line]]
component = "runc"
name = "1.3"
supported_until = 2027-04-30
extended_until = 2028-04-30
extended_by = "Somebody"
sources = ["review"]

[[advisory]]
id = "CVE-2026-0001"
component = "runc"
title = "a first flaw"
severity = "high"
fixed = ["1.3.1"]
sources = ["review"]

[[advisory]]
id = "CVE-2026-0002"
component = "runc"
title = "a second flaw"
severity = "low"
introduced = ["1.2.0", "1.3.2"]
fixed = ["1.2.9", "1.3.5"]
reachable_when = ["cgroup-v1 or rootless"]
packages = [{ os = "debian 12", name = "runc", fixed = "1.3.2+ds1-1" }]
sources = ["review"]
"""


def changed(old: str, new: str) -> str:
    """The file with the last place that reads ``old`` reading ``new``."""
    before, found, after = TEXT.rpartition(old)
    assert found
    return before + new + after
