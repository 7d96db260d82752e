"""Wrong usage of a command."""


class UsageError(Exception):
    """Arguments that don't fit together; the text says what to do."""
