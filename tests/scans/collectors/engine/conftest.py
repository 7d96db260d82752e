"""Readings of replayed engines."""

from collections.abc import Callable
from typing import Any

import pytest

from hosts.connections import open_session, parse_target
from scans.collectors.calls import Calls, Deadline
from scans.collectors.engine.read import EngineFacts, read_engine_facts
from scans.collectors.gaps import Gaps
from scans.facts import Gap
from tests.scans.collectors.engine.replay import serving

Read = Callable[..., tuple[EngineFacts, tuple[Gap, ...]]]


@pytest.fixture
def read() -> Read:
    """Reads the engine that a dict of answers makes: its facts and gaps."""

    def read_answers(
        answers: dict[str, Any], *, processes: bool = False, seconds: float = 20.0
    ) -> tuple[EngineFacts, tuple[Gap, ...]]:
        gaps = Gaps()
        with (
            serving(answers) as engine,
            open_session(parse_target(engine.url)) as session,
            Calls(Deadline(seconds)) as calls,
        ):
            facts = read_engine_facts(session.engine(), calls, gaps, processes=processes)
        return facts, gaps.found

    return read_answers
