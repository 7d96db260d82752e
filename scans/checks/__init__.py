"""The checks: pure functions of facts, one module per checklist item.

Import :func:`scans.checks.all_checks` for the whole catalogue.
"""

from importlib import import_module

from scans.checks.core.items import ITEMS
from scans.checks.core.registry import Check, catalogue

FAMILIES = ("audit_rules", "file_modes", "support", "vulnerabilities")
"""Modules named for what their checks have in common: rows of a table, advisories."""


def all_checks() -> tuple[Check, ...]:
    """Every check of the catalogue, by item and id."""
    for module in (*(item.slug for item in ITEMS), *FAMILIES):
        import_module(f"scans.checks.{module}")
    return catalogue()
