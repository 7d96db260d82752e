"""Compliance and coverage, from counters that add up: any roll-up is a sum."""

from collections.abc import Iterable
from dataclasses import dataclass

from scans.checks.core.items import ITEMS, Item
from scans.checks.core.model import Result, Status


@dataclass(frozen=True, slots=True)
class Counters:
    """Numbers of checks by status, and the weights of those passed and failed."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    not_applicable: int = 0
    error: int = 0
    manual: int = 0
    weight_passed: int = 0
    weight_failed: int = 0

    def __add__(self, other: "Counters") -> "Counters":
        return Counters(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))

    @property
    def compliance(self) -> float | None:
        """Weight of passed checks in that of passed and failed ones, 0 to 1.

        None when nothing was decided: there is no share of nothing.
        """
        decided = self.weight_passed + self.weight_failed
        return self.weight_passed / decided if decided else None

    @property
    def coverage(self) -> float | None:
        """Share of decided checks in those that should have been, 0 to 1; None if none should."""
        decided = self.passed + self.failed
        wanted = decided + self.unknown + self.error
        return decided / wanted if wanted else None


def count(results: Iterable[Result]) -> Counters:
    """Counters of some results."""
    total = Counters()
    for result in results:
        total += _one(result)
    return total


def count_by_item(results: Iterable[Result]) -> dict[Item, Counters]:
    """Counters of each of the 17 items, in their order."""
    by_item = {item: Counters() for item in ITEMS}
    items = {item.number: item for item in ITEMS}
    for result in results:
        by_item[items[result.item]] += _one(result)
    return by_item


def _one(result: Result) -> Counters:
    weight = result.severity.weight
    match result.status:
        case Status.PASS:
            return Counters(passed=1, weight_passed=weight)
        case Status.FAIL:
            return Counters(failed=1, weight_failed=weight)
        case Status.UNKNOWN:
            return Counters(unknown=1)
        case Status.ERROR:
            return Counters(error=1)
        case Status.MANUAL:
            return Counters(manual=1)
        case Status.NOT_APPLICABLE:
            return Counters(not_applicable=1)
