"""Output of tools that print a line for each file they are given, when names may hold anything."""

import re
from collections.abc import Iterator


def matched(
    names: list[bytes], data: bytes, pattern: re.Pattern[bytes]
) -> Iterator[tuple[bytes, re.Match[bytes]]]:
    """Names with what a tool said of them, in order: ``pattern``, the name, a newline.

    A tool that could not read a file says nothing of it. Coreutils' digests escape a name with a
    backslash or newline and put a backslash in front of the line; those of busybox don't.
    """
    position = 0
    for name in names:
        escaped = name.replace(b"\\", b"\\\\").replace(b"\n", b"\\n")
        for prefix, shown in ((b"", name), (b"\\", escaped)):
            if not data.startswith(prefix, position):
                continue
            match = pattern.match(data, position + len(prefix))
            if match and data.startswith(shown + b"\n", match.end()):
                yield name, match
                position = match.end() + len(shown) + 1
                break
