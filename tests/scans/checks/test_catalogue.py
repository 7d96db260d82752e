"""The contract that every check and its prose keep, whoever wrote them."""

import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scans.checks import all_checks
from scans.checks.core.evaluate import evaluate
from scans.checks.core.items import ITEMS
from scans.checks.core.model import Result, Status
from scans.facts import Facts, Service, Swarm
from scans.prose import FOLDER, LANGUAGES, prose
from tests import factories as make
from tests.scans.checks.hostile import SECTIONS, section

CHECKS = all_checks()
IDS = [check.id for check in CHECKS]
LAST_CONTROL = {"1.1": 18, "1.2": 2, "2": 19, "3": 24, "4": 12, "5": 32, "6": 2, "7": 9}
"""Sections of CIS Docker 1.8.0 with the number of their last control."""
CONTROLS = {f"{part}.{n}" for part, last in LAST_CONTROL.items() for n in range(1, last + 1)}

CHINESE = re.compile(r"[\u4e00-\u9fff]")

every_check = pytest.mark.parametrize("check", CHECKS, ids=IDS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def test_cis_docker_1_8_0_has_118_controls():
    assert len(CONTROLS) == 118


def test_every_control_is_decided_by_a_check_or_left_to_a_person():
    accounted = {number for check in CHECKS for number in check.cis_1_8}
    assert set(CONTROLS) - accounted == set()


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


@every_check
def test_an_id_is_kebab_case(check):
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", check.id)


@every_check
def test_controls_are_those_of_cis_docker_1_8_0(check):
    assert set(check.cis_1_8) <= CONTROLS


@pytest.mark.parametrize("item", ITEMS, ids=[item.slug for item in ITEMS])
def test_an_item_has_checks(item):
    assert any(check.item_number == item.number for check in CHECKS)


# prose


@every_language
@every_check
def test_a_check_has_prose(check, language):
    words = prose(check.id, language)
    assert len(words.title) <= 90
    assert not words.title.startswith("Ensure")
    assert not words.title.endswith((".", "。"))
    assert "```" in words.fix or re.search(r"^[-*\d]", words.fix, re.MULTILINE)
    assert words.references.startswith("- ")


@every_language
@every_check
def test_the_references_name_each_control(check, language):
    references = prose(check.id, language).references.splitlines()
    cited = " ".join(line for line in references if line.startswith("- CIS Docker 1.8.0: "))
    assert set(re.findall(r"\d+(?:\.\d+)+", cited.replace("1.8.0", ""))) == set(check.cis_1_8)


@every_check
def test_the_chinese_prose_is_chinese(check):
    words = prose(check.id, "zh-hans")
    assert all(map(CHINESE.search, (words.title, words.why, words.fix)))


@every_check
def test_the_english_prose_is_english(check):
    words = prose(check.id, "en")
    assert not CHINESE.search(words.title + words.why + words.fix + words.references)


@every_language
def test_no_prose_is_without_a_check(language):
    assert {path.stem for path in (FOLDER / language).iterdir()} == set(IDS)


# results


def judged(facts: Facts) -> tuple[Result, ...]:
    """Results of all checks, after what every result has to keep was looked at."""
    results = evaluate(facts, CHECKS)
    for result in results:
        assert result.status != Status.ERROR, f"{result.check}: {result.reason}"
        assert bool(result.reason) != bool(result.subjects), result.check
        for verdict in result.subjects:
            assert verdict.message, result.check
            assert verdict.subject.kind, result.check
            json.dumps([[seen.source, seen.observed, seen.expected] for seen in verdict.evidence])
    return results


def full_host(**sections) -> Facts:
    """A host with one of each thing that checks look at."""
    service = Service(name="s", image="i", mode="replicated", labels={})
    base = {
        "containers": (make.container(), make.container("old", id="e" * 64, state="exited")),
        "images": (make.image(),),
        "networks": (make.network("bridge"), make.network()),
        "volumes": (make.volume(),),
        "engine": make.engine(swarm_state="active", swarm_manager=True),
        "swarm": Swarm(manager=True, managers=1, nodes=1, services=(service,), secrets=()),
    }
    return make.facts(**(base | sections))


def test_a_good_host_is_judged_without_errors():
    judged(make.facts())


def test_a_host_with_one_of_everything_is_judged_without_errors():
    judged(full_host())


def test_a_podman_host_is_judged_without_errors():
    podman = make.engine(
        name="podman", version="5.4.0", logging_driver="journald", default_runtime="crun"
    )
    results = judged(full_host(engine=podman, daemon=None, swarm=None))
    daemon_alone = {r.check: r.status for r in results if r.check.startswith("daemon-")}
    assert daemon_alone["daemon-tcp-tls"] == Status.NOT_APPLICABLE


def test_a_host_of_which_nothing_was_read_passes_and_fails_nothing():
    unread = make.facts(**dict.fromkeys(SECTIONS) | {"gaps": ()})
    decided = {
        result.check
        for result in judged(unread)
        if result.status in (Status.PASS, Status.FAIL) and result.check != "audit-complete"
    }
    assert decided == set()


def test_containers_whose_processes_were_not_read_are_judged_without_errors():
    judged(full_host(containers=(make.without_process(make.container()),)))


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_that_was_not_read_ends_no_check(name):
    judged(full_host(**{name: () if name == "gaps" else None}))


@pytest.mark.parametrize("name", SECTIONS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_value_of_a_section_breaks_a_check(name, data):
    judged(full_host(**{name: data.draw(section(name))}))
