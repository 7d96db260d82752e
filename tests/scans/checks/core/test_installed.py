"""Whose build of a component runs."""

import pytest

from scans.checks.core.installed import Installed, installed
from scans.checks.core.model import NotApplicable, Unreadable
from tests.factories import daemon, engine, facts


def docker(version: str, packages: dict[str, str] | None = None, platform: str = "") -> Installed:
    return installed(facts(engine=engine(version=version, platform=platform), packages=packages),
                     "docker")  # fmt: skip


@pytest.mark.parametrize(
    "version", ["20.10.24+dfsg1", "20.10.25+azure-2", "24.0.5-0ubuntu1", "27.5.1-1.fc41"]
)
def test_a_mark_in_the_version_is_a_distributions(version):
    assert docker(version, platform="Docker Engine - Community").upstream is False


def test_the_package_of_docker_is_upstreams():
    found = docker("29.9.0", {"docker-ce": "5:29.9.0-1~debian.12~bookworm"})
    assert found.upstream is True
    assert found.package is None


@pytest.mark.parametrize("name", ["docker.io", "moby-engine", "docker-engine", "docker"])
def test_an_unmarked_version_from_a_distributions_package_is_the_distributions(name):
    found = docker("24.0.7", {name: "24.0.7-0ubuntu4.1"})
    assert found.upstream is False
    assert found.package == (name, "24.0.7-0ubuntu4.1")


def test_without_any_package_the_binary_is_upstreams():
    assert docker("28.5.2", {}).upstream is True


def test_without_the_packages_the_engines_own_name_for_its_platform_tells():
    assert docker("28.5.2", None, "Docker Engine - Community").upstream is True
    assert docker("28.5.2", None, "").upstream is None


def test_what_the_engine_reports_comes_before_a_binary_on_the_path():
    target = facts(
        engine=engine(components={"containerd": "2.1.9"}),
        daemon=daemon(versions={"containerd": "1.6.0"}),
    )
    assert installed(target, "containerd").text == "2.1.9"


def test_a_binary_tells_where_the_engine_does_not():
    found = installed(facts(daemon=daemon(versions={"runc": "1.1.5"})), "runc")
    assert (found.text, found.source) == ("1.1.5", "runc --version")


def test_a_component_that_nobody_tells_of_is_unreadable():
    with pytest.raises(Unreadable, match="version of runc"):
        installed(facts(), "runc")


def test_podman_has_no_docker_and_perhaps_no_runc():
    target = facts(engine=engine(name="podman", components={"crun": "1.14"}), daemon=None)
    for component in ("docker", "runc"):
        with pytest.raises(NotApplicable):
            installed(target, component)
