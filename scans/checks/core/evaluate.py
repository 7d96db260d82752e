"""Judging: facts and a catalogue in, results out. Pure; a failing check never ends the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scans.checks.core.context import Context
from scans.checks.core.model import (
    WORST_FIRST,
    NeedsAttestation,
    NotApplicable,
    Result,
    Status,
    Subject,
    Unreadable,
    Verdict,
    unknown,
)
from scans.checks.core.registry import Check
from scans.facts import Facts

_RANK = {status: position for position, status in enumerate(WORST_FIRST)}

OBJECT_KINDS = frozenset({"container", "image", "network", "volume"})
"""Kinds of subject whose unreadable ones have a gap in the section named by their plural."""


NOTHING_MORE = Context()
"""Judging by facts alone: what needs advisories is unknown."""


def evaluate(
    facts: Facts, checks: Iterable[Check], context: Context = NOTHING_MORE
) -> tuple[Result, ...]:
    """Judge one host's facts by each of the checks, in their order."""
    return tuple(_judge(facts, check, context) for check in checks)


def worst(statuses: Iterable[Status]) -> Status:
    """The status that decides among several: fail, error, unknown, pass, not applicable."""
    seen = set(statuses)
    return next((status for status in WORST_FIRST if status in seen), Status.NOT_APPLICABLE)


def _judge(facts: Facts, check: Check, context: Context) -> Result:
    result = _decide(facts, check, context)
    severity = context.policy.severity.get(check.id, check.severity)
    return result if severity is check.severity else replace(result, severity=severity)


def _decide(facts: Facts, check: Check, context: Context) -> Result:
    if check.id in context.policy.off:
        reason = f"switched off by the policy: {context.policy.off[check.id]}"
        return _result(check, Status.NOT_APPLICABLE, reason)
    if check.function is None:
        return _result(check, Status.MANUAL, "a person has to look and attest it")
    try:
        judged = tuple(check.verdicts(facts, context))
        verdicts = merge((*judged, *_unread(facts, judged)))
    except Unreadable as missing:
        return _result(check, Status.UNKNOWN, str(missing))
    except NeedsAttestation as what:
        return _result(check, Status.MANUAL, str(what))
    except NotApplicable as why:
        return _result(check, Status.NOT_APPLICABLE, str(why))
    except Exception as bug:  # noqa: BLE001 - one broken check must not end an audit
        return _result(check, Status.ERROR, f"the check itself failed: {type(bug).__name__}: {bug}")
    if not verdicts:
        return _result(check, Status.ERROR, "the check itself failed: it judged nothing")
    return _result(check, worst(v.status for v in verdicts), None, verdicts)


def _unread(facts: Facts, judged: tuple[Verdict, ...]) -> Iterator[Verdict]:
    """Unknown verdicts for the containers, images … that the engine listed but could not show.

    Without them a check would pass for the ones that were read.
    """
    kinds = {verdict.subject.kind for verdict in judged}
    for gap in facts.gaps:
        kind = gap.section.removesuffix("s")
        if gap.subject is not None and kind in kinds & OBJECT_KINDS:
            yield unknown(Subject(kind, gap.subject), "could not be read: {why}", why=gap.reason)


def _result(
    check: Check, status: Status, reason: str | None, verdicts: tuple[Verdict, ...] = ()
) -> Result:
    return Result(check.id, check.item_number, check.severity, check.cis, status, reason, verdicts)


def merge(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """One verdict per subject, worst first: replicas of a service share a subject, and the
    worst of them decides."""
    by_subject: dict[Subject, Verdict] = {}
    for verdict in verdicts:
        known = by_subject.get(verdict.subject)
        if known is None or _RANK[verdict.status] < _RANK[known.status]:
            by_subject[verdict.subject] = verdict
    return tuple(
        sorted(by_subject.values(), key=lambda v: (_RANK[v.status], v.subject.kind, v.subject.name))
    )
