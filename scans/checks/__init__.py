"""The checks: pure functions of facts, by checklist item.

Import :func:`scans.checks.all_checks` for the whole catalogue.
"""

from importlib import import_module
from pkgutil import iter_modules

from scans.checks.core.registry import Check, catalogue


def all_checks() -> tuple[Check, ...]:
    """Every check of the catalogue, by item and id: those of each module of this package."""
    for module in iter_modules(__path__):
        if not module.ispkg:
            import_module(f"{__name__}.{module.name}")
    return catalogue()
