"""Every lab host gets the verdicts that its configuration deserves."""

import pytest

from tests.integration.commands import audited
from tests.integration.expected import differences
from tests.labhosts import Lab

ENTRIES = ("web", "hard", "tls", "inner", "pod", "plain", "plain-operator", "plain-pwsudo")


@pytest.mark.parametrize("name", ENTRIES)
def test_the_verdicts_are_those_written_from_the_configuration(lab: Lab, name: str):
    host = lab.host(name)
    document = audited(*host.arguments())
    assert document["schema"] == "posture.results/1"
    assert len(document["items"]) == 17
    assert not [r for r in document["results"] if r["status"] == "error"]
    assert host.expected is not None
    assert differences(host.expected, document) == []
