"""What a check says it needs is what it reads."""

from contextlib import suppress
from dataclasses import fields

import pytest

from scans.checks import all_checks
from scans.checks.core.context import Context
from scans.checks.core.model import NeedsAttestation, NotApplicable, Unreadable
from scans.checks.core.registry import Check
from scans.facts import Facts
from tests.factories import container, daemon, engine, facts, image, network, volume

SECTIONS = {field.name for field in fields(Facts)} - {
    "schema", "host", "target", "started_at", "finished_at", "gaps",
}  # fmt: skip

HOST = facts(
    containers=(container(), container("priv", privileged=True)),
    images=(image(),),
    networks=(network(), network("bridge")),
    volumes=(volume(),),
)
SAMPLES = {
    "a good host": HOST,
    "Podman": facts(engine=engine(name="podman"), containers=(container(),), images=(image(),)),
    "no engine": facts(engine=None, containers=None, images=None, networks=None, volumes=None),
    "no probe": facts(**dict.fromkeys(SECTIONS - {"access", "engine"}), engine=engine()),
    "a daemon on TCP": facts(daemon=daemon({"hosts": ["tcp://0.0.0.0:2375"], "icc": False})),
}


class Watched:
    """Facts that note which of their sections are read."""

    def __init__(self, watched: Facts) -> None:
        self._facts = watched
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        if name in SECTIONS:
            self.read.add(name)
        return getattr(self._facts, name)


def sections_read(check: Check, sample: Facts) -> set[str]:
    watched = Watched(sample)
    with suppress(Unreadable, NotApplicable, NeedsAttestation):
        list(check.verdicts(watched, Context()))  # type: ignore[arg-type]
    return watched.read


DECIDED = [check for check in all_checks() if not check.manual]


@pytest.mark.parametrize("check", DECIDED, ids=lambda check: check.id)
def test_a_check_reads_only_what_it_says_it_needs(check: Check):
    read = set().union(*(sections_read(check, sample) for sample in SAMPLES.values()))
    assert read <= set(check.needs)
    assert set(check.needs) <= SECTIONS


@pytest.mark.parametrize("check", DECIDED, ids=lambda check: check.id)
def test_a_check_that_a_machine_decides_needs_something(check: Check):
    record_alone = check.item_number == 17
    assert check.needs or record_alone
