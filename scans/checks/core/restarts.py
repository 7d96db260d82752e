"""How often swarm starts the tasks of a service again."""

from scans.checks.core.model import Evidence, Subject, Verdict, failed, passed
from scans.facts import Service

MAX_RETRIES = 5
"""Restarts after which a failing container should stay down (CIS Docker 5.15)."""


def by_specification(subject: Subject, service: Service) -> Verdict:
    """A verdict on a service, or on a task of it, by the restart policy that it specifies."""
    condition, attempts = service.restart_condition, service.restart_max_attempts
    evidence = Evidence(
        "docker service inspect: TaskTemplate.RestartPolicy",
        {"Condition": condition, "MaxAttempts": attempts},
        f"none, or 1 to {MAX_RETRIES} attempts",
    )
    if condition == "none":
        return passed(subject, "is not restarted", evidence)
    if 0 < attempts <= MAX_RETRIES:
        return passed(subject, "is restarted at most {retries} times", evidence, retries=attempts)
    if attempts:
        return failed(subject, "is restarted up to {retries} times", evidence, retries=attempts)
    return failed(subject, "is restarted without limit (policy {name})", evidence, name=condition)
