"""Policies: what is read, and how each mistake is named with its line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scans.checks.core.model import Severity
from scans.checks.core.policy import (
    ContainerPolicy,
    ImagePolicy,
    Policy,
    allows_device,
    full_name,
    trusts_registry,
)
from scans.policy import PolicyError, load, parse


def test_an_empty_policy_is_the_default_one():
    assert parse("") == Policy()


def test_reads_what_an_organisation_decides():
    policy = parse(
        """
        name = "Example Corp"
        [images]
        trusted_registries = ["registry.example"]
        [host]
        trusted_docker_users = ["deploy"]
        [audits.max_open_days]
        critical = 3
        [severity]
        container-healthcheck = "high"
        [off]
        daemon-live-restore = "the fleet is swarm"
        """
    )
    assert policy.name == "Example Corp"
    assert policy.images.trusted_registries == ("registry.example",)
    assert policy.host.trusted_docker_users == ("deploy",)
    assert policy.audits.max_open_days == {"critical": 3}
    assert policy.severity == {"container-healthcheck": Severity.HIGH}
    assert policy.off == {"daemon-live-restore": "the fleet is swarm"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("colour = 1", "line 1: colour: there is no such key"),
        ("[images]\n\nfoo = 1", "line 3: images.foo: there is no such key"),
        ("[severity]\nno-such = 'low'", "line 2: severity.no-such: there is no such check"),
        ("[off]\nno-such = 'x'", "line 2: off.no-such: there is no such check"),
        ("[off]\ndaemon-icc = ' '", "line 2: off.daemon-icc: say why it is switched off"),
        ("[severity]\ndaemon-icc = 'bad'", "line 2: severity.daemon-icc: is one of critical, high"),
        ("[audits]\nperiod_days = 'x'", "line 2: audits.period_days: expected int, got str"),
        ("[audits]\nperiod_days = 0", "line 2: audits.period_days: is a number from 1 to"),
        ("[audits]\nmin_coverage = 7", "line 2: audits.min_coverage: is a share from 0 to 1"),
        ("[audits.max_open_days]\nhi = 1", "line 2: audits.max_open_days.hi: is one of critical"),
        ("audits.max_open_days.high = 'x'", "line 1: audits.max_open_days.high: is a number"),
        ("images = 3", "line 1: images: expected object, got int"),
        ("[images", "this is no TOML: "),
    ],
)
def test_a_mistake_is_named_with_its_line_and_key(text, problem):
    with pytest.raises(PolicyError) as refused:
        parse(text)
    assert str(refused.value).startswith(problem)


def test_every_mistake_is_named_at_once():
    with pytest.raises(PolicyError) as refused:
        parse("x = 1\ny = 2")
    assert len(str(refused.value).splitlines()) == 2


def test_a_file_is_named_before_each_of_its_problems(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("x = 1\n")
    with pytest.raises(PolicyError, match=r"policy\.toml: line 1: x: "):
        load(file)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_bytes(b"\xff")
    with pytest.raises(PolicyError, match="not UTF-8"):
        load(file)


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_a_policy_error(text):
    with suppress(PolicyError):
        assert isinstance(parse(text), Policy)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("nginx:1.27@sha256:00", "docker.io/library/nginx"),
        ("grafana/grafana:11", "docker.io/grafana/grafana"),
        ("registry.example:5000/team/app:1", "registry.example:5000/team/app"),
        ("localhost/app", "localhost/app"),
    ],
)
def test_a_reference_has_the_registry_that_the_engine_would_ask(reference, name):
    assert full_name(reference) == name


@pytest.mark.parametrize(
    ("reference", "trusted"),
    [
        ("registry.example/app:1", True),
        ("registry.example.evil.com/app", False),
        ("nginx", True),
        ("grafana/grafana", False),
    ],
)
def test_a_registry_is_trusted_with_what_lies_below_it_and_nothing_like_it(reference, trusted):
    images = ImagePolicy(trusted_registries=("registry.example", "docker.io/library"))
    assert trusts_registry(Policy(images=images), reference) is trusted


def test_without_a_decision_no_registry_is_judged():
    assert trusts_registry(Policy(), "nginx") is None


def test_allowed_devices_may_be_patterns():
    policy = Policy(containers=ContainerPolicy(allowed_devices=("/dev/dri/*",)))
    assert allows_device(policy, "/dev/dri/card0")
    assert not allows_device(policy, "/dev/sda")
