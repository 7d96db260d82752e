"""Text from a host: lines, escapes and caps. Nothing here raises for what a host wrote."""

LONGEST_LINE = 300
"""Characters of a reason, as it is shown."""


def text(data: bytes) -> str:
    r"""Bytes as text; those that are no UTF-8 become ``\xNN``."""
    return data.decode("utf-8", "backslashreplace")


def lines(data: bytes | None) -> list[str]:
    """The lines of a part, without empty ones. Only newlines end a line."""
    return [line for line in text(data or b"").split("\n") if line]


def visible(name: str) -> str:
    r"""A name with control characters as ``\xNN``."""
    if name.isprintable():
        return name
    return "".join(char if char.isprintable() else _escaped(char) for char in name)


def _escaped(char: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))


def one_line(data: bytes | str) -> str:
    """The gist of a message: one line, printable, capped."""
    words = text(data) if isinstance(data, bytes) else data
    line = visible(" ".join(words.split()))
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def number(word: str | None) -> int | None:
    """A non-negative decimal number, or None."""
    if word is None or not word.isascii() or not word.isdecimal() or len(word) > 20:
        return None
    return int(word)


def values(data: bytes | None) -> dict[str, str]:
    """What ``values`` of the probe wrote: path → content, lines joined by newlines."""
    found: dict[str, list[str]] = {}
    for line in lines(data):
        path, colon, value = line.partition(":")
        if colon:
            found.setdefault(path, []).append(value)
    return {path: "\n".join(value) for path, value in found.items()}
