"""Failures as gaps: one line, no secret, and what would help."""

import docker.errors
import pytest
import requests

from hosts.connections.base import ConnectionLost, EngineUnavailable
from scans.collectors.engine.fields import Unexpected
from scans.collectors.gaps import Gaps, explain
from scans.facts import Gap


def api_error(status: int, explanation: str | bytes) -> docker.errors.APIError:
    response = requests.Response()
    response.status_code = status
    return docker.errors.APIError("failed", response, explanation)


def test_what_succeeds_is_returned_without_a_gap() -> None:
    gaps = Gaps()
    assert gaps.attempt("images", lambda: 1) == 1
    assert gaps.found == ()


def test_what_fails_is_a_gap_of_its_section_and_subject() -> None:
    gaps = Gaps()

    def read() -> None:
        raise Unexpected("Id is not text")

    assert gaps.attempt("containers", read, "web") is None
    assert gaps.found == (
        Gap(
            section="containers",
            reason="the engine answered something unexpected: Id is not text",
            subject="web",
        ),
    )


def test_a_mistake_of_our_own_is_no_gap() -> None:
    def read() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        Gaps().attempt("containers", read)


@pytest.mark.parametrize(
    ("error", "reason", "hint"),
    [
        (api_error(500, "disk full"), "the engine answered 500: disk full", None),
        (api_error(503, b"\xff busy"), "the engine answered 503: � busy", None),
        (ConnectionLost("The connection broke."), "The connection broke.", None),
        (
            EngineUnavailable("stopped", "It is not running.", "Start it."),
            "It is not running.",
            "Start it.",
        ),
        (TimeoutError(), "the audit's time was up", "give the audit more time"),
        (docker.errors.InvalidVersion("too old"), "too old", None),
    ],
)
def test_every_failure_has_its_reason_and_hint(
    error: Exception, reason: str, hint: str | None
) -> None:
    assert explain(error) == (reason, hint)


def test_a_reason_is_one_line_without_secrets_and_not_endless() -> None:
    reason, _ = explain(api_error(500, "a\n\tb\x1b " + "password=canary " + "x" * 1000))
    assert reason.startswith("the engine answered 500: a b\\x1b password=<redacted>")
    assert len(reason) <= 310
