"""The vocabulary of judging: statuses, severities, subjects, evidence, verdicts, results."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """Outcome of a check. ``unknown`` could not be read and is never a pass."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"
    MANUAL = "manual"
    """No machine can decide it and no person has attested it yet."""


WORST_FIRST = (
    Status.FAIL,
    Status.ERROR,
    Status.UNKNOWN,
    Status.MANUAL,
    Status.PASS,
    Status.NOT_APPLICABLE,
)
"""A check with several subjects takes the first of these that any of them has."""


class Severity(StrEnum):
    """How much a failure matters; :attr:`weight` is its share in compliance."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def weight(self) -> int:
        """Weight in compliance: critical 10, high 6, medium 3, low 1."""
        return {"critical": 10, "high": 6, "medium": 3, "low": 1}[self.value]


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What a verdict is about. Its name outlives a redeploy: never a container id."""

    kind: str
    """``host``, ``daemon``, ``container``, ``image``, ``network``, ``volume``, ``file``, ``user``,
    ``service``, ``sysctl``, ``port`` …"""
    name: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen, where, and what should have been seen. Values are JSON."""

    source: str
    """API field, file or command: ``docker inspect: HostConfig.Privileged``."""
    observed: Any
    expected: Any = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status of one subject, with a sentence and its evidence.

    The sentence is kept as a template and its parameters, so that it can be translated.
    """

    subject: Subject
    status: Status
    template: str
    params: Mapping[str, str] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()

    @property
    def message(self) -> str:
        """The sentence in English."""
        return self.template.format_map(self.params) if self.params else self.template


@dataclass(frozen=True, slots=True)
class Result:
    """A check's status on one host, with the verdicts of its subjects."""

    check: str
    item: int
    severity: Severity
    cis: Mapping[str, tuple[str, ...]]
    status: Status
    reason: str | None = None
    """Why it is unknown, not applicable or an error as a whole; None when subjects tell."""
    subjects: tuple[Verdict, ...] = ()


class Unreadable(Exception):
    """A check needs facts that could not be read; its result is ``unknown``."""


class NotApplicable(Exception):
    """There is nothing that the check could judge on this host; the text says why."""


class NeedsAttestation(Exception):
    """The policy decides nothing about it, so a person has to attest it; the text says what."""


def _verdict(
    status: Status, subject: Subject, template: str, evidence: tuple[Evidence, ...], params: Any
) -> Verdict:
    filled = {name: str(value) for name, value in params.items()} if params else params
    return Verdict(subject, status, template, filled, evidence)


def passed(subject: Subject, template: str, *evidence: Evidence, **params: object) -> Verdict:
    """The subject is as it should be. ``{name}`` in the template is filled from ``params``."""
    return _verdict(Status.PASS, subject, template, evidence, params)


def failed(subject: Subject, template: str, *evidence: Evidence, **params: object) -> Verdict:
    """The subject is not as it should be."""
    return _verdict(Status.FAIL, subject, template, evidence, params)


def unknown(subject: Subject, template: str, *evidence: Evidence, **params: object) -> Verdict:
    """What decides about the subject could not be read; the sentence says what is missing."""
    return _verdict(Status.UNKNOWN, subject, template, evidence, params)


def not_applicable(
    subject: Subject, template: str, *evidence: Evidence, **params: object
) -> Verdict:
    """The check does not concern this subject; the sentence says why."""
    return _verdict(Status.NOT_APPLICABLE, subject, template, evidence, params)
