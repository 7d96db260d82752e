"""The catalogue of checks, filled by the decorator :func:`check`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import signature

from scans.checks.core.context import Context
from scans.checks.core.items import BY_NUMBER, Item
from scans.checks.core.model import Severity, Verdict
from scans.facts import Facts

CheckFunction = Callable[..., Iterable[Verdict]]
"""``(facts)``, or ``(facts, context)`` for a check that judges by more than the facts."""

CIS_1_6 = "1.6.0"
CIS_1_8 = "1.8.0"


@dataclass(frozen=True)
class Check:
    """A pure function of facts with its place in the catalogue."""

    id: str
    item_number: int
    severity: Severity
    cis_1_8: tuple[str, ...]
    function: CheckFunction | None
    """None for a manual control: no machine can decide it, a person attests it."""
    needs: tuple[str, ...] = ()
    """The parts of the facts that it reads: fields of :class:`scans.facts.Facts`."""

    def verdicts(self, facts: Facts, context: Context) -> Iterable[Verdict]:
        """Judge facts, by the context where the function asks for one."""
        if self.function is None:
            raise TypeError(f"{self.id} is a manual control: there is nothing to run")
        return self.function(*(facts, context)[: self._arguments])

    @cached_property
    def _arguments(self) -> int:
        return len(signature(self.function).parameters) if self.function else 0

    @property
    def manual(self) -> bool:
        """Whether a person has to attest it."""
        return self.function is None

    @property
    def item(self) -> Item:
        """The checklist item it belongs to."""
        return BY_NUMBER[self.item_number]

    @cached_property
    def cis(self) -> Mapping[str, tuple[str, ...]]:
        """Benchmark version → control numbers; only versions that have the control."""
        older = tuple(n for n in map(cis_1_6_number, self.cis_1_8) if n)
        both = {CIS_1_6: older, CIS_1_8: self.cis_1_8}
        return {version: numbers for version, numbers in both.items() if numbers}


def cis_1_6_number(number: str) -> str | None:
    """The CIS Docker 1.6.0 number of a 1.8.0 control, or None for a control new in 1.8.0.

    1.8.0 added 2.7 (devicemapper), which moved the rest of section 2 by one; all other
    numbers are the same in both.
    """
    section, _, rest = number.partition(".")
    if section != "2" or int(rest) < 7:
        return number
    return None if rest == "7" else f"2.{int(rest) - 1}"


_catalogue: dict[str, Check] = {}


def check(
    check_id: str,
    *,
    item: int,
    severity: Severity,
    cis: Iterable[str] = (),
    needs: Iterable[str] = (),
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a function as a check.

    ``cis`` are control numbers of CIS Docker 1.8.0, ``needs`` the parts of the facts it reads.
    The function gets a host's facts, and the context if it has a second parameter, and yields one
    verdict for each subject; it raises :class:`Unreadable`, :class:`NotApplicable` or
    :class:`NeedsAttestation` when there is nothing to judge. Raises ValueError for an id that is
    taken.
    """

    def register(function: CheckFunction) -> CheckFunction:
        add(Check(check_id, item, severity, tuple(cis), function, tuple(needs)))
        return function

    return register


def manual(check_id: str, *, item: int, severity: Severity, cis: Iterable[str] = ()) -> None:
    """Register a control that no machine can decide. Raises ValueError for an id that is taken."""
    add(Check(check_id, item, severity, tuple(cis), None))


def add(entry: Check) -> None:
    """Add a check to the catalogue (families build theirs from tables). Raises ValueError
    if its id is taken."""
    if entry.id in _catalogue:
        raise ValueError(f"check id {entry.id!r} is registered twice")
    _catalogue[entry.id] = entry


def catalogue() -> tuple[Check, ...]:
    """All registered checks, by item and id."""
    return tuple(sorted(_catalogue.values(), key=lambda entry: (entry.item_number, entry.id)))
