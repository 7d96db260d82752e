"""Text that came from a host, made safe to show."""

import unicodedata

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Controls, invisible formatting (also right-to-left overrides), lone surrogates, private use,
line separators: Unicode categories that can move a terminal's cursor or hide text."""


def visible(text: str, limit: int = 500) -> str:
    """The text on one line with every unsafe character as an escape, cut at ``limit``."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    return "".join(_escape(c) if _unsafe(c) else c for c in cut)


def _unsafe(character: str) -> bool:
    nonchar = ord(character) & 0xFFFE == 0xFFFE  # U+FFFE and U+FFFF have no place in XML
    return nonchar or unicodedata.category(character) in _UNSAFE


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
